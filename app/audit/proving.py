"""Records of some subjects with what links them to the end of their chains: enough to prove each against a signed head, and nothing of the
records between but their hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.audit.chain import FIELDS, RECORDED_AT, stored_instant
from app.audit.models import AuditRecord


@dataclass(frozen=True, slots=True)
class Link:
    """A record by its hash alone."""

    chain: str
    position: int
    hash: str
    prev_hash: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record whole: `facts` is what its hash is over."""

    chain: str
    position: int
    hash: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proven:
    """`links`: of each chain from its first record here to its end, in order. `heads`: those ends."""

    records: Sequence[Record]
    links: Sequence[Link]
    heads: Sequence[Link]


def proven_records(session: Session, subjects: Sequence[tuple[str, str]], readers: frozenset[int] | None = None) -> Proven:
    """The records of the subjects, in the order in which they were made; whole where one of the organisations `readers` is concerned (None:
    all). The caller decided that the reader may see the subjects."""
    rows = session.scalars(
        select(AuditRecord)
        .where(tuple_(AuditRecord.subject_type, AuditRecord.subject_ref).in_(subjects))
        .order_by(AuditRecord.id)
    ).all()
    seen = [row for row in rows if readers is None or readers & set(row.concerned)]
    records = [Record(row.chain, row.position, row.hash, _facts(row)) for row in seen]
    first: dict[str, int] = {}
    for record in records:
        first[record.chain] = min(record.position, first.get(record.chain, record.position))
    links = [link for chain, position in sorted(first.items()) for link in _links(session, chain, position)]
    heads = {link.chain: link for link in links}
    return Proven(records, links, [heads[chain] for chain in sorted(heads)])


def _links(session: Session, chain: str, position: int) -> list[Link]:
    rows = session.execute(
        select(AuditRecord.position, AuditRecord.hash, AuditRecord.prev_hash)
        .where(AuditRecord.chain == chain, AuditRecord.position >= position)
        .order_by(AuditRecord.position)
    )
    return [Link(chain, row.position, row.hash, row.prev_hash) for row in rows]


def _facts(row: AuditRecord) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in FIELDS}
    if row.recorded_at is not None:
        found[RECORDED_AT] = row.recorded_at
    return {name: stored_instant(value) if isinstance(value, datetime) else value for name, value in found.items()}
