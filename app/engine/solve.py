"""`solve(problem, params, stop, seed) -> Result`: the full match, and the same for some needs or some changed listings.

Needs are taken in spatial order and cut into blocks that threads work on; blocks are put together in order, so that nothing in
the answer
depends on threads, blocks or backend. Nothing here draws at random yet: the seed is kept with the run for the solvers that will.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.engine.backend import use_kernels
from app.engine.block import FULL_SCORE, Best, Block, Kept, Ranked, first_places, solve_block
from app.engine.candidates import Work, upper_bounds
from app.engine.csr import best, grouped, join, rows_of, take_rows
from app.engine.facts import Prepared, prepare
from app.engine.problem import Ints, Problem
from app.engine.result import Matches, NearMisses, Pairs, Params, Result
from app.engine.version import ENGINE_VERSION

SHARES_PER_THREAD = 12

Progress = Callable[[int, int], None]  # needs done, needs in all


class Cancelled(Exception):
    """The run was stopped: by its deadline, or because it was asked to."""


@dataclass(frozen=True)
class Stop:
    """When to give up: `deadline_s` seconds after this was made, or as soon as `cancelled()` says so. Asked between blocks. `clock`:
    which seconds; a measurement on a busy machine counts the processor's (`time.process_time`), and says since when."""

    deadline_s: float | None = None
    cancelled: Callable[[], bool] | None = None
    started: float = field(default_factory=time.monotonic)
    clock: Callable[[], float] = time.monotonic

    def left_s(self) -> float:
        """Seconds until the deadline, none below zero."""
        return math.inf if self.deadline_s is None else max(0.0, self.deadline_s - (self.clock() - self.started))

    def check(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("cancelled")
        if self.deadline_s is not None and self.clock() - self.started > self.deadline_s:
            raise Cancelled(f"not finished after {self.deadline_s:g} s")


def solve(
    problem: Problem,
    params: Params | None = None,
    stop: Stop | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Result:
    """Match every need. Raises `Cancelled` when stopped; returns nothing partial."""
    return _run(problem, np.arange(len(problem.needs), dtype=np.int64), params or Params(), stop or Stop(), seed, progress)


def solve_needs(
    problem: Problem,
    needs: Sequence[int] | Ints,
    params: Params | None = None,
    stop: Stop | None = None,
    seed: int = 0,
) -> Result:
    """Match some needs, exactly as a full run would. `by_listing` holds only these needs."""
    rows = np.unique(np.asarray(needs, np.int64))
    if len(rows) and (rows[0] < 0 or rows[-1] >= len(problem.needs)):
        raise IndexError("no such need index")
    return _run(problem, rows, params or Params(), stop or Stop(), seed, None)


def solve_listings(
    problem: Problem,
    listings: Sequence[int] | Ints,
    also: Sequence[int] | Ints = (),
    params: Params | None = None,
    stop: Stop | None = None,
    seed: int = 0,
) -> Result:
    """Re-match the needs that changed listings can reach now, and `also` those that they could reach before."""
    return solve_needs(problem, np.union1d(affected_needs(problem, listings), np.asarray(also, np.int64)), params, stop, seed)


def affected_needs(problem: Problem, listings: Sequence[int] | Ints) -> Ints:
    """Indices of the needs with at least one of these listings in reach. One pass over the needs of their kinds."""
    rows = np.unique(np.asarray(listings, np.int64))
    if not len(rows):
        return rows
    small = problem.take(listings=rows)
    needs = np.flatnonzero(np.isin(problem.needs.kind, small.listings.kind)).astype(np.int64)
    found = _run(small, needs, Params(top_k=1, near_k=0), Stop(), 0, None)
    return needs[found.in_reach > 0]


def _run(problem: Problem, needs: Ints, params: Params, stop: Stop, seed: int, progress: Progress | None) -> Result:
    clock = [time.perf_counter()]
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: problem.input_hash)  # kept with the problem: `_assemble` asks for it
        prepared = prepare(problem)
        clock.append(time.perf_counter())
        blocks = _solve_blocks(problem, prepared, in_shares(prepared, needs, params), params, stop, progress)
        clock.append(time.perf_counter())
    return _assemble(problem, needs, blocks, params, seed, clock)


def in_shares(prepared: Prepared, needs: Ints, params: Params) -> list[Ints]:
    """Needs in spatial order, in shares that threads take: enough that none waits long for the last."""
    lon, lat = first_places(prepared, needs)
    order = needs[np.lexsort((needs, lon, np.floor(lat * 30), prepared.facts.n_kind[needs]))]
    return [s for s in np.array_split(order, params.threads * SHARES_PER_THREAD) if len(s)]


def _cut(problem: Problem, prepared: Prepared, order: Ints, params: Params) -> list[Work]:
    """A share as blocks, cut where their candidates would pass `block_rows`."""
    reach = problem.needs.radius_mm
    bound = upper_bounds(prepared, order, reach)
    ends = np.cumsum(bound)
    cuts = np.unique(np.searchsorted(ends, np.arange(params.block_rows, ends[-1], params.block_rows)))
    return [Work(o, reach, b) for o, b in zip(np.split(order, cuts), np.split(bound, cuts), strict=True) if len(o)]


def _solve_blocks(
    problem: Problem,
    prepared: Prepared,
    shares: list[Ints],
    params: Params,
    stop: Stop,
    progress: Progress | None,
) -> list[Block]:
    stop.check()

    def solve_share(order: Ints) -> list[Block]:
        found = []
        for work in _cut(problem, prepared, order, params):
            stop.check()
            found.append(solve_block(problem, prepared, work, params))
        return found

    total, done = sum(map(len, shares)), 0
    blocks: list[Block] = []
    with ThreadPoolExecutor(max_workers=params.threads, thread_name_prefix="engine") as pool:
        futures: list[Future[list[Block]]] = [pool.submit(solve_share, order) for order in shares]
        try:
            for future in futures:
                blocks += future.result()
                done = sum(len(b.order) for b in blocks)
                if progress is not None:
                    progress(done, total)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return blocks


def _assemble(problem: Problem, needs: Ints, blocks: list[Block], params: Params, seed: int, clock: list[float]) -> Result:
    order = np.concatenate([b.order for b in blocks]) if blocks else np.zeros(0, np.int64)
    sort = np.argsort(order, kind="stable")
    matches = _joined([b.matches for b in blocks], Best, sort)
    near = _joined([b.near for b in blocks], Ranked, sort)
    fits = _joined([b.fits for b in blocks], Best, sort)
    rejected = _stacked([b.rejected for b in blocks], sort, (0, problem.tables.table.shape[1]))
    rejections = np.zeros(problem.tables.table.shape[:2], np.int64)
    np.add.at(rejections, problem.needs.kind[needs], rejected)
    by_need = Matches(matches.ptr, matches.listing, matches.score, matches.distance)
    by_listing = _by_listing(fits, needs, len(problem.listings), params.listing_top_k)
    clock.append(time.perf_counter())
    spans = {"prepare": clock[1] - clock[0], "match": clock[2] - clock[1], "assemble": clock[3] - clock[2]}
    return Result(
        needs=needs,
        by_need=by_need,
        by_listing=by_listing,
        near=NearMisses(near.ptr, near.listing, near.score, near.distance, near.fail, near.unstated),
        in_reach=_stacked([b.in_reach for b in blocks], sort, (0,)),
        feasible=_stacked([b.feasible for b in blocks], sort, (0,)),
        rejected=rejected,
        rejections=rejections,
        input_hash=problem.input_hash,
        params=params,
        seed=seed,
        versions={"engine": ENGINE_VERSION, "numpy": np.__version__, "backend": "numba" if use_kernels() else "numpy"},
        timings={name: round(span, 6) for name, span in spans.items()},
        pairs=_pairs(blocks),
        answer_hash=answer_hash(by_need, by_listing, near),
    )


def _stacked(columns: list[Ints], sort: Ints, empty: tuple[int, ...]) -> Ints:
    return np.concatenate(columns)[sort] if columns else np.zeros(empty, np.int64)


Rows = TypeVar("Rows", Best, Ranked)
NOTHING = (
    np.zeros(1, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int32),
    np.zeros(0, np.int64),
    np.zeros(0, np.uint32),
    np.zeros(0, np.uint32),
)


def _joined(parts: list[Rows], of: type[Rows], rows: Ints) -> Rows:
    """Blocks below one another, their rows in the order of the needs."""
    if not parts:
        return of._make(NOTHING[: len(of._fields)])
    columns: list[NDArray[Any]] = [np.concatenate([p[c] for p in parts]) for c in range(1, len(of._fields))]
    ptr, columns = take_rows(join([p.ptr for p in parts]), columns, rows)
    return of._make((ptr, *columns))


def _by_listing(fits: Best, needs: Ints, listings: int, k: int) -> Matches:
    need = needs[rows_of(fits.ptr)]
    ptr, order = grouped(fits.listing, listings)  # rows are in ascending need already
    top, at = best(ptr, (FULL_SCORE - fits.score[order]).astype(np.int64), k)
    pick = order[at]
    return Matches(top, need[pick], fits.score[pick], fits.distance[pick])


def _pairs(blocks: list[Block]) -> Pairs | None:
    kept = [b.pairs for b in blocks if b.pairs is not None]
    if not kept:
        return None
    columns: list[NDArray[Any]] = [np.concatenate([k[c] for k in kept]) for c in range(len(Kept._fields))]
    order = np.lexsort((columns[1], columns[0]))
    return Pairs(*(column[order] for column in columns))


def answer_hash(by_need: Matches, by_listing: Matches, near: Ranked) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for part in (by_need, by_listing):
        _feed(digest.update, part.ptr, part.other, part.score, part.distance_mm)
    _feed(digest.update, *near)
    return digest.hexdigest()


def _feed(update: Callable[[bytes], object], *columns: NDArray[Any]) -> None:
    for column in columns:
        update(np.ascontiguousarray(column).tobytes())
