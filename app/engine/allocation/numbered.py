"""Allocation where places are numbered: an answer that cannot be numbered is cut off, and the rest is solved again.

Benders' idea with combinatorial cuts (Codato and Fischetti 2006): options that clash are forbidden together, by a budget of their
number less one, so that every cut holds for every answer that can be numbered and the bound stays a bound. When rounds or nodes
run out, needs are taken back until what is left can be numbered; the bound is the last one proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation.clock import Clock
from app.engine.allocation.numbering import Job, Numbers, OutOfNodes, Taken, clash, number
from app.engine.allocation.problem import ALONE, NO_BUNDLE, AllocationProblem, Budgets, build_allocation
from app.engine.allocation.result import Allocation, AllocationParams
from app.engine.allocation.solve import allocate
from app.engine.allocation.verify import value_of
from app.engine.problem import Ints
from app.engine.solve import Progress, Stop

ROUNDS = 40
PLACE = 1000  # thousandths


class Slots(NamedTuple):
    """`numbered[m, D]`: the column counts numbered places (of the total, in thousands); `contiguous[m, D]`: neighbours only.
    `claim_slot`: the place of each claim of `Supplies`, 0 where it is none."""

    numbered: NDArray[np.bool_]
    contiguous: NDArray[np.bool_]
    claim_slot: Ints


@dataclass(frozen=True)
class Numbered:
    """`answer`, of which every option has its numbers: `numbers[option, column]`. `rounds`: how often it was solved."""

    answer: Allocation
    numbers: Mapping[tuple[int, int], Numbers]
    rounds: int


class _Group(NamedTuple):
    """The options of an answer that take numbered places of one column of one asset."""

    column: int
    places: int
    taken: tuple[Taken, ...]
    options: tuple[int, ...]
    jobs: tuple[Job, ...]
    contiguous: bool


def allocate_numbered(
    problem: AllocationProblem,
    slots: Slots,
    params: AllocationParams | None = None,
    stop: Stop | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Numbered:
    """As `allocate`, and every numbered place is free throughout. Splittable needs take separate jobs per unit."""
    params, stop = params or AllocationParams(), stop or Stop()
    cuts: list[tuple[int, ...]] = []
    answer = allocate(problem, params, stop, seed, progress)
    rounds = 1
    while rounds < ROUNDS and not Clock(stop).over():
        fresh = _clashes(problem, slots, answer)
        if not fresh:
            break
        cuts, rounds = cuts + fresh, rounds + 1
        again = allocate(_with_cuts(problem, cuts), params, stop, seed, progress)
        answer = replace(again, bound=min(again.bound, answer.bound), input_hash=problem.input_hash)
    return _taken_back(problem, slots, answer, rounds)


def _groups(problem: AllocationProblem, slots: Slots, option: Ints, quantity: Ints) -> list[_Group]:
    s, o, loads = problem.supplies, problem.options, problem.loads
    key = np.where(s.asset == ALONE, np.arange(len(s)), len(s) + s.asset)  # an asset's places are numbered once
    found = []
    for name in np.unique(key[o.listing[option]]).tolist():
        mine = np.flatnonzero(key[o.listing[option]] == name)
        first = int(np.flatnonzero(key == name)[0])
        for column in np.flatnonzero(slots.numbered[first]).tolist():
            claim = (s.claim_listing == first) & (s.claim_column == column) & (slots.claim_slot > 0)
            rows = zip(*(c[claim].tolist() for c in (slots.claim_slot, s.claim_start, s.claim_end)), strict=True)
            options, jobs = [], []
            for at in mine.tolist():
                load, units = int(o.load[option[at]]), int(quantity[at])
                each = -(-int(loads.amount[load, column]) // PLACE)
                if each:
                    split = units > 1 and not slots.contiguous[first, column]
                    job = Job(int(loads.start[load]), int(loads.end[load]), each if split else each * units)
                    options += [int(option[at])] * (units if split else 1)
                    jobs += [job] * (units if split else 1)
            places = int(s.total[first, column]) // PLACE
            if jobs:
                found.append(
                    _Group(
                        column,
                        places,
                        tuple(Taken(*r) for r in rows),
                        tuple(options),
                        tuple(jobs),
                        bool(slots.contiguous[first, column]),
                    )
                )
    return found


def _clashes(problem: AllocationProblem, slots: Slots, answer: Allocation) -> list[tuple[int, ...]]:
    """Options that cannot be numbered together, of each place: those that are all or nothing, where leaving one out is the only
    way."""
    cuts, o = [], problem.options
    at_most = dict(zip(answer.option.tolist(), answer.quantity.tolist(), strict=True))
    for group in _groups(problem, slots, answer.option, answer.quantity):
        try:
            if number(group.places, group.taken, group.jobs, group.contiguous) is not None:
                continue
            options = tuple(sorted({group.options[j] for j in clash(group.places, group.taken, group.jobs, group.contiguous)}))
        except OutOfNodes:
            continue
        if all(o.low[k] == at_most[k] == o.high[k] for k in options):
            cuts.append(options)
    return cuts


def _with_cuts(problem: AllocationProblem, cuts: list[tuple[int, ...]]) -> AllocationProblem:
    b, o = problem.budgets, problem.options
    option = np.concatenate([np.array(cut, np.int64) for cut in cuts])
    number_of = np.repeat(np.arange(len(cuts)), [len(cut) for cut in cuts]) + len(b.limit)
    most = np.array([sum(int(o.high[k]) for k in cut) for cut in cuts], np.int64)
    least = np.array([min(int(o.high[k]) for k in cut) for cut in cuts], np.int64)
    budgets = Budgets(
        np.concatenate((b.limit, most - least)),
        np.concatenate((b.option, option)),
        np.concatenate((b.budget, number_of)),
        np.concatenate((b.cost, np.ones(len(option), np.int64))),
    )
    return build_allocation(problem.demands, problem.supplies, problem.loads, o, budgets, problem.exclusions)


def _taken_back(problem: AllocationProblem, slots: Slots, answer: Allocation, rounds: int) -> Numbered:
    """The answer less the needs (bundles whole) that stand in the way of numbers, the cheapest of each clash."""
    option, quantity, numbers = answer.option, answer.quantity, dict[tuple[int, int], Numbers]()
    while True:
        numbers, against = _numbers(_groups(problem, slots, option, quantity))
        if against is None:
            break
        needs = np.unique(problem.options.need[list(against)])
        worth = [int((problem.points[option] * quantity)[problem.options.need[option] == i].sum()) for i in needs]
        out = _with_bundle(problem, int(needs[int(np.argmin(worth))]))
        kept = ~np.isin(problem.options.need[option], out)
        option, quantity = option[kept], quantity[kept]
    value = value_of(problem, option, quantity)
    o = problem.options
    answer = replace(answer, option=option, need=o.need[option], listing=o.listing[option], quantity=quantity, value=value)
    return Numbered(answer, numbers, rounds)


def _numbers(groups: list[_Group]) -> tuple[dict[tuple[int, int], Numbers], tuple[int, ...] | None]:
    """(numbers by option and column, None), or the options of the first group that has none."""
    found: dict[tuple[int, int], Numbers] = {}
    for group in groups:
        try:
            given = number(group.places, group.taken, group.jobs, group.contiguous)
        except OutOfNodes:
            given = None
        if given is None:
            return found, group.options
        for option, places in zip(group.options, given, strict=True):
            found[option, group.column] = tuple(sorted((*found.get((option, group.column), ()), *places)))
    return found, None


def _with_bundle(problem: AllocationProblem, need: int) -> Ints:
    bundle = problem.demands.bundle
    return np.array([need]) if bundle[need] == NO_BUNDLE else np.flatnonzero(bundle == bundle[need])
