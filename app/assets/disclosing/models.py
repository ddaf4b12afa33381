"""Requests for a closer look."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class CloserLook(Row, Base):
    """`requester` asks to see one `asset`, or what stands in `region` (of one `kind`), at `tier` for `purpose`, from `starts_on` to
    `ends_on` (both included). `owner_id`: who answers; None where the requester cannot know the owner: then the administration
    of the region does. status: open, granted, refused, withdrawn."""

    __tablename__ = "closer_look"
    requester_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    region: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str | None] = mapped_column(String(40))
    tier: Mapped[str] = mapped_column(String(2))
    purpose_code: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="open")
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure_grant.id"))
    __table_args__ = (
        CheckConstraint("tier IN ('T1','T2','T3')", name="tier"),
        CheckConstraint("status IN ('open','granted','refused','withdrawn')", name="status"),
        CheckConstraint("status <> 'refused' OR answer IS NOT NULL", name="refusal"),
        CheckConstraint("(status = 'granted') = (grant_id IS NOT NULL)", name="granted"),
        CheckConstraint("asset_id IS NULL OR owner_id IS NOT NULL", name="owner"),
        Index(
            "uq_closer_look_open",
            "requester_id",
            "asset_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )
