"""Use case of the parties: submit an agreement to its competent regulators. What these do with it is in deciding.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import competences, names
from app.agreements import Agreement, AgreementVersion, enter_force, event_of, lines_of, submit
from app.approvals.decisions import APPROVAL, all_approved
from app.approvals.models import Approval
from app.approvals.rules import Required, competent
from app.approvals.standing import ledger_hash, read_ledger
from app.approvals.tasks import start_clock, void_waiting
from app.assets import Asset, AssetHost
from app.catalogue.profiles import get_profile
from app.catalogue.regions import ancestor_at
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.regions import region_name

GRADES = ("general", "important", "core")


@dataclass(frozen=True, slots=True)
class SubmitAgreement:
    ref: str
    seen_version: int | None = None


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
    reading = read_ledger(work.session, agreement, version.id)
    tasks = [_task(work, agreement, version, one, reading) for one in required]
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
            work.session, {agreement.owner_id, agreement.requester_id, *(one.owner_id for one in [*assets, *hosts])}
        ).items()
    }
    profile, regions = get_profile(agreement.profile), sorted({asset.region for asset in assets})
    above = {ancestor_at(region, profile.competent_level, profile.levels) for region in regions}
    return competent(
        profile,
        regions,
        {sectors[owner] for owner in (agreement.owner_id, *(asset.owner_id for asset in assets))},
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


def _task(
    work: UnitOfWork, agreement: Agreement, version: AgreementVersion, required: Required, reading: dict[str, object]
) -> Approval:
    task = Approval(
        agreement_id=agreement.id,
        version_id=version.id,
        regulator_id=required.regulator_org_id,
        authority=required.authority,
        region=required.region,
        mode=required.mode,
        reason_competent={"en": required.reason.en, "zh": required.reason.zh},
        status=APPROVAL.initial,
        four_eyes=required.four_eyes,
        content_hash=version.content_hash,
        ledger=reading,
        ledger_hash=ledger_hash(reading, agreement.salt),
        created_at=work.now,
    )
    work.session.add(task)
    work.session.flush()
    start_clock(work, agreement, task)
    return task


def void_withdrawn(work: UnitOfWork, event: Event) -> None:
    """The parties withdrew an agreement that was before its regulators."""
    if event.action == "agreement.withdrawn" and event.subject_type == "agreement":
        rows = work.session.scalars(
            select(Approval).where(Approval.agreement_id == event.data["agreement_id"]).order_by(Approval.id)
        )
        void_waiting(work, list(rows))
