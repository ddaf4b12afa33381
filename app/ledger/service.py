"""Use cases of an asset's owner on its capacity: set totals, enter claims from before, keep a reserve, announce outages, end
them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from app.assets import Asset
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.quantity import from_milli, to_milli
from app.kernel.text import Text
from app.kernel.timewindow import FAR, Window
from app.ledger import own, totals
from app.ledger.queries import capacities


@dataclass(frozen=True, slots=True)
class SetTotals:
    """`totals`: dimension → amount in its unit."""

    asset_ref: str
    totals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EnterClaim:
    """kind: baseline, unavailable, reserve. `amounts`: dimension → amount in its unit. `ends` None: until further notice.
    `occupant`, `equipment`: of a tenant from before."""

    asset_ref: str
    kind: str
    amounts: Mapping[str, float] = field(default_factory=dict)
    starts: date | None = None
    ends: date | None = None
    occupant: str | None = None
    note: str | None = None
    equipment: str | None = None


@dataclass(frozen=True, slots=True)
class EndClaim:
    """`whole`: with every slot that was entered with the claim."""

    asset_ref: str
    claim_ref: str
    whole: bool = False


def owned_asset(work: UnitOfWork, ref: str, policy: str) -> Asset:
    """The asset, if the actor may; else `not_found` or `forbidden`."""
    asset = work.session.scalar(select(Asset).where(Asset.ref == ref))
    if asset is None:
        raise fail("not_found")
    work.permit(policy, Subject(owner_id=asset.owner_id, region=asset.region))
    return asset


def set_totals(work: UnitOfWork, command: SetTotals) -> None:
    """Say how much the asset has of each dimension named. Who may: managers of its owner. Raises `capacity_in_use`."""
    asset = owned_asset(work, command.asset_ref, "capacity.change")
    before = {
        name: str(from_milli(row.total_milli))
        for name, row in capacities(work.session, asset.id).items()
        if name in command.totals
    }
    totals.set_totals(work, asset.id, command.totals)
    after = {name: str(from_milli(to_milli(amount))) for name, amount in command.totals.items()}
    work.emit(_event("capacity.totals_set", asset, before, after))


def enter_claim(work: UnitOfWork, command: EnterClaim) -> dict[str, list[int]]:
    """Enter a claim of the owner's own; returns the slots by dimension. Raises `no_capacity`, `capacity_in_use`,
    `amount_missing`, `invalid`."""
    asset = owned_asset(work, command.asset_ref, "capacity.change")
    window = _window(command, work.today)
    amounts = {name: to_milli(amount) for name, amount in command.amounts.items()}
    enter = _ENTER.get(command.kind)
    if enter is None:
        raise fail("invalid", [Problem("invalid", Text("Unknown kind of claim.", "未知的占用类型。"), pointer="/kind")])
    if command.equipment and command.kind != "baseline":
        said = Text("Only a tenant from before has equipment here.", "只有原有占用才填写设备。")
        raise fail("invalid", [Problem("invalid", said, pointer="/equipment")])
    slots = enter(work, asset.id, amounts, window, command)
    work.emit(
        _event(
            f"capacity.{command.kind}_entered",
            asset,
            {},
            {
                "amounts": {name: str(from_milli(amount)) for name, amount in amounts.items()},
                "slots": slots,
                "starts": window.start.isoformat(),
                "ends": window.end.isoformat(),
                "occupant": command.occupant,
                "note": command.note,
                "equipment": command.equipment,
            },
        )
    )
    return slots


def end_claim(work: UnitOfWork, command: EndClaim) -> None:
    """End one of the owner's own claims, or all its slots that were entered together. Raises `not_found`."""
    asset = owned_asset(work, command.asset_ref, "capacity.change")
    ended = own.end_claim(work, asset.id, command.claim_ref, command.whole)
    one, slots = ended[0], [claim.slot for claim in ended]
    amount = str(from_milli(sum(claim.amount_milli for claim in ended)))
    many = {"slots": slots, "claims": [claim.ref for claim in ended]} if len(ended) > 1 else {"slot": one.slot}
    work.emit(
        _event(
            f"capacity.{one.kind}_ended",
            asset,
            {"claim": command.claim_ref, "state": "active"},
            {"dimension": one.dimension, "amount": amount, **many, "state": "ended"},
        )
    )


def _window(command: EnterClaim, today: date) -> Window:
    starts, ends = command.starts or today, command.ends or FAR
    if ends <= starts:
        raise fail("invalid", [Problem("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer="/ends")])
    return Window(starts, ends)


def _baseline(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, command: EnterClaim
) -> dict[str, list[int]]:
    if not (command.occupant or "").strip():
        raise fail("invalid", [Problem("required", Text("Name the occupant.", "请填写占用单位。"), pointer="/occupant")])
    occupant = (command.occupant or "").strip()[:80]
    return own.add_baseline(work, asset_id, amounts, window, occupant, command.note, command.equipment)


def _unavailable(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, command: EnterClaim
) -> dict[str, list[int]]:
    return own.mark_unavailable(work, asset_id, amounts, window, command.note)


def _reserve(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, command: EnterClaim
) -> dict[str, list[int]]:
    return own.set_reserve(work, asset_id, amounts, window, command.note)


Enter = Callable[[UnitOfWork, int, Mapping[str, int], Window, EnterClaim], dict[str, list[int]]]
_ENTER: dict[str, Enter] = {"baseline": _baseline, "unavailable": _unavailable, "reserve": _reserve}


def _event(action: str, asset: Asset, before: dict[str, Any], after: dict[str, Any]) -> Event:
    return Event(action, "asset", asset.ref, (asset.owner_id,), before, after, asset.region, {"asset_id": asset.id})
