"""The local search: never worse, never against a rule, its value what it says, the same for the same seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.allocation import AllocationParams, AllocationProblem, allocate
from app.engine.allocation.anneal import annealed
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import price
from app.engine.allocation.mip import holds
from app.engine.allocation.reduce import reduce_problem
from app.engine.allocation.split import split
from app.engine.solve import Stop
from tests.unit.engine.allocation.oracle import best_value
from tests.unit.engine.allocation.strategies import problems
from tests.unit.engine.allocation.test_input import crowd

FOREVER = Clock(Stop())


@given(problem=problems(plain=True, most_options=9), seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_is_never_worse_and_keeps_every_rule(problem: AllocationProblem, seed: int) -> None:
    whole = split(problem, reduce_problem(problem, reduction=False)).whole
    priced = price(whole, 20, FOREVER)
    better = annealed(whole, priced.taken, priced.prices, 300, FOREVER, np.random.default_rng(seed))
    assert holds(whole, better)
    assert priced.value <= whole.worth(better) <= best_value(problem)
    again = annealed(whole, priced.taken, priced.prices, 300, FOREVER, np.random.default_rng(seed))
    assert better.tolist() == again.tolist()


@given(problem=problems(plain=True, most_options=9))
@settings(max_examples=40, deadline=None)
def test_enough_moves_find_the_best_of_a_small_part(problem: AllocationProblem) -> None:
    whole = split(problem, reduce_problem(problem, reduction=False)).whole
    priced = price(whole, 20, FOREVER)
    found = annealed(whole, priced.taken, priced.prices, 60_000, FOREVER, np.random.default_rng(0))
    assert whole.worth(found) == best_value(problem)


def test_a_crowded_listing_is_left_better_than_prices_leave_it() -> None:
    problem = crowd(2000)
    quick = {"branch_needs": 0, "mip_entries": 0, "rounds": 0, "price_steps": 200}
    without, with_ = (allocate(problem, AllocationParams(**quick, moves=moves)) for moves in (0, 200))
    assert without.value < with_.value <= with_.bound
    assert with_.gap < without.gap
