"""Tasks of approvals: a regulator's decisions, confirmations, opinions and files; conditions to fulfil and to check."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from app.agreements import Agreement
from app.approvals.decisions import OPEN
from app.approvals.models import Approval, ApprovalCondition
from app.approvals.policy import OFFICER_ONLY
from app.approvals.tasks import CLOCK, SUBJECT
from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.waiting import TaskKind, Waiting, task_kind

DECIDE = task_kind("approval.decide", Text("Decide on an agreement", "审批协议"), OFFICER_ONLY)
CONFIRM = task_kind("approval.confirm", Text("Confirm a colleague's proposal", "核签拟办决定"), OFFICER_ONLY)
CONSULT = task_kind("approval.consult", Text("Give an opinion on an agreement", "反馈协议意见"), OFFICER_ONLY, "consult")
FILE = task_kind("approval.file", Text("Take an agreement on file", "办理协议备案"), OFFICER_ONLY, "file")
FULFIL = task_kind("condition.fulfil", Text("Fulfil a condition of an approval", "落实审批条件"), WRITERS)
SETTLE = task_kind("condition.settle", Text("Check a condition reported as fulfilled", "核查已报落实的条件"), OFFICER_ONLY)
BY_THE_APPROVAL = Text("the day that the approval names", "审批所定的期限")
OF_MODE = {"decide": DECIDE, "consult": CONSULT, "file": FILE}


def to_decide(reader: Reader) -> Iterator[Waiting]:
    if not reader.actor.competences:
        return
    found = select(Approval, Agreement).join(Agreement, Agreement.id == Approval.agreement_id)
    mine = Approval.regulator_id == reader.actor.organisation_id
    for task, agreement in reader.session.execute(found.where(mine, Approval.status.in_(OPEN))):
        proposed = task.status == "proposed"
        yield Waiting(
            CONFIRM if proposed else OF_MODE[task.mode],
            SUBJECT,
            task.ref,
            agreement.title,
            task.regulator_id,
            task.updated_at or task.created_at,
            task.region,
            agreement.owner_id,
            (CLOCK,),
            officer_id=None if proposed else task.officer_id,
            not_by=task.proposed_by if proposed and task.four_eyes else None,
            profile=agreement.profile,
            version=task.version,
            content_hash=task.content_hash,
        )


def conditions(reader: Reader) -> Iterator[Waiting]:
    """Open ones for whom they oblige; reported ones for the regulator that imposed them."""
    mine, actor = reader.actor.subtree, reader.actor
    found = (
        select(ApprovalCondition, Approval, Agreement)
        .join(Approval, Approval.id == ApprovalCondition.approval_id)
        .join(Agreement, Agreement.id == Approval.agreement_id)
    )
    obliged = found.where(ApprovalCondition.obliged_id.in_(mine), ApprovalCondition.status == "open")
    for row in reader.session.execute(obliged):
        yield _condition(FULFIL, *row, organisation_id=row[0].obliged_id, other_id=row[1].regulator_id)
    if actor.competences:
        reported = found.where(Approval.regulator_id == actor.organisation_id, ApprovalCondition.status == "reported")
        for row in reader.session.execute(reported):
            yield _condition(SETTLE, *row, organisation_id=row[1].regulator_id, other_id=row[0].obliged_id)


def _condition(
    kind: TaskKind,
    condition: ApprovalCondition,
    task: Approval,
    agreement: Agreement,
    *,
    organisation_id: int,
    other_id: int,
) -> Waiting:
    return Waiting(
        kind,
        "condition",
        condition.ref,
        f"{agreement.title} · {condition.text}",
        organisation_id,
        condition.updated_at or condition.created_at,
        task.region,
        other_id,
        due_on=condition.due_on,
        why=BY_THE_APPROVAL,
        at=(SUBJECT, task.ref),
    )


WAITING = [to_decide, conditions]
