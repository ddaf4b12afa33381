"""Column mappings that an organisation settled, found again by the headers of the next file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import select

from app.db.work import Reader, UnitOfWork
from app.exchange.mapping import Mapping
from app.exchange.models import ColumnMapping
from app.exchange.reading.labels import normalise
from app.exchange.reading.model import Table
from app.exchange.targets import Subject


def signature(tables: Sequence[Table]) -> str:
    """The same for files with the same headers, whatever their order and their sheets' names."""
    words = sorted({normalise(column.label) for table in tables for column in table.columns})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def remembered(reader: Reader, organisation_id: int | None, subject: Subject, sign: str) -> Mapping:
    """What was settled for these headers; for others, what the newest file settled about headers that both have."""
    statement = select(ColumnMapping).where(
        ColumnMapping.organisation_id == organisation_id, ColumnMapping.subject == subject.value
    )
    found = reader.session.scalar(statement.where(ColumnMapping.signature == sign))
    found = found or reader.session.scalar(statement.order_by(ColumnMapping.used_at.desc(), ColumnMapping.id.desc()).limit(1))
    return Mapping.from_json(found.mapping) if found else Mapping()


def remember(work: UnitOfWork, organisation_id: int, subject: Subject, sign: str, mapping: Mapping) -> None:
    """Keep what this import settled: columns and meanings of words. Defaults and systems belong to one file."""
    kept = Mapping(mapping.columns, mapping.values).to_json()
    found = work.session.scalar(
        select(ColumnMapping).where(
            ColumnMapping.organisation_id == organisation_id,
            ColumnMapping.subject == subject.value,
            ColumnMapping.signature == sign,
        )
    )
    if found is None:
        work.session.add(
            ColumnMapping(organisation_id=organisation_id, subject=subject.value, signature=sign, mapping=kept, used_at=work.now)
        )
    else:
        found.mapping, found.used_at = kept, work.now
