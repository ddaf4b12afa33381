"""Use cases of a regulator's officers: propose and confirm a decision on exactly what was read, or note; whose case it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts import names, people_names, require_fresh
from app.agreements import Agreement, AgreementVersion, differences, enter_force, give_back, lines_of, refuse
from app.approvals.decisions import (
    APPROVAL,
    ConditionAsked,
    all_approved,
    check_case,
    check_mode,
    check_second,
    check_words,
)
from app.approvals.delegating import officer_named, stands_in_for
from app.approvals.models import Approval, ApprovalCondition
from app.approvals.standing import asset_names, ledger_changes, ledger_hash, lock_ledger, problems_of, read_ledger, reopen_stale
from app.approvals.tasks import close, subject_of, tasks_of, touch, void_waiting
from app.assets import Asset
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.kernel.version import check_version


@dataclass(frozen=True, slots=True)
class Decide:
    """action: approve, approve_with_conditions, return, refuse, note. `content_hash`, `ledger_hash`: of what was read.
    `ledger`: what was read of it, so that a refusal can say what changed since."""

    ref: str
    action: str
    content_hash: str
    ledger_hash: str | None = None
    seen_version: int | None = None
    reasons: str | None = None
    conditions: Sequence[ConditionAsked] = ()
    ledger: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """Confirm what a colleague proposed, over the same hashes."""

    ref: str
    content_hash: str
    ledger_hash: str
    seen_version: int | None = None
    ledger: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SendBack:
    """Give a proposal back to whose case it is; `remark` says why. Who proposed it takes it back in this way."""

    ref: str
    remark: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class TakeCase:
    """Make it the case of an officer of the regulator; None: one's own."""

    ref: str
    officer_ref: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class LeaveCase:
    """Make it nobody's case again."""

    ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A task under way: locked, with what its decision is over."""

    task: Approval
    agreement: Agreement


def decide(work: UnitOfWork, command: Decide) -> int:
    """Propose a decision, or make it where one pair of eyes is enough; or note, where the regulator does not decide.

    Who may: officers of that regulator whose case it is or nobody's, who gave their password within five minutes, on what they
    read. Returns the task's new version. Raises `reauthentication_required`, `version_changed`, `ledger_changed`,
    `case_of_another`, `not_deciding`, `deciding`, `illegal_transition`."""
    seen = _load(work, command.ref, "approval.note" if command.action == "note" else "approval.decide")
    task, before = seen.task, seen.task.status
    _check_content(work, seen, command.content_hash)
    check_version(command.seen_version, task.version)
    # also where one decides alone: nobody decides over a colleague's proposal
    after = APPROVAL.move(before, "note" if command.action == "note" else "propose")
    check_mode(task.mode, command.action)
    require_fresh(work)
    parties = names(work.session, {seen.agreement.owner_id, seen.agreement.requester_id})
    conditions = command.conditions if command.action == "approve_with_conditions" else ()
    check_words(command.action, command.reasons, conditions, {party.ref for party in parties.values()}, work.today)
    if command.action != "note":
        _check_officer(work, task)
        _check_ledger(work, seen, command.ledger_hash, command.ledger)
    task.reasons, task.conditions = _said(command.reasons), _said("\n".join(one.text.strip() for one in conditions))
    task.conditions_asked = [
        {"text": one.text.strip(), "by": one.by, "due_on": one.due_on.isoformat() if one.due_on else None} for one in conditions
    ]
    task.remark = task.void_reason = None
    if command.action == "note":
        return _settle(work, seen, "note", before)
    task.proposed_action, task.proposed_by, task.proposed_at = command.action, work.actor.user_id, work.now
    task.officer_id = task.officer_id or work.actor.user_id
    if not task.four_eyes:
        return _settle(work, seen, command.action, before)
    task.status = after
    touch(work, task)
    _tell(work, seen, "proposed", {"status": before}, {"status": after, "proposal": command.action}, own=True)
    return task.version


def confirm(work: UnitOfWork, command: Confirm) -> int:
    """Confirm a colleague's proposal: with it the decision is made. Returns the task's new version.

    Who may: another officer of that regulator than who proposed it, with a password given within five minutes. Raises `four_eyes`,
    and what `decide` raises."""
    seen = _load(work, command.ref, "approval.decide")
    task = seen.task
    _check_content(work, seen, command.content_hash)
    check_version(command.seen_version, task.version)
    if task.status != "proposed" or task.proposed_action is None:
        raise fail("illegal_transition", subject=APPROVAL.subject, state=APPROVAL.states[task.status], action=_CONFIRM)
    check_second(task.four_eyes, task.proposed_by, work.actor.user_id)
    require_fresh(work)
    _check_ledger(work, seen, command.ledger_hash, command.ledger)
    return _settle(work, seen, task.proposed_action, task.status)


def send_back(work: UnitOfWork, command: SendBack) -> int:
    """Give a proposal back, or take one's own back. Who may: officers of that regulator. Returns the task's new version."""
    seen = _load(work, command.ref, "approval.decide")
    task = seen.task
    check_version(command.seen_version, task.version)
    before, proposal = task.status, task.proposed_action
    task.status, task.remark = APPROVAL.move(task.status, "send_back"), _said(command.remark)
    task.proposed_action = task.proposed_by = task.proposed_at = None
    touch(work, task)
    _tell(
        work,
        seen,
        "sent_back",
        {"status": before, "proposal": proposal},
        {"status": task.status, "proposal": None, "remark": task.remark},
        own=True,
    )
    return task.version


def take_case(work: UnitOfWork, command: TakeCase) -> int:
    """Make the task the case of one's own, or of a colleague. Who may: officers of that regulator. Returns its new version."""
    seen = _load(work, command.ref, "approval.decide")
    task = seen.task
    check_version(command.seen_version, task.version)
    if task.status not in ("waiting", "proposed"):
        raise fail("illegal_transition", subject=APPROVAL.subject, state=APPROVAL.states[task.status], action=_TAKE)
    officer = work.actor.user_id
    if command.officer_ref is not None:
        officer = officer_named(work, task.regulator_id, command.officer_ref)
    return _assign(work, seen, officer)


