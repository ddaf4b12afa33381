"""Bad input is refused by column and row; extreme input is answered."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from app.engine import Cancelled, ProblemError, Stop
from app.engine.allocation import (
    TOO_MUCH,
    AllocationParams,
    AllocationProblem,
    Budgets,
    Demands,
    Exclusions,
    Loads,
    Options,
    Supplies,
    allocate,
    build_allocation,
)


def small(needs: int = 3, listings: int = 2, capacity: int = 1) -> AllocationProblem:
    """Every need may take one unit of any listing, on the same day."""
    need, listing = np.repeat(np.arange(needs), listings), np.tile(np.arange(listings), needs)
    loads = Loads(np.zeros(needs, np.int32), np.ones(needs, np.int32), np.ones((needs, 1), np.int64))
    options = Options.whole(need, listing, need, 10 + need + listing)
    return build_allocation(Demands.indivisible(needs), Supplies.plain(np.full((listings, 1), capacity)), loads, options)


FAULTS = {
    "demands.id": lambda p: {"demands": replace(p.demands, id=np.array([1, 1, 2]))},
    "demands.least": lambda p: {"demands": replace(p.demands, least=np.array([1, 2, 1]))},
    "demands.weight": lambda p: {"demands": replace(p.demands, weight=np.array([1, -2, 1]))},
    "supplies.offered": lambda p: {"supplies": replace(p.supplies, offered=np.array([[1.0], [np.nan]]))},
    "supplies.asset": lambda p: {"supplies": replace(p.supplies, asset=np.array([-2, 1]))},
    "supplies.total": lambda p: {"supplies": replace(p.supplies, asset=np.zeros(2, np.int64), total=np.array([[1], [2]]))},
    "supplies.opening": lambda p: {"supplies": replace(p.supplies, opening=np.array([0, -1]))},
    "loads.end": lambda p: {"loads": replace(p.loads, end=p.loads.start)},
    "loads.amount": lambda p: {"loads": replace(p.loads, amount=np.ones(3))},
    "options.need": lambda p: {"options": replace(p.options, need=p.options.need + 1)},
    "options.listing": lambda p: {"options": replace(p.options, listing=p.options.listing + 5)},
    "options.value": lambda p: {"options": replace(p.options, value=p.options.value + 0.5)},
    "options.high": lambda p: {"options": replace(p.options, high=p.options.high - 1)},
    "budgets.budget": lambda p: {"budgets": Budgets(*(np.array(c) for c in ([5], [0], [1], [2])))},
    "budgets.option": lambda p: {"budgets": Budgets(*(np.array(c) for c in ([5], [0, 0], [0, 0], [2, 2])))},
    "exclusions.option": lambda p: {"exclusions": Exclusions(np.array([77]), np.array([0]), np.array([0]))},
}


@pytest.mark.parametrize("column", FAULTS)
def test_a_fault_is_named_by_its_column(column: str) -> None:
    p = small()
    parts = {n: getattr(p, n) for n in ("demands", "supplies", "loads", "options", "budgets", "exclusions")}
    with pytest.raises(ProblemError) as fault:
        build_allocation(**parts | FAULTS[column](p))
    assert fault.value.column == column


def test_what_an_answer_can_be_worth_is_bounded_not_what_all_options_are() -> None:
    """A need takes one of its options: forty of 2^48 points each are no more than that."""
    p = small(needs=30, listings=40)
    heavy = replace(p.options, value=np.full(len(p.options), 2**18) + p.options.listing)
    weighed = replace(p.demands, weight=np.full(30, 10**9))
    answer = allocate(build_allocation(weighed, p.supplies, p.loads, heavy))
    assert answer.value == answer.bound == 10**9 * (30 * 2**18 + sum(range(10, 40)))
    with pytest.raises(ProblemError) as fault:
        build_allocation(weighed, p.supplies, p.loads, replace(heavy, value=heavy.value * 2))
    assert fault.value.column == TOO_MUCH


def test_an_empty_problem_has_an_empty_answer() -> None:
    answer = allocate(small(needs=0, listings=0))
    assert (answer.value, answer.bound, len(answer.option), answer.proven) == (0, 0, 0, True)


def test_no_capacity_serves_nobody() -> None:
    answer = allocate(small(capacity=0))
    assert (answer.value, answer.bound) == (0, 0)


def test_scarce_places_go_to_the_weightier_need() -> None:
    p = small(needs=3, listings=1)
    p = build_allocation(replace(p.demands, weight=np.array([5, 1, 1])), p.supplies, p.loads, p.options)
    answer = allocate(p)
    assert answer.of_need(0) == [(0, 1)]
    assert answer.proven


def test_a_contested_listing_is_enough_for_windows_that_follow_each_other() -> None:
    p = small(needs=3, listings=1)
    day = np.arange(3)
    p = build_allocation(p.demands, p.supplies, Loads(day, day + 1, p.loads.amount), p.options)
    assert allocate(p).settled == 3


def crowd(needs: int) -> AllocationProblem:
    """One listing for all, windows overlapping as in a real calendar: what a hang would be made of."""
    rng = np.random.default_rng(1)
    start = rng.integers(0, 3000, needs)
    loads = Loads(start, start + rng.integers(30, 2000, needs), rng.integers(1, 9, (needs, 2)))
    options = Options.whole(np.arange(needs), np.zeros(needs, np.int64), np.arange(needs), rng.integers(1, 1000, needs))
    return build_allocation(Demands.indivisible(needs), Supplies.plain(np.array([[60, 80]])), loads, options)


def test_a_deadline_returns_the_best_with_its_bound() -> None:
    problem = crowd(20_000)
    allocate(problem, stop=Stop(deadline_s=0.001))  # compiled now
    begin = time.monotonic()
    answer = allocate(problem, stop=Stop(deadline_s=3))
    assert time.monotonic() - begin < 15
    assert 0 < answer.value <= answer.bound


@pytest.mark.slow
def test_a_hundred_thousand_candidates_of_one_listing_do_not_hang() -> None:
    problem = crowd(100_000)
    answer = allocate(problem, AllocationParams(quick_steps=40, price_steps=60, rounds=3), Stop(deadline_s=20))
    assert 0 < answer.value <= answer.bound
    assert answer.gap < 0.2


def test_a_cancelled_run_answers_nothing() -> None:
    with pytest.raises(Cancelled):
        allocate(small(), stop=Stop(cancelled=lambda: True))
