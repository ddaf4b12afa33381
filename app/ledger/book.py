"""Holds and what becomes of them. Called by use cases inside their transaction; it authorises nothing.

The ledger is the only place where totals, reserves and claims change: totals.py, own.py and this. Every change first locks the
asset's capacity rows, so that the rule sees what the constraint will see and can name the numbers; the constraint (guards.py)
remains the guarantee. A hold lives and ends by the database's clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.timewindow import Window
from app.ledger.claiming import Holder, close, enter, lock, take
from app.ledger.models import Claim
from app.ledger.queries import ClaimView, held_by

SWEEP = "ledger.sweep"


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
    Raises `no_capacity`, `not_yet_available`."""
    expire_overdue(work, asset_id)
    _check_available(work, asset_id, window)
    kind = KINDS[kind] if isinstance(kind, str) else kind
    slots = take(work, asset_id, kind, amounts, window, "held", holder, expires_at=expires_at, limits=limits)
    sweep_at(work, expires_at)
    return slots


def _check_available(work: UnitOfWork, asset_id: int, window: Window) -> None:
    """A planned asset is promised from the day it is there."""
    available = work.session.scalar(select(Asset.available_from).where(Asset.id == asset_id))
    if available is not None and window.start < available:
        raise fail("not_yet_available", available=available, start=window.start)


def convert(
    work: UnitOfWork, holder: Holder, to_kind: str, new_holder: Holder | None = None, expires_at: datetime | None = None
) -> list[ClaimView]:
    """Turn every active claim of `holder` into `to_kind` (held, pending, committed), for `new_holder` when given, at once.

    The old claims are closed as converted and stay as history. Raises `hold_lapsed` when there are none, or a hold is over."""
    for asset_id in sorted({claim.asset_id for claim in held_by(work.session, holder.type, holder.ref)}):
        lock(work, asset_id)
    old = held_by(work.session, holder.type, holder.ref)
    if not old or any(claim.expires_at is not None and claim.expires_at <= work.database_now for claim in old):
        raise fail("hold_lapsed")
    close(work, old, "converted")
    heir = new_holder or holder
    for claim in old:
        via = Holder(heir.type, heir.ref, claim.organisation_id, claim.listing_id)
        enter(
            work,
            claim.asset_id,
            claim.dimension,
            claim.slot,
            claim.amount_milli,
            claim.window,
            to_kind,
            via,
            expires_at=expires_at,
            note=claim.note,
        )
    work.session.flush()
    if expires_at is not None:
        sweep_at(work, expires_at)
    return held_by(work.session, heir.type, heir.ref)


def release(work: UnitOfWork, holder: Holder, state: str = "released") -> list[ClaimView]:
    """Give up every active claim of `holder`; `state`: released, ended. Returns what was given up (none is no error)."""
    claims = held_by(work.session, holder.type, holder.ref)
    for asset_id in sorted({claim.asset_id for claim in claims}):
        lock(work, asset_id)
    claims = held_by(work.session, holder.type, holder.ref)
    close(work, claims, state)
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
        lock(work, asset_id)
    held = [claim for claim in held_by(work.session, holder.type, holder.ref) if claim.expires_at is not None]
    over = [claim for claim in held if claim.expires_at is not None and claim.expires_at <= work.database_now]
    close(work, over, "expired")
    return over


def _concerned(session: Session, claims: Sequence[ClaimView]) -> tuple[int, ...]:
    """Whom a hold was for, and whose assets it was on."""
    owners = session.scalars(select(Asset.owner_id).where(Asset.id.in_({claim.asset_id for claim in claims})))
    return tuple(sorted({*owners, *(claim.organisation_id for claim in claims if claim.organisation_id is not None)}))


def sweep_at(work: UnitOfWork, expires_at: datetime) -> None:
    """Have holds that end at `expires_at` swept then."""
    left = (expires_at - work.database_now).total_seconds()
    work.enqueue(SWEEP, {}, key=f"{SWEEP}:{expires_at.isoformat()}", delay_s=max(0.0, left))
