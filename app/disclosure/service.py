"""Grants are given and taken back inside the use case that is their reason; they announce nothing themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure.models import Grant


def grant(
    work: UnitOfWork,
    asset_id: int,
    organisation_id: int,
    tier: Tier,
    purpose: str,
    expires_at: datetime | None = None,
    reason_ref: str | None = None,
) -> None:
    """Let an organisation see an asset at `tier` until `expires_at`. The same reason again replaces its grant."""
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
        held = Grant(asset_id=asset_id, organisation_id=organisation_id, reason_ref=reason_ref, granted_at=work.now)
        work.session.add(held)
    held.tier, held.purpose, held.expires_at = tier.name, purpose, expires_at
    work.session.flush()


def revoke(work: UnitOfWork, reason_ref: str) -> int:
    """End the grants that were given for `reason_ref`; returns how many."""
    ended = work.session.execute(
        update(Grant).where(Grant.reason_ref == reason_ref, Grant.revoked_at.is_(None)).values(revoked_at=work.now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
