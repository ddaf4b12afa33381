"""Whether an asset has so much of a dimension free in a window: a condition for lists, exact, that looks only at the claims of the
rows that a list passes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.kernel.timewindow import Window
from app.ledger.models import Capacity, Claim


def has_free(asset_id: Any, dimension: str, amount_milli: int, window: Window) -> ColumnElement[bool]:
    """True where the asset of the column `asset_id` has at least `amount_milli` of `dimension` free throughout `window`.

    The sum of the claims in the window is at least their peak: where it leaves enough, so does the peak. Only where it does not,
    and claims of a quantity may follow one another, the peak itself is looked for."""
    claimed = select(_amount()).where(Claim.asset_id == Capacity.asset_id, *_touching(Claim, dimension, window))
    left = Capacity.total_milli - func.coalesce(claimed.correlate(Capacity).scalar_subquery(), 0)
    follow = and_(Capacity.sort == "quantity", ~_crowded(dimension, amount_milli, window))
    return exists().where(
        Capacity.asset_id == asset_id,
        Capacity.dimension == dimension,
        Capacity.total_milli >= amount_milli,
        or_(left >= amount_milli, follow),
    )


def _crowded(dimension: str, amount_milli: int, window: Window) -> ColumnElement[bool]:
    """True where on some day too little is left. Claims are at their most on the day that one of them begins, or the window."""
    first, other = aliased(Claim), aliased(Claim)
    day = case((first.starts > window.start, first.starts), else_=window.start)
    together = select(func.sum(other.amount_milli)).where(
        other.asset_id == first.asset_id, *_touching(other, dimension, window), other.starts <= day, other.ends > day
    )
    left = Capacity.total_milli - together.correlate(Capacity, first).scalar_subquery()
    return exists().where(first.asset_id == Capacity.asset_id, *_touching(first, dimension, window), left < amount_milli)


def _touching(claim: Any, dimension: str, window: Window) -> tuple[Any, ...]:
    return claim.dimension == dimension, claim.state == "active", claim.starts < window.end, claim.ends > window.start


def _amount() -> ColumnElement[int]:
    """What claims take together: numbered slots once each, quantities summed."""
    quantities = func.sum(case((Claim.slot.is_(None), Claim.amount_milli), else_=0))
    return func.count(Claim.slot.distinct()) * 1000 + func.coalesce(quantities, 0)
