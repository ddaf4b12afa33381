"""What each row holds best at what its needs pay: the knapsack of one row by its table, for the assignments of `dives`."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


@jit
def fill_rows(rows, needs, points, amount, capacity, pay, worth, count, member):
    """`worth[a]`: the most of `points - pay` that row `rows[a]` holds of `needs`; `member[a, :count[a]]`: by which. A need that has no
    option there has less than no points."""
    n = len(needs)
    item, gain, weight = np.empty(n, np.int64), np.empty(n, np.float64), np.empty(n, np.int64)
    for a in range(len(rows)):
        r = rows[a]
        room, items, all_of, most = capacity[r], 0, 0, 0.0
        count[a] = 0
        for i in needs:
            g = points[i, r] - pay[i]
            if g > 0 and amount[i, r] <= room:
                item[items], gain[items], weight[items] = i, g, amount[i, r]
                all_of += amount[i, r]
                most += g
                items += 1
        if all_of <= room:
            worth[a] = most
            for i in range(items):
                member[a, i] = item[i]
            count[a] = items
            continue
        table, took = np.zeros(room + 1, np.float64), np.zeros((items, room + 1), np.bool_)
        for i in range(items):
            w, g = weight[i], gain[i]
            for c in range(room, w - 1, -1):
                if table[c - w] + g > table[c]:
                    table[c] = table[c - w] + g
                    took[i, c] = True
        worth[a] = table[room]
        c = room
        for i in range(items - 1, -1, -1):
            if took[i, c]:
                member[a, count[a]] = item[i]
                count[a] += 1
                c -= weight[i]
