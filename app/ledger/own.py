"""The owner's own claims: tenants from before the platform, a reserve, outages. None of them goes below what others hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.catalogue.declaration import AssetKind, Sort
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError, fail
from app.kernel.timewindow import Window
from app.ledger.claiming import Holder, close, dimension_of, kind_of, lock, take
from app.ledger.fitting import is_report
from app.ledger.in_the_way import by_holder, crowding, in_use
from app.ledger.queries import ClaimView, active, taken
from app.ledger.rules import peak_milli
from app.ledger.structure import lift, settle

OWN = ("baseline", "unavailable", "reserve")


def add_baseline(
    work: UnitOfWork,
    asset_id: int,
    amounts: Mapping[str, int],
    window: Window,
    occupant: str,
    note: str | None = None,
    equipment: str | None = None,
) -> dict[str, list[int]]:
    """A tenant from before the platform takes `amounts` (milli by dimension) with its `equipment`. Raises `no_capacity`."""
    holder = Holder("occupant", occupant)
    kind = kind_of(work.session, asset_id)
    lock(work, asset_id)
    lift(work, asset_id)
    slots = take(work, asset_id, kind, amounts, window, "baseline", holder, note=note, equipment=equipment)
    settle(work, asset_id)
    return slots


def mark_unavailable(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, reason: str | None = None
) -> dict[str, list[int]]:
    """An outage takes `amounts` for its time.

    Raises `capacity_in_use`, naming the holders: what others hold cannot be taken out of service silently."""
    holder, kind = Holder("outage", "owner"), kind_of(work.session, asset_id)
    with naming_holders(work, asset_id, kind, amounts, window):
        return take(work, asset_id, kind, amounts, window, "unavailable", holder, highest=True, note=reason)


def set_reserve(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, note: str | None = None
) -> dict[str, list[int]]:
    """The owner keeps `amounts` for itself in `window`; of each dimension named, this replaces its earlier reserve (0 ends it).

    Raises `capacity_in_use`, naming the holders in the way."""
    lock(work, asset_id)
    earlier = [c for c in active(work.session, asset_id, dimensions=tuple(amounts)) if c.holder_type == "reserve"]
    close(work, earlier, "ended")
    wanted = {name: amount for name, amount in amounts.items() if amount}
    if not wanted:
        return {}
    holder, kind = Holder("reserve", "owner"), kind_of(work.session, asset_id)
    with naming_holders(work, asset_id, kind, wanted, window):
        return take(work, asset_id, kind, wanted, window, "reserve", holder, highest=True, note=note)


@contextmanager
def naming_holders(
    work: UnitOfWork, asset_id: int, kind: AssetKind, amounts: Mapping[str, int], window: Window
) -> Iterator[None]:
    """Turn `no_capacity` of the owner's own claim into `capacity_in_use`, with every claim in the way."""
    try:
        yield
    except DomainError as error:
        if error.code not in ("no_capacity", "structure_full"):
            raise
        name = str(error.values["name"])
        dimension = dimension_of(kind, name)
        claims = active(work.session, asset_id, window=window, dimensions=(name,))
        free_milli, asked = int(str(error.values["free_milli"])), amounts[name]
        peak = peak_milli(taken(claims, name), window)
        others = claims if dimension.sort is Sort.SLOTS else crowding(dimension, claims, peak + free_milli - asked)
        raise in_use(dimension, asked, peak, others) from error


def end_claim(work: UnitOfWork, asset_id: int, claim_ref: str, whole: bool = False) -> list[ClaimView]:
    """End one of the owner's own claims (baseline, unavailable, reserve), not what works reserve. `whole`: with every slot that was
    entered with it. Raises `not_found`."""
    lock(work, asset_id)
    mine = [c for c in active(work.session, asset_id) if c.kind in OWN and c.holder_type != "works" and not is_report(c)]
    together = next((same for same in by_holder(mine) if claim_ref in {c.ref for c in same}), None)
    if together is None:
        raise fail("not_found")
    ended = together if whole else [c for c in together if c.ref == claim_ref]
    close(work, ended, "ended")
    settle(work, asset_id)
    return ended
