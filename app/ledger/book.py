"""The only place where totals, reserves and claims change. Called by use cases inside their transaction; it authorises nothing.

Every change first locks the asset's capacity rows, so that the rule sees what the constraint will see and can name the
numbers; the constraint (guards.py) remains the guarantee.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.declaration import MILLI, AssetKind, Dimension, Sort
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.event import Event
from app.kernel.quantity import from_milli, to_milli, written_quantity
from app.kernel.text import Text
from app.kernel.timewindow import FAR, Window
from app.ledger.fitting import check_limit, choose
from app.ledger.models import Capacity, Claim
from app.ledger.queries import ClaimView, active, capacities, held_by, taken
from app.ledger.rules import peak_milli

BEGINNING = date(1900, 1, 1)
SWEEP = "ledger.sweep"
KIND_WORDS = {
    "baseline": Text("tenant from before", "原有占用"),
    "unavailable": Text("unavailable", "不可用"),
    "reserve": Text("owner's reserve", "权属单位预留"),
    "held": Text("held", "已预留"),
    "pending": Text("pending approval", "待审批"),
    "committed": Text("committed", "已承诺"),
}


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


# Totals


def set_totals(work: UnitOfWork, asset_id: int, totals: Mapping[str, float]) -> None:
    """Set the totals named, in units of their dimension. Raises `capacity_in_use` naming the holders when claims need more."""
    kind = kind_of(work.session, asset_id)
    rows = capacities(work.session, asset_id, lock=True)
    for name, amount in totals.items():
        dimension = dimension_of(kind, name)
        total = _whole(dimension, to_milli(amount))
        row = rows.get(name)
        if row is None:
            work.session.add(Capacity(asset_id=asset_id, dimension=name, sort=dimension.sort.value, total_milli=total))
            continue
        _check_total(work.session, asset_id, dimension, total)
        row.total_milli = total
    work.session.flush()


def bulk_totals(session: Session, rows: Iterable[tuple[int, str, Mapping[str, float | None]]]) -> int:
    """Set totals of many assets at once: (asset id, name of its kind, dimension → amount; None is left out). Returns how many.

    One Core statement for imports; lowering a total below its claims is refused by the constraint alone."""
    values = [
        {
            "asset_id": asset_id,
            "dimension": name,
            "sort": dimension.sort.value,
            "total_milli": _whole(dimension, to_milli(amount)),
            "version": 0,
        }
        for asset_id, kind, totals in rows
        for name, amount in totals.items()
        if amount is not None
        for dimension in (dimension_of(KINDS[kind], name),)
    ]
    if values:
        insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Capacity)
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["asset_id", "dimension"], set_={"total_milli": insert.excluded.total_milli}
            ),
            values,
        )
    return len(values)


def _whole(dimension: Dimension, milli: int) -> int:
    if dimension.sort is Sort.SLOTS and milli % MILLI:
        raise fail("slots_only_whole", dimension=dimension.label)
    return milli


def _check_total(session: Session, asset_id: int, dimension: Dimension, total_milli: int) -> None:
    claims = active(session, asset_id, dimensions=(dimension.name,))
    if dimension.sort is Sort.SLOTS:
        above = [claim for claim in claims if claim.slot is not None and claim.slot * MILLI > total_milli]
        if above:
            raise _in_use(dimension, total_milli, max(c.slot or 0 for c in above) * MILLI, above)
    elif claims and (peak := peak_milli(taken(claims, dimension.name), Window(BEGINNING, FAR))) > total_milli:
        raise _in_use(dimension, total_milli, peak, claims)


def _in_use(dimension: Dimension, wanted_milli: int, taken_milli: int, claims: Sequence[ClaimView]) -> DomainError:
    holders = "; ".join(dict.fromkeys(f"{claim.holder_type} {claim.holder_ref}" for claim in claims))
    return fail(
        "capacity_in_use",
        [_in_the_way(dimension, claim) for claim in claims],
        dimension=dimension.label,
        holders=holders,
        wanted=written_quantity(from_milli(wanted_milli), dimension.unit),
        taken=written_quantity(from_milli(taken_milli), dimension.unit),
    )


def _in_the_way(dimension: Dimension, claim: ClaimView) -> Problem:
    sentence = Text(
        "{what} {ref}: {amount}, {start} – {end} ({kind})", "{what} {ref}：{amount}，{start} – {end}（{kind}）"
    ).format(
        what=claim.holder_type,
        ref=claim.holder_ref,
        amount=written_quantity(from_milli(claim.amount_milli), dimension.unit),
        start=claim.window.start,
        end=claim.window.end,
        kind=KIND_WORDS[claim.kind],
    )
    return Problem("capacity_in_use", sentence, pointer=f"/{dimension.name}")


# The owner's own claims


def add_baseline(
    work: UnitOfWork,
    asset_id: int,
    amounts: Mapping[str, int],
    window: Window,
    occupant: str,
    note: str | None = None,
) -> dict[str, list[int]]:
    """A tenant from before the platform takes `amounts` (milli by dimension). Raises `no_capacity`."""
    return _take(
        work, asset_id, kind_of(work.session, asset_id), amounts, window, "baseline", Holder("occupant", occupant), note=note
    )


def mark_unavailable(
    work: UnitOfWork,
    asset_id: int,
    amounts: Mapping[str, int],
    window: Window,
    reason: str | None = None,
) -> dict[str, list[int]]:
    """An outage takes `amounts` for its time. Raises `no_capacity`: what is committed cannot be taken out of service silently."""
    return _take(
        work,
        asset_id,
        kind_of(work.session, asset_id),
        amounts,
        window,
        "unavailable",
        Holder("outage", "owner"),
        highest=True,
        note=reason,
    )


def set_reserve(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, note: str | None = None
) -> dict[str, list[int]]:
    """The owner keeps `amounts` for itself in `window`; of each dimension named, this replaces its earlier reserve (0 ends it).

    Raises `no_capacity`."""
    _lock(work, asset_id)
    earlier = [c for c in active(work.session, asset_id, dimensions=tuple(amounts)) if c.kind == "reserve"]
    _close(work, earlier, "ended")
    wanted = {name: amount for name, amount in amounts.items() if amount}
    if not wanted:
        return {}
    holder = Holder("reserve", "owner")
    return _take(work, asset_id, kind_of(work.session, asset_id), wanted, window, "reserve", holder, highest=True, note=note)


def end_claim(work: UnitOfWork, asset_id: int, claim_ref: str) -> ClaimView:
    """End one of the owner's own claims (baseline, unavailable, reserve). Raises `not_found`."""
    _lock(work, asset_id)
    own = ("baseline", "unavailable", "reserve")
    found = next((c for c in active(work.session, asset_id) if c.ref == claim_ref and c.kind in own), None)
    if found is None:
        raise fail("not_found")
    _close(work, [found], "ended")
    return found


