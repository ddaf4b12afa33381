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


AHEAD = 8  # options, or listings, whose numbers are on their way before they are looked at


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
        if k + 2 * AHEAD < len(listing):
            ahead(floor, listing[k + 2 * AHEAD], 2)
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
def holds_all(members, where, load, units, start, end, amount, ptr, day, free):
    """True when the listing holds all `members` (options) at once, whatever the day. O(|members| (D + log |members|))."""
    columns, n = amount.shape[1], len(members)
    begins, ends = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        begins[i] = start[load[members[i]]]
        ends[i] = end[load[members[i]]]
    by_begin, by_end = np.argsort(begins, kind="mergesort"), np.argsort(ends, kind="mergesort")
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
    of preference. Each listing is looked at once and again after each of its options that falls away."""
    m = len(listing_ptr) - 1
    waiting, stack, top = np.ones(m, np.bool_), np.arange(m), m
    most = 0
    for q in range(m):
        most = max(most, listing_ptr[q + 1] - listing_ptr[q])
    members, columns = np.empty(most, np.int64), amount.shape[1]
    while top > 0:
        if top > 2 * AHEAD:
            soon, later = stack[top - AHEAD], stack[top - 2 * AHEAD]
            for i in range(listing_ptr[soon], min(listing_ptr[soon + 1], listing_ptr[soon] + AHEAD)):
                ahead(amount, load[by_listing[i]], 2)
                ahead(need_ptr, need[by_listing[i]], 1)
            for i in range(listing_ptr[later], min(listing_ptr[later + 1], listing_ptr[later] + AHEAD)):
                ahead(load, by_listing[i], 1)
                ahead(need, by_listing[i], 1)
                ahead(units, by_listing[i], 1)
                ahead(active, by_listing[i], 1)
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
        tight = False  # on the worst of its days
        for c in range(columns):
            total = 0
            for i in range(n):
                total += amount[load[members[i]], c] * units[members[i]]
            if total > floor[where, c]:
                tight = True
                break
        if tight and not holds_all(members[:n], where, load, units, start, end, amount, ptr, day, free):
            continue
        roomy[where] = True
        for i in range(n):
            one = need[members[i]]
            if locked[one]:
                continue
            found, first = False, True
            for k in range(need_ptr[one], need_ptr[one + 1]):
                if not active[k]:
                    continue
                if found:
                    active[k] = False
                    freed = listing[k]
                    if not roomy[freed] and not waiting[freed]:
                        waiting[freed] = True
                        stack[top] = freed
                        top += 1
                elif roomy[listing[k]] and units[k] == full[one] and (first or low[k] == 1):
                    found = True
                first = False
