"""`allocate` against brute force, with every method made to answer alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Stop
from app.engine.allocation import AllocationParams, AllocationProblem, allocate, broken_rule, value_of
from tests.unit.engine.allocation.oracle import allowed, best_value
from tests.unit.engine.allocation.strategies import problems

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
EXACT = {
    "all methods": AllocationParams(),
    "without reduction": AllocationParams(reduction=False),
    "HiGHS alone": AllocationParams(reduction=False, branch_needs=0, quick_steps=1),
}
BOUNDED = {
    "packs": AllocationParams(branch_needs=0, mip_entries=0, rounds=0, moves=0, block_steps=5, pack_rounds=3),
    "local search": AllocationParams(reduction=False, branch_needs=0, mip_entries=0, rounds=0, moves=50),
    "prices alone": AllocationParams(branch_needs=0, mip_entries=0, rounds=0),
    "neighbourhoods": AllocationParams(branch_needs=0, mip_entries=0, rounds=6, neighbourhood=2),
    "few nodes": AllocationParams(branch_nodes=3, mip_nodes=0),
}


def units_of(problem: AllocationProblem, option: np.ndarray, quantity: np.ndarray) -> tuple[int, ...]:
    units = np.zeros(len(problem.options), np.int64)
    units[option] = quantity
    return tuple(units.tolist())


@pytest.mark.slow
@pytest.mark.parametrize("name", EXACT)
@given(problem=problems())
@quick
def test_is_the_best_of_all_assignments(name: str, problem: AllocationProblem) -> None:
    answer = allocate(problem, EXACT[name])
    assert allowed(problem, units_of(problem, answer.option, answer.quantity))
    assert answer.value == answer.bound == best_value(problem)
    assert answer.proven
    assert answer.gap == 0


@pytest.mark.parametrize("name", BOUNDED)
@given(problem=problems())
@quick
def test_a_bound_is_never_below_the_best(name: str, problem: AllocationProblem) -> None:
    answer = allocate(problem, BOUNDED[name])
    assert allowed(problem, units_of(problem, answer.option, answer.quantity))
    assert answer.value <= best_value(problem) <= answer.bound
    assert answer.value == answer.components.value.sum() + answer.bound - answer.components.bound.sum()


@given(problem=problems(), reduction=st.booleans())
@quick
def test_without_time_the_bound_still_holds_and_nothing_is_claimed(problem: AllocationProblem, reduction: bool) -> None:
    answer = allocate(problem, AllocationParams(reduction=reduction), Stop(deadline_s=0))
    best = best_value(problem)
    assert allowed(problem, units_of(problem, answer.option, answer.quantity))
    assert answer.value <= best <= answer.bound
    assert answer.proven == (answer.value == answer.bound)


@given(problem=problems(plain=True, most_options=10))
@quick
def test_branch_and_bound_alone_is_exact(problem: AllocationProblem) -> None:
    answer = allocate(problem, AllocationParams(reduction=False))
    assert answer.value == answer.bound == best_value(problem)


@given(problem=problems(most_options=5), seed=st.integers(0, 2**31))
@quick
def test_the_rules_are_judged_as_brute_force_judges_them(problem: AllocationProblem, seed: int) -> None:
    rng = np.random.default_rng(seed)
    o = problem.options
    option = np.flatnonzero(rng.random(len(o)) < 0.5)
    quantity = rng.integers(o.low[option], o.high[option] + 1) if len(option) else option
    units = units_of(problem, option, quantity)
    assert (broken_rule(problem, option, quantity) is None) == allowed(problem, units)


@given(problem=problems())
@settings(max_examples=40, deadline=None)
def test_the_same_seed_gives_the_same_answer(problem: AllocationProblem) -> None:
    params = AllocationParams(branch_needs=0, mip_entries=0, rounds=4, neighbourhood=2)
    one, two = allocate(problem, params, seed=3), allocate(problem, params, seed=3)
    assert one.option.tolist() == two.option.tolist()
    assert one.quantity.tolist() == two.quantity.tolist()
    assert (one.value, one.bound, one.input_hash) == (two.value, two.bound, two.input_hash)
    assert one.value == value_of(problem, one.option, one.quantity)
