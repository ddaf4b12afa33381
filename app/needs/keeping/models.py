"""Whom a needs list invites, and which entries were merged with whose consent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row

_STANDING = text("status IN ('proposed','merged')")


class ListInvitation(Row, Base):
    """An organisation is invited to a needs list. `declined_at`: it said that it has nothing to enter; entries speak for themselves."""

    __tablename__ = "needs_list_invitation"
    needs_list_id: Mapped[int] = mapped_column(ForeignKey("needs_list.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    invited_at: Mapped[datetime]
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("(reminders = 0) = (reminded_at IS NULL)", name="reminded"),
        Index("uq_needs_list_invitation_organisation", "needs_list_id", "organisation_id", unique=True),
    )


class NeedMerge(Row, Base):
    """An entry is a duplicate of another: `need_id` leaves, `into_id` is kept. status: proposed (waits for the consent of who asked
    for it), merged, declined, withdrawn, undone. `was_status`: of the entry before it left."""

    __tablename__ = "need_merge"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(10), default="proposed")
    reason: Mapped[str] = mapped_column(Text)
    was_status: Mapped[str | None] = mapped_column(String(12))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None]
    undone_why: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('proposed','merged','declined','withdrawn','undone')", name="status"),
        CheckConstraint("need_id <> into_id", name="two_entries"),
        CheckConstraint("status NOT IN ('merged','undone') OR was_status IS NOT NULL", name="was"),
        CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name="undone"),
        Index("uq_need_merge_standing", "need_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
    )
