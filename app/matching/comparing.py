"""Two runs of the engine beside one another: which matches appeared, vanished, changed their rank, and how they were run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from app.db.work import Reader
from app.kernel.errors import declare, fail
from app.kernel.text import Text
from app.matching.deltas import KEPT, MatchDelta
from app.matching.faces import ListingFace, faces_of
from app.matching.models import MatchRun
from app.matching.queries import RunView, run_view
from app.needs import NeedView, needs_by_ids

SHOWN = 200
CHANGES = {
    "appeared": Text("appeared", "新增"),
    "vanished": Text("vanished", "消失"),
    "rank": Text("changed rank", "名次变化"),
    "score": Text("changed score", "得分变化"),
}
declare(
    "run_not_stored",
    HTTPStatus.CONFLICT,
    "Run {run} stored no result: only finished runs can be compared.",
    "运行 {run} 没有保存结果，只能比较已完成的运行。",
)
declare(
    "run_changes_forgotten",
    HTTPStatus.CONFLICT,
    "The changes of the newest {kept} runs are kept; these two lie further apart or further back.",
    "系统只保留最近 {kept} 次运行的变化记录，所选运行相隔过远或时间过早。",
)


@dataclass(frozen=True, slots=True)
class Side:
    """A pair in one of the runs: score of 100, ranks from 1."""

    score: float
    need_rank: int | None
    listing_rank: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One pair. `need`, `listing` None: not for the viewer to see. `before` or `after` None: not a match then."""

    change: str
    need: NeedView | None
    listing: ListingFace | None
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """From the run that was stored earlier to the later one. `counts`: of every change, shown or not."""

    before: RunView
    after: RunView
    counts: Mapping[str, int]
    differences: tuple[Difference, ...]


def compare_runs(reader: Reader, ref: str, other: str, change: str | None = None, limit: int = SHOWN) -> Comparison:
    """What the later of two runs says otherwise than the earlier. Who may: administration, administrator."""
    reader.permit("match_run.compare")
    earlier, later = sorted((_stored(reader, ref), _stored(reader, other)), key=lambda run: run.step or 0)
    newest = reader.session.scalar(select(func.max(MatchRun.step))) or 0
    if (earlier.step or 0) < newest - KEPT:
        raise fail("run_changes_forgotten", kept=KEPT)
    folded = _folded(earlier.step or 0, later.step or 0).subquery()
    counted = reader.session.execute(select(folded.c.change, func.count()).group_by(folded.c.change))
    counts = dict.fromkeys(CHANGES, 0) | {row[0]: row[1] for row in counted if row[0] in CHANGES}
    wanted = [change] if change in CHANGES else list(CHANGES)
    order = (folded.c.need_id, func.coalesce(folded.c.need_rank_after, folded.c.need_rank_before), folded.c.listing_id)
    rows = reader.session.execute(select(folded).where(folded.c.change.in_(wanted)).order_by(*order).limit(limit)).all()
    needs = needs_by_ids(reader, sorted({row.need_id for row in rows}))
    faces = faces_of(reader, sorted({row.listing_id for row in rows}))
    shown = tuple(
        Difference(row.change, needs.get(row.need_id), faces.get(row.listing_id), _side(row, "before"), _side(row, "after"))
        for row in rows
    )
    return Comparison(run_view(reader.session, earlier), run_view(reader.session, later), counts, shown)


def comparable_runs(reader: Reader, ref: str, limit: int = 50) -> list[RunView]:
    """The newest stored runs beside which this one can be put."""
    reader.permit("match_run.compare")
    newest = reader.session.scalar(select(func.max(MatchRun.step))) or 0
    statement = (
        select(MatchRun).where(MatchRun.step >= newest - KEPT, MatchRun.ref != ref).order_by(MatchRun.step.desc()).limit(limit)
    )
    return [run_view(reader.session, run) for run in reader.session.scalars(statement)]


def _stored(reader: Reader, ref: str) -> MatchRun:
    run = reader.session.scalar(select(MatchRun).where(MatchRun.ref == ref))
    if run is None:
        raise fail("not_found")
    if run.step is None:
        raise fail("run_not_stored", run=ref)
    return run


def _folded(after: int, until: int) -> Select[Any]:
    """Every pair that the steps in (after, until] touched: as it was before the first of them, as it is after the last."""
    pair = (MatchDelta.need_id, MatchDelta.listing_id)
    span = (
        select(*pair, func.min(MatchDelta.step).label("first"), func.max(MatchDelta.step).label("last"))
        .where(MatchDelta.step > after, MatchDelta.step <= until)
        .group_by(*pair)
        .subquery()
    )
    old, new = aliased(MatchDelta), aliased(MatchDelta)

    def of(one: Any, step: Any) -> Any:
        return (one.step == step) & (one.need_id == span.c.need_id) & (one.listing_id == span.c.listing_id)

    moved = old.need_rank_before.is_distinct_from(new.need_rank_after) | old.listing_rank_before.is_distinct_from(
        new.listing_rank_after
    )
    change = case(
        (old.score_before.is_(None) & new.score_after.is_(None), "same"),  # came and went in between
        (old.score_before.is_(None), "appeared"),
        (new.score_after.is_(None), "vanished"),
        (moved, "rank"),
        (old.score_before != new.score_after, "score"),
        else_="same",
    )
    return (
        select(
            span.c.need_id,
            span.c.listing_id,
            change.label("change"),
            old.score_before,
            new.score_after,
            old.need_rank_before,
            new.need_rank_after,
            old.listing_rank_before,
            new.listing_rank_after,
        )
        .join(old, of(old, span.c.first))
        .join(new, of(new, span.c.last))
    )


def _side(row: Any, word: str) -> Side | None:
    score = getattr(row, f"score_{word}")
    return None if score is None else Side(score / 1000, getattr(row, f"need_rank_{word}"), getattr(row, f"listing_rank_{word}"))
