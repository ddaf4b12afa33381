"""The search by long exchanges: never worse, never against a rule, its value what it says, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.allocation import METHODS, AllocationParams, AllocationProblem, allocate
from app.engine.allocation import exchanges as module
from app.engine.allocation.chains import chained, rows_of
from app.engine.allocation.clock import Clock
from app.engine.allocation.exchanges import exchanged
from app.engine.allocation.lagrange import price
from app.engine.allocation.mip import holds
from app.engine.solve import Stop
from tests.unit.engine.allocation.oracle import best_value
from tests.unit.engine.allocation.test_chains import (
    ALONE,
    FOREVER,
    assignments,
    crowded,
    search_keeps_every_rule,
    vars_of,
    whole_of,
)


@given(problem=assignments(), seed=st.integers(0, 99), width=st.integers(1, 4), depth=st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_is_never_worse_and_keeps_every_rule(problem: AllocationProblem, seed: int, width: int, depth: int) -> None:
    """Also where a need has more options than are looked at, its own among the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WIDTH", width)
        patch.setattr(module, "DEPTH", depth)
        search_keeps_every_rule(exchanged, problem, seed)


@given(problem=assignments())
@settings(max_examples=100, deadline=None, derandomize=True)  # a search that promises nothing: the same problems each time
def test_enough_turns_find_the_best_of_nearly_every_small_part(problem: AllocationProblem) -> None:
    part = whole_of(problem)
    rows, nothing = rows_of(part), np.zeros(len(part.points), np.int64)
    if rows is not None:
        found = exchanged(part, rows, nothing, price(part, 20, FOREVER).prices, 400, FOREVER, np.random.default_rng(0))
        assert part.worth(found) == best_value(problem)


def test_rows_are_filled_better_than_by_eight_times_the_chains() -> None:
    part = whole_of(crowded(300, 10, 3))
    rows, priced = rows_of(part), price(part, 400, FOREVER)
    assert rows is not None
    few, many = (
        chained(part, rows, priced.taken, priced.prices, tries, FOREVER, np.random.default_rng(0)) for tries in (250, 2_000)
    )
    better = exchanged(part, rows, few, priced.prices, 20, FOREVER, np.random.default_rng(0))
    assert holds(part, better)
    assert int(better.sum()) == 300
    assert part.worth(better) > part.worth(many) > part.worth(few)


def test_an_allocation_says_when_exchanges_found_its_answer() -> None:
    found = allocate(crowded(60, 12, 1), AllocationParams(**{**vars_of(ALONE), "chains": 40, "exchanges": 20}))
    assert METHODS[found.components.method[0]] == "exchanges"
    assert found.value <= found.bound


def test_a_deadline_ends_it() -> None:
    part = whole_of(crowded(40, 4, 2))
    rows, priced = rows_of(part), price(part, 200, FOREVER)
    assert rows is not None
    now = iter(np.arange(0.0, 1e6, 0.05))
    clock = Clock(Stop(deadline_s=2.0, clock=lambda: float(next(now)), started=0.0))
    found = exchanged(part, rows, priced.taken, priced.prices, 10**6, clock, np.random.default_rng(0))
    assert part.worth(found) > priced.value


def test_what_is_too_large_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    part = whole_of(crowded(30, 3, 2))
    rows, priced = rows_of(part), price(part, 200, FOREVER)
    assert rows is not None
    monkeypatch.setattr(module, "MOST_NEEDS", 29)
    assert exchanged(part, rows, priced.taken, priced.prices, 20, FOREVER, np.random.default_rng(0)) is priced.taken


def test_a_negative_number_of_turns_is_refused() -> None:
    with pytest.raises(ValueError, match="exchanges"):
        AllocationParams(exchanges=-1)
