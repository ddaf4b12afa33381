"""Whether an asset has so much of a dimension free in a window: a condition for lists, exact, that stays quick when few assets
are crowded."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.timewindow import Window
from app.ledger.models import Capacity, Claim
from app.ledger.rules import Taken, peak_milli


def has_free(session: Session, asset_id: Any, dimension: str, amount_milli: int, window: Window) -> ColumnElement[bool]:
    """True where the asset of the column `asset_id` has at least `amount_milli` of `dimension` free throughout `window`.

    The sum of the claims in the window is at least their peak: where it leaves enough, so does the peak. Only where it does not,
    and several claims of a quantity may follow one another, the peak itself is computed. Two index lookups a row, so that a page
    of a list looks only at the rows that it passes."""
    claimed = select(_amount()).where(Claim.asset_id == Capacity.asset_id, *_touching(dimension, window))
    left = Capacity.total_milli - func.coalesce(claimed.correlate(Capacity).scalar_subquery(), 0)
    fitting = _fitting(session, dimension, amount_milli, window)
    return exists().where(
        Capacity.asset_id == asset_id,
        Capacity.dimension == dimension,
        Capacity.total_milli >= amount_milli,
        or_(left >= amount_milli, Capacity.asset_id.in_(fitting)),
    )


def _touching(dimension: str, window: Window) -> tuple[Any, ...]:
    return Claim.dimension == dimension, Claim.state == "active", Claim.starts < window.end, Claim.ends > window.start


def _amount() -> ColumnElement[int]:
    """What claims take together: numbered slots once each, quantities summed."""
    quantities = func.sum(case((Claim.slot.is_(None), Claim.amount_milli), else_=0))
    return func.count(Claim.slot.distinct()) * 1000 + func.coalesce(quantities, 0)


def _claimed(dimension: str, window: Window) -> Subquery:
    """What the active claims of the window take together (numbered slots once each), and how many they are."""
    return (
        select(Claim.asset_id, _amount().label("milli"), func.count().label("claims"))
        .where(*_touching(dimension, window))
        .group_by(Claim.asset_id)
        .subquery()
    )


def _fitting(session: Session, dimension: str, amount_milli: int, window: Window) -> list[int]:
    """The assets whose claims leave too little together but enough on every single day. One query, whatever their number."""
    claimed = _claimed(dimension, window)
    rows = session.execute(
        select(Capacity.asset_id, Capacity.total_milli, Claim.starts, Claim.ends, Claim.amount_milli)
        .join(claimed, claimed.c.asset_id == Capacity.asset_id)
        .join(Claim, Claim.asset_id == Capacity.asset_id)
        .where(
            Capacity.dimension == dimension,
            Capacity.sort == "quantity",
            Capacity.total_milli >= amount_milli,
            claimed.c.claims > 1,
            Capacity.total_milli - claimed.c.milli < amount_milli,
            *_touching(dimension, window),
        )
        .order_by(Capacity.asset_id)
    )
    found = []
    for (asset_id, total_milli), claims in groupby(rows, key=lambda row: (row.asset_id, row.total_milli)):
        peak = peak_milli([Taken(Window(claim.starts, claim.ends), claim.amount_milli) for claim in claims], window)
        if total_milli - peak >= amount_milli:
            found.append(asset_id)
    return found
