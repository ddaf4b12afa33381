"""Kernels of the assignment to places that are open, with little room to spare: what each place must hold at least is known too.

Where all needs are to be served, places together leave no more room empty than they have beyond the needs, so none leaves more: its
knapsack has a least filling, which where rooms are small bounds far better than one without (compare Ceselli and Righini 2005, whose
bound by packs this is). All in whole numbers, so what is proven is proven. Amounts may be 0; `NONE`: no needs fill a place so far.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numpy as np

from app.engine.allocation.places_kernel import NONE, PATIENCE, SHORTER, jit, step_on


@jit
def fill_between(j, gain, amount, room, least, able, chosen, table, took):
    """The most gain of needs that take from `least` to `room` of place j together; which ones, in `chosen`. O(needs × room)."""
    n, top = len(gain), 0
    table[: room + 1] = NONE
    table[0] = 0
    for i in range(n):
        chosen[i, j] = False
        w, g = amount[i, j], gain[i]
        if not able[i, j] or w > room or (least == 0 and g <= 0):
            continue
        top = min(room, top + w)
        for c in range(top, w - 1, -1):
            before = table[c - w]
            took[i, c] = before > NONE and before + g > table[c]
            if took[i, c]:
                table[c] = before + g
    c = least
    for other in range(least, room + 1):
        if table[other] > table[c]:
            c = other
    most = table[c]
    if most == NONE:
        return NONE
    for i in range(n - 1, -1, -1):
        w = amount[i, j]
        if able[i, j] and w <= c and not (least == 0 and gain[i] <= 0) and took[i, c]:
            chosen[i, j] = True
            c -= w
    return most


@jit
def fill_all(points, amount, capacity, least, able, scale, pay, worth, chosen):
    """What the places are worth at what needs pay and those bring, and what all of it bounds; NONE where a place cannot be filled.
    O(needs × room of all)."""
    n, m = points.shape
    gain, total = np.empty(n, np.int64), pay.sum()
    table, took = np.empty(capacity.max() + 1, np.int64), np.empty((n, capacity.max() + 1), np.bool_)
    for j in range(m):
        for i in range(n):
            gain[i] = scale * points[i, j] - pay[i]
        worth[j] = fill_between(j, gain, amount, capacity[j], least[j], able, chosen, table, took)
        if worth[j] == NONE:
            return NONE
        total += worth[j]
    return total


@jit
def descend_rooms(points, amount, capacity, least, able, scale, steps, target, far, pay):
    """The least bound of at most `steps` steps on what needs `pay`, toward `target` or, where that is far, by `far`; `pay` then stays.
    Ends below the target."""
    n, m = points.shape
    chosen, worth, slope, now = np.zeros((n, m), np.bool_), np.empty(m, np.int64), np.empty(n, np.int64), pay.copy()
    exact, best, stalled, length = pay.astype(np.float64), -NONE, 0, 1.0
    for _ in range(steps):
        total = fill_all(points, amount, capacity, least, able, scale, now, worth, chosen)
        if total == NONE:
            return NONE
        stalled += 1
        if total < best:
            if total < best - scale // 16:
                stalled = 0
            best = total
            pay[:] = now
        if best < target:
            break
        if stalled > PATIENCE:
            length, stalled = length * SHORTER, 0
            exact[:] = pay
        slope[:] = 1
        for j in range(m):
            for i in range(n):
                slope[i] -= chosen[i, j]
        if not step_on(slope, length * max(total - max(target, best - far), scale), exact, now):
            break
    return best


@jit
def enumerate_fillings(j, points, pay, scale, amount, room, least, able, worst, total, lacks, ptr, need):
    """Every pack of place j that gains at most `worst` less than its best: their number, -1 where they are more than the arrays
    hold. Their needs are `need[ptr[a]:ptr[a + 1]]`, worth `total[a]` points, `lacks[a]` less than the best. A table tells of each
    beginning what it can become, so nothing is begun in vain. O(needs × (room + packs))."""
    n, items = len(pay), 0
    item, gain = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        if able[i, j] and amount[i, j] <= room:
            item[items], gain[items] = i, scale * points[i, j] - pay[i]
            items += 1
    after = np.empty((items + 1, room + 1), np.int64)
    for c in range(room + 1):
        after[items, c] = 0 if c >= least else NONE
    for a in range(items - 1, -1, -1):
        w = amount[item[a], j]
        for c in range(room + 1):
            after[a, c] = after[a + 1, c]
            if c + w <= room and after[a + 1, c + w] > NONE:
                after[a, c] = max(after[a, c], after[a + 1, c + w] + gain[a])
    most, found, begin, depth, a = after[0, 0], 0, 0, 0, 0
    if most == NONE:
        return 0
    floor = most - worst
    inside, used, so_far = np.empty(items + 1, np.int64), np.zeros(items + 1, np.int64), np.zeros(items + 1, np.int64)
    while True:
        c, have = used[depth], so_far[depth]
        if a < items:
            w = amount[item[a], j]
            if c + w <= room and after[a + 1, c + w] > NONE and have + gain[a] + after[a + 1, c + w] >= floor:
                inside[depth] = a
                depth += 1
                used[depth], so_far[depth] = c + w, have + gain[a]
                a += 1
                continue
            if after[a + 1, c] > NONE and have + after[a + 1, c] >= floor:
                a += 1
                continue
        else:
            if begin + depth > len(need) or found + 1 >= len(ptr):
                return -1
            total[found], lacks[found] = 0, most - have
            for d in range(depth):
                need[begin + d] = item[inside[d]]
                total[found] += points[item[inside[d]], j]
            begin += depth
            found += 1
            ptr[found] = begin
        while depth > 0:  # back to the last need that was taken, and on without it
            depth -= 1
            a = inside[depth] + 1
            if after[a, used[depth]] > NONE and so_far[depth] + after[a, used[depth]] >= floor:
                break
        else:
            return found
