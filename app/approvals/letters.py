"""The letter of a decision: for who may read the task, and again for whoever compares a file with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.agreements import Agreement, AgreementVersion, Reprint, register_paper, subject_of
from app.approvals.letter import HEADINGS, Decision, letter_pdf
from app.approvals.models import Approval, ApprovalCondition
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.documents import LANGUAGES, language_of
from app.kernel.errors import fail
from app.kernel.text import Text

KIND = "decision"


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    data: bytes


def decision_letter(reader: Reader, ref: str, locale: str, base_url: str) -> Letter:
    """The letter of a task that was decided, as a PDF. Raises `not_found`, also before the decision and after it was taken back."""
    task = reader.session.scalar(select(Approval).where(Approval.ref == ref))
    if task is None:
        raise fail("not_found")
    reader.permit("approval.view", subject_of(reader.session.get_one(Agreement, task.agreement_id)))
    if task.deemed or not has_letter(task.status):
        raise fail("not_found")
    language = language_of(locale)
    data = letter_pdf(_decision(reader.session, task), language, base_url)
    return Letter(f"decision-{ref}-{language}.pdf", data)


def has_letter(status: str) -> bool:
    """Whether that state of a task is a decision, on which there is a letter."""
    return status in HEADINGS


def again(session: Session, ref: str, base_url: str) -> Reprint | None:
    """The letter as it would be printed now, in every language."""
    task = session.scalar(select(Approval).where(Approval.ref == ref))
    if task is None or task.deemed or not has_letter(task.status):
        return None
    decision = _decision(session, task)
    return Reprint(task.content_hash, (letter_pdf(decision, language, base_url) for language in LANGUAGES))


def _decision(session: Session, task: Approval) -> Decision:
    agreement = session.get_one(Agreement, task.agreement_id)
    version = session.get_one(AgreementVersion, task.version_id)
    conditions = session.scalars(
        select(ApprovalCondition).where(ApprovalCondition.approval_id == task.id, ApprovalCondition.status != "void")
    )
    others = session.scalars(
        select(Approval.regulator_id).where(Approval.version_id == task.version_id, Approval.id != task.id).order_by(Approval.id)
    )
    assert task.decided_at is not None
    return Decision(
        ref=task.ref,
        status=task.status,
        authority=_named(session, task.regulator_id),
        capacity=task.authority,
        competent=Text(task.reason_competent["en"], task.reason_competent["zh"]),
        submitted_at=task.created_at,
        decided_at=task.decided_at,
        reasons=task.reasons or "",
        conditions=[
            (row.number, row.text, "owner" if row.obliged_id == agreement.owner_id else "requester", row.due_on)
            for row in sorted(conditions, key=lambda row: row.number)
        ],
        content=version.content,
        content_hash=version.content_hash,
        profile=get_profile(agreement.profile),
        others=[_named(session, other) for other in others],
    )


def _named(session: Session, organisation_id: int) -> dict[str, str]:
    row = session.get_one(Organisation, organisation_id)
    return {"name": row.name, "name_zh": row.name_zh or ""}


register_paper(KIND, again)
