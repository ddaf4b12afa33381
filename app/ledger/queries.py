"""Reads of the ledger: what is free, the profile over time, who is in the way, columns for matching. No writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.kernel.timewindow import Window
from app.ledger.models import Capacity, Claim
from app.ledger.rules import Free, Step, Taken, free_of, steps_of

CHUNK = 500  # bound parameters of one IN list


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim, for pages, API and messages. `expires_at`: of a hold."""

    ref: str
    asset_id: int
    dimension: str
    kind: str
    state: str
    slot: int | None
    amount_milli: int
    window: Window
    holder_type: str
    holder_ref: str
    organisation_id: int | None
    listing_id: int | None
    note: str | None
    expires_at: datetime | None
    equipment: str | None = None


@dataclass(frozen=True, slots=True)
class DimensionProfile:
    """A dimension over time, for the capacity chart."""

    dimension: str
    sort: str
    total_milli: int
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class ClaimColumns:
    """Active claims in columns of equal length, for matching."""

    asset_id: Sequence[int]
    dimension: Sequence[str]
    slot: Sequence[int | None]
    amount_milli: Sequence[int]
    starts: Sequence[date]
    ends: Sequence[date]


@dataclass(frozen=True, slots=True)
class TotalColumns:
    """Totals in columns of equal length, for matching."""

    asset_id: Sequence[int]
    dimension: Sequence[str]
    total_milli: Sequence[int]


def capacities(session: Session, asset_id: int, *, lock: bool = False) -> dict[str, Capacity]:
    """The dimensions of an asset. `lock`: keep other writers of the asset out until this transaction ends (always in one
    order)."""
    statement = select(Capacity).where(Capacity.asset_id == asset_id).order_by(Capacity.dimension)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return {row.dimension: row for row in session.scalars(statement)}


def active(
    session: Session, asset_id: int, *, window: Window | None = None, dimensions: Collection[str] | None = None
) -> list[ClaimView]:
    """The active claims of an asset that touch `window`, in order of dimension, start and slot."""
    statement = select(Claim).where(Claim.asset_id == asset_id, Claim.state == "active")
    if window is not None:
        statement = statement.where(Claim.starts < window.end, Claim.ends > window.start)
    if dimensions is not None:
        statement = statement.where(Claim.dimension.in_(dimensions))
    return [view(claim) for claim in session.scalars(statement.order_by(Claim.dimension, Claim.starts, Claim.slot, Claim.id))]


def view(claim: Claim) -> ClaimView:
    return ClaimView(
        claim.ref,
        claim.asset_id,
        claim.dimension,
        claim.kind,
        claim.state,
        claim.slot,
        claim.amount_milli,
        Window(claim.starts, claim.ends),
        claim.holder_type,
        claim.holder_ref,
        claim.organisation_id,
        claim.listing_id,
        claim.note,
        claim.expires_at,
        claim.equipment,
    )


def taken(claims: Iterable[ClaimView], dimension: str) -> list[Taken]:
    return [Taken(claim.window, claim.amount_milli, claim.slot, claim.kind) for claim in claims if claim.dimension == dimension]


def free(session: Session, asset_id: int, window: Window) -> dict[str, Free]:
    """What is free of each dimension of the asset in `window`."""
    claims = active(session, asset_id, window=window)
    return {
        name: free_of(row.sort, row.total_milli, taken(claims, name), window)
        for name, row in capacities(session, asset_id).items()
    }


def profile(session: Session, asset_id: int, window: Window | None = None) -> list[DimensionProfile]:
    """Each dimension of the asset over `window` (from the first claim on, when None), step by step, by kind of claim."""
    claims = active(session, asset_id, window=window)
    window = window or Window(min((claim.window.start for claim in claims), default=date.min))
    return [
        DimensionProfile(name, row.sort, row.total_milli, steps_of(row.total_milli, taken(claims, name), window))
        for name, row in capacities(session, asset_id).items()
    ]


def held_by(session: Session, holder_type: str, holder_ref: str) -> list[ClaimView]:
    """The active claims of one holder, over all its assets."""
    statement = select(Claim).where(Claim.holder_type == holder_type, Claim.holder_ref == holder_ref, Claim.state == "active")
    return [view(claim) for claim in session.scalars(statement.order_by(Claim.asset_id, Claim.dimension, Claim.slot, Claim.id))]


def history(session: Session, asset_id: int, limit: int = 200) -> list[ClaimView]:
    """The newest claims of an asset in every state."""
    statement = select(Claim).where(Claim.asset_id == asset_id).order_by(Claim.id.desc()).limit(limit)
    return [view(claim) for claim in session.scalars(statement)]


def claims_for(session: Session, asset_ids: Collection[int] | None = None) -> ClaimColumns:
    """Every active claim (of the assets named), in columns. A hold counts until a transaction marks it expired."""
    statement = select(Claim.asset_id, Claim.dimension, Claim.slot, Claim.amount_milli, Claim.starts, Claim.ends).where(
        Claim.state == "active"
    )
    return ClaimColumns(*_columns(_rows(session, statement, Claim.asset_id, asset_ids), 6))


def totals_for(session: Session, asset_ids: Collection[int] | None = None) -> TotalColumns:
    """Every total (of the assets named), in columns."""
    statement = select(Capacity.asset_id, Capacity.dimension, Capacity.total_milli)
    return TotalColumns(*_columns(_rows(session, statement, Capacity.asset_id, asset_ids), 3))


def _rows(session: Session, statement: Any, key: Any, asset_ids: Collection[int] | None) -> list[Row[Any]]:
    if asset_ids is None:
        return list(session.execute(statement))
    wanted = sorted(asset_ids)
    chunks = (wanted[place : place + CHUNK] for place in range(0, len(wanted), CHUNK))
    return [row for chunk in chunks for row in session.execute(statement.where(key.in_(chunk)))]


def _columns(rows: Sequence[Row[Any]], width: int) -> tuple[Sequence[Any], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * width
