"""The index's bisection: the stretch that every STEPth longitude leaves holds what the whole would answer."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.index import STEP
from app.engine.kernel import first_at, stretch_of


@settings(deadline=None)  # a kernel is compiled on the way
@given(st.integers(0, 5 * STEP), st.integers(0, 2 * STEP), st.integers(0, 2**32 - 1), st.floats(-1, 11))
def test_a_stretch_holds_the_first_that_is_not_below(count: int, before: int, seed: int, wanted: float) -> None:
    rng = np.random.default_rng(seed)
    run = np.sort(rng.integers(0, 10, count)).astype(np.float64)
    values = np.concatenate((rng.uniform(0, 10, before), run, rng.uniform(0, 10, STEP)))  # other runs lie beside it
    low, high = before, before + count
    begin, end = stretch_of(values[::STEP], low, high, wanted)
    assert first_at(values, begin, end, wanted) == low + np.searchsorted(run, wanted)
    assert end - begin <= STEP
