"""Conditions of an approval in their life: the party that one obliges reports it fulfilled, the regulator agrees or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.agreements import Agreement
from app.agreements import subject_of as agreement_subject
from app.approvals.decisions import CONDITION
from app.approvals.models import Approval, ApprovalCondition
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.version import check_version


@dataclass(frozen=True, slots=True)
class MoveCondition:
    """action: report, accept, reject."""

    ref: str
    action: str
    note: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ConditionView:
    """`overdue`: its day is over and it is not fulfilled. `report`, `settle`: whom the policies are asked about."""

    ref: str
    version: int
    number: int
    text: str
    obliged: OrganisationName
    due_on: date
    status: str
    note: str | None
    regulator: OrganisationName
    approval_ref: str
    overdue: bool
    report: Subject
    settle: Subject

    @property
    def status_text(self) -> Text:
        return CONDITION.states[self.status]


POLICIES = {"report": "condition.report", "accept": "condition.settle", "reject": "condition.settle"}


def move_condition(work: UnitOfWork, command: MoveCondition) -> int:
    """Report a condition fulfilled (managers of the party that it obliges), or agree or not (officers of the regulator). Returns its
    new version."""
    row = work.session.scalar(select(ApprovalCondition).where(ApprovalCondition.ref == command.ref).with_for_update())
    if row is None:
        raise fail("not_found")
    task = work.session.get_one(Approval, row.approval_id)
    agreement = work.session.get_one(Agreement, task.agreement_id)
    if command.action not in POLICIES:
        raise fail("malformed")
    work.permit(POLICIES[command.action], _subjects(agreement, task, row)[0 if command.action == "report" else 1])
    check_version(command.seen_version, row.version)
    before = row.status
    row.status, row.note = CONDITION.move(row.status, command.action), (command.note or "").strip() or row.note
    row.version, row.updated_at = row.version + 1, work.now
    done = {"report": "condition_reported", "accept": "condition_fulfilled", "reject": "condition_not_fulfilled"}[command.action]
    work.emit(
        Event(
            f"approval.{done}",
            "approval",
            task.ref,
            (agreement.owner_id, agreement.requester_id, task.regulator_id),
            {"condition": row.number, "status": before},
            {"condition": row.number, "status": row.status, "text": row.text, "note": row.note},
            agreement.region,
            {"agreement_id": agreement.id},
        )
    )
    return row.version


def _subjects(agreement: Agreement, task: Approval, row: ApprovalCondition) -> tuple[Subject, Subject]:
    seen_by = frozenset(agreement.regulator_ids)
    return (
        Subject(owner_id=row.obliged_id, regulator_ids=seen_by, region=agreement.region, status=row.status),
        Subject(
            owner_id=agreement.owner_id,
            requester_id=agreement.requester_id,
            regulator_ids=frozenset({task.regulator_id}),
            status=row.status,
        ),
    )


def conditions_on(reader: Reader, agreement: Agreement, approval_ref: str | None = None) -> list[ConditionView]:
    """The conditions on an agreement (of one decision). The caller decided that the reader may see it."""
    statement = (
        select(ApprovalCondition, Approval)
        .join(Approval, Approval.id == ApprovalCondition.approval_id)
        .where(Approval.agreement_id == agreement.id, ApprovalCondition.status != "void")
        .order_by(Approval.id, ApprovalCondition.number)
    )
    if approval_ref is not None:
        statement = statement.where(Approval.ref == approval_ref)
    rows: Sequence[tuple[ApprovalCondition, Approval]] = [(c, a) for c, a in reader.session.execute(statement)]
    known = names(reader.session, {i for c, a in rows for i in (c.obliged_id, a.regulator_id)})
    return [
        ConditionView(
            c.ref,
            c.version,
            c.number,
            c.text,
            known[c.obliged_id],
            c.due_on,
            c.status,
            c.note,
            known[a.regulator_id],
            a.ref,
            c.due_on < reader.today and c.status != "fulfilled",
            *_subjects(agreement, a, c),
        )
        for c, a in rows
    ]


def conditions_on_ref(reader: Reader, agreement_ref: str) -> list[ConditionView]:
    """The conditions on an agreement that the reader may see. Raises `not_found`."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == agreement_ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("approval.view", agreement_subject(agreement))
    return conditions_on(reader, agreement)