def leave_case(work: UnitOfWork, command: LeaveCase) -> int:
    """Make a case of one's own, or of whom one stands in for, nobody's again, while nothing is proposed. Who may: officers of that
    regulator. Returns its new version. Raises `case_of_another`."""
    seen = _load(work, command.ref, "approval.decide")
    task = seen.task
    check_version(command.seen_version, task.version)
    if task.status != "waiting":
        raise fail("illegal_transition", subject=APPROVAL.subject, state=APPROVAL.states[task.status], action=_LEAVE)
    _check_officer(work, task)
    return _assign(work, seen, None)


def _assign(work: UnitOfWork, seen: Seen, officer: int | None) -> int:
    task, before = seen.task, seen.task.officer_id
    task.officer_id = officer
    touch(work, task)
    known = people_names(work.session, {before, officer})
    _tell(work, seen, "assigned", {"officer": known.get(before or 0)}, {"officer": known.get(officer or 0)}, own=True)
    return task.version


_CONFIRM, _TAKE, _LEAVE = Text("confirm", "核签"), Text("take over", "承办"), Text("leave", "退出承办")


def _load(work: UnitOfWork, ref: str, policy: str) -> Seen:
    task = work.session.scalar(select(Approval).where(Approval.ref == ref))
    if task is None:
        raise fail("not_found")
    work.permit(policy, subject_of(task))
    agreement = work.session.scalars(select(Agreement).where(Agreement.id == task.agreement_id).with_for_update()).one()
    lock_ledger(work, task.version_id)
    work.session.refresh(task)  # decisions of one agreement wait for each other: read it as the last one left it
    return Seen(task, agreement)


def _check_content(work: UnitOfWork, seen: Seen, content_hash: str) -> None:
    """The hash is of the agreement's current version, and that is the one before this regulator; else say what changed."""
    versions = {
        version.number: version
        for version in work.session.scalars(
            select(AgreementVersion).where(AgreementVersion.agreement_id == seen.agreement.id).order_by(AgreementVersion.number)
        )
    }
    current = versions[seen.agreement.current_number]
    if content_hash == seen.task.content_hash == current.content_hash:
        return
    read = next((v for v in versions.values() if v.content_hash == content_hash), None)
    raise fail("version_changed", [] if read is None else problems_of(differences(read.content, current.content), "content"))


