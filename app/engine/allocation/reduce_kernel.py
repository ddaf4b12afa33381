"""Kernels of the exact reduction: what a listing can hold at most, and which options no optimum needs.

Compiled on first use and kept on disk; an allocation is a job's work, so it may wait for that (`allocation.warm`).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.ahead import ahead

jit = nb.njit(nogil=True, cache=True)
FEW = 64  # rows of one key that are sorted one by one


AHEAD = 16  # options whose listing is on its way before it is looked at


@jit
def by_key(key, count):
    """(pointer, order): the rows of each key 0..count-1, in the order that they have. O(n + count)."""
    ptr, order = np.zeros(count + 1, np.int64), np.empty(len(key), np.int64)
    for i in range(len(key)):
        ptr[key[i] + 1] += 1
    for k in range(count):
        ptr[k + 1] += ptr[k]
    at = ptr[:-1].copy()
    for i in range(len(key)):
        order[at[key[i]]] = i
        at[key[i]] += 1
    return ptr, order


@jit
def best_first(ptr, order, points):
    """Sort the rows of each key by their points, the highest first, equal ones as they stand."""
    for k in range(len(ptr) - 1):
        first, last = ptr[k], ptr[k + 1]
        if last - first > FEW:
            mine = order[first:last].copy()
            order[first:last] = mine[np.argsort(-points[mine], kind="mergesort")]
            continue
        for i in range(first + 1, last):
            one, at = order[i], i
            while at > first and points[order[at - 1]] < points[one]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = one


@jit
def most_units(listing, load, units, start, end, amount, ptr, day, free, floor, out):
    """Per option the units that fit when nothing else is allocated. O(k (D + steps inside the window))."""
    columns = amount.shape[1]
    for k in range(len(listing)):
        if k + AHEAD < len(listing):
            ahead(floor, listing[k + AHEAD], 2)
        where, what, most = listing[k], load[k], units[k]
        for c in range(columns):
            takes = amount[what, c]
            if takes == 0 or takes * most <= floor[where, c]:
                continue
            s = ptr[where]
            while s + 1 < ptr[where + 1] and day[s + 1] <= start[what]:
                s += 1
            while s < ptr[where + 1] and day[s] < end[what]:
                most = min(most, free[s, c] // takes)
                s += 1
        out[k] = most


@jit
def ascending(values):
    """The places of the values in ascending order, equal ones as they stand."""
    n = len(values)
    if n > FEW:
        return np.argsort(values, kind="mergesort")
    order = np.empty(n, np.int64)
    for i in range(n):
        at = i
        while at > 0 and values[order[at - 1]] > values[i]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = i
    return order


@jit
def holds_all(members, where, load, units, start, end, amount, ptr, day, free):
    """True when the listing holds all `members` (options) at once, whatever the day. O(|members| (D + log |members|))."""
    columns, n = amount.shape[1], len(members)
    begins, ends = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        begins[i] = start[load[members[i]]]
        ends[i] = end[load[members[i]]]
    by_begin, by_end = ascending(begins), ascending(ends)
    used = np.zeros(columns, np.int64)
    i, j, s = 0, 0, ptr[where]
    while i < n:  # use only grows at a start or, relative to what is free, at a step
        now = begins[by_begin[i]]
        if s + 1 < ptr[where + 1] and day[s + 1] <= now:
            now = day[s + 1]
            s += 1
        while j < n and ends[by_end[j]] <= now:
            m = members[by_end[j]]
            for c in range(columns):
                used[c] -= amount[load[m], c] * units[m]
            j += 1
        while i < n and begins[by_begin[i]] <= now:
            m = members[by_begin[i]]
            for c in range(columns):
                used[c] += amount[load[m], c] * units[m]
            i += 1
        for c in range(columns):
            if used[c] > free[s, c]:
                return False
    while s + 1 < ptr[where + 1] and j < n:  # steps while the last ones are still there
        s += 1
        while j < n and ends[by_end[j]] <= day[s]:
            m = members[by_end[j]]
            for c in range(columns):
                used[c] -= amount[load[m], c] * units[m]
            j += 1
        for c in range(columns):
            if used[c] > free[s, c]:
                return False
    return True


@jit
def reduce_options(
    need_ptr, need, listing, load, units, low, full, locked, by_listing, listing_ptr, start, end, amount, ptr, day, free, floor,
    shared, active, roomy,
):  # fmt: skip
    """To a fixpoint: mark listings `roomy` whose whole potential load fits, and in each need that is not `locked` deactivate
    what comes after an option of a roomy listing that alone can take the need's full quantity, and anything less.
    Options are in each need's order
    of preference: what is active of a need is always the first of them. Each listing is looked at once and again after each of its
    options that falls away."""
    m = len(listing_ptr) - 1
    waiting, stack, top = np.ones(m, np.bool_), np.arange(m), m
    most = 0
    for q in range(m):
        most = max(most, listing_ptr[q + 1] - listing_ptr[q])
    columns = amount.shape[1]
    members, total = np.empty(most, np.int64), np.empty(columns, np.int64)
    while top > 0:
        top -= 1
        where = stack[top]
        waiting[where] = False
        if roomy[where] or shared[where]:
            continue
        n = 0
        for i in range(listing_ptr[where], listing_ptr[where + 1]):
            if active[by_listing[i]]:
                members[n] = by_listing[i]
                n += 1
        if n == 0:
            roomy[where] = True
            continue
        for c in range(columns):
            total[c] = 0
        for i in range(n):
            what, most = load[members[i]], units[members[i]]
            for c in range(columns):
                total[c] += amount[what, c] * most
        tight = False  # on the worst of its days
        for c in range(columns):
            tight |= total[c] > floor[where, c]
        if tight and not holds_all(members[:n], where, load, units, start, end, amount, ptr, day, free):
            continue
        roomy[where] = True
        for i in range(n):
            best, one = members[i], need[members[i]]
            enough = active[best] and units[best] == full[one] and (best == need_ptr[one] or low[best] == 1)
            if locked[one] or not enough:
                continue
            for k in range(best + 1, need_ptr[one + 1]):
                if not active[k]:
                    break
                active[k] = False
                freed = listing[k]
                if not roomy[freed] and not waiting[freed]:
                    waiting[freed] = True
                    stack[top] = freed
                    top += 1
