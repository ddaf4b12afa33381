"""Making and ending claims: what totals, the owner's own claims and holds share. Used inside the ledger only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.declaration import MILLI, AssetKind, Dimension, Sort
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.timewindow import Window
from app.ledger.fitting import check_limit, choose
from app.ledger.models import Capacity, Claim
from app.ledger.queries import ClaimView, active, capacities

BEGINNING = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds a claim, for whom, and through which listing."""

    type: str
    ref: str
    organisation_id: int | None = None
    listing_id: int | None = None


def kind_of(session: Session, asset_id: int) -> AssetKind:
    return KINDS[session.scalars(select(Asset.kind).where(Asset.id == asset_id)).one()]


def dimension_of(kind: AssetKind, name: str) -> Dimension:
    """The consumable dimension of that name, or `not_a_dimension`."""
    found = next((d for d in kind.dimensions if d.name == name and d.sort is not Sort.LIMIT), None)
    if found is None:
        raise fail("not_a_dimension", dimension=name)
    return found


def total_of(dimension: Dimension, milli: int) -> int:
    """A total of the dimension, or `slots_only_whole`, `total_too_high`: slots are numbered, and listed one by one."""
    if milli > dimension.limit * MILLI:
        raise fail("total_too_high", dimension=dimension.label, most=dimension.limit)
    return whole(dimension, milli)


def whole(dimension: Dimension, milli: int) -> int:
    """The amount, or `slots_only_whole`."""
    if dimension.sort is Sort.SLOTS and milli % MILLI:
        raise fail("slots_only_whole", dimension=dimension.label)
    return milli


_TOUCHED = "ledger_touched"


def touch(session: Session, asset_ids: Iterable[int]) -> None:
    """Note that totals or claims of the assets change in this transaction."""
    session.info.setdefault(_TOUCHED, set()).update(asset_ids)


def take_touched(session: Session) -> set[int]:
    """The assets whose totals or claims changed since this was last asked in the transaction."""
    found: set[int] = session.info.pop(_TOUCHED, set())
    return found


def lock(work: UnitOfWork, asset_id: int) -> dict[str, Capacity]:
    """Keep other writers of the asset out until the transaction ends, so that the rule sees what the guards will see."""
    return capacities(work.session, asset_id, lock=True)


def close(work: UnitOfWork, claims: Sequence[ClaimView], state: str) -> None:
    """End claims that are active: a claim ends once."""
    if claims:
        refs = [claim.ref for claim in claims]
        touch(work.session, {claim.asset_id for claim in claims})
        work.session.execute(
            update(Claim).where(Claim.ref.in_(refs), Claim.state == "active").values(state=state, updated_at=work.now),
            execution_options={"synchronize_session": "evaluate"},
        )


def take(
    work: UnitOfWork,
    asset_id: int,
    kind: AssetKind,
    amounts: Mapping[str, int],
    window: Window,
    claim_kind: str,
    holder: Holder,
    *,
    expires_at: datetime | None = None,
    note: str | None = None,
    equipment: str | None = None,
    highest: bool = False,
    limits: Mapping[str, int] | None = None,
) -> dict[str, list[int]]:
    """Claim `amounts` in `window` and return the slots by dimension. Raises `no_capacity`, `amount_missing`."""
    wanted = {name: whole(dimension_of(kind, name), amount) for name, amount in amounts.items() if amount > 0}
    if not wanted:
        raise fail("amount_missing")
    rows = lock(work, asset_id)
    claims = active(work.session, asset_id, window=window, dimensions=tuple(wanted))
    slots: dict[str, list[int]] = {}
    for name, amount in wanted.items():
        dimension = dimension_of(kind, name)
        check_limit(dimension, amount, claims, window, holder.listing_id, limits)
        taken_slots = choose(dimension, rows.get(name), amount, claims, window, highest)
        if dimension.sort is Sort.SLOTS:
            slots[name] = list(taken_slots)
        parts: list[tuple[int | None, int]] = [(slot, MILLI) for slot in taken_slots] or [(None, amount)]
        for slot, part in parts:
            enter(
                work,
                asset_id,
                name,
                slot,
                part,
                window,
                claim_kind,
                holder,
                expires_at=expires_at,
                note=note,
                equipment=equipment,
            )
    work.session.flush()
    touch(work.session, {asset_id})
    return slots


def enter(
    work: UnitOfWork,
    asset_id: int,
    dimension: str,
    slot: int | None,
    amount_milli: int,
    window: Window,
    kind: str,
    holder: Holder,
    *,
    expires_at: datetime | None = None,
    note: str | None = None,
    equipment: str | None = None,
) -> None:
    """Write one claim; the guards judge it when it is flushed."""
    work.session.add(
        Claim(
            asset_id=asset_id,
            dimension=dimension,
            kind=kind,
            slot=slot,
            amount_milli=amount_milli,
            starts=window.start,
            ends=window.end,
            listing_id=holder.listing_id,
            organisation_id=holder.organisation_id,
            holder_type=holder.type,
            holder_ref=holder.ref,
            note=note,
            equipment=equipment,
            expires_at=expires_at,
            created_at=work.now,
        )
    )
