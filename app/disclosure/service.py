"""Grants are given and taken back inside the use case that is their reason; they announce nothing themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure.held import assets
from app.disclosure.models import Grant
from app.disclosure.rules import pattern_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant opens: one asset, or all of the owner's in a region, of one kind or of any."""

    owner_id: int
    asset_id: int | None = None
    region: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """For what, since when and until when; `ground`: why a regulator orders it."""

    purpose_code: str
    purpose: str
    starts_at: datetime
    expires_at: datetime
    ground: str | None = None
    reason_ref: str | None = None


def grant(
    work: UnitOfWork,
    asset_id: int,
    organisation_id: int,
    tier: Tier,
    purpose: str,
    expires_at: datetime | None = None,
    reason_ref: str | None = None,
) -> None:
    """Let an organisation see an asset at `tier` until `expires_at`, because of a request or an agreement. The same reason again
    replaces its grant."""
    held = (
        work.session.scalar(
            select(Grant)
            .where(
                Grant.asset_id == asset_id,
                Grant.organisation_id == organisation_id,
                Grant.reason_ref == reason_ref,
                Grant.revoked_at.is_(None),
            )
            .limit(1)
        )
        if reason_ref is not None
        else None
    )
    if held is None:
        owner_id = work.session.scalars(select(assets().c.owner_id).where(assets().c.id == asset_id)).one()
        held = Grant(
            asset_id=asset_id,
            owner_id=owner_id,
            organisation_id=organisation_id,
            reason_ref=reason_ref,
            source="agreement",
            granted_by=owner_id,
            granted_at=work.now,
            starts_at=work.database_now,
        )
        work.session.add(held)
    held.tier, held.purpose, held.expires_at = tier.name, purpose, expires_at
    work.session.flush()


def open_to(work: UnitOfWork, scope: Scope, organisation_id: int, tier: Tier, leave: Leave) -> Grant:
    """A grant by hand: an order where it has a ground, else the owner's own. It always ends by itself."""
    made = Grant(
        asset_id=scope.asset_id,
        owner_id=scope.owner_id,
        region=scope.region,
        region_like=pattern_of(scope.region) if scope.region else None,
        kind=scope.kind,
        organisation_id=organisation_id,
        tier=tier.name,
        source="owner" if leave.ground is None else "order",
        purpose_code=leave.purpose_code,
        purpose=leave.purpose[:200],
        ground=leave.ground,
        reason_ref=leave.reason_ref,
        granted_by=work.actor.organisation_id,
        granted_at=work.now,
        starts_at=leave.starts_at,
        expires_at=leave.expires_at,
    )
    work.session.add(made)
    work.session.flush()
    return made


def revoke(work: UnitOfWork, reason_ref: str) -> int:
    """End the grants that were given for `reason_ref`; returns how many."""
    ended = work.session.execute(
        update(Grant).where(Grant.reason_ref == reason_ref, Grant.revoked_at.is_(None)).values(revoked_at=work.now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
