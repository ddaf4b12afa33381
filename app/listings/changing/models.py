"""Bulk changes and what each would do, or has done, to its listings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, BigId, Row, Stamped, Versioned
from app.listings.models import Listing


class BulkChange(Row, Stamped, Versioned, Base):
    """status: selected, previewed, applied, undone, discarded. `wanted`: what is to change, see `rules.Wanted`."""

    __tablename__ = "bulk_change"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[str] = mapped_column(String(12), default="selected")
    wanted: Mapped[dict[str, Any]]
    job_id: Mapped[int | None]
    message_en: Mapped[str | None] = mapped_column(Text)
    message_zh: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('selected','previewed','applied','undone','discarded')", name="status"),
        CheckConstraint("(status IN ('applied','undone')) = (applied_at IS NOT NULL)", name="applied"),
        CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name="undone"),
    )


class BulkChangeItem(Base):
    """One listing of a bulk change. `version`, `asset_version`: as the preview saw them, then as the change left them. `before`,
    `after`: what changes, by name."""

    __tablename__ = "bulk_change_item"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("bulk_change.id", ondelete="CASCADE"))
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10), default="waiting")
    version: Mapped[int]
    asset_version: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    code: Mapped[str | None] = mapped_column(String(40))
    reason_en: Mapped[str | None] = mapped_column(Text)
    reason_zh: Mapped[str | None] = mapped_column(Text)
    listing: Mapped[Listing] = relationship()
    __table_args__ = (
        CheckConstraint("verdict IN ('waiting','change','same','refused','stale','applied','undone')", name="verdict"),
        Index("uq_bulk_change_item_position", "change_id", "position", unique=True),
        Index("ix_bulk_change_item_verdict", "change_id", "verdict", "position"),
    )
