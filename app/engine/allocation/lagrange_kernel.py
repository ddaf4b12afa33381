"""Kernels of the Lagrangian bound and of the answers that its prices suggest."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


@jit
def reduced_points(prices, scale, points, entry_ptr, entry_first, entry_last, entry_amount, summed, out):
    """`out[k]`: points (times `scale`) of a unit less the price of what it takes. O(rows + entries): a range is two sums
    apart."""
    summed[0] = 0
    for r in range(len(prices)):
        summed[r + 1] = summed[r] + prices[r]
    for k in range(len(points)):
        worth = points[k] * scale
        for e in range(entry_ptr[k], entry_ptr[k + 1]):
            worth -= (summed[entry_last[e]] - summed[entry_first[e]]) * entry_amount[e]
        out[k] = worth


@jit
def pick_best(ptr, reduced, units, quantity, taken):
    """Every need by its best options at these prices, rows disregarded: the value, the units in `taken`."""
    total = reduced[:0].sum()
    taken[:] = 0
    for i in range(len(ptr) - 1):
        left = quantity[i]
        while left > 0:
            best, worth = -1, reduced[:0].sum()
            for k in range(ptr[i], ptr[i + 1]):
                if taken[k] == 0 and reduced[k] > worth:
                    best, worth = k, reduced[k]
            if best < 0:
                break
            taken[best] = min(left, units[best])
            left -= taken[best]
            total += worth * taken[best]
    return total


@jit
def loads(taken, entry_ptr, entry_first, entry_last, entry_amount, out):
    """What `taken` takes of every row."""
    out[:] = 0
    for k in range(len(taken)):
        if taken[k] > 0:
            for e in range(entry_ptr[k], entry_ptr[k + 1]):
                out[entry_first[e]] += entry_amount[e] * taken[k]
                out[entry_last[e]] -= entry_amount[e] * taken[k]
    for r in range(1, len(out)):
        out[r] += out[r - 1]


@jit
def fill(order, owner, free_choice, quantity, least, units, low, entry_ptr, entry_first, entry_last, entry_amount, room, taken):
    """Take options in `order` as far as they fit in `room` (changed in place) and their need still wants them; needs that end
    below their least give everything back. Only needs of `free_choice`."""
    got = np.zeros(len(quantity), np.int64)
    for k in range(len(taken)):
        got[owner[k]] += taken[k]
    for k in order:
        i = owner[k]
        if not free_choice[i] or taken[k] > 0:
            continue
        most = min(units[k], quantity[i] - got[i])
        if most < low[k]:
            continue
        for e in range(entry_ptr[k], entry_ptr[k + 1]):
            for r in range(entry_first[e], entry_last[e]):
                most = min(most, room[r] // entry_amount[e])
            if most < low[k]:
                break
        if most < low[k]:
            continue
        taken[k] = most
        got[i] += most
        for e in range(entry_ptr[k], entry_ptr[k + 1]):
            for r in range(entry_first[e], entry_last[e]):
                room[r] -= entry_amount[e] * most
    for k in range(len(taken)):
        if taken[k] > 0 and got[owner[k]] < least[owner[k]]:
            for e in range(entry_ptr[k], entry_ptr[k + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    room[r] += entry_amount[e] * taken[k]
            taken[k] = 0
