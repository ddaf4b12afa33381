"""Which assets have so much of a dimension free in a window: a subquery for lists, exact, that stays quick when few assets are
crowded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session

from app.kernel.timewindow import Window
from app.ledger.models import Capacity, Claim
from app.ledger.queries import free


def assets_with_free(session: Session, dimension: str, amount_milli: int, window: Window) -> Select[Any]:
    """Ids of the assets with at least `amount_milli` of `dimension` free throughout `window`.

    The sum of the claims in the window is at least their peak: where it leaves enough, so does the peak. Only where it does not,
    and a quantity's claims may follow one another, the peak itself is computed."""
    claimed = _claimed(dimension, window)
    enough = (Capacity.dimension == dimension) & (Capacity.total_milli >= amount_milli)
    crowded = (
        select(Capacity.asset_id, Capacity.sort).join(claimed, claimed.c.asset_id == Capacity.asset_id)
        .where(enough, Capacity.total_milli - claimed.c.milli < amount_milli)
    )
    doubtful = session.execute(crowded).all()
    fitting = [
        asset_id for asset_id, sort in doubtful
        if sort == "quantity" and free(session, asset_id, window)[dimension].free_milli >= amount_milli
    ]
    roomy = Capacity.asset_id.not_in(crowded.with_only_columns(Capacity.asset_id))
    return select(Capacity.asset_id).where(enough, or_(roomy, Capacity.asset_id.in_(fitting)))


def _claimed(dimension: str, window: Window) -> Subquery:
    """What the active claims of the window take together: numbered slots once each."""
    amount = func.count(Claim.slot.distinct()) * 1000 + func.coalesce(func.sum(case((Claim.slot.is_(None), Claim.amount_milli),
        else_=0)), 0)
    return (
        select(Claim.asset_id, amount.label("milli"))
        .where(Claim.dimension == dimension, Claim.state == "active", Claim.starts < window.end, Claim.ends > window.start)
        .group_by(Claim.asset_id).subquery()
    )
