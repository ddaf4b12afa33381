"""How far a person has come on a tour."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, UtcDateTime


class TourWalk(Base):
    """status: running, finished, left. `step`: the place of the step that was shown last, from 0."""

    __tablename__ = "tour_walk"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    tour: Mapped[str] = mapped_column(String(20), primary_key=True)
    step: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(8), default="running")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    __table_args__ = (
        CheckConstraint("status IN ('running','finished','left')", name="status"),
        CheckConstraint("step >= 0", name="step"),
    )
