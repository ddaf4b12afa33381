"""Runs of the engine and the matches they found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class MatchRun(Row, Base):
    """A stored, reproducible record of a run: the same hash, parameters, seed and version give the same matches."""

    __tablename__ = "match_run"
    scope: Mapped[str] = mapped_column(String(12))  # full | needs | listings
    status: Mapped[str] = mapped_column(String(10), default="running")
    job_id: Mapped[int | None]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    engine_version: Mapped[str] = mapped_column(String(24))
    input_hash: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[int]
    params: Mapped[dict[str, Any]]
    listings: Mapped[int] = mapped_column(default=0)
    needs: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    matched_needs: Mapped[int] = mapped_column(default=0)
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (CheckConstraint("status IN ('running','done','failed','cancelled')", name="status"),)


class Match(Base):
    """One (need, listing) pair that passes every criterion and stands in the top of the need or of the listing.

    `terms`: milli-points by criterion; `margins`: thousandths of the criterion's unit by criterion."""

    __tablename__ = "match"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), index=True)
    score: Mapped[int]
    distance_cm: Mapped[int]
    terms: Mapped[dict[str, Any]]
    margins: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_match_listing", "listing_id", "score"), Index("ix_match_need", "need_id", "score"))


class NeedResult(Base):
    """What the last run said of a need as a whole: how many candidates, how many fit, and what killed the rest."""

    __tablename__ = "need_result"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), index=True)
    computed_at: Mapped[datetime]
    candidates: Mapped[int]
    feasible: Mapped[int]
    rejected_by: Mapped[dict[str, Any]]
