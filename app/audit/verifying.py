"""Whether the chains of records are whole, by themselves and against the heads that were published, and where they are not.

Linear in the number of records, constant in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.chain import FIELDS, GENESIS, RECORDED_AT, record_hash
from app.audit.heads import Head, Published
from app.audit.models import AuditRecord


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place of a chain that does not hold. `kind`: changed (the hash is not of this content), gap (a record is missing
    before this), fork (two records follow one), cut (records that a published head knew are gone), rewritten (the record that a published
    head knew is another), heads_changed or signature (a line of the published file; `position` is the line)."""

    chain: str
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    records: int
    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]


def verify(session: Session, published: Sequence[Published] = ()) -> Verdict:
    """Walk every chain from its first record, past every head that was published."""
    expected: dict[tuple[str, int], set[str]] = {}  # more than one where a forged end was published after the true one
    faults: list[Fault] = []
    for line in published:
        if line.fault is not None:
            faults.append(Fault("published heads", line.line, line.fault))
            continue
        for head in line.heads:
            expected.setdefault((head.chain, head.position), set()).add(head.hash)
    count = 0
    heads: dict[str, Head] = {}
    broken: dict[str, Fault] = {}
    for row in _in_order(session):
        count += 1
        head = heads.get(row.chain, Head(row.chain, 0, GENESIS))
        known = expected.pop((row.chain, row.position), {row.hash})
        kind = _fault(row, head) or ("rewritten" if known != {row.hash} else None)
        if kind is not None:
            broken.setdefault(row.chain, Fault(row.chain, row.position, kind))
        heads[row.chain] = Head(row.chain, row.position, row.hash)
    for chain, _position in sorted(expected):
        last = heads.get(chain, Head(chain, 0, GENESIS)).position
        broken.setdefault(chain, Fault(chain, last + 1, "cut"))
    return Verdict(count, tuple(heads.values()), (*faults, *(broken[chain] for chain in sorted(broken))))


def _in_order(session: Session) -> Iterator[AuditRecord]:
    rows = session.scalars(
        select(AuditRecord).order_by(AuditRecord.chain, AuditRecord.position, AuditRecord.id).execution_options(yield_per=1000)
    )
    for row in rows:
        session.expunge(row)
        yield row


def _fault(row: AuditRecord, head: Head) -> str | None:
    if row.position == head.position:
        return "fork"
    if row.position != head.position + 1:
        return "gap"
    if row.hash != record_hash({name: getattr(row, name) for name in (*FIELDS, RECORDED_AT)}):
        return "changed"
    return None if row.prev_hash == head.hash else "fork"
