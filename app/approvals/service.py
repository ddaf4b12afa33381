"""Use cases of approval: submit an agreement to its competent regulators, decide on exactly what was read, note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import competences, names
from app.agreements import Agreement, AgreementVersion, enter_force, event_of, give_back, lines_of, refuse, submit
from app.approvals.decisions import APPROVAL, all_approved, check_mode, check_words
from app.approvals.models import Approval
from app.approvals.rules import Required, competent
from app.assets import Asset, AssetHost
from app.catalogue.profiles import get_profile
from app.catalogue.regions import ancestor_at
from app.db.work import UnitOfWork
from app.deadlines import meet_deadline, start_deadline
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.version import check_version
from app.regions import region_name

SUBJECT, CLOCK = "approval", "approval_decision"
GRADES = ("general", "important", "core")


@dataclass(frozen=True, slots=True)
class SubmitAgreement:
    ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """action: approve, approve_with_conditions, return, refuse, note. `content_hash`: of the version that was read."""

    ref: str
    action: str
    content_hash: str
    seen_version: int | None = None
    reasons: str | None = None
    conditions: str | None = None


def submit_agreement(work: UnitOfWork, command: SubmitAgreement) -> int:
    """Put the signed agreement before every competent regulator, in parallel. Returns its new row version.

    Who may: managers of either party. Raises `no_competent_regulator`, `hold_lapsed`."""
    agreement = submit(work, command.ref, command.seen_version)
    version = work.session.scalars(
        select(AgreementVersion).where(
            AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == agreement.current_number
        )
    ).one()
    required = required_for(work, agreement)
    agreement.regulator_ids = sorted({*agreement.regulator_ids, *(one.regulator_org_id for one in required)})
    tasks = [_task(work, agreement, version, one) for one in required]
    after: dict[str, object] = {
        "status": agreement.status,
        "number": version.number,
        "content_hash": version.content_hash,
        "regulators": [one.regulator_org_id for one in required],
    }
    if all_approved((task.mode, task.status) for task in tasks):  # none of them decides here
        after |= enter_force(work, agreement)
    work.emit(
        event_of(agreement, "agreements.submitted", {"status": "signed"}, after, [one.regulator_org_id for one in required])
    )
    return agreement.version


def required_for(work: UnitOfWork, agreement: Agreement) -> tuple[Required, ...]:
    """The regulators that must act on the agreement as its current version stands."""
    assets = [work.session.get_one(Asset, asset_id) for asset_id in sorted({line.asset_id for line in lines_of(work, agreement)})]
    hosts = _hosts(work, [asset.id for asset in assets])
    sectors = {
        id_: name.sector
        for id_, name in names(
            work.session, {agreement.owner_id, agreement.requester_id, *(host.owner_id for host in hosts)}
        ).items()
    }
    profile, regions = get_profile(agreement.profile), sorted({asset.region for asset in assets})
    above = {ancestor_at(region, profile.competent_level, profile.levels) for region in regions}
    return competent(
        profile,
        regions,
        sectors[agreement.owner_id],
        sectors[agreement.requester_id],
        sorted({sectors[host.owner_id] for host in hosts}),
        max((asset.grade for asset in assets), key=GRADES.index),
        competences(work.session),
        (agreement.owner_id, agreement.requester_id),
        sorted({host.kind for host in hosts}),
        {code: region_name(code) for code in above},
    )


def _hosts(work: UnitOfWork, asset_ids: Sequence[int]) -> list[Asset]:
    """Everything that the assets stand on, hang from or lie in, at any depth."""
    found: dict[int, Asset] = {}
    front = list(asset_ids)
    while front:
        rows = work.session.scalars(
            select(Asset).join(AssetHost, AssetHost.host_id == Asset.id).where(AssetHost.asset_id.in_(front))
        )
        fresh = {host.id: host for host in rows if host.id not in found}
        found |= fresh
        front = list(fresh)
    return list(found.values())


def _task(work: UnitOfWork, agreement: Agreement, version: AgreementVersion, required: Required) -> Approval:
    task = Approval(
        agreement_id=agreement.id,
        version_id=version.id,
        regulator_id=required.regulator_org_id,
        authority=required.authority,
        region=required.region,
        mode=required.mode,
        reason_competent={"en": required.reason.en, "zh": required.reason.zh},
        status=APPROVAL.initial,
        content_hash=version.content_hash,
        created_at=work.now,
    )
    work.session.add(task)
    work.session.flush()
    profile = get_profile(agreement.profile)
    if required.mode == "decide" and profile.clock(CLOCK) is not None:
        start_deadline(work, profile, CLOCK, SUBJECT, task.ref, required.regulator_org_id, work.now)
    return task


def subject_of(task: Approval) -> Subject:
    """For deciding: the task is its own regulator's alone."""
    return Subject(regulator_ids=frozenset({task.regulator_id}), region=task.region, status=task.status)


