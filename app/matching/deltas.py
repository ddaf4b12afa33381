"""What each run changed in the stored matches, so that two runs can be compared: what appeared, vanished, changed its rank.

A step is a run's place in the order in which runs were stored, which is not the order in which they were started. The newest
`KEPT` steps keep their changes.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import CheckConstraint, ForeignKey, Index, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base

KEPT = 500
Pair = tuple[int, int]
Facts = tuple[int, int, int | None, int | None]  # score, distance mm, rank for the need, rank for the listing


class MatchDelta(Base):
    """One pair that a step changed. `need_rank_*`: 1 = best for the need; `listing_rank_*`: 1 = best for the listing. Without a
    score before it appeared, without one after it vanished."""

    __tablename__ = "match_delta"
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    score_before: Mapped[int | None]
    score_after: Mapped[int | None]
    need_rank_before: Mapped[int | None]
    need_rank_after: Mapped[int | None]
    listing_rank_before: Mapped[int | None]
    listing_rank_after: Mapped[int | None]
    __table_args__ = (
        CheckConstraint("score_before IS NOT NULL OR score_after IS NOT NULL", name="some"),
        Index("ix_match_delta_need_id", "need_id"),
        Index("ix_match_delta_listing_id", "listing_id"),
    )


def note(session: Session, step: int, before: Mapping[Pair, Facts], after: Mapping[Pair, Facts]) -> None:
    """Keep what this step changes, and forget what is too old. One who stores at a time."""
    rows = [
        {
            "step": step,
            "need_id": pair[0],
            "listing_id": pair[1],
            **_side("before", before.get(pair)),
            **_side("after", after.get(pair)),
        }
        for pair in sorted({*before, *after})
        if _told(before.get(pair)) != _told(after.get(pair))
    ]
    if rows:
        session.execute(insert(MatchDelta).execution_options(render_nulls=True), rows)
    session.execute(delete(MatchDelta).where(MatchDelta.step <= step - KEPT))


def _told(facts: Facts | None) -> tuple[int, int | None, int | None] | None:
    return None if facts is None else (facts[0], facts[2], facts[3])


def _side(word: str, facts: Facts | None) -> dict[str, int | None]:
    score, need_rank, listing_rank = _told(facts) or (None, None, None)
    return {f"score_{word}": score, f"need_rank_{word}": need_rank, f"listing_rank_{word}": listing_rank}


def next_step(session: Session) -> int:
    """Of the run that is being stored."""
    from app.matching.models import MatchRun

    return int(session.scalar(select(func.coalesce(func.max(MatchRun.step), 0))) or 0) + 1
