"""The search by ejection chains: never worse, never against a rule, its value what it says, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.allocation import METHODS, AllocationParams, AllocationProblem, Demands, Loads, Options, Supplies, allocate
from app.engine.allocation.chains import chained, rows_of
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import price
from app.engine.allocation.mip import holds
from app.engine.allocation.part import Part
from app.engine.allocation.problem import build_allocation
from app.engine.allocation.reduce import reduce_problem
from app.engine.allocation.split import split
from app.engine.problem import Ints
from app.engine.solve import Stop
from tests.unit.engine.allocation.oracle import best_value
from tests.unit.engine.allocation.strategies import problems

FOREVER = Clock(Stop())
ALONE = AllocationParams(
    reduction=False, branch_needs=0, mip_entries=0, rounds=0, block_steps=0, pack_rounds=0, most_packs=0, draws=0, exchanges=0
)


@st.composite
def assignments(draw: st.DrawFn) -> AllocationProblem:
    """Indivisible needs, one column, one window: what each option takes is of its own. Some pairs twice, some loads nothing."""

    def ints(count: int, least: int, most: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(least, most), min_size=count, max_size=count)), np.int64)

    n, m, k = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(0, 10))
    loads = Loads(np.zeros(k + 1, np.int32), np.ones(k + 1, np.int32), ints(k + 1, 0, 5).reshape(-1, 1))
    options = Options.whole(np.sort(ints(k, 0, n - 1)), ints(k, 0, m - 1), np.arange(k), ints(k, 0, 9))
    return build_allocation(Demands.indivisible(n), Supplies.plain(ints(m, 0, 8).reshape(m, 1)), loads, options)


def crowded(needs: int, listings: int, seed: int) -> AllocationProblem:
    """The dearer the less an option takes, and four fifths of what all would take is there: the hardest assignments published
    (class D of Chu and Beasley 1997)."""
    rng = np.random.default_rng(seed)
    load = rng.integers(1, 101, (needs, listings))
    points = 1000 + load + rng.integers(-10, 11, load.shape)
    need, listing = np.repeat(np.arange(needs), listings), np.tile(np.arange(listings), needs)
    windows = np.zeros(load.size, np.int32)
    return build_allocation(
        Demands.indivisible(needs),
        Supplies.plain((load.sum(axis=0) * 4 // (5 * listings)).reshape(-1, 1)),
        Loads(windows, windows + 1, load.reshape(-1, 1)),
        Options.whole(need, listing, np.arange(load.size), points.ravel()),
    )


def whole_of(problem: AllocationProblem) -> Part:
    return split(problem, reduce_problem(problem, reduction=False)).whole


def search_keeps_every_rule(search: Callable[..., Ints], problem: AllocationProblem, seed: int) -> None:
    """And is never worse than what it begins with, and the same each time."""
    part = whole_of(problem)
    rows, priced = rows_of(part), price(part, 20, FOREVER)
    if rows is None:
        assert not len(part.capacity)
        return
    better, again = (search(part, rows, priced.taken, priced.prices, 30, FOREVER, np.random.default_rng(seed)) for _ in range(2))
    assert holds(part, better)
    assert priced.value <= part.worth(better) <= best_value(problem)
    assert better.tolist() == again.tolist()


@given(problem=assignments(), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_is_never_worse_and_keeps_every_rule(problem: AllocationProblem, seed: int) -> None:
    search_keeps_every_rule(chained, problem, seed)


@given(problem=assignments())
@settings(max_examples=100, deadline=None, derandomize=True)  # a search that promises nothing: the same problems each time
def test_enough_tries_find_the_best_of_a_small_part(problem: AllocationProblem) -> None:
    part = whole_of(problem)
    rows, nothing = rows_of(part), np.zeros(len(part.points), np.int64)
    if rows is not None:
        prices = price(part, 20, FOREVER).prices
        found = chained(part, rows, nothing, prices, 4_000, FOREVER, np.random.default_rng(0))
        assert part.worth(found) == best_value(problem)


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_is_only_made_of_indivisible_needs_whose_options_take_of_one_row(problem: AllocationProblem) -> None:
    part = whole_of(problem)
    if (rows := rows_of(part)) is not None:
        assert part.simple
        assert (np.diff(part.entry_ptr) <= 1).all()
        load = np.bincount(rows.row, rows.amount * 1.0, len(rows.capacity)).astype(np.int64)
        assert load[:-1].tolist() == part.load(np.ones(len(part.points), np.int64)).tolist()


def test_a_crowded_assignment_is_left_better_than_prices_leave_it() -> None:
    problem = crowded(60, 5, 1)
    without, with_ = (allocate(problem, AllocationParams(**{**vars_of(ALONE), "chains": chains})) for chains in (0, 2_000))
    assert len(with_.need) == 60
    assert METHODS[with_.components.method[0]] == "chains"
    assert without.value < with_.value <= with_.bound
    assert with_.gap < 0.001


def test_a_deadline_shortens_the_last_round() -> None:
    part = whole_of(crowded(40, 4, 2))
    rows, priced = rows_of(part), price(part, 200, FOREVER)
    assert rows is not None
    now = iter(np.arange(0.0, 1e6, 0.05))
    clock = Clock(Stop(deadline_s=2.0, clock=lambda: float(next(now)), started=0.0))
    found = chained(part, rows, priced.taken, priced.prices, 10_000, clock, np.random.default_rng(0))
    assert part.worth(found) > priced.value
    assert clock.left() < 0.5  # a round of ten thousand tries per need is not begun in what is left


def test_a_negative_number_of_tries_is_refused() -> None:
    with pytest.raises(ValueError, match="chains"):
        AllocationParams(chains=-1)


def vars_of(params: AllocationParams) -> dict[str, object]:
    return {name: getattr(params, name) for name in AllocationParams.__slots__}
