"""The grants that an actor holds now, as selections of (asset id, tier): by asset, and by area. The database's clock decides.

The register is a room above this one; of its table only the columns that place an asset are read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, or_, select

from app.db.base import Base
from app.db.clock import database_now
from app.disclosure.models import Exemption, Grant
from app.kernel.actor import Actor


def assets() -> FromClause:
    """The register's table."""
    return Base.metadata.tables["asset"]


def sorts_held(actor: Actor) -> Select[Any]:
    """Of the grants that an actor holds: whether they are by area, each answer once."""
    return select(Grant.asset_id.is_(None)).where(Grant.organisation_id.in_(actor.subtree), holds_now()).distinct()


def held(actor: Actor) -> Select[Any, Any]:
    """Grants for single assets."""
    return select(Grant.asset_id, Grant.tier).where(
        Grant.asset_id.is_not(None), Grant.organisation_id.in_(actor.subtree), holds_now()
    )


def held_by_area(actor: Actor) -> Select[Any, Any]:
    """Grants for everything of an owner in a region; an asset that is exempt from disclosure is not reached by them."""
    asset = assets()
    return (
        select(asset.c.id, Grant.tier)
        .join(Grant, covers(asset))
        .where(Grant.organisation_id.in_(actor.subtree), holds_now(), ~is_exempt(asset.c.id))
    )


def covers(asset: FromClause) -> ColumnElement[bool]:
    """Whether an area's grant covers an asset."""
    return and_(
        Grant.asset_id.is_(None),
        Grant.owner_id == asset.c.owner_id,
        or_(Grant.kind.is_(None), Grant.kind == asset.c.kind),
        or_(asset.c.region == Grant.region, asset.c.region.like(Grant.region_like)),
    )


def holds_now() -> ColumnElement[bool]:
    """Grants that hold now."""
    now = database_now()
    return and_(Grant.starts_at <= now, Grant.revoked_at.is_(None), or_(Grant.expires_at.is_(None), Grant.expires_at > now))


def is_exempt(asset_id: Any, duty: str = "disclosure") -> ColumnElement[bool]:
    """Whether an asset is exempt from a duty now."""
    return exists().where(
        Exemption.asset_id == asset_id,
        Exemption.duty == duty,
        Exemption.status == "granted",
        Exemption.expires_at > database_now(),
    )
