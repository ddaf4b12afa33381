"""A search that is kept, and which listings its owner was told of lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned


class SavedSearch(Row, Stamped, Versioned, Base):
    """Of one person in one organisation. `query`: as in the address of the list. `checked_at`: until when what was opened is
    looked at. `is_shared`: whoever has its link may open it, and sees what they may see themselves."""

    __tablename__ = "saved_search"
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))
    query: Mapped[str] = mapped_column(Text)
    alert: Mapped[str] = mapped_column(String(8), default="off")
    is_shared: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("alert IN ('off','instant','daily','weekly')", name="alert"),
        UniqueConstraint("user_id", "organisation_id", "name", name="uq_saved_search_name"),
        Index("ix_saved_search_alert", "alert"),
        Index("ix_saved_search_organisation_id", "organisation_id"),
    )


class SearchHit(Base):
    """The owner of the search was told of the listing: not again. Kept as long as it could be found again."""

    __tablename__ = "saved_search_hit"
    search_id: Mapped[int] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True, index=True)
    told_at: Mapped[datetime]
