"""One task of a regulator as its use cases handle it: found, clocked, closed, taken back, void. Parts of use cases: emits nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.agreements import Agreement
from app.approvals.decisions import APPROVAL, CONDITION
from app.approvals.models import Approval, ApprovalCondition
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.deadlines import end_deadline, meet_deadline, start_deadline
from app.kernel.permission import Subject
from app.kernel.text import Text

SUBJECT, CLOCK = "approval", "approval_decision"


def subject_of(task: Approval) -> Subject:
    """For deciding: the task is its own regulator's alone."""
    return Subject(regulator_ids=frozenset({task.regulator_id}), region=task.region, status=task.status)


def start_clock(work: UnitOfWork, agreement: Agreement, task: Approval) -> None:
    profile = get_profile(agreement.profile)
    clock = profile.clock(CLOCK)
    if clock is not None and (task.mode == "decide" or (task.mode == "file" and clock.outcome == "deem_filed")):
        start_deadline(work, profile, CLOCK, SUBJECT, task.ref, task.regulator_id, work.now)


def tasks_of(work: UnitOfWork, version_id: int) -> list[Approval]:
    return list(work.session.scalars(select(Approval).where(Approval.version_id == version_id).order_by(Approval.id)))


def close(work: UnitOfWork, task: Approval) -> None:
    """It is decided."""
    touch(work, task)
    meet_deadline(work, SUBJECT, task.ref, CLOCK)


def _drop(work: UnitOfWork, task: Approval) -> None:
    """Nobody decides it any more."""
    touch(work, task)
    end_deadline(work, SUBJECT, task.ref, CLOCK)


def touch(work: UnitOfWork, task: Approval) -> None:
    task.version, task.updated_at = task.version + 1, work.now


def void_waiting(work: UnitOfWork, tasks: Sequence[Approval]) -> None:
    """End the tasks that still wait: nothing is left to decide. What was decided stays on record."""
    for task in tasks:
        if task.status in ("waiting", "proposed"):
            task.status = APPROVAL.move(task.status, "void")
            _drop(work, task)


def void_for(work: UnitOfWork, task: Approval, reason: Text) -> None:
    """What was proposed or decided no longer holds and is not decided again."""
    task.status, task.void_reason = APPROVAL.move(task.status, "void"), {"en": reason.en, "zh": reason.zh}
    _void_conditions(work, task)
    _drop(work, task)


def reopen(work: UnitOfWork, agreement: Agreement, task: Approval, reason: Text) -> None:
    """Take back a proposal or a decision that no longer stands: the task waits again, and says why."""
    decided = task.status != "proposed"
    task.status, task.void_reason = APPROVAL.move(task.status, "reopen"), {"en": reason.en, "zh": reason.zh}
    task.deemed = False
    task.decided_by = task.decided_at = task.proposed_by = task.proposed_at = task.proposed_action = None
    touch(work, task)
    _void_conditions(work, task)
    if decided:
        start_clock(work, agreement, task)
    work.session.flush()


def _void_conditions(work: UnitOfWork, task: Approval) -> None:
    for condition in work.session.scalars(select(ApprovalCondition).where(ApprovalCondition.approval_id == task.id)):
        if CONDITION.allows(condition.status, "void"):
            condition.status, condition.updated_at = CONDITION.move(condition.status, "void"), work.now
