"""Kernels of the bound by places: given what each need pays, which places are open in the best case, if they must hold so much?

As the bound by listings, with the cover beside it: places that are open have room for every need that a better answer serves. All in
whole numbers, so what is proven is proven. `state[j]`: place j is closed (0), open (1) or either (-1).
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)
NONE = -(2**60)  # no places hold so much
PATIENCE, SHORTER = 8, 0.7


@jit
def fill(j, gain, amount, capacity, able, chosen):
    """The most gain that place j holds of the needs that are able to be there; which ones, in `chosen`. O(needs × room)."""
    n, room, items, total, together = len(gain), capacity[j], 0, 0, 0
    item = np.empty(n, np.int64)
    for i in range(n):
        chosen[i, j] = False
        if able[i, j] and gain[i] > 0 and amount[i, j] <= room:
            item[items] = i
            items += 1
            total += gain[i]
            together += amount[i, j]
    if together <= room:
        for a in range(items):
            chosen[item[a], j] = True
        return total
    table, took = np.zeros(room + 1, np.int64), np.zeros((items, room + 1), np.bool_)
    for a in range(items):
        w, g = amount[item[a], j], gain[item[a]]
        for c in range(room, w - 1, -1):
            if table[c - w] + g > table[c]:
                table[c] = table[c - w] + g
                took[a, c] = True
    c = room
    for a in range(items - 1, -1, -1):
        if took[a, c]:
            chosen[item[a], j] = True
            c -= amount[item[a], j]
    return table[room]


@jit
def cover(worth, capacity, state, hold, open_):
    """The most that places are worth which together hold `hold`, in `open_` which; NONE where all of them do not."""
    m, total, have, all_of = len(worth), 0, 0, 0
    for j in range(m):
        open_[j] = state[j] == 1 or (state[j] == -1 and worth[j] > 0)
        if open_[j]:
            total += worth[j]
            have += capacity[j]
        if state[j] != 0:
            all_of += capacity[j]
    if all_of < hold:
        return NONE
    if have >= hold:
        return total
    lack = hold - have
    table, took = np.full(lack + 1, -NONE, np.int64), np.zeros((m, lack + 1), np.bool_)
    table[0] = 0
    for j in range(m):
        if state[j] == -1 and worth[j] <= 0:
            for c in range(lack, 0, -1):
                before = table[max(0, c - capacity[j])]
                if before < -NONE and before - worth[j] < table[c]:
                    table[c] = before - worth[j]
                    took[j, c] = True
    c = lack
    for j in range(m - 1, -1, -1):
        if c > 0 and took[j, c]:
            open_[j] = True
            c = max(0, c - capacity[j])
    return total - table[lack]


@jit
def unserved(pay, least, hold):
    """By units, up to `hold`: the least that needs pay which take so much together."""
    table = np.full(hold + 1, -NONE, np.int64)
    table[0] = 0
    for i in range(len(pay)):
        for c in range(hold, least[i] - 1, -1):
            if least[i] > 0 and table[c - least[i]] < -NONE:
                table[c] = min(table[c], table[c - least[i]] + pay[i])
    return table


@jit
def without(worth, capacity, hold, lost):
    """The most that places are worth, less what is `lost` by the units that are not served, when some are not."""
    m, total, have = len(worth), 0, 0
    for j in range(m):
        if worth[j] > 0:
            total += worth[j]
            have += capacity[j]
    table = np.full(max(0, hold - have) + 1, -NONE, np.int64)
    table[0] = 0
    for j in range(m):
        if worth[j] <= 0:
            for c in range(len(table) - 1, 0, -1):
                before = table[max(0, c - capacity[j])]
                if before < -NONE:
                    table[c] = min(table[c], before - worth[j])
    most = NONE
    for left in range(1, hold + 1):
        if lost[left] < -NONE:
            most = max(most, total - table[max(0, hold - left - have)] - lost[left])
    return most


@jit
def step_on(slope, above, exact, now):
    """Polyak's step on what needs pay, `exact` and `now` in whole numbers, for a bound that is so much above its target; False where the
    slope is flat."""
    norm = (slope * slope).sum()
    if norm == 0:
        return False
    for i in range(len(slope)):
        exact[i] = max(0.0, exact[i] - above / norm * slope[i])
        now[i] = np.int64(exact[i] + 0.5)
    return True


@jit
def descend(points, amount, capacity, opening, able, state, hold, scale, steps, target, pay, worth, open_):
    """The least bound of at most `steps` steps on what needs `pay`, toward `target` or, where that is far, by what the dearest
    opening costs; that and the `worth` of places then stay. Ends below the target."""
    n, m = points.shape
    chosen, gain, now, there = np.zeros((n, m), np.bool_), np.empty(n, np.int64), pay.copy(), np.zeros(m, np.int64)
    exact, least, stalled, length, far = pay.astype(np.float64), -NONE, 0, 1.0, scale * opening.max()
    slope = np.empty(n, np.int64)
    for _ in range(steps):
        for j in range(m):
            there[j] = 0
            if state[j] != 0:
                for i in range(n):
                    gain[i] = scale * points[i, j] - now[i]
                there[j] = fill(j, gain, amount, capacity, able, chosen) - scale * opening[j]
        total = cover(there, capacity, state, hold, open_)
        if total == NONE:
            return NONE
        total += now.sum()
        stalled += 1
        if total < least:
            if total < least - scale // 16:
                stalled = 0
            least = total
            pay[:], worth[:] = now, there
        if least < target:
            break
        if stalled > PATIENCE:
            length, stalled = length * SHORTER, 0
            exact[:] = pay
        slope[:] = 1
        for j in range(m):
            if open_[j]:
                for i in range(n):
                    slope[i] -= chosen[i, j]
        if not step_on(slope, length * max(total - max(target, least - far), scale), exact, now):
            break
    return least


@jit
def settle(worth, capacity, state, hold, paid, target):
    """Closes and opens places, in `state`, that no answer worth `target` has otherwise. Their number."""
    open_, settled = np.zeros(len(worth), np.bool_), 0
    for j in range(len(worth)):
        if state[j] != -1:
            continue
        for value in range(2):
            state[j] = 1 - value
            if cover(worth, capacity, state, hold, open_) + paid < target:
                state[j] = value
                settled += 1
                break
            state[j] = -1
    return settled


@jit
def exclude(points, amount, capacity, opening, able, state, hold, scale, pay, worth, target):
    """Takes from `able` the pairs that no answer worth `target` has: tables of the needs before and after each, joined."""
    n, m = points.shape
    open_, gain = np.zeros(m, np.bool_), np.empty(n, np.int64)
    for j in range(m):
        if state[j] == 0:
            able[:, j] = False
            continue
        old, room = state[j], capacity[j]
        state[j] = 1
        spare = cover(worth, capacity, state, hold, open_) + pay.sum() - target
        state[j] = old
        most = worth[j] + scale * opening[j]
        before, after = np.zeros((n + 1, room + 1), np.int64), np.zeros((n + 1, room + 1), np.int64)
        for i in range(n):
            gain[i] = scale * points[i, j] - pay[i]
            before[i + 1] = before[i]
            w = amount[i, j]
            if able[i, j] and gain[i] > 0:
                for c in range(w, room + 1):
                    before[i + 1, c] = max(before[i, c], before[i, c - w] + gain[i])
        for i in range(n - 1, -1, -1):
            after[i] = after[i + 1]
            w = amount[i, j]
            if able[i, j] and gain[i] > 0:
                for c in range(w, room + 1):
                    after[i, c] = max(after[i + 1, c], after[i + 1, c - w] + gain[i])
        for i in range(n):
            left = room - amount[i, j]
            if not able[i, j]:
                continue
            others = NONE
            for c in range(left + 1):
                others = max(others, before[i, c] + after[i + 1, left - c])
            able[i, j] = left >= 0 and most - others - gain[i] <= spare
