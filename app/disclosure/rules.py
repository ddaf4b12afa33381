"""Who sees an asset how precisely: the whole rule, pure.

- its owner's and its operator's own people (subtree and regions of the role), and the system: T3;
- the communications administration of its region, and the regulator of its owner's sector there: T2;
- whoever holds a grant: the grant's tier;
- everybody else signed in: the tier of its open listing, lowered by its grade (important: T1 at most, core: T0); nothing without
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from app.catalogue.tiers import Tier
from app.kernel.actor import Actor, Competence
from app.kernel.permission import within

HIGHEST_FOR_GRADE: Mapping[str, Tier] = {"general": Tier.T2, "important": Tier.T1, "core": Tier.T0}


class Placed(Protocol):
    """The facts that the rule asks for; `AssetFacts` has them."""

    @property
    def owner_id(self) -> int: ...
    @property
    def operator_id(self) -> int | None: ...
    @property
    def owner_sector(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def public_tier(self) -> Tier | None: ...


def public_tier(listing_tier: Tier, grade: str) -> Tier:
    """What everybody sees of an open listing of `listing_tier` on an asset of `grade`."""
    return min(listing_tier, HIGHEST_FOR_GRADE[grade])


def is_competent(competence: Competence, owner_sector: str, kind: str, region: str) -> bool:
    """Whether a regulator watches over such an asset there."""
    if not within(region, competence.regions):
        return False
    if competence.authority == "communications":
        return True
    return owner_sector in competence.sectors and (not competence.host_kinds or kind in competence.host_kinds)


def belongs_to(actor: Actor, asset: Placed) -> bool:
    """Whether the asset is one of the actor's own, by title or by operation."""
    own = {asset.owner_id} if asset.operator_id is None else {asset.owner_id, asset.operator_id}
    return bool(own & actor.subtree) and within(asset.region, actor.regions)


def tier_of(actor: Actor, asset: Placed, granted: Iterable[Tier] = ()) -> Tier | None:
    """The tier at which `actor` sees `asset`; None: it does not exist for them."""
    if actor.is_system or belongs_to(actor, asset):
        return Tier.T3
    if actor.is_anonymous:
        return None
    seen = list(granted)
    if asset.public_tier is not None:
        seen.append(asset.public_tier)
    if any(is_competent(c, asset.owner_sector, asset.kind, asset.region) for c in actor.competences):
        seen.append(Tier.T2)
    return max(seen, default=None)


def state_of(starts_at: datetime, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> str:
    """Where a grant stands at `now`: revoked, expired, coming or active."""
    if revoked_at is not None:
        return "revoked"
    if expires_at is not None and expires_at <= now:
        return "expired"
    return "active" if starts_at <= now else "coming"


def is_active(starts_at: datetime, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a grant holds at `now`."""
    return state_of(starts_at, expires_at, revoked_at, now) == "active"


def pattern_of(region: str) -> str:
    """The codes inside a region as a pattern of SQL's LIKE: `kernel.permission.contains` for a column of outer regions."""
    if region == "*":
        return "%"
    if not (region.isdigit() and len(region) == 6):
        return f"{region}-%"
    prefix = region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix.ljust(6, "_")
