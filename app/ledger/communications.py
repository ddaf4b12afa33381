"""What works reserve for communications on assets that are still to be built: reserves held by the works, not by the owner, which
alone end them by being cancelled."""

from __future__ import annotations

from collections.abc import Mapping

from app.db.work import UnitOfWork
from app.kernel.timewindow import Window
from app.ledger.claiming import Holder, close, kind_of, lock, take
from app.ledger.queries import ClaimView, held_by

WORKS = "works"


def reserve_for_works(
    work: UnitOfWork, asset_id: int, amounts: Mapping[str, int], window: Window, works_ref: str
) -> dict[str, list[int]]:
    """Reserve `amounts` (milli by dimension) more. Raises `no_capacity`, `amount_missing`."""
    kind = kind_of(work.session, asset_id)
    return take(work, asset_id, kind, amounts, window, "reserve", Holder(WORKS, works_ref), highest=True)


def end_works(work: UnitOfWork, works_ref: str) -> list[ClaimView]:
    """End everything that cancelled works had reserved."""
    claims = held_by(work.session, WORKS, works_ref)
    for asset_id in sorted({claim.asset_id for claim in claims}):
        lock(work, asset_id)
    close(work, claims, "ended")
    return claims
