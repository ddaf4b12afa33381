"""One block of needs from candidates to ranked answers: the unit of work that a thread takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.candidates import search
from app.engine.csr import best, rows_of, take_rows
from app.engine.earth import Floats
from app.engine.facts import Prepared
from app.engine.judge import Judged, judge
from app.engine.parts import GEOD
from app.engine.problem import AREA, MAX_RADIUS_MM, Ints, Problem
from app.engine.result import Params

FULL_SCORE = 100_000
LEAST_SCALE_MM = 100_000


class Ranked(NamedTuple):
    """CSR of listings by the block's needs, best first."""

    ptr: Ints
    listing: Ints
    score: NDArray[np.int32]
    distance: Ints
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]


class Block(NamedTuple):
    """`order`: the needs, row by row. `fits`: every pair that passes. `pairs`: all in reach, when they are to be kept."""

    order: Ints
    matches: Ranked
    near: Ranked
    in_reach: Ints
    feasible: Ints
    rejected: Ints
    fits: Ranked
    pairs: tuple[Ints, Ints, Ints, Judged] | None


def scale_mm(problem: Problem, needs: Ints) -> Ints:
    """The size of a need's place: its reach, or the radius of a circle as large as its area; at least 100 m."""
    scale = np.maximum(problem.needs.radius_mm[needs], LEAST_SCALE_MM)
    for at in np.flatnonzero(problem.needs.place.form[needs] == AREA):
        area = abs(GEOD.geometry_area_perimeter(problem.needs.place.shape[needs[at]])[0])
        scale[at] = max(scale[at], int(np.sqrt(area / np.pi) * 1000))
    return scale


def solve_block(problem: Problem, prepared: Prepared, order: Ints, params: Params) -> Block:
    """Candidates, verdicts and the best of one block."""
    reach = np.zeros(len(problem.needs), np.int64)
    reach[order] = problem.needs.radius_mm[order]
    ptr, listing, distance = search(problem, prepared, order, reach)
    row = rows_of(ptr)
    judged = judge(prepared.facts, order[row], listing, distance, detail=params.keep_pairs)
    whole = Ranked(ptr, listing, judged.score, distance, judged.fail, judged.unstated)
    feasible = np.bincount(row[judged.fail == 0], minlength=len(order)).astype(np.int64)
    return Block(
        order,
        _top(whole, np.where(judged.fail == 0, FULL_SCORE - judged.score, -1), params.top_k),
        _near(problem, prepared, whole, order, feasible, params),
        np.diff(ptr),
        feasible,
        _rejected(row, judged.fail, len(order), prepared),
        _only(whole, judged.fail == 0, row),
        (order[row], listing, distance, judged) if params.keep_pairs else None,
    )


def _top(whole: Ranked, key: Ints, k: int) -> Ranked:
    ptr, at = best(whole.ptr, key.astype(np.int64), k)
    return Ranked._make((ptr, *(column[at] for column in whole[1:])))


def _only(whole: Ranked, keep: NDArray[np.bool_], row: Ints) -> Ranked:
    counts = np.bincount(row[keep], minlength=len(whole.ptr) - 1)
    return Ranked._make((np.concatenate(([0], np.cumsum(counts))).astype(np.int64), *(column[keep] for column in whole[1:])))


def _near(problem: Problem, prepared: Prepared, whole: Ranked, order: Ints, feasible: Ints, params: Params) -> Ranked:
    """Fewest failed criteria, then score. A need without a match looks further than its reach."""
    if params.near_k == 0:
        return _top(whole, np.full(len(whole.listing), -1, np.int64), 0)
    missed = np.flatnonzero(feasible == 0)
    near = _top(whole, _near_key(whole), params.near_k)
    if not len(missed) or params.near_reach == 1:
        return near
    needs = order[missed]
    wide = np.zeros(len(problem.needs), np.int64)
    wide[needs] = np.minimum(problem.needs.radius_mm[needs] + (params.near_reach - 1) * scale_mm(problem, needs), MAX_RADIUS_MM)
    ptr, listing, distance = search(problem, prepared, needs, wide)
    judged = judge(prepared.facts, needs[rows_of(ptr)], listing, distance)
    far = Ranked(ptr, listing, judged.score, distance, judged.fail, judged.unstated)
    return _replace_rows(near, _top(far, _near_key(far), params.near_k), missed)


def _near_key(of: Ranked) -> Ints:
    fails = np.bitwise_count(of.fail).astype(np.int64)
    return np.where(of.fail == 0, -1, (fails << 20) + FULL_SCORE - of.score)


def _replace_rows(old: Ranked, new: Ranked, rows: Ints) -> Ranked:
    """`old` with its `rows` taken from `new`, one by one."""
    n = len(old.ptr) - 1
    source = np.arange(n)
    source[rows] = n + np.arange(len(rows))
    ptr = np.concatenate((old.ptr, new.ptr[1:] + old.ptr[-1]))
    fresh, columns = take_rows(ptr, [np.concatenate((old[c], new[c])) for c in range(1, len(old))], source)
    return Ranked(fresh, *columns)


def _rejected(row: Ints, fail: NDArray[np.uint32], rows: int, prepared: Prepared) -> Ints:
    """Pairs in reach that each criterion failed, by need."""
    criteria = prepared.facts.table.shape[1]
    out = np.zeros((rows, criteria), np.int64)
    for c in range(criteria):
        out[:, c] = np.bincount(row[(fail >> np.uint32(c)) & np.uint32(1) == 1], minlength=rows)
    return out


def first_places(prepared: Prepared, needs: Ints) -> tuple[Floats, Floats]:
    """Longitude and latitude of the first part of each need: enough to put neighbours together."""
    at = prepared.probes.ptr[needs]
    return prepared.probes.lon[at], prepared.probes.lat[at]
