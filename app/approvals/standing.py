"""What a decision is over beside the agreement's content: the register and the ledger of its assets, as they were read.

A later change of any of it voids proposals and decisions that wait for others, and says so. Claims of the agreement itself are left out:
its content states them. Owns no table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import names
from app.agreements import Agreement, CapacityLine, Change, canonical, differences
from app.approvals.decisions import APPROVAL
from app.approvals.models import Approval
from app.approvals.tasks import reopen, void_for
from app.assets import Asset, AssetHost
from app.db.work import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.event import Event
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.ledger import active_claims, capacities, take_touched

STANDING = ("proposed", "approved", "approved_with_conditions")
Reading = dict[str, Any]
MOST_SHOWN = 40
FACTS = (
    *("name", "kind", "owner_ref", "status", "region", "address", "land_consent", "host_consent", "grade"),
    *("provenance", "declared_crs", "accuracy_m"),
)


def lock_ledger(work: UnitOfWork, version_id: int) -> None:
    """Keep other writers of the version's assets out until the transaction ends: what is read now is what is decided on."""
    for asset_id in work.session.scalars(
        select(CapacityLine.asset_id).where(CapacityLine.version_id == version_id).distinct().order_by(CapacityLine.asset_id)
    ).all():
        capacities(work.session, asset_id, lock=True)


def read_ledger(session: Session, agreement: Agreement, version_id: int) -> Reading:
    """The assets of a version as register and ledger have them now, over the periods of its lines: integers and text only."""
    lines = list(session.scalars(select(CapacityLine).where(CapacityLine.version_id == version_id).order_by(CapacityLine.number)))
    periods: dict[int, Window] = {}
    for line in lines:
        known = periods.get(line.asset_id, Window(line.starts, line.ends))
        periods[line.asset_id] = Window(min(known.start, line.starts), max(known.end, line.ends))
    assets = list(session.scalars(select(Asset).where(Asset.id.in_(periods)).order_by(Asset.id)))
    companies = names(session, {id_ for asset in assets for id_ in (asset.owner_id, asset.operator_id) if id_ is not None})
    hosts = _hosts(session, periods)
    return {
        asset.ref: _facts(asset)
        | {
            "owner": companies[asset.owner_id].ref,
            "operator": None if asset.operator_id is None else companies[asset.operator_id].ref,
            "hosted_by": hosts.get(asset.id, []),
            "capacity": _capacity(session, asset.id, periods[asset.id], agreement.ref),
        }
        for asset in assets
    }


def _hosts(session: Session, asset_ids: Iterable[int]) -> dict[int, list[str]]:
    """What each stands on or lies in: its regulator is competent too."""
    found: dict[int, list[str]] = {}
    statement = select(AssetHost.asset_id, Asset.ref).join(Asset, Asset.id == AssetHost.host_id)
    for asset_id, ref in session.execute(statement.where(AssetHost.asset_id.in_(asset_ids)).order_by(Asset.ref)):
        found.setdefault(asset_id, []).append(ref)
    return found


def _facts(asset: Asset) -> Reading:
    plain = {name: _plain(getattr(asset, name)) for name in FACTS}
    return plain | {
        "assumed": sorted(asset.assumed),
        "available_from": _plain(asset.available_from),
        "place": asset.geom.wkt,
        "attributes": {name: _plain(value) for name, value in sorted(asset.attributes.items())},
    }


def _plain(value: Any) -> Any:
    """Numbers as text without trailing zeros, so that both databases say the same."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return format(Decimal(str(value)).normalize(), "f")
    return (
        value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    )


def _capacity(session: Session, asset_id: int, period: Window, own: str) -> Reading:
    """By dimension its total, and what others take of it. A hold that becomes a commitment takes what it took."""
    found: Reading = {name: {"total_milli": row.total_milli, "taken": {}} for name, row in capacities(session, asset_id).items()}
    for claim in active_claims(session, asset_id, window=period):
        if (claim.holder_type, claim.holder_ref) == ("agreement", own):
            continue
        kind = "promised" if claim.kind in ("held", "pending", "committed") else claim.kind
        place = "" if claim.slot is None else f" #{claim.slot}"
        key = f"{kind}{place} {claim.window.start}/{claim.window.end}"
        taken = found[claim.dimension]["taken"]
        taken[key] = taken.get(key, 0) + claim.amount_milli
    return found


def asset_names(reading: Mapping[str, Any]) -> dict[str, str]:
    return {ref: facts["name"] for ref, facts in reading.items()}


def ledger_hash(reading: Mapping[str, Any], salt: str | None) -> str:
    """Parties and evaluators see it too: without the agreement's `salt` they could try out what they may not read."""
    return hashlib.sha256(canonical(reading if salt is None else {"salt": salt, "ledger": reading})).hexdigest()


