"""What a person keeps unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.db.work import Reader
from app.drafts.models import FormDraft
from app.drafts.naming import named_form
from app.drafts.rules import KEPT
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class KeptDraft:
    values: Mapping[str, str]
    saved_at: datetime
    kept_until: datetime


def kept_draft(reader: Reader, form: str) -> KeptDraft | None:
    """What the actor typed into a form and did not send."""
    reader.permit("draft.view")
    key = (reader.actor.user_id, reader.actor.organisation_id, form)
    row = None if None in key else reader.session.get(FormDraft, key)
    if row is None or row.saved_at < reader.now - KEPT:
        return None
    return KeptDraft(dict(row.values), row.saved_at, row.saved_at + KEPT)


@dataclass(frozen=True, slots=True)
class UnfinishedForm:
    """`title`: what its name would be, as far as it was typed. `href`: None where what it was to change is no more."""

    form: str
    what: Text
    title: str
    href: str | None
    saved_at: datetime
    kept_until: datetime


GONE = Text("A form whose subject is no longer here", "所涉事项已不存在的表单")


def unfinished_forms(reader: Reader) -> list[UnfinishedForm]:
    """What the actor left unfinished, the latest first."""
    reader.permit("draft.view")
    rows = reader.session.scalars(select(FormDraft).where(*_own(reader)).order_by(FormDraft.saved_at.desc(), FormDraft.form))
    found = []
    for row in rows:
        named = named_form(reader, row.form, row.values)
        title = str(row.values.get("title") or "").strip()[:120]
        found.append(
            UnfinishedForm(
                row.form,
                named.what if named else GONE,
                title,
                named.href if named else None,
                row.saved_at,
                row.saved_at + KEPT,
            )
        )
    return found


def unfinished_count(reader: Reader) -> int:
    if reader.actor.user_id is None:
        return 0
    return reader.session.scalar(select(func.count()).select_from(FormDraft).where(*_own(reader))) or 0


def _own(reader: Reader) -> tuple[ColumnElement[bool] | Any, ...]:
    return (
        FormDraft.person_id == reader.actor.user_id,
        FormDraft.organisation_id == reader.actor.organisation_id,
        FormDraft.saved_at >= reader.now - KEPT,
    )
