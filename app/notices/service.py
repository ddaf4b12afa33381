"""Use cases of the inbox. Reading a notice changes nothing but the inbox, so it is not an event."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a notice leads."""

    subject_type: str
    subject_ref: str


def mark_read(work: UnitOfWork, ref: str) -> Seen:
    """Mark one notice of the organisation acted for as read. Raises `not_found`."""
    work.permit("notice.read")
    notice = work.session.scalar(select(Notice).where(Notice.ref == ref, Notice.organisation_id == work.actor.organisation_id))
    if notice is None:
        raise fail("not_found")
    notice.read_at = notice.read_at or work.now
    return Seen(notice.subject_type, notice.subject_ref)


def mark_all_read(work: UnitOfWork, command: None = None) -> None:
    """Mark every notice of the organisation acted for as read."""
    work.permit("notice.read")
    work.session.execute(
        update(Notice)
        .where(Notice.organisation_id == work.actor.organisation_id, Notice.read_at.is_(None))
        .values(read_at=work.now)
    )