def ledger_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return differences(before, after)


def problems_of(changes: Iterable[Change], root: str, names: Mapping[str, str] = MappingProxyType({})) -> list[Problem]:
    """Each changed field with what it was and is, for the error that refuses a stale decision. `names`: of assets, by ref."""
    return [_problem(change, root, names) for change in list(changes)[:MOST_SHOWN]]


def _problem(change: Change, root: str, names: Mapping[str, str]) -> Problem:
    first, dot, rest = change.path.partition(".")
    path = f"{names.get(first, first)}{dot}{rest}"
    was, now = _said(change.before), _said(change.after)
    return Problem("changed", Text(f"{path}: {was} → {now}", f"{path}：{was} → {now}"), pointer=f"/{root}/{change.path}")


def _said(value: Any) -> str:
    return "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def reopen_stale(work: UnitOfWork, agreement: Agreement, tasks: Sequence[Approval]) -> list[Approval]:
    """Reopen what was proposed or decided on another state of the ledger, each with its own record."""
    standing = [task for task in tasks if task.status in STANDING]
    if not standing or agreement.status != "submitted":
        return []
    now = read_ledger(work.session, agreement, standing[0].version_id)
    current, found = ledger_hash(now, agreement.salt), []
    for task in standing:
        if task.ledger_hash == current:
            continue
        before, seen = task.status, task.ledger_hash
        touched = sorted({now[ref]["name"] for ref in now if task.ledger.get(ref) != now[ref]})
        reason = Text(
            f"Void: the register or the capacity of {', '.join(touched)} changed after the decision was made. It is to be decided again.",
            f"失效：作出决定后，{'、'.join(touched)}的登记或容量发生变化，须重新审批。",
        )
        reopen(work, agreement, task, reason)
        work.emit(
            Event(
                "approval.voided",
                "approval",
                task.ref,
                (task.regulator_id, agreement.owner_id, agreement.requester_id),
                {"status": before, "ledger_hash": seen},
                {"status": task.status, "ledger_hash": current, "reason": task.void_reason, "agreement": agreement.ref},
                agreement.region,
                {"agreement_id": agreement.id},
            )
        )
        found.append(task)
    return found


def void_changed(work: UnitOfWork, event: Event) -> None:
    """Something changed totals, claims or the register of assets: decisions on them that wait for others no longer stand."""
    touched = take_touched(work.session)
    if event.subject_type == "asset":
        touched |= set(work.session.scalars(select(Asset.id).where(Asset.ref == event.subject_ref)))
    if not touched:
        return
    rows = work.session.execute(
        select(CapacityLine.asset_id, Approval.agreement_id)
        .join(Approval, Approval.version_id == CapacityLine.version_id)
        .join(Agreement, Agreement.id == Approval.agreement_id)
        .where(Approval.status.in_(STANDING), Agreement.status == "submitted")
        .distinct()
    )
    concerned = sorted({agreement_id for asset_id, agreement_id in rows if asset_id in touched})
    for agreement_id in concerned:
        agreement = work.session.get_one(Agreement, agreement_id)
        tasks = work.session.scalars(
            select(Approval).where(Approval.agreement_id == agreement_id, Approval.status.in_(STANDING)).order_by(Approval.id)
        )
        reopen_stale(work, agreement, list(tasks))


def void_replaced(work: UnitOfWork, event: Event) -> None:
    """The parties made a new version: what was decided on an older one is void, and says so."""
    if event.action != "agreement.changed" or event.subject_type != "agreement":
        return
    agreement = work.session.scalars(select(Agreement).where(Agreement.ref == event.subject_ref)).one()
    number = agreement.current_number
    for task in work.session.scalars(select(Approval).where(Approval.agreement_id == agreement.id).order_by(Approval.id)):
        if APPROVAL.allows(task.status, "void"):
            said = Text(
                "Void: version {number} replaces the version that was decided on.", "失效：第 {number} 版已取代作出决定时的版本。"
            )
            void_for(work, task, said.format(number=number))
    work.session.flush()
