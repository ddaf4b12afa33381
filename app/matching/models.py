"""Runs of the engine and the matches they found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row
from app.matching.changelog import MatchChange
from app.matching.deltas import MatchDelta

__all__ = ["Match", "MatchChange", "MatchDelta", "MatchRun", "NeedResult"]


class MatchRun(Row, Base):
    """A stored, reproducible record of a run: the same hash, parameters, seed and version give the same matches."""

    __tablename__ = "match_run"
    scope: Mapped[str] = mapped_column(String(40))  # all, or a kind
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
    matches: Mapped[int] = mapped_column(default=0)
    matched_needs: Mapped[int] = mapped_column(default=0)
    rejections: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer_hash: Mapped[str | None] = mapped_column(String(64))
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int | None]  # its place in the order in which runs were stored
    __table_args__ = (
        CheckConstraint("status IN ('running','done','failed','cancelled')", name="status"),
        Index("ix_match_run_step", "step", unique=True),
    )


class Match(Base):
    """One (need, listing) pair that passes every criterion and stands in the top of the need or of the listing.

    Reasons and margins are computed when they are shown, on what the viewer may see. `score`: milli-points of 100,000."""

    __tablename__ = "match"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), index=True)
    score: Mapped[int]
    distance_mm: Mapped[int]
    need_rank: Mapped[int | None]  # 1 = best for the need; None: only in the top of the listing
    listing_rank: Mapped[int | None]
    __table_args__ = (Index("ix_match_listing", "listing_id", "score"), Index("ix_match_need", "need_id", "score"))


class NeedResult(Base):
    """What the last run said of a need as a whole: how many candidates, how many fit, and what killed the rest."""

    __tablename__ = "need_result"
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), index=True)
    computed_at: Mapped[datetime]
    in_reach: Mapped[int]
    feasible: Mapped[int]
