"""When an asset changes, its listings follow in the same transaction."""

from __future__ import annotations

from app.assets import Asset
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.listings.service import follow_asset


def follow(work: UnitOfWork, event: Event) -> None:
    if event.action == "asset.edited":
        follow_asset(work, work.session.get_one(Asset, event.data["asset_id"]))


SUBSCRIBERS = (follow,)
