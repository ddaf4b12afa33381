"""Kernels of the exact reduction: what a listing can hold at most, and which options no optimum needs.

Compiled on first use and kept on disk; an allocation is a job's work, so it may wait for that (`allocation.warm`).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


@jit
def most_units(listing, load, units, start, end, amount, ptr, day, free, floor, out):
    """Per option the units that fit when nothing else is allocated. O(k (D + steps inside the window))."""
    columns = amount.shape[1]
    for k in range(len(listing)):
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
def holds_all(members, where, load, units, start, end, amount, ptr, day, free, floor):
    """True when the listing holds all `members` (options) at once, whatever the day. O(|members| (D + log |members|))."""
    columns, n = amount.shape[1], len(members)
    tight = False
    for c in range(columns):
        total = 0
        for m in members:
            total += amount[load[m], c] * units[m]
        if total > floor[where, c]:
            tight = True
            break
    if not tight:
        return True
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
    members = np.empty(most, np.int64)
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
        if not holds_all(members[:n], where, load, units, start, end, amount, ptr, day, free, floor):
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
