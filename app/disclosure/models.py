"""Grants of precision: who may see an asset more exactly than its tier says, for what, until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class Grant(Row, Base):
    """`organisation` may see `asset` at `tier` until `expires_at`, for `purpose`; `reason_ref` names the request or agreement
    behind it."""

    __tablename__ = "disclosure_grant"
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    tier: Mapped[str] = mapped_column(String(2))
    purpose: Mapped[str] = mapped_column(String(200))
    reason_ref: Mapped[str | None] = mapped_column(String(13))
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("tier IN ('T1','T2','T3')", name="tier"),
        Index("ix_disclosure_grant_lookup", "asset_id", "organisation_id"),
    )
