"""The exact reduction: options that no optimum needs are dropped, needs that cannot be contested are settled.

A listing whose whole potential load fits (every option on it taken at once, at its most, on the fullest day) never binds. A need
that may take its full quantity there needs nothing that it ranks below; dropping that lightens other listings, so it is repeated
to a fixpoint. It holds need by need only: what constraints tie to others (bundles, budgets, exclusions, opening costs) is locked
and keeps all its options, yet counts in every listing's potential load.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import reduce_kernel
from app.engine.allocation.problem import ALONE, NO_BUNDLE, AllocationProblem
from app.engine.allocation.profile import Free, asset_of, free_of
from app.engine.problem import Ints


class Reduced(NamedTuple):
    """`option`: the options left (indices of the problem), by need, best first; `units`: how many each may take at most.
    `settled`: options (with `settled_units`) that are part of an optimum. `roomy[m]`: listings that never bind. `locked[n]`.
    `asset[m]`: the asset that a listing shares with others, or -1; such a listing is never roomy."""

    option: Ints
    units: Ints
    settled: Ints
    settled_units: Ints
    roomy: NDArray[np.bool_]
    locked: NDArray[np.bool_]
    free: Free
    asset: Ints


def reduce_problem(problem: AllocationProblem, reduction: bool = True) -> Reduced:
    """O(k log k) and, in practice, a few visits to each listing. Without `reduction` only what can never fit is dropped."""
    free = free_of(problem.supplies)
    locked = locked_needs(problem)
    option, units = _possible(problem, free, locked)
    need, asset = problem.options.need[option], asset_of(problem.supplies)
    active, roomy = np.ones(len(option), bool), np.zeros(len(problem.supplies), bool)
    if reduction:
        _to_fixpoint(problem, free, locked, asset != ALONE, option, units, active, roomy)
    roomy &= problem.supplies.opening == 0
    option, units, need = option[active], units[active], need[active]
    first = np.ones(len(option), bool)
    first[1:] = need[1:] != need[:-1]
    sure = first & roomy[problem.options.listing[option]] & ~locked[need] & (units == problem.demands.quantity[need])
    done = np.zeros(len(problem.demands), bool)
    done[need[sure]] = True
    left = ~done[need]
    return Reduced(option[left], units[left], option[sure], units[sure], roomy, locked, free, asset)


def locked_needs(problem: AllocationProblem) -> NDArray[np.bool_]:
    """Needs whose choice is tied to others' by more than a listing's capacity."""
    o = problem.options
    locked = problem.demands.bundle != NO_BUNDLE
    locked[o.need[problem.budgets.option]] = True
    locked[o.need[problem.exclusions.option]] = True
    locked[o.need[problem.supplies.opening[o.listing] > 0]] = True
    return np.asarray(locked)


def _possible(problem: AllocationProblem, free: Free, locked: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Options that fit at all and are worth something, by need, best first, with the units that fit. What is worth nothing stays
    where it may carry a need to its least quantity, or another need of its bundle."""
    o, loads = problem.options, problem.loads
    helps = locked | (problem.demands.least > 1)
    units = np.minimum(o.high, problem.demands.quantity[o.need])
    most = np.empty(len(o), np.int64)
    reduce_kernel.most_units(
        o.listing, o.load, units, loads.start, loads.end, loads.amount, free.ptr, free.day, free.free, free.floor, most
    )
    keep = np.flatnonzero((most >= o.low) & ((problem.points > 0) | helps[o.need]))
    keep = keep[_servable(problem, o.need[keep], most[keep])[o.need[keep]]]
    ptr, order = reduce_kernel.by_key(o.need[keep], len(problem.demands))
    reduce_kernel.best_first(ptr, order, problem.points[keep])
    return keep[order], most[keep[order]]


def _servable(problem: AllocationProblem, need: Ints, units: Ints) -> NDArray[np.bool_]:
    """Needs whose options can reach their least, in bundles of which that is true of every member."""
    d = problem.demands
    servable = np.bincount(need, units, len(d)) >= d.least
    bundled = np.flatnonzero(d.bundle != NO_BUNDLE)
    lost = np.isin(d.bundle[bundled], d.bundle[bundled[~servable[bundled]]])
    servable[bundled[lost]] = False
    return np.asarray(servable)


def _to_fixpoint(
    problem: AllocationProblem,
    free: Free,
    locked: NDArray[np.bool_],
    shared: NDArray[np.bool_],
    option: Ints,
    units: Ints,
    active: NDArray[np.bool_],
    roomy: NDArray[np.bool_],
) -> None:
    o, loads = problem.options, problem.loads
    need, listing = o.need[option], o.listing[option]
    need_ptr, _ = reduce_kernel.by_key(need, len(problem.demands))
    listing_ptr, by_listing = reduce_kernel.by_key(listing, len(problem.supplies))
    reduce_kernel.reduce_options(
        need_ptr, need, listing, o.load[option], units, o.low[option], problem.demands.quantity, locked,
        by_listing, listing_ptr, loads.start, loads.end, loads.amount, free.ptr, free.day, free.free,
        free.floor, shared, active, roomy,
    )  # fmt: skip
