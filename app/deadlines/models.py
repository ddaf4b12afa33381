"""Deadlines: who must act by when, how that was counted, every change of it, and the years of the calendars it was counted by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped
from app.deadlines.guards import guard

_WAITING = text("status IN ('running','paused')")


class Deadline(Row, Stamped, Base):
    """One clock on one subject. status: running, paused, met, passed (its outcome holds; it may still be met late), ended
    (what it waited for is no longer waited for).

    `due_at`: the instant at which `due_on` is over, in the profile's time zone; both empty while an open pause lasts, and for an
    order without a set time. `derivation`: every step of the count, {} without a set time. `pauses`: [{from, to, reason, by}].
    `terms`: the rule that it was made by, of `profile` in `profile_version`; never rewritten. `years`: year → number of the
    calendar year that was counted by. `concerned`: organisations that are told of it beside the one that must act."""

    __tablename__ = "deadline"
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(40))
    profile: Mapped[str] = mapped_column(String(40))
    profile_version: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    terms: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    concerned: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    units: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(8), default="running")
    started_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    calendar: Mapped[str] = mapped_column(String(40))
    years: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    provisional: Mapped[bool] = mapped_column(default=False)
    derivation: Mapped[dict[str, Any]]
    pauses: Mapped[list[Any]] = mapped_column(default=list)
    consequence_en: Mapped[str] = mapped_column(String(300))
    consequence_zh: Mapped[str] = mapped_column(String(300))
    met_at: Mapped[datetime | None]
    passed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('running','paused','met','passed','ended')", name="status"),
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


class DeadlineEntry(Row, Base):
    """A deadline as it stood after one act: append-only, so that any past instant can be shown and counted again.

    act: started, paused, resumed, recounted, met, passed, ended."""

    __tablename__ = "deadline_entry"
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadline.id"))
    number: Mapped[int]
    act: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(8))
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool]
    derivation: Mapped[dict[str, Any]]
    pauses: Mapped[list[Any]]
    years: Mapped[dict[str, Any]]
    __table_args__ = (
        CheckConstraint("act IN ('started','paused','resumed','recounted','met','passed','ended')", name="act"),
        CheckConstraint("status IN ('running','paused','met','passed','ended')", name="status"),
        Index("uq_deadline_entry_number", "deadline_id", "number", unique=True),
    )


class CalendarYear(Row, Base):
    """A year of a calendar as it was known: append-only; the highest `number` counts. source: package, computed, file.

    `days`: those that differ from the plain week, ISO date → [counts, en, zh]. `provisional`: not published yet."""

    __tablename__ = "calendar_year"
    calendar: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    number: Mapped[int]
    source: Mapped[str] = mapped_column(String(8))
    provisional: Mapped[bool]
    days: Mapped[dict[str, Any]]
    citation: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    __table_args__ = (
        CheckConstraint("source IN ('package','computed','file')", name="source"),
        CheckConstraint("provisional = (source = 'computed')", name="provisional"),
        CheckConstraint("year BETWEEN 1900 AND 2200", name="year"),
        Index("uq_calendar_year_number", "calendar", "year", "number", unique=True),
    )


guard(Base.metadata.tables["deadline_entry"])
guard(Base.metadata.tables["calendar_year"])
