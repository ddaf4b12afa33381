"""The kernel that turns windows into capacity rows: one per maximal set of options that may run at once."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)


@jit
def common_divisor(a, b):
    while b:
        a, b = b, a % b
    return a


@jit
def capacity_rows(
    by_listing, listings, listing_ptr, load, units, start, end, amount, ptr, day, free, floor,
    row_capacity, entry_option, entry_first, entry_last, entry_amount,
):  # fmt: skip
    """(rows, entries) written. Options `by_listing[listing_ptr[i]:listing_ptr[i + 1]]` are those of `listings[i]`.

    A listing's rows of one column follow each other in time, so that an option is in a range of rows `first..last`, written once:
    memory is linear in the options however many windows overlap. A row is kept unless it holds no more than a neighbour's
    options against no less capacity, or cannot be filled. Amounts are divided by what they have in common.
    Complexity per listing and column: O(n log n + steps).
    """
    rows, entries = 0, 0
    for place in range(len(listings)):
        where = listings[place]
        for c in range(amount.shape[1]):
            n, total, divisor = 0, 0, 0
            for i in range(listing_ptr[place], listing_ptr[place + 1]):
                takes = amount[load[by_listing[i]], c]
                if takes > 0:
                    n += 1
                    total += takes * units[by_listing[i]]
                    divisor = common_divisor(takes, divisor)
            if total <= floor[where, c]:
                continue
            members, begins, ends = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
            n = 0
            for i in range(listing_ptr[place], listing_ptr[place + 1]):
                one = by_listing[i]
                if amount[load[one], c] > 0:
                    members[n], begins[n], ends[n] = one, start[load[one]], end[load[one]]
                    n += 1
            by_begin, by_end = np.argsort(begins, kind="mergesort"), np.argsort(ends, kind="mergesort")
            room = 2 * n + ptr[where + 1] - ptr[where] + 1
            use, cap = np.zeros(room, np.int64), np.zeros(room, np.int64)
            came, went = np.zeros(room, np.bool_), np.zeros(room, np.bool_)
            first, last = np.empty(n, np.int64), np.empty(n, np.int64)
            i, j, s, segment, used = 0, 0, ptr[where], -1, 0
            while j < n:
                now = ends[by_end[j]]
                if i < n:
                    now = min(now, begins[by_begin[i]])
                if segment >= 0 and s + 1 < ptr[where + 1]:
                    now = min(now, np.int64(day[s + 1]))
                while s + 1 < ptr[where + 1] and day[s + 1] <= now:
                    s += 1
                segment += 1
                while j < n and ends[by_end[j]] <= now:
                    last[by_end[j]] = segment
                    used -= amount[load[members[by_end[j]]], c] * units[members[by_end[j]]]
                    went[segment] = True
                    j += 1
                while i < n and begins[by_begin[i]] <= now:
                    first[by_begin[i]] = segment
                    used += amount[load[members[by_begin[i]]], c] * units[members[by_begin[i]]]
                    came[segment] = True
                    i += 1
                use[segment], cap[segment] = used, free[s, c]
            kept = np.ones(segment + 1, np.bool_)
            for k in range(segment + 1):
                if use[k] <= cap[k]:
                    kept[k] = False
                if k > 0:
                    if not went[k] and cap[k] <= cap[k - 1]:
                        kept[k - 1] = False
                    elif not came[k] and cap[k] >= cap[k - 1]:
                        kept[k] = False
            place_of = np.empty(segment + 2, np.int64)
            for k in range(segment + 1):
                place_of[k] = rows
                if kept[k]:
                    row_capacity[rows] = cap[k] // divisor
                    rows += 1
            place_of[segment + 1] = rows
            for k in range(n):
                if place_of[first[k]] < place_of[last[k]]:
                    entry_option[entries] = members[k]
                    entry_first[entries], entry_last[entries] = place_of[first[k]], place_of[last[k]]
                    entry_amount[entries] = amount[load[members[k]], c] // divisor
                    entries += 1
    return rows, entries
