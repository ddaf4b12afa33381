"""What a person keeps unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.db.work import Reader
from app.drafts.models import FormDraft
from app.drafts.rules import KEPT


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
