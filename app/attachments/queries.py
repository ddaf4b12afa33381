"""The documents of a subject, as far as the reader may see the subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts import names
from app.attachments.models import Attachment
from app.attachments.subjects import subject_rule
from app.db.work import Reader
from app.kernel.errors import DomainError, fail
from app.kernel.permission import permit


@dataclass(frozen=True, slots=True)
class AttachmentView:
    ref: str
    subject_type: str
    subject_ref: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    purpose: str
    organisation: str
    created_at: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class Attachments:
    results: tuple[AttachmentView, ...]
    may_add: bool


def attachments_of(reader: Reader, subject_type: str, subject_ref: str) -> Attachments:
    """All documents of a subject, oldest first. Raises `not_found` where the reader may not see the subject."""
    rule = subject_rule(subject_type)
    subject = rule.load(reader, subject_ref)
    reader.permit(rule.view, subject)
    may_add = _may(reader, subject_type, subject_ref)
    rows = list(
        reader.session.scalars(
            select(Attachment)
            .where(
                Attachment.subject_type == subject_type,
                Attachment.subject_ref == subject_ref,
                Attachment.removed_at.is_(None),
            )
            .order_by(Attachment.id)
        )
    )
    known = names(reader.session, [row.organisation_id for row in rows])
    return Attachments(
        tuple(_view(row, known[row.organisation_id].in_(reader.actor.locale), may_add and _is_own(reader, row)) for row in rows),
        may_add,
    )


def attachment(reader: Reader, ref: str) -> AttachmentView:
    """One document, or `not_found`."""
    row = find(reader, ref)
    found = attachments_of(reader, row.subject_type, row.subject_ref)
    return next(view for view in found.results if view.ref == ref)


def find(reader: Reader, ref: str) -> Attachment:
    row = reader.session.scalar(select(Attachment).where(Attachment.ref == ref, Attachment.removed_at.is_(None)))
    if row is None:
        raise fail("not_found")
    return row


def _is_own(reader: Reader, row: Attachment) -> bool:
    """A document is taken away only by the side that brought it."""
    return row.organisation_id in reader.actor.subtree


def _may(reader: Reader, subject_type: str, subject_ref: str) -> bool:
    rule = subject_rule(subject_type)
    try:
        permit(rule.attach, reader.actor, rule.load(reader, subject_ref))
    except DomainError:
        return False
    return True


def _view(row: Attachment, organisation: str, may_remove: bool) -> AttachmentView:
    return AttachmentView(
        row.ref,
        row.subject_type,
        row.subject_ref,
        row.filename,
        row.media_type,
        row.size_bytes,
        row.sha256,
        row.purpose,
        organisation,
        row.created_at,
        may_remove,
    )
