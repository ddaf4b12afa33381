"""Kernels of the bound by listings: given what each need pays, what is the best that each block of rows can hold?

A block is solved by depth first search over the options that want in. At a node, λ ≥ 0 on the rows bounds what may still come:
value + Σ max(0, gain - λ·amount) of the options to come + λ·(room left). All in whole numbers, so what is proven is proven.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator, assignment"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.allocation.branch import fits, put

jit = nb.njit(nogil=True, cache=True)
TUNES = 40  # steps that fit λ to a block which the search could not finish
TABLE_A_NODE = 100  # cells of the table of a block with one row that are taken as dear as a node of the search


@jit
def toll_of(k, entry_ptr, entry_first, entry_last, entry_amount, prices, binding):
    """What an option pays at `prices` for the rows that bind."""
    paid = prices[:0].sum()
    for e in range(entry_ptr[k], entry_ptr[k + 1]):
        for r in range(entry_first[e], entry_last[e]):
            if binding[r]:
                paid += prices[r] * entry_amount[e]
    return paid


@jit
def dive(
    items, gain, toll, room_price, floor, most_nodes, entry_ptr, entry_first, entry_last, entry_amount, used, capacity, best
):
    """(most that `items` are worth together if that is above `floor`, nodes left): `best[i]` says which. Items come in the order of
    gain less toll; `floor` is returned when nothing is better, and the nodes left are negative when they did not suffice."""
    n = len(items)
    rest = np.zeros(n + 1, np.int64)
    for i in range(n - 1, -1, -1):
        rest[i] = rest[i + 1] + max(0, gain[i] - toll[i])
    taken = np.zeros(n, np.bool_)
    value, found, left, i = 0, floor, most_nodes, 0
    while True:
        while i < n and value + rest[i] + room_price > found:
            left -= 1
            if fits(items[i], entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
                put(items[i], 1, entry_ptr, entry_first, entry_last, entry_amount, used)
                taken[i] = True
                value += gain[i]
                room_price -= toll[i]
            i += 1
        if i == n and value > found:
            found = value
            best[:] = taken
        i -= 1
        while i >= 0 and not taken[i]:
            i -= 1
        if i < 0:
            return found, left
        put(items[i], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
        taken[i] = False
        value -= gain[i]
        room_price += toll[i]
        i += 1
        if left < 0:
            for j in range(i):
                if taken[j]:
                    put(items[j], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            return found, left


@jit
def tabulate(gain, weight, room, best):
    """The knapsack of one row, exactly, by its table: O(items × room)."""
    n = len(gain)
    worth = np.zeros(room + 1, np.int64)
    took = np.zeros((n, room + 1), np.bool_)
    for i in range(n):
        w, g = weight[i], gain[i]
        for c in range(room, w - 1, -1):
            if worth[c - w] + g > worth[c]:
                worth[c] = worth[c - w] + g
                took[i, c] = True
    c = room
    best[:] = False
    for i in range(n - 1, -1, -1):
        if took[i, c]:
            best[i] = True
            c -= weight[i]
    return worth[room]


@jit
def fit_prices(items, gain, entry_ptr, entry_first, entry_last, entry_amount, capacity, binding, prices):
    """Better λ for one block, in place: projected subgradient steps on its own relaxation, the best kept."""
    n = len(items)
    low, high = len(capacity), 0
    for i in range(n):
        for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
            low, high = min(low, entry_first[e]), max(high, entry_last[e])
    kept, load = prices[low:high].copy(), np.zeros(high - low, np.float64)
    level, length = np.inf, 1.0
    for _ in range(TUNES):
        bound = 0.0
        for r in range(low, high):
            load[r - low] = -capacity[r]
            if binding[r]:
                bound += prices[r] * capacity[r]
        lower = 0.0
        for i in range(n):
            red = gain[i] - toll_of(items[i], entry_ptr, entry_first, entry_last, entry_amount, prices, binding)
            if red > 0:
                bound += red
                for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
                    for r in range(entry_first[e], entry_last[e]):
                        load[r - low] += entry_amount[e]
        if bound < level * (1 - 1e-6):
            level = bound
            kept[:] = prices[low:high]
        else:
            length *= 0.7
        norm = 0.0
        for r in range(low, high):
            if binding[r] and (prices[r] > 0 or load[r - low] > 0):
                norm += (load[r - low] / max(capacity[r], 1)) ** 2
        if norm == 0:
            break
        step = length * 0.1 * max(bound - lower, 1.0) / norm
        for r in range(low, high):
            if binding[r]:
                size = max(capacity[r], 1)
                prices[r] = max(0, np.int64(prices[r] + step * load[r - low] / size / size))
    prices[low:high] = kept


@jit
def solve_blocks(
    item_ptr, item, owner, points, scale, pay, opening, most_nodes, entry_ptr, entry_first, entry_last, entry_amount, capacity,
    prices, used, binding, chosen, worth,
):  # fmt: skip
    """`worth[b]`: the most of `scale * points - pay` of its options that block b holds, less its opening; `chosen`: by which options.
    Where the nodes do not suffice `worth` is a bound. `used` and `binding` come and go as zeros. Returns blocks left unfinished."""
    unfinished = 0
    for b in range(len(item_ptr) - 1):
        n, total = 0, 0
        kept = np.empty(item_ptr[b + 1] - item_ptr[b], np.int64)
        for at in range(item_ptr[b], item_ptr[b + 1]):
            k = item[at]
            chosen[k] = scale * points[k] > pay[owner[k]]
            if chosen[k]:
                kept[n] = k
                n += 1
                total += scale * points[k] - pay[owner[k]]
                put(k, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
        tight = 0
        for i in range(n):
            for e in range(entry_ptr[kept[i]], entry_ptr[kept[i] + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    if used[r] > capacity[r] and not binding[r]:
                        binding[r] = True
                        tight += 1
        for i in range(n):
            put(kept[i], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
        worth[b] = total
        if tight:
            finished, lost = solve_tight(
                kept[:n], tight, owner, points, scale, pay, most_nodes, entry_ptr, entry_first, entry_last, entry_amount,
                capacity, prices, used, binding, chosen,
            )  # fmt: skip
            worth[b] -= lost
            if not finished:
                unfinished += 1
            for i in range(n):
                for e in range(entry_ptr[kept[i]], entry_ptr[kept[i] + 1]):
                    for r in range(entry_first[e], entry_last[e]):
                        binding[r] = False
        worth[b] -= opening[b]
        if worth[b] <= 0:
            worth[b] = 0
            for i in range(n):
                chosen[kept[i]] = False
    return unfinished


@jit
def solve_tight(
    kept, tight, owner, points, scale, pay, most_nodes, entry_ptr, entry_first, entry_last, entry_amount, capacity, prices, used,
    binding, chosen,
):  # fmt: skip
    """(finished, what the binding rows cost at least): options on no binding row stay chosen, the others are searched."""
    n, sum_gain, row = 0, 0, np.int64(-1)
    items, gain = np.empty(len(kept), np.int64), np.empty(len(kept), np.int64)
    toll, key = np.empty(len(kept), np.int64), np.empty(len(kept), np.int64)
    room_price = 0
    for k in kept:
        touches = False
        for e in range(entry_ptr[k], entry_ptr[k + 1]):
            for r in range(entry_first[e], entry_last[e]):
                if binding[r]:
                    touches = True
                    if used[r] == 0:
                        used[r] = 1  # seen
                        room_price += prices[r] * capacity[r]
                        row = r
        if touches:
            items[n] = k
            gain[n] = scale * points[k] - pay[owner[k]]
            sum_gain += gain[n]
            n += 1
    for i in range(n):
        for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
            for r in range(entry_first[e], entry_last[e]):
                used[r] = 0
    items, gain, toll, key = items[:n], gain[:n], toll[:n], key[:n]
    best = np.zeros(n, np.bool_)
    for attempt in range(2):
        if attempt == 1:
            fit_prices(items, gain, entry_ptr, entry_first, entry_last, entry_amount, capacity, binding, prices)
            room_price = 0
            for i in range(n):
                for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
                    for r in range(entry_first[e], entry_last[e]):
                        if binding[r] and used[r] == 0:
                            used[r] = 1
                            room_price += prices[r] * capacity[r]
            for i in range(n):
                for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
                    for r in range(entry_first[e], entry_last[e]):
                        used[r] = 0
        for i in range(n):
            toll[i] = toll_of(items[i], entry_ptr, entry_first, entry_last, entry_amount, prices, binding)
            key[i] = toll[i] - gain[i]
        order = np.argsort(key, kind="mergesort")
        items, gain, toll, key = items[order], gain[order], toll[order], key[order]
        bound = room_price
        for i in range(n):
            bound += max(0, gain[i] - toll[i])
        if tight == 1 and n * capacity[row] <= TABLE_A_NODE * most_nodes:
            weight = np.zeros(n, np.int64)
            for i in range(n):
                for e in range(entry_ptr[items[i]], entry_ptr[items[i] + 1]):
                    if entry_first[e] <= row < entry_last[e]:
                        weight[i] += entry_amount[e]
            alone = True
            for i in range(n):
                alone &= entry_ptr[items[i] + 1] - entry_ptr[items[i]] == 1
            if alone:
                found, left = tabulate(gain, weight, capacity[row], best), np.int64(0)
                break
        found, left = dive(
            items, gain, toll, room_price, -1, most_nodes, entry_ptr, entry_first, entry_last, entry_amount, used, capacity, best
        )
        if left >= 0:
            break
    for i in range(n):
        chosen[items[i]] = best[i]
    if left >= 0:
        return True, sum_gain - found
    return False, max(0, sum_gain - bound)


@jit
def exclude(
    item_ptr, item, owner, points, scale, pay, opening, worth, spare, most_nodes, entry_ptr, entry_first, entry_last, entry_amount, capacity,
    prices, used, dropped,
):  # fmt: skip
    """Marks `dropped` the options whose taking costs more than `spare` of the bound: no better answer has them. Each is held against
    what its own block is worth with it, within `most_nodes`."""
    everywhere = np.ones(len(capacity), np.bool_)
    for b in range(len(item_ptr) - 1):
        size = item_ptr[b + 1] - item_ptr[b]
        members = item[item_ptr[b] : item_ptr[b + 1]]
        gain, toll = np.empty(size, np.int64), np.empty(size, np.int64)
        room_price, bound = 0, 0
        for i in range(size):
            k = members[i]
            gain[i] = scale * points[k] - pay[owner[k]]
            toll[i] = toll_of(k, entry_ptr, entry_first, entry_last, entry_amount, prices, everywhere)
            bound += max(0, gain[i] - toll[i])
            for e in range(entry_ptr[k], entry_ptr[k + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    if used[r] == 0:
                        used[r] = 1
                        room_price += prices[r] * capacity[r]
        for i in range(size):
            for e in range(entry_ptr[members[i]], entry_ptr[members[i] + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    used[r] = 0
        order = np.argsort(toll - gain, kind="mergesort")
        need = worth[b] - spare + opening[b]  # an option stays when the block is worth this much with it
        for i in range(size):
            k = members[i]
            if room_price + bound + min(0, gain[i] - toll[i]) < need:
                dropped[k] = True
                continue
            others = np.empty(size, np.int64)
            n = 0
            for j in order:
                if j != i and gain[j] > 0 and owner[members[j]] != owner[k]:
                    others[n] = j
                    n += 1
            others = others[:n]
            put(k, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
            floor = need - gain[i] - 1
            found, left = dive(
                members[others], gain[others], toll[others], room_price - toll[i], floor, most_nodes, entry_ptr, entry_first,
                entry_last, entry_amount, used, capacity, np.zeros(n, np.bool_),
            )  # fmt: skip
            put(k, -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            dropped[k] = left >= 0 and found == floor


@jit
def enumerate_packs(
    item_ptr, item, owner, points, scale, pay, opening, worth, spare, most_nodes, entry_ptr, entry_first, entry_last, entry_amount,
    capacity, prices, used, pack_ptr, pack_item,
):  # fmt: skip
    """Every pack of every block that costs at most `spare` of the bound, into `pack_ptr` and `pack_item`: (packs, items), or (-1, 0)
    where they or the nodes do not suffice. A better answer is made of such packs and of empty blocks. `prices` of rows that the
    options of a block use bound its search."""
    packs, filled, left = 0, 0, most_nodes
    pack_ptr[0] = 0
    for b in range(len(item_ptr) - 1):
        size = item_ptr[b + 1] - item_ptr[b]
        members = item[item_ptr[b] : item_ptr[b + 1]]
        gain, toll = np.empty(size, np.int64), np.zeros(size, np.int64)
        room_price = 0
        for i in range(size):
            k = members[i]
            gain[i] = scale * points[k] - pay[owner[k]]
            for e in range(entry_ptr[k], entry_ptr[k + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    toll[i] += prices[r] * entry_amount[e]
                    if used[r] == 0:
                        used[r] = 1
                        room_price += prices[r] * capacity[r]
        for i in range(size):
            for e in range(entry_ptr[members[i]], entry_ptr[members[i] + 1]):
                for r in range(entry_first[e], entry_last[e]):
                    used[r] = 0
        order = np.argsort(toll - gain, kind="mergesort")
        members, gain, toll = members[order], gain[order], toll[order]
        rest = np.zeros(size + 1, np.int64)
        for i in range(size - 1, -1, -1):
            rest[i] = rest[i + 1] + max(0, gain[i] - toll[i])
        need = worth[b] - spare + opening[b]
        taken, value, i = np.zeros(size, np.bool_), 0, 0
        while True:
            while i < size and value + rest[i] + room_price >= need:
                left -= 1
                k = members[i]
                free = True
                for j in range(i):
                    if taken[j] and owner[members[j]] == owner[k]:
                        free = False
                if free and fits(k, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
                    put(k, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
                    taken[i] = True
                    value += gain[i]
                    room_price -= toll[i]
                i += 1
            if i == size and value >= need:
                count = 0
                for j in range(size):
                    if taken[j]:
                        if filled + count >= len(pack_item):
                            return -1, 0
                        pack_item[filled + count] = members[j]
                        count += 1
                if count:
                    if packs + 2 > len(pack_ptr):
                        return -1, 0
                    packs, filled = packs + 1, filled + count
                    pack_ptr[packs] = filled
            i -= 1
            while i >= 0 and not taken[i]:
                i -= 1
            if i < 0:
                break
            if left < 0:
                return -1, 0
            put(members[i], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            taken[i] = False
            value -= gain[i]
            room_price += toll[i]
            i += 1
    return packs, filled
