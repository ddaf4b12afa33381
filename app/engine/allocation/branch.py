"""Depth-first branch and bound for small parts of indivisible needs, all in one compiled call.

Bound at depth i: the value so far plus the best option of every need still to come (Land and Doig 1960, with the weakest of
bounds: on a few needs it costs nothing). A part that spends its nodes is left to the methods that are stronger and slower.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


@jit
def fits(k, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
    for e in range(entry_ptr[k], entry_ptr[k + 1]):
        for r in range(entry_first[e], entry_last[e]):
            if used[r] + entry_amount[e] > capacity[r]:
                return False
    return True


@jit
def put(k, sign, entry_ptr, entry_first, entry_last, entry_amount, used):
    for e in range(entry_ptr[k], entry_ptr[k + 1]):
        for r in range(entry_first[e], entry_last[e]):
            used[r] += sign * entry_amount[e]


@jit
def search(first, last, ptr, points, entry_ptr, entry_first, entry_last, entry_amount, capacity, used, most_nodes, best):
    """Value of needs `first:last`, their best choice (option or -1) in `best`; -1 when `most_nodes` did not suffice."""
    n = last - first
    rest = np.zeros(n + 1, np.int64)
    for i in range(n - 1, -1, -1):
        rest[i] = rest[i + 1] + (points[ptr[first + i]] if ptr[first + i] < ptr[first + i + 1] else 0)
    choice, at = np.full(n, -1, np.int64), np.empty(n + 1, np.int64)
    value, found, nodes, i = 0, -1, 0, 0
    at[0] = ptr[first]
    while i >= 0:
        if i == n:
            if value > found:
                found = value
                best[first:last] = choice
            i -= 1
            continue
        end = ptr[first + i + 1]
        if choice[i] >= 0:  # back from below: take this option away
            value -= points[choice[i]]
            put(choice[i], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            choice[i] = -1
        nodes += 1
        if nodes > most_nodes:
            for j in range(i):
                if choice[j] >= 0:
                    put(choice[j], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            return -1
        k = at[i]
        while k < end and value + points[k] + rest[i + 1] > found:
            if fits(k, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
                break
            k += 1
        if k < end and value + points[k] + rest[i + 1] > found:
            value += points[k]
            put(k, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
            choice[i], at[i] = k, k + 1
        elif at[i] <= end and value + rest[i + 1] > found:
            at[i] = end + 1  # without this need, once
        else:
            i -= 1
            continue
        i += 1
        if i < n:
            at[i] = ptr[first + i]
    return found


@jit
def search_parts(
    parts, need_cut, ptr, points, entry_ptr, entry_first, entry_last, entry_amount, capacity, most_nodes, best, value
):
    """`value[c]` of each of the `parts` (-1: not finished) and the choice of each of its needs."""
    used = np.zeros(len(capacity), np.int64)
    for c in parts:
        value[c] = search(
            need_cut[c], need_cut[c + 1], ptr, points, entry_ptr, entry_first, entry_last, entry_amount, capacity, used,
            most_nodes, best,
        )  # fmt: skip
