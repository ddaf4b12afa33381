"""The answer of one part, by ids: what can be merged with others and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.csr import rows_of
from app.engine.problem import Ints, Problem
from app.engine.result import Params
from app.engine.solve import Stop, solve, solve_needs

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class PartAnswer:
    """Columns of equal length, rows best first within a need or a listing.

    `matches`: need, listing, score, distance_mm. `tops`: the same, by listing. `near`: misses within reach, `wide`: of needs
    without a match in this part, as far as near misses go; both with fail and unstated. `needs`: need, in_reach, feasible,
    rejected [n, C]."""

    matches: Columns
    tops: Columns
    near: Columns
    wide: Columns
    needs: Columns


def solve_part(problem: Problem, params: Params, stop: Stop | None = None) -> PartAnswer:
    """Solve one part. A need may find its match in another part: so near misses are kept for both cases."""
    whole = solve(problem, replace(params, near_reach=1), stop)
    missed = whole.needs[whole.feasible == 0]
    far = solve_needs(problem, missed, params, stop)
    need_id, listing_id = problem.needs.id, problem.listings.id
    by_need, by_listing = whole.by_need, whole.by_listing
    return PartAnswer(
        matches={
            "need": need_id[rows_of(by_need.ptr)],
            "listing": listing_id[by_need.other],
            "score": by_need.score,
            "distance_mm": by_need.distance_mm,
        },
        tops={
            "listing": listing_id[rows_of(by_listing.ptr)],
            "need": need_id[by_listing.other],
            "score": by_listing.score,
            "distance_mm": by_listing.distance_mm,
        },
        near=_misses(whole.near, whole.needs, need_id, listing_id),
        wide=_misses(far.near, far.needs, need_id, listing_id),
        needs={"need": need_id, "in_reach": whole.in_reach, "feasible": whole.feasible, "rejected": whole.rejected},
    )


def _misses(near: Any, needs: Ints, need_id: Ints, listing_id: Ints) -> Columns:
    return {
        "need": need_id[needs[rows_of(near.ptr)]],
        "listing": listing_id[near.listing],
        "score": near.score,
        "distance_mm": near.distance_mm,
        "fail": near.fail,
        "unstated": near.unstated,
    }


def joined(parts: list[Columns]) -> Columns:
    """Columns of several parts below one another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