def decide(work: UnitOfWork, command: Decide) -> int:
    """Act on the task: approve, approve with conditions, return, refuse; or note, where the regulator does not decide.

    Who may: officers of that regulator, on the version that they read. Returns the task's new version. Raises `version_changed`,
    `not_deciding`, `deciding`, `illegal_transition`."""
    task = work.session.scalar(select(Approval).where(Approval.ref == command.ref))
    if task is None:
        raise fail("not_found")
    work.permit("approval.note" if command.action == "note" else "approval.decide", subject_of(task))
    agreement = work.session.scalars(select(Agreement).where(Agreement.id == task.agreement_id).with_for_update()).one()
    work.session.refresh(task)  # decisions of one agreement wait for each other: read it as the last one left it
    check_version(command.seen_version, task.version)
    before, after = task.status, APPROVAL.move(task.status, command.action)
    check_mode(task.mode, command.action)
    check_words(command.action, command.reasons, command.conditions)
    if command.content_hash != task.content_hash:
        raise fail("version_changed")
    task.status, task.decided_by, task.decided_at = after, work.actor.user_id, work.now
    task.reasons, task.conditions = _said(command.reasons), _said(command.conditions)
    _close(work, task)
    tasks = tasks_of(work, task.version_id)
    changed = _consequence(work, agreement, command.action, tasks)
    work.emit(
        Event(
            f"approval.{after}",
            "approval",
            task.ref,
            tuple(dict.fromkeys((agreement.owner_id, agreement.requester_id, *(one.regulator_id for one in tasks)))),
            {"status": before},
            {
                "status": after,
                "agreement": agreement.ref,
                "content_hash": task.content_hash,
                "reasons": task.reasons,
                "conditions": task.conditions,
                **({"agreement_change": changed} if changed else {}),
            },
            agreement.region,
            {"agreement_id": agreement.id, "need_id": agreement.need_id} | _rematch(work, agreement, changed),
        )
    )
    return task.version


def _said(words: str | None) -> str | None:
    return (words or "").strip() or None


def _consequence(work: UnitOfWork, agreement: Agreement, action: str, tasks: Sequence[Approval]) -> dict[str, object]:
    """What the decision does to the agreement; a return or a refusal ends the other tasks."""
    if action == "return":
        _void(work, tasks)
        return give_back(work, agreement)
    if action == "refuse":
        _void(work, tasks)
        return refuse(work, agreement)
    if action != "note" and agreement.status == "submitted" and all_approved((task.mode, task.status) for task in tasks):
        return enter_force(work, agreement)
    return {}


def _rematch(work: UnitOfWork, agreement: Agreement, changed: dict[str, object]) -> dict[str, object]:
    """Capacity that changed hands for good changes what matches."""
    if not changed:
        return {}
    return {"rematch": sorted({work.session.get_one(Asset, line.asset_id).kind for line in lines_of(work, agreement)})}


def tasks_of(work: UnitOfWork, version_id: int) -> list[Approval]:
    return list(work.session.scalars(select(Approval).where(Approval.version_id == version_id).order_by(Approval.id)))


def _close(work: UnitOfWork, task: Approval) -> None:
    task.version, task.updated_at = task.version + 1, work.now
    meet_deadline(work, SUBJECT, task.ref, CLOCK)


def _void(work: UnitOfWork, tasks: Sequence[Approval]) -> None:
    """End the tasks that still wait: nothing is left to decide."""
    for task in tasks:
        if APPROVAL.allows(task.status, "void"):
            task.status = APPROVAL.move(task.status, "void")
            _close(work, task)


def void_withdrawn(work: UnitOfWork, event: Event) -> None:
    """The parties withdrew an agreement that was before its regulators."""
    if event.action == "agreement.withdrawn" and event.subject_type == "agreement":
        rows = work.session.scalars(
            select(Approval).where(Approval.agreement_id == event.data["agreement_id"]).order_by(Approval.id)
        )
        _void(work, list(rows))
