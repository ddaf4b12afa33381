"""The reduction and the rows, apart from what solves them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.allocation import AllocationParams, Demands, Loads, Options, Supplies, allocate, build_allocation
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import price, proven_bound
from app.engine.allocation.mip import NO_NODES_LIMIT, holds, solve_part
from app.engine.allocation.problem import AllocationProblem
from app.engine.allocation.profile import free_of
from app.engine.allocation.reduce import reduce_problem
from app.engine.allocation.split import split
from app.engine.solve import Stop
from tests.unit.engine.allocation.oracle import allowed, best_value
from tests.unit.engine.allocation.strategies import DAYS, problems

FOREVER = Clock(Stop())


@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_free_is_what_claims_and_reserve_leave_of_every_day(problem: AllocationProblem) -> None:
    s, free = problem.supplies, free_of(problem.supplies)
    for where in range(len(s)):
        for day in range(-1, 2 * DAYS):
            open_claims = (s.claim_listing == where) & (s.claim_start <= day) & (day < s.claim_end)
            claimed = np.bincount(s.claim_column[open_claims], s.claim_amount[open_claims], s.offered.shape[1])
            left = np.maximum(np.minimum(s.offered[where], s.total[where] - s.reserve[where] - claimed), 0)
            steps = slice(int(free.ptr[where]), int(free.ptr[where + 1]))
            at = np.searchsorted(free.day[steps], day, side="right") - 1
            assert free.free[steps][at].tolist() == left.tolist()
            assert (free.floor[where] <= left).all()


@given(problem=problems(), seed=st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_rows_allow_exactly_what_every_day_allows(problem: AllocationProblem, seed: int) -> None:
    parts = split(problem, reduce_problem(problem, reduction=False))
    rng = np.random.default_rng(seed)
    whole = parts.whole
    taken = np.where(rng.random(len(whole.points)) < 0.5, rng.integers(whole.low, whole.units + 1), 0)
    units = np.zeros(len(problem.options), np.int64)
    units[whole.option] = taken
    assert holds(whole, taken) == allowed(problem, tuple(units.tolist()))


@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_parts_together_are_the_whole(problem: AllocationProblem) -> None:
    reduced = reduce_problem(problem)
    parts = split(problem, reduced)
    sure = int((problem.points[reduced.settled] * reduced.settled_units).sum())
    solved = [solve_part(parts.part(c), NO_NODES_LIMIT, FOREVER) for c in range(len(parts))]
    assert all(s.proven for s in solved)
    assert sure + sum(parts.part(c).worth(s.taken) for c, s in enumerate(solved) if s.taken is not None) == best_value(problem)


@given(problem=problems(), seed=st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_any_prices_bound(problem: AllocationProblem, seed: int) -> None:
    whole = split(problem, reduce_problem(problem, reduction=False)).whole
    prices = np.random.default_rng(seed).random(len(whole.capacity)) * 5
    assert proven_bound(whole, prices) >= best_value(problem)
    assert price(whole, 60, FOREVER).bound >= best_value(problem)


def test_a_clash_of_two_windows_is_one_row_and_a_third_apart_is_none() -> None:
    loads = Loads(np.array([0, 5, 20]), np.array([10, 15, 30]), np.full((3, 1), 2000))
    options = Options.whole(np.arange(3), np.zeros(3, np.int64), np.arange(3), np.array([5, 6, 7]))
    problem = build_allocation(Demands.indivisible(3), Supplies.plain(np.array([[2000]])), loads, options)
    parts = split(problem, reduce_problem(problem, reduction=False))
    assert parts.whole.capacity.tolist() == [1]  # 2000 of 2000, less what amounts have in common
    assert np.diff(parts.need_cut).tolist() == [2, 1]
    assert allocate(problem).value == 13


def test_a_need_lets_go_of_what_it_ranks_below_a_listing_with_room_for_all() -> None:
    """Three needs; listing 0 has one place, listing 1 room for all: only two options of need 0 and 1 stay on the contested
    one."""
    need, listing = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    loads = Loads(np.zeros(3, np.int32), np.ones(3, np.int32), np.ones((3, 1), np.int64))
    options = Options.whole(need, listing, need, np.array([9, 5, 8, 5, 3, 5]))
    problem = build_allocation(Demands.indivisible(3), Supplies.plain(np.array([[1], [3]])), loads, options)
    reduced = reduce_problem(problem)
    assert reduced.settled.tolist() == [5]
    assert reduced.option.tolist() == [0, 1, 2, 3]
    assert reduced.roomy.tolist() == [False, True]
    assert allocate(problem, AllocationParams()).value == 9 + 5 + 5


def test_a_listing_with_room_for_all_that_cannot_take_a_whole_need_lets_nothing_go() -> None:
    """Two units wanted, one from each: the better listing alone would do for half of it."""
    one = np.ones(1, np.int64)
    loads = Loads(np.zeros(1, np.int32), np.ones(1, np.int32), np.ones((1, 1), np.int64))
    options = Options(np.zeros(2, np.int64), np.arange(2), np.zeros(2, np.int64), np.array([9, 5]), np.ones(2), np.ones(2))
    demands = Demands(np.zeros(1, np.int64), one, 2 * one, one, -one)
    problem = build_allocation(demands, Supplies.plain(np.array([[1], [1]])), loads, options)
    assert reduce_problem(problem).option.tolist() == [0, 1]
    assert allocate(problem).value == 14


def test_an_option_worth_nothing_stays_where_it_carries_a_need_to_its_least() -> None:
    """Two units or none; the better option has one of them."""
    one = np.ones(1, np.int64)
    loads = Loads(np.zeros(1, np.int32), np.ones(1, np.int32), np.ones((1, 1), np.int64))
    options = Options(np.zeros(2, np.int64), np.arange(2), np.zeros(2, np.int64), np.array([0, 1]), np.ones(2), np.ones(2))
    problem = build_allocation(
        Demands(np.zeros(1, np.int64), one, 2 * one, 2 * one, -one), Supplies.plain(np.array([[1], [1]])), loads, options
    )
    answer = allocate(problem)
    assert (answer.value, answer.bound, answer.quantity.tolist()) == (1, 1, [1, 1])