def _check_officer(work: UnitOfWork, task: Approval) -> None:
    name = people_names(work.session, {task.officer_id}).get(task.officer_id or 0, "")
    check_case(task.officer_id, name, work.actor.user_id, stands_in_for(work, task.regulator_id))


def _check_ledger(work: UnitOfWork, seen: Seen, given: str | None, read: Mapping[str, Any] | None) -> None:
    """The hash is of the ledger as it is now; else say what changed since it was read, or since this task last knew it."""
    now = read_ledger(work.session, seen.agreement, seen.task.version_id)
    salt = seen.agreement.salt
    current = ledger_hash(now, salt)
    if given != current:
        known = read if read is not None and ledger_hash(read, salt) == given else seen.task.ledger
        raise fail("ledger_changed", problems_of(ledger_changes(known, now), "ledger", asset_names(now)))
    seen.task.ledger, seen.task.ledger_hash = now, current


def _settle(work: UnitOfWork, seen: Seen, action: str, before: str) -> int:
    """Make the decision, with what it does to the agreement and the other tasks; one record."""
    task, agreement = seen.task, seen.agreement
    task.status = APPROVAL.move(task.status, action)
    task.decided_by, task.decided_at = work.actor.user_id, work.now
    if action == "approve_with_conditions":
        _impose(work, seen)
    close(work, task)
    changed = consequence(work, agreement, action, tasks_of(work, task.version_id))
    _tell(
        work,
        seen,
        task.status,
        {"status": before},
        {
            "status": task.status,
            "agreement": agreement.ref,
            "content_hash": task.content_hash,
            "ledger_hash": task.ledger_hash if action != "note" else None,
            "proposed_by": people_names(work.session, {task.proposed_by}).get(task.proposed_by or 0),
            "reasons": task.reasons,
            "conditions": task.conditions,
            **({"agreement_change": changed} if changed else {}),
        },
        rematched(work, agreement, changed),
    )
    return task.version


def _impose(work: UnitOfWork, seen: Seen) -> None:
    parties = names(work.session, {seen.agreement.owner_id, seen.agreement.requester_id})
    by_ref = {party.ref: party.id for party in parties.values()}
    for number, one in enumerate(seen.task.conditions_asked, start=1):
        work.session.add(
            ApprovalCondition(
                approval_id=seen.task.id,
                number=number,
                text=one["text"],
                obliged_id=by_ref[one["by"]],
                due_on=date.fromisoformat(one["due_on"]),
                created_at=work.now,
            )
        )
    work.session.flush()


def _said(words: str | None) -> str | None:
    return (words or "").strip() or None


def consequence(work: UnitOfWork, agreement: Agreement, action: str, tasks: Sequence[Approval]) -> dict[str, object]:
    """What the decision does to the agreement; a return or a refusal ends the other tasks."""
    if action == "return":
        void_waiting(work, tasks)
        return give_back(work, agreement)
    if action == "refuse":
        void_waiting(work, tasks)
        return refuse(work, agreement)
    if action == "note" or agreement.status != "submitted":
        return {}
    reopen_stale(work, agreement, tasks)  # the guarantee: nothing enters into force on a state that somebody did not approve
    return enter_force(work, agreement) if all_approved((task.mode, task.status) for task in tasks) else {}


def rematched(work: UnitOfWork, agreement: Agreement, changed: dict[str, object]) -> dict[str, object]:
    """Capacity that changed hands for good changes what matches."""
    if not changed:
        return {}
    return {"rematch": sorted({work.session.get_one(Asset, line.asset_id).kind for line in lines_of(work, agreement)})}


def _tell(
    work: UnitOfWork,
    seen: Seen,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    *,
    own: bool = False,
) -> None:
    """`own`: what goes on inside the regulator concerns nobody else."""
    agreement = seen.agreement
    concerned = [seen.task.regulator_id]
    if not own:
        others = [one.regulator_id for one in tasks_of(work, seen.task.version_id)]
        concerned = list(dict.fromkeys((agreement.owner_id, agreement.requester_id, *others)))
    facts = {"agreement_id": agreement.id, "need_id": agreement.need_id} | dict(data or {})
    work.emit(Event(f"approval.{what}", "approval", seen.task.ref, tuple(concerned), before, after, agreement.region, facts))
