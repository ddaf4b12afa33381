"""The record as pages read it: the history of one subject, and whether the chains are whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.chain import FIELDS, GENESIS, record_hash
from app.audit.models import AuditRecord
from app.catalogue.actions import action_text
from app.db.work import Reader
from app.kernel.text import Text

LONGEST_VALUE = 160


@dataclass(frozen=True, slots=True)
class Change:
    """A field before and after; None where there was nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """`who` acted, for `organisation`, perhaps as `agent`."""

    at: datetime
    action: str
    title: Text
    who: str
    organisation: Text
    agent: Text | None
    changes: tuple[Change, ...]
    hash: str


def history(reader: Reader, subject_type: str, subject_ref: str, limit: int = 200) -> list[HistoryRow]:
    """What happened to a subject, newest first. The caller has decided that the reader may see the subject."""
    rows = reader.session.scalars(
        select(AuditRecord)
        .where(AuditRecord.subject_type == subject_type, AuditRecord.subject_ref == subject_ref)
        .order_by(AuditRecord.effective_at.desc(), AuditRecord.id.desc())
        .limit(limit)
    )
    return [_row(row) for row in rows]


def _row(row: AuditRecord) -> HistoryRow:
    names = [name for name in {**row.before, **row.after} if row.before.get(name) != row.after.get(name)]
    changes = tuple(Change(name, written(row.before.get(name)), written(row.after.get(name))) for name in names)
    return HistoryRow(
        row.effective_at,
        row.action,
        action_text(row.action),
        row.user_name,
        Text(row.organisation_name, row.organisation_name_zh or row.organisation_name),
        Text(row.agent_name, row.agent_name_zh or row.agent_name) if row.agent_name else None,
        changes,
        row.hash,
    )


def written(value: Any) -> str | None:
    """A recorded value as short text."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first record of a chain that does not hold. `kind`: changed (the hash is not of this content), gap, fork."""

    chain: str
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: published elsewhere, it proves later that nothing was cut off."""

    chain: str
    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    records: int
    heads: tuple[Head, ...]
    faults: tuple[Fault, ...]


def verify(session: Session) -> Verdict:
    """Walk every chain from its first record. Linear in the number of records, constant in memory."""
    count = 0
    heads: dict[str, Head] = {}
    faults: dict[str, Fault] = {}
    for row in _in_order(session):
        count += 1
        head = heads.get(row.chain, Head(row.chain, 0, GENESIS))
        kind = _fault(row, head)
        if kind is not None:
            faults.setdefault(row.chain, Fault(row.chain, row.position, kind))
        heads[row.chain] = Head(row.chain, row.position, row.hash)
    return Verdict(count, tuple(heads.values()), tuple(faults.values()))


def _in_order(session: Session) -> Iterator[AuditRecord]:
    rows = session.scalars(
        select(AuditRecord).order_by(AuditRecord.chain, AuditRecord.position).execution_options(yield_per=1000)
    )
    for row in rows:
        session.expunge(row)
        yield row


def _fault(row: AuditRecord, head: Head) -> str | None:
    if row.position != head.position + 1:
        return "gap"
    if row.prev_hash != head.hash:
        return "fork"
    return None if row.hash == record_hash({name: getattr(row, name) for name in FIELDS}) else "changed"
