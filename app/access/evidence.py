"""Documents that an act rests on: attached to the request by who acts, for that purpose, and still there."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sqlalchemy import select

from app.access.models import AccessRequest
from app.attachments import Attachment
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.text import Text


def check_attached(
    work: UnitOfWork, request: AccessRequest, refs: Set[str], purposes: Iterable[str], organisation_id: int | None = None
) -> None:
    """Raises `refusal_evidence_missing` with those that are not. `organisation_id`: who must have attached them; any when None."""
    found = select(Attachment.ref).where(
        Attachment.ref.in_(refs),
        Attachment.subject_type == "access_request",
        Attachment.subject_ref == request.ref,
        Attachment.purpose.in_(tuple(purposes)),
        Attachment.removed_at.is_(None),
    )
    if organisation_id is not None:
        found = found.where(Attachment.organisation_id == organisation_id)
    if lost := refs - set(work.session.scalars(found)):
        raise fail("refusal_evidence_missing", evidence=Text(", ".join(sorted(lost)) or "–", "、".join(sorted(lost)) or "–"))
