"""`allocate(problem, params, stop, seed) -> Allocation`: the assignment of greatest value that keeps every rule, and its bound.

Exact reduction; then parts that compete with no other; small ones by branch and bound, every other by `search`. Parts are taken
from small to large, so that a deadline finds most of them done; each keeps the best answer and the best bound that any method gave.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import highspy
import numpy as np

from app.engine.allocation import branch
from app.engine.allocation.clock import Clock
from app.engine.allocation.problem import AllocationProblem
from app.engine.allocation.reduce import Reduced, reduce_problem
from app.engine.allocation.result import (
    BRANCH,
    Allocation,
    AllocationParams,
    Components,
)
from app.engine.allocation.search import deepen, first_answer
from app.engine.allocation.split import Parts, split
from app.engine.allocation.verify import broken_rule, value_of
from app.engine.problem import Ints
from app.engine.solve import Progress, Stop
from app.engine.version import ENGINE_VERSION

CHUNK = 512  # parts per call of the compiled branch and bound: how often a deadline is asked about


def allocate(
    problem: AllocationProblem,
    params: AllocationParams | None = None,
    stop: Stop | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Allocation:
    """The best allocation found and the bound that proves how good it is. A deadline in `stop` ends the search and returns the
    best so far with its bound; a cancelled run raises `Cancelled`. Equal arguments make an equal answer unless a deadline cut
    in. `progress(done, of)` counts the options of parts that are finished."""
    with ThreadPoolExecutor(1, "input-hash") as beside:  # a fifth of the time where a processor is free: kernels release the lock
        named = beside.submit(lambda: problem.input_hash)
        return _allocated(problem, params or AllocationParams(), Clock(stop or Stop()), seed, progress, named)


def _allocated(
    problem: AllocationProblem, params: AllocationParams, clock: Clock, seed: int, progress: Progress | None, named: Future[str]
) -> Allocation:
    marks = [("", time.perf_counter())]

    def mark(name: str) -> None:
        marks.append((name, time.perf_counter()))

    clock.over()
    reduced = reduce_problem(problem, params.reduction)
    mark("reduce")
    parts = split(problem, reduced)
    mark("split")
    units, stats = _by_branching(parts, params, clock)
    mark("branch")
    _by_search(parts, units, stats, params, clock, seed, progress or (lambda done, of: None))
    mark("search")
    option, quantity = _assembled(parts, reduced, units)
    broken = broken_rule(problem, option, quantity)
    if broken is not None:
        raise AssertionError(f"the solver broke a rule: {broken}")
    mark("verify")
    value, sure = value_of(problem, option, quantity), int((problem.points[reduced.settled] * reduced.settled_units).sum())
    return Allocation(
        option=option,
        need=problem.options.need[option],
        listing=problem.options.listing[option],
        quantity=quantity,
        value=value,
        bound=sure + int(stats.bound.sum()),
        settled=len(reduced.settled),
        components=stats,
        timings={name: round(at - before, 6) for (_, before), (name, at) in pairwise(marks)},
        params=params,
        seed=seed,
        input_hash=named.result(),
        versions={"engine": ENGINE_VERSION, "numpy": np.__version__, "highs": _highs_version()},
    )


def _highs_version() -> str:
    return str(highspy.Highs().version())  # type: ignore[no-untyped-call]


def _by_branching(parts: Parts, params: AllocationParams, clock: Clock) -> tuple[Ints, Components]:
    """Units by option of all parts, and their rows: solved where branch and bound did it, value -1 elsewhere."""
    whole, n = parts.whole, len(parts)
    needs, value = np.diff(parts.need_cut), np.full(n, -1, np.int64)
    choice = np.full(len(whole.quantity), -1, np.int64)
    small = np.flatnonzero(_simple(parts) & (needs <= params.branch_needs))
    for begin in range(0, len(small), CHUNK):
        if clock.over():
            break
        branch.search_parts(
            small[begin : begin + CHUNK],
            parts.need_cut,
            whole.ptr,
            whole.points,
            *whole[7:12],
            params.branch_nodes,
            choice,
            value,
        )
    solved = np.repeat(value >= 0, needs)
    units = np.zeros(len(whole.points), np.int64)
    units[choice[solved & (choice >= 0)]] = 1
    options = np.diff(whole.ptr[parts.need_cut])
    method = np.full(n, BRANCH, np.int8)
    return units, Components(needs, options, np.diff(parts.row_cut), method, value, value.copy())


def _simple(parts: Parts) -> Any:
    """Per part: indivisible needs that compete for rows alone."""
    whole = parts.whole
    option_hard = (whole.place >= 0) | (np.diff(whole.pair_ptr) > 0)
    owner = np.repeat(np.arange(len(whole.quantity)), np.diff(whole.ptr))
    hard = (whole.quantity > 1) | (whole.bundle >= 0)
    hard[owner[option_hard]] = True
    return np.bincount(np.repeat(np.arange(len(parts)), np.diff(parts.need_cut)), hard, len(parts)) == 0


def _by_search(
    parts: Parts, units: Ints, stats: Components, params: AllocationParams, clock: Clock, seed: int, progress: Progress
) -> None:
    """Everything that branch and bound left open, in place: a first answer for all, then better ones from small to large."""
    left = np.flatnonzero(stats.value < 0)
    left = left[np.argsort(stats.options[left], kind="stable")]
    found = {c: first_answer(parts.part(c), params, clock, np.random.default_rng((seed, c, 0))) for c in left.tolist()}
    waiting = whole = int(sum(stats.options[c] for c in found if not found[c].proven))
    for c in left.tolist():
        best = found[c]
        if not best.proven:
            size = int(stats.options[c])
            if not clock.over():
                deepen(best, params, clock.share(size / waiting), np.random.default_rng((seed, c, 1)))
            waiting -= size
            progress(whole - waiting, whole)
        at = parts.whole.ptr[parts.need_cut[c]]
        units[at : at + len(best.taken)] = best.taken
        stats.value[c], stats.bound[c], stats.method[c] = best.value, best.bound, best.method


def _assembled(parts: Parts, reduced: Reduced, units: Ints) -> tuple[Ints, Ints]:
    """Settled and searched options together, ascending."""
    taken = np.flatnonzero(units)
    option = np.concatenate((reduced.settled, parts.whole.option[taken]))
    quantity = np.concatenate((reduced.settled_units, units[taken]))
    order = np.argsort(option)
    return option[order], quantity[order]
