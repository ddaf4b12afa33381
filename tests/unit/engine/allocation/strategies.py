"""Small random allocation problems, with every rule the model knows."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from app.engine.allocation import (
    AllocationProblem,
    Budgets,
    Demands,
    Exclusions,
    Loads,
    Options,
    Supplies,
    build_allocation,
)

DAYS = 8


@st.composite
def problems(draw: st.DrawFn, plain: bool = False, most_options: int = 8) -> AllocationProblem:
    """`plain`: indivisible needs that compete for capacity alone."""

    def ints(count: int, least: int, most: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(least, most), min_size=count, max_size=count)), np.int64)

    n, m, columns = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    k = draw(st.integers(0, most_options))
    quantity = np.ones(n, np.int64) if plain else ints(n, 1, 3)
    least = np.minimum(quantity, ints(n, 1, 3))
    bundle = np.full(n, -1, np.int64) if plain else ints(n, -1, 1) * (ints(n, 0, 2) == 0)
    bundle = bundle if plain else np.where(ints(n, 0, 2) == 0, np.maximum(bundle, 0), -1)
    demands = Demands(np.arange(n), ints(n, 0, 3), quantity, least, bundle)
    claims = 0 if draw(st.booleans()) else draw(st.integers(1, 3))
    begin = ints(claims, 0, DAYS - 1)
    offered = ints(m * columns, 0, 7).reshape(m, columns)
    total, reserve = offered + ints(m * columns, 0, 2).reshape(m, columns), ints(m * columns, 0, 1).reshape(m, columns)
    asset = np.full(m, -1, np.int64)
    if draw(st.booleans()):  # the first two open parts of one asset
        asset[:2], total[:2], reserve[:2] = 5, total[0], reserve[0]
    supplies = Supplies(
        np.arange(m),
        offered,
        total,
        reserve,
        np.zeros(m, np.int64) if plain else ints(m, 0, 6) * (ints(m, 0, 2) == 0),
        asset,
        ints(claims, 0, m - 1),
        ints(claims, 0, columns - 1),
        begin.astype(np.int32),
        (begin + ints(claims, 1, 4)).astype(np.int32),
        ints(claims, 0, 4),
    )
    start = ints(n + 1, 0, DAYS - 1)
    loads = Loads(start, start + ints(n + 1, 1, 5), ints((n + 1) * columns, 0, 4).reshape(n + 1, columns))
    need = np.sort(ints(k, 0, n - 1))
    low = np.ones(k, np.int64) if plain else ints(k, 1, 2)
    high = low if plain else low + ints(k, 0, 1)
    load = np.where(ints(k, 0, 3) == 0, n, need)
    options = Options(need, ints(k, 0, m - 1), load, ints(k, 0, 9), low, high)
    if plain or not k:
        return build_allocation(demands, supplies, loads, options)
    spenders = np.unique(ints(draw(st.integers(0, 4)), 0, k - 1))
    budgets = Budgets(ints(1, 0, 9), spenders, 0 * spenders, ints(len(spenders), 0, 5))
    tied = ints(draw(st.integers(0, 4)), 0, k - 1)
    exclusions = Exclusions(tied, ints(len(tied), 0, 1), ints(len(tied), 0, 2))
    return build_allocation(demands, supplies, loads, options, budgets, exclusions)
