"""One block of needs from candidates to ranked answers: the unit of work that a thread takes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.backend import use_kernels
from app.engine.candidates import Work, search, upper_bounds
from app.engine.csr import best, pointer, rows_of, take_rows
from app.engine.earth import Floats
from app.engine.facts import Prepared
from app.engine.judge import judge
from app.engine.matched import PAIR_COLUMNS, match_block
from app.engine.parts import GEOD
from app.engine.problem import AREA, MAX_RADIUS_MM, Ints, Places, Problem
from app.engine.result import Params

FULL_SCORE = 200_000  # all terms of a pair, and the most that policy adds
LEAST_SCALE_MM = 100_000


class Best(NamedTuple):
    """CSR of listings by the block's needs."""

    ptr: Ints
    listing: Ints
    score: NDArray[np.int32]
    distance: Ints


class Ranked(NamedTuple):
    """The same with why they fail."""

    ptr: Ints
    listing: Ints
    score: NDArray[np.int32]
    distance: Ints
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]


class Kept(NamedTuple):
    """Every pair in reach, need by need."""

    need: Ints
    listing: Ints
    distance: Ints
    score: NDArray[np.int32]
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]
    margin: Ints


class Block(NamedTuple):
    """`order`: the needs, row by row. `matches`, `near`: best first. `fits`: every pair that passes. `pairs`: when they are
    to be kept."""

    order: Ints
    matches: Best
    near: Ranked
    in_reach: Ints
    feasible: Ints
    rejected: Ints
    fits: Best
    pairs: Kept | None


def scale_mm(problem: Problem, needs: Ints) -> Ints:
    """The size of a need's place: its reach, or the radius of a circle as large as its area; at least 100 m."""
    return scale_of(problem.needs.radius_mm, problem.needs.place, needs)


def scale_of(radius_mm: Ints, place: Places, needs: Ints) -> Ints:
    """`scale_mm` from columns."""
    scale = np.maximum(radius_mm[needs], LEAST_SCALE_MM)
    for at in np.flatnonzero(place.form[needs] == AREA):
        area = abs(GEOD.geometry_area_perimeter(place.shape[needs[at]])[0])
        scale[at] = max(scale[at], int(np.sqrt(area / np.pi) * 1000))
    return scale


def solve_block(problem: Problem, prepared: Prepared, work: Work, params: Params) -> Block:
    """Candidates, verdicts and the best of one block. A need without a match looks further than its reach for near misses."""
    take = _compiled if use_kernels() else _plain
    block = take(problem, prepared, work, params)
    missed = np.flatnonzero(block.feasible == 0)
    if params.near_k == 0 or params.near_reach == 1 or not len(missed):
        return block
    needs = work.order[missed]
    wide = np.zeros(len(problem.needs), np.int64)
    wide[needs] = np.minimum(problem.needs.radius_mm[needs] + (params.near_reach - 1) * scale_mm(problem, needs), MAX_RADIUS_MM)
    far = take(problem, prepared, Work(needs, wide, upper_bounds(prepared, needs, wide)), replace(params, keep_pairs=False))
    return block._replace(near=_replace_rows(block.near, far.near, missed))


def _compiled(problem: Problem, prepared: Prepared, work: Work, params: Params) -> Block:
    found, fits, pairs = match_block(problem, prepared, work, params)
    order = work.order
    best, near = np.arange(params.top_k) < found.top_n[:, None], np.arange(params.near_k) < found.near_n[:, None]
    return Block(
        order,
        Best(pointer(found.top_n), *(c[best] for c in (found.top_listing, found.top_score, found.top_mm))),
        Ranked(
            pointer(found.near_n),
            *(c[near] for c in (found.near_listing, found.near_score, found.near_mm, found.near_fail, found.near_unstated)),
        ),
        found.in_reach,
        found.feasible,
        found.rejected,
        Best(pointer(found.feasible), *(c[:fits] for c in (found.fit_listing, found.fit_score, found.fit_mm))),
        Kept(np.repeat(order, found.in_reach), *(c[..., :pairs].T for c in found[PAIR_COLUMNS])) if params.keep_pairs else None,
    )


def _plain(problem: Problem, prepared: Prepared, work: Work, params: Params) -> Block:
    """The numpy twin of `_compiled`."""
    order = work.order
    ptr, listing, distance = search(problem, prepared, order, work.search_mm)
    row = rows_of(ptr)
    judged = judge(prepared.facts, order[row], listing, distance, detail=params.keep_pairs)
    whole = Ranked(ptr, listing, judged.score, distance, judged.fail, judged.unstated)
    fits = np.flatnonzero(judged.fail == 0)
    feasible = np.bincount(row[fits], minlength=len(order)).astype(np.int64)
    matches = _top(whole, np.where(judged.fail == 0, FULL_SCORE - judged.score, -1), params.top_k)
    return Block(
        order,
        Best(*matches[:4]),
        _top(whole, _near_key(whole), params.near_k),
        np.diff(ptr),
        feasible,
        _rejected(row, judged.fail, len(order), prepared),
        Best(pointer(feasible), listing[fits], judged.score[fits], distance[fits]),
        Kept(order[row], listing, distance, judged.score, judged.fail, judged.unstated, judged.margin)
        if params.keep_pairs
        else None,
    )


def _top(whole: Ranked, key: Ints, k: int) -> Ranked:
    ptr, at = best(whole.ptr, key.astype(np.int64), k)
    return Ranked._make((ptr, *(column[at] for column in whole[1:])))


def _near_key(of: Ranked) -> Ints:
    """Fewest failed criteria, then score."""
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
