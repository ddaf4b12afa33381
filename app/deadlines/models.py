"""Deadlines: who must act by when, and how that was counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped

_WAITING = text("status IN ('running','paused')")


class Deadline(Row, Stamped, Base):
    """One clock on one subject. status: running, paused, met, passed (its consequence holds; it may still be met late).

    `due_at`: the instant at which `due_on` is over, in the profile's time zone; both empty while an open pause lasts, and for an
    order without a set time. `derivation`: every step of the count, {} without a set time. `pauses`: [{from, to, reason}]."""

    __tablename__ = "deadline"
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(String(40))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    units: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(8), default="running")
    started_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    calendar: Mapped[str] = mapped_column(String(40))
    provisional: Mapped[bool] = mapped_column(default=False)
    derivation: Mapped[dict[str, Any]]
    pauses: Mapped[list[Any]] = mapped_column(default=list)
    consequence_en: Mapped[str] = mapped_column(String(300))
    consequence_zh: Mapped[str] = mapped_column(String(300))
    met_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('running','paused','met','passed')", name="status"),
        CheckConstraint("(due_on IS NULL) = (due_at IS NULL)", name="due"),
        CheckConstraint("(status = 'met') = (met_at IS NOT NULL)", name="met"),
        CheckConstraint("status <> 'passed' OR passed_at IS NOT NULL", name="passed"),
        Index(
            "uq_deadline_waiting",
            "subject_type",
            "subject_ref",
            "rule",
            "organisation_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_deadline_subject", "subject_type", "subject_ref"),
        Index("ix_deadline_organisation_id", "organisation_id", "status"),
        Index("ix_deadline_due_at", "status", "due_at"),
    )