# Holds and what becomes of them


def hold(
    work: UnitOfWork,
    asset_id: int,
    kind: AssetKind | str,
    amounts: Mapping[str, int],
    window: Window,
    holder: Holder,
    expires_at: datetime,
    *,
    limits: Mapping[str, int] | None = None,
) -> dict[str, list[int]]:
    """Hold `amounts` (milli by dimension) until `expires_at`, by the database's clock, and return the slots taken by dimension.

    Overdue holds on the asset are expired first. Slots: the lowest that are free throughout, as one run where they must be
    neighbours. `limits`: the most that this holder's listing opens of a dimension, counted over everything taken through it.
    Raises `no_capacity`."""
    expire_overdue(work, asset_id)
    kind = KINDS[kind] if isinstance(kind, str) else kind
    slots = _take(work, asset_id, kind, amounts, window, "held", holder, expires_at=expires_at, limits=limits)
    _sweep_at(work, expires_at)
    return slots


def convert(
    work: UnitOfWork, holder: Holder, to_kind: str, new_holder: Holder | None = None, expires_at: datetime | None = None
) -> list[ClaimView]:
    """Turn every active claim of `holder` into `to_kind` (held, pending, committed), for `new_holder` when given, at once.

    The old claims are closed as converted and stay as history. Raises `hold_lapsed` when there are none, or a hold is over."""
    for asset_id in sorted({claim.asset_id for claim in held_by(work.session, holder.type, holder.ref)}):
        _lock(work, asset_id)
    old = held_by(work.session, holder.type, holder.ref)
    if not old or any(claim.expires_at is not None and claim.expires_at <= work.database_now for claim in old):
        raise fail("hold_lapsed")
    _close(work, old, "converted")
    heir = new_holder or holder
    for claim in old:
        work.session.add(
            Claim(
                asset_id=claim.asset_id,
                dimension=claim.dimension,
                kind=to_kind,
                slot=claim.slot,
                amount_milli=claim.amount_milli,
                starts=claim.window.start,
                ends=claim.window.end,
                listing_id=claim.listing_id,
                organisation_id=claim.organisation_id,
                holder_type=heir.type,
                holder_ref=heir.ref,
                note=claim.note,
                expires_at=expires_at,
                created_at=work.now,
            )
        )
    work.session.flush()
    if expires_at is not None:
        _sweep_at(work, expires_at)
    return held_by(work.session, heir.type, heir.ref)


