"""What the silence of a regulator does when its clock passes, as the profile says: the decision or the filing is deemed made, or the
task goes to the next level up. Nobody has then decided: `deemed` says so, and no name stands under it."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts import competences
from app.agreements import Agreement
from app.approvals.deciding import consequence, rematched
from app.approvals.decisions import APPROVAL, OPEN
from app.approvals.models import Approval
from app.approvals.rules import next_up
from app.approvals.standing import ledger_hash, lock_ledger, read_ledger
from app.approvals.tasks import start_clock, tasks_of, touch
from app.db.work import UnitOfWork
from app.deadlines import NOBODY_ABOVE, Deadline, Effect
from app.kernel.text import Text

HANDED_UP = Text(" (next level up: the regulator below was silent)", "（下级主管部门逾期未审批，移送上一级）")


def deemed_granted(work: UnitOfWork, row: Deadline) -> Effect:
    """The approval is deemed given, over what stands now; the agreement enters into force when it was the last."""
    task, agreement = _load(work, row)
    if task.status not in OPEN or agreement.status != "submitted":
        return Effect()
    now = read_ledger(work.session, agreement, task.version_id)
    task.ledger, task.ledger_hash = now, ledger_hash(now, agreement.salt)
    before = _deem(work, task, "approve")
    changed = consequence(work, agreement, "approve", tasks_of(work, task.version_id))
    return _effect(work, task, agreement, before, changed)


def deemed_filed(work: UnitOfWork, row: Deadline) -> Effect:
    """The agreement counts as filed with who is only informed."""
    task, agreement = _load(work, row)
    if not APPROVAL.allows(task.status, "note"):
        return Effect()
    return _effect(work, task, agreement, _deem(work, task, "note"), {})


def handed_up(work: UnitOfWork, row: Deadline) -> Effect:
    """The task goes to the next regulator above, with a clock of its own; where there is none the silence is on record alone."""
    task, agreement = _load(work, row)
    taken = {one.regulator_id for one in tasks_of(work, task.version_id)} | {agreement.owner_id, agreement.requester_id}
    above = next_up(competences(work.session), task.regulator_id, task.region, frozenset(taken))
    if task.status not in OPEN:
        return Effect()
    if above is None:
        told = (agreement.owner_id, agreement.requester_id)
        return Effect(concerned=told, region=agreement.region, instead=NOBODY_ABOVE)
    was, before = task.regulator_id, task.status
    if task.status == "proposed":
        task.status = APPROVAL.move(task.status, "send_back")
    task.regulator_id, task.officer_id = above, None
    task.proposed_action = task.proposed_by = task.proposed_at = None
    said = task.reason_competent
    task.reason_competent = {"en": said["en"] + HANDED_UP.en, "zh": said["zh"] + HANDED_UP.zh}
    agreement.regulator_ids = sorted({*agreement.regulator_ids, above})
    touch(work, task)
    start_clock(work, agreement, task)
    after = {"status": task.status, "regulator": above, "agreement": agreement.ref}
    concerned = (agreement.owner_id, agreement.requester_id, was, above)
    return Effect({"status": before, "regulator": was}, after, concerned, agreement.region, {"agreement_id": agreement.id})


OUTCOMES = {"deem_granted": deemed_granted, "deem_filed": deemed_filed, "escalate": handed_up}


def _load(work: UnitOfWork, row: Deadline) -> tuple[Approval, Agreement]:
    """The task and its agreement, locked as a decision locks them."""
    task = work.session.scalars(select(Approval).where(Approval.ref == row.subject_ref)).one()
    agreement = work.session.scalars(select(Agreement).where(Agreement.id == task.agreement_id).with_for_update()).one()
    lock_ledger(work, task.version_id)
    work.session.refresh(task)
    return task, agreement


def _deem(work: UnitOfWork, task: Approval, action: str) -> str:
    """Settle the task without anybody; returns what it was."""
    before, task.status = task.status, APPROVAL.move(task.status, action)
    task.deemed, task.decided_at = True, work.now
    task.proposed_action = task.proposed_by = task.proposed_at = None
    touch(work, task)
    work.session.flush()
    return before


def _effect(work: UnitOfWork, task: Approval, agreement: Agreement, before: str, changed: dict[str, object]) -> Effect:
    others = [one.regulator_id for one in tasks_of(work, task.version_id)]
    after = {
        "status": task.status,
        "deemed": True,
        "agreement": agreement.ref,
        "content_hash": task.content_hash,
        "ledger_hash": task.ledger_hash,
        **({"agreement_change": changed} if changed else {}),
    }
    facts = {"agreement_id": agreement.id, "need_id": agreement.need_id, **rematched(work, agreement, changed)}
    concerned = tuple(dict.fromkeys((agreement.owner_id, agreement.requester_id, *others)))
    return Effect({"status": before}, after, concerned, agreement.region, facts)
