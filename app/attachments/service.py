"""Use cases of documents: add one that is stored already, take one's own away."""

from __future__ import annotations

from dataclasses import dataclass

from app.attachments import queries
from app.attachments.models import Attachment
from app.attachments.rules import PURPOSE
from app.attachments.storage import StoredFile
from app.attachments.subjects import subject_rule
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class AddAttachment:
    subject_type: str
    subject_ref: str
    file: StoredFile
    purpose: str = "document"


def check_addable(work: Reader, subject_type: str, subject_ref: str) -> None:
    """Raise unless the actor may attach documents there: asked before the bytes are read, and again with them."""
    rule = subject_rule(subject_type)
    subject = rule.load(work, subject_ref)
    work.permit(rule.view, subject)
    work.permit(rule.attach, subject)


def add_attachment(work: UnitOfWork, command: AddAttachment) -> str:
    """Attach a stored file and return its ref. Who may attach is the subject's rule."""
    check_addable(work, command.subject_type, command.subject_ref)
    if not PURPOSE.fullmatch(command.purpose):
        raise fail(
            "invalid",
            [Problem("invalid", Text("A purpose is a code such as site_photo.", "用途须为代码，例如 site_photo。"), "/purpose")],
        )
    if work.actor.organisation_id is None:
        raise fail("forbidden")
    made = Attachment(
        subject_type=command.subject_type,
        subject_ref=command.subject_ref,
        organisation_id=work.actor.organisation_id,
        uploaded_by=work.actor.user_id,
        purpose=command.purpose,
        filename=command.file.filename,
        media_type=command.file.media_type,
        size_bytes=command.file.size_bytes,
        sha256=command.file.sha256,
        created_at=work.now,
        removed_at=None,
    )
    work.session.add(made)
    work.session.flush()
    after = {"filename": made.filename, "sha256": made.sha256, "size_bytes": made.size_bytes, "purpose": made.purpose}
    work.emit(Event("attachment.added", command.subject_type, command.subject_ref, (made.organisation_id,), after=after))
    return made.ref


def remove_attachment(work: UnitOfWork, ref: str) -> tuple[str, str]:
    """Take a document away; the record of it stays. Only the organisation that brought it. Returns its subject."""
    row = queries.find(work, ref)
    check_addable(work, row.subject_type, row.subject_ref)
    if row.organisation_id not in work.actor.subtree:
        raise fail("forbidden")
    row.removed_at = work.now
    before = {"filename": row.filename, "sha256": row.sha256}
    work.emit(Event("attachment.removed", row.subject_type, row.subject_ref, (row.organisation_id,), before=before))
    return row.subject_type, row.subject_ref
