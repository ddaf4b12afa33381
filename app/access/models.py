"""Access requests: a requester's application on a match, the owner's answer, the offer and its hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned


class AccessRequest(Row, Stamped, Versioned, Base):
    """status: draft, submitted, accepted, countered, refused, withdrawn, expired, agreed. `asked`: requirement values at the
    time of asking. `refusal_evidence`: code of the evidence → ref of its attachment."""

    __tablename__ = "access_request"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str] = mapped_column(String(12))
    profile: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12), default="draft")
    asked: Mapped[dict[str, Any]]
    window_start: Mapped[date]
    window_end: Mapped[date]
    message: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(String(300))
    submitted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    refusal_ground: Mapped[str | None] = mapped_column(String(40))
    refusal_reason: Mapped[str | None] = mapped_column(Text)
    refusal_evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft','submitted','accepted','countered','refused','withdrawn','expired','agreed')", name="status"
        ),
        CheckConstraint("(status = 'refused') = (refusal_ground IS NOT NULL)", name="refusal"),
        CheckConstraint("window_start < window_end", name="window"),
        Index("ix_access_request_status", "status"),
        Index(
            "uq_access_request_open",
            "need_id",
            "listing_id",
            unique=True,
            sqlite_where=text("status IN ('draft','submitted','accepted','countered')"),
            postgresql_where=text("status IN ('draft','submitted','accepted','countered')"),
        ),
    )


class Offer(Row, Stamped, Base):
    """What the owner offers, holding its capacity until it expires. origin: accept, counter. status: open, agreed, released,
    expired.

    `lines`: [{asset_id, listing_id, amounts: dimension → thousandths, slots: dimension → numbers}]; `price_minor`: a year,
    for all."""

    __tablename__ = "offer"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), index=True)
    number: Mapped[int]
    origin: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(10), default="open")
    lines: Mapped[list[Any]]
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    window_start: Mapped[date]
    window_end: Mapped[date]
    message: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("origin IN ('accept','counter')", name="origin"),
        CheckConstraint("status IN ('open','agreed','released','expired')", name="status"),
        Index("uq_offer_number", "request_id", "number", unique=True),
        Index(
            "uq_offer_open",
            "request_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )
