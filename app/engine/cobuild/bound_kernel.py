"""Prices of needs that no group can beat: a dual answer, and so a bound, however large the component.

If every group that could be built costs at least the sum of its members' prices, and no need is priced above what it costs alone,
then no grouping costs less than the sum of all prices. Prices start at a tower shared by as many as can be, and are raised one
after another as far as the sets around each need allow (dual ascent).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.cobuild.pool_kernel import pool_sets, size_of

jit = nb.njit(nogil=True, cache=True)
WIDEST = 62  # needs in one set of bits


@jit
def start_prices(ptr, top, alone, capacity, whole, price):
    """The cheapest share that a need could have, by the number of its partners."""
    for i in range(len(price)):
        sharing = min(capacity, ptr[i + 1] - ptr[i] + 1) if whole else capacity
        price[i] = alone[i] if whole and ptr[i + 1] == ptr[i] else min(alone[i], top[i] // sharing)


@jit
def raise_prices(order, ascend, local, ptr, other, pair, corner, has, xyz, cover, first, last, top, alone, capacity, price):
    """For each need of `order`: to what a set of its own size costs (`ascend` False), or as far as all its sets allow (True)."""
    pool, sets, values = np.empty(WIDEST, np.int64), np.empty(4096, np.int64), np.empty(WIDEST, np.int64)
    for i in order:
        m = ptr[i + 1] - ptr[i] + 1
        if m > WIDEST or m == 1:
            continue
        pool[0] = i
        for k in range(m - 1):
            pool[k + 1] = other[ptr[i] + k]
        count = pool_sets(pool, m, np.int64(1), local, ptr, other, pair, corner, has, xyz, cover, first, last, sets)
        if count == len(sets):
            continue
        if ascend:
            price[i] += min(alone[i] - price[i], slack_of(sets, count, pool, m, values, top, capacity, price))
        else:
            most = 1
            for k in range(count):
                most = max(most, size_of(sets[k]))
            price[i] = alone[i] if most == 1 else min(alone[i], top[i] // min(most, capacity))


@jit
def slack_of(sets, count, pool, m, values, top, capacity, price):
    """How far the price of pool[0] can rise: the least that a tower of any set and height leaves."""
    least = np.int64(1) << 62
    for k in range(count):
        for level in range(m):
            limit = top[pool[level]]
            if not (sets[k] >> level) & 1 or limit < top[pool[0]]:
                continue
            n = 0
            for b in range(1, m):
                if (sets[k] >> b) & 1 and top[pool[b]] <= limit:
                    values[n] = price[pool[b]]
                    n += 1
            if n == 0:
                continue
            part = np.sort(values[:n])
            least = min(least, limit - price[pool[0]] - part[max(0, n - capacity + 1) :].sum())
    return max(least, np.int64(0))
