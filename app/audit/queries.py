"""The record as pages read it: the history of one subject."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

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
    """`who` acted, for `organisation`, perhaps as `agent`. `said`: what followed from it, where the record says that in words."""

    at: datetime
    action: str
    title: Text
    who: str
    organisation: Text
    agent: Text | None
    changes: tuple[Change, ...]
    hash: str
    said: Text | None = None


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
        Text(**row.after["consequence"]) if row.action == "deadline.passed" else None,
    )


def written(value: Any) -> str | None:
    """A recorded value as short text."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