def release(work: UnitOfWork, holder: Holder, state: str = "released") -> list[ClaimView]:
    """Give up every active claim of `holder`; `state`: released, ended. Returns what was given up (none is no error)."""
    claims = held_by(work.session, holder.type, holder.ref)
    for asset_id in sorted({claim.asset_id for claim in claims}):
        _lock(work, asset_id)
    claims = held_by(work.session, holder.type, holder.ref)
    _close(work, claims, state)
    return claims


def expire_overdue(work: UnitOfWork, asset_id: int | None = None) -> int:
    """End every hold whose time is over (of the holders on one asset), each holder's claims together, as an act of the system.

    Emits `capacity.hold_expired` on the holder. Returns the number of holders."""
    statement = select(Claim.holder_type, Claim.holder_ref).where(
        Claim.state == "active", Claim.kind == "held", Claim.expires_at <= work.database_now
    )
    if asset_id is not None:
        statement = statement.where(Claim.asset_id == asset_id)
    overdue = work.session.execute(statement.distinct().order_by(Claim.holder_type, Claim.holder_ref)).all()
    system = replace(work, actor=SYSTEM)
    for holder_type, holder_ref in overdue:
        claims = _end_overdue(work, Holder(holder_type, holder_ref))
        if claims:  # another transaction may have ended it while this one waited for the lock
            system.emit(
                Event(
                    "capacity.hold_expired",
                    holder_type,
                    holder_ref,
                    _concerned(work.session, claims),
                    before={"state": "active"},
                    after={"state": "expired", "claims": [claim.ref for claim in claims]},
                )
            )
    return len(overdue)


def _end_overdue(work: UnitOfWork, holder: Holder) -> list[ClaimView]:
    """Close the holds of `holder` that are over; what it has pending or committed stays."""
    for asset_id in sorted({claim.asset_id for claim in held_by(work.session, holder.type, holder.ref)}):
        _lock(work, asset_id)
    held = [claim for claim in held_by(work.session, holder.type, holder.ref) if claim.expires_at is not None]
    over = [claim for claim in held if claim.expires_at is not None and claim.expires_at <= work.database_now]
    _close(work, over, "expired")
    return over


def _concerned(session: Session, claims: Sequence[ClaimView]) -> tuple[int, ...]:
    """Whom a hold was for, and whose assets it was on."""
    owners = session.scalars(select(Asset.owner_id).where(Asset.id.in_({claim.asset_id for claim in claims})))
    return tuple(sorted({*owners, *(claim.organisation_id for claim in claims if claim.organisation_id is not None)}))


# What they share


def _sweep_at(work: UnitOfWork, expires_at: datetime) -> None:
    left = (expires_at - work.database_now).total_seconds()
    work.enqueue(SWEEP, {}, key=f"{SWEEP}:{expires_at.isoformat()}", delay_s=max(0.0, left))


def _lock(work: UnitOfWork, asset_id: int) -> dict[str, Capacity]:
    return capacities(work.session, asset_id, lock=True)


def _close(work: UnitOfWork, claims: Sequence[ClaimView], state: str) -> None:
    if claims:
        refs = [claim.ref for claim in claims]
        work.session.execute(
            update(Claim).where(Claim.ref.in_(refs), Claim.state == "active").values(state=state, updated_at=work.now),
            execution_options={"synchronize_session": "evaluate"},
        )


def _take(
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
    highest: bool = False,
    limits: Mapping[str, int] | None = None,
) -> dict[str, list[int]]:
    """Claim `amounts` in `window` and return the slots by dimension. Raises `no_capacity`, `amount_missing`."""
    wanted = {name: _whole(dimension_of(kind, name), amount) for name, amount in amounts.items() if amount > 0}
    if not wanted:
        raise fail("amount_missing")
    rows = _lock(work, asset_id)
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
            work.session.add(
                Claim(
                    asset_id=asset_id,
                    dimension=name,
                    kind=claim_kind,
                    slot=slot,
                    amount_milli=part,
                    starts=window.start,
                    ends=window.end,
                    listing_id=holder.listing_id,
                    organisation_id=holder.organisation_id,
                    holder_type=holder.type,
                    holder_ref=holder.ref,
                    note=note,
                    expires_at=expires_at,
                    created_at=work.now,
                )
            )
    work.session.flush()
    return slots
