"""A planned asset that comes later: every claim that counts on it before its new day, named to its owner and told to its holder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from sqlalchemy.orm import Session

from app.assets import Asset
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.ledger.queries import ClaimView, active

PROMISED = ("held", "pending", "committed")


def too_early(session: Session, asset_id: int, available_from: date | None) -> list[ClaimView]:
    """The active claims that begin before the asset is available: what a slipped date affects."""
    if available_from is None:
        return []
    return [claim for claim in active(session, asset_id) if claim.window.start < available_from]


def tell_of_slip(work: UnitOfWork, event: Event) -> None:
    """One event for each holder whose claims begin before the asset's new day; each is told of its own only."""
    if event.subject_type != "asset" or not _is_slip(event):
        return
    tell_holders(work, event.data["asset_id"], event.before.get("available_from"))


def tell_holders(work: UnitOfWork, asset_id: int, was: str | None) -> None:
    """Tell the holders of claims that begin before the asset's new day, each of its own; `was`: the day before the slip."""
    asset = work.session.get_one(Asset, asset_id)
    promised = [c for c in too_early(work.session, asset.id, asset.available_from) if c.kind in PROMISED]
    now = asset.available_from.isoformat() if asset.available_from else None
    for (holder_type, holder_ref), group in groupby(sorted(promised, key=_by_holder), key=_by_holder):
        claims = list(group)
        work.emit(
            Event(
                "capacity.start_slipped",
                holder_type,
                holder_ref,
                _concerned(asset, claims),
                {"available_from": was},
                {"available_from": now, "claims": [claim.ref for claim in claims], "asset": asset.name},
                asset.region,
                {"asset_id": asset.id},
            )
        )


def _is_slip(event: Event) -> bool:
    """Whether the asset's first day moved to a later one, or appeared."""
    was, now = event.before.get("available_from"), event.after.get("available_from")
    return now is not None and (was is None or date.fromisoformat(now) > date.fromisoformat(was))


def _by_holder(claim: ClaimView) -> tuple[str, str]:
    return claim.holder_type, claim.holder_ref


def _concerned(asset: Asset, claims: Sequence[ClaimView]) -> tuple[int, ...]:
    return tuple(sorted({asset.owner_id, *(c.organisation_id for c in claims if c.organisation_id is not None)}))
