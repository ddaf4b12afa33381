"""A search that is kept, and what its owner knows of its answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned


class SavedSearch(Row, Stamped, Versioned, Base):
    """Of one person in one organisation. `query`: as in the address of the list. `checked_at`: until when what was opened is looked
    at. `remembered_at`: since when it is known which listings are in its answer. `is_shared`: whoever has its link may open it, and
    sees what they may see themselves."""

    __tablename__ = "saved_search"
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(120))
    query: Mapped[str] = mapped_column(Text)
    alert: Mapped[str] = mapped_column(String(8), default="off")
    is_shared: Mapped[bool] = mapped_column(default=False)
    checked_at: Mapped[datetime]
    remembered_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("alert IN ('off','instant','daily','weekly')", name="alert"),
        UniqueConstraint("user_id", "organisation_id", "name", name="uq_saved_search_name"),
        Index("ix_saved_search_alert", "alert"),
        Index("ix_saved_search_organisation_id", "organisation_id"),
    )


class SearchKnown(Base):
    """A listing of the answer as the owner of the search was last told of it, so that each thing is told once: see `news.Known`."""

    __tablename__ = "saved_search_known"
    search_id: Mapped[int] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True, index=True)
    is_in: Mapped[bool]
    opened_at: Mapped[datetime | None]
    price_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    fit_told: Mapped[bool]
