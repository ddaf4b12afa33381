"""The compiled search of ejection chains, for indivisible needs of which every option takes of one row or of none.

A chain moves a need to another row, one of that row's needs to a third, and so on; it ends in a row, at the first one's old place,
or with a need that is served no more. Rows may be overfull at a price (Yagiura, Ibaraki and Glover 2004, 2006). In points less
prices, what a row holds is worth `price * (use - capacity)` below its capacity and falls at `strict` times that above it, so a
chain's gain adds up row by row; one whose gain so far is below the threshold is given up (Lin and Kernighan 1973: a cycle worth
finding has a beginning from which no part is below it). The threshold is drawn anew each time, as in annealing.
State: `choice[i]`, a need's option or -1; `used[r]`; needs by row: `member[member_ptr[r] + position]`, `count[r]` of them.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)
DRAWN = 2.0**-31


@jit
def draw(state):
    """The next of 2^31 whole numbers (Vigna 2016, xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(33))


@jit
def held(over, price, strict):
    """What a row's use is worth, `over` its capacity."""
    return price * over if over <= 0 else (1.0 - strict) * price * over


@jit
def leave(i, r, amount, used, count, member, member_ptr, position):
    used[r] -= amount
    count[r] -= 1
    other = member[member_ptr[r] + count[r]]
    member[member_ptr[r] + position[i]] = other
    position[other] = position[i]


@jit
def enter(i, r, amount, used, count, member, member_ptr, position):
    used[r] += amount
    member[member_ptr[r] + count[r]] = i
    position[i] = count[r]
    count[r] += 1


@jit
def find_chain(
    start, threshold, strict, width, most, ptr, ranked, row, amount, reduced, at, capacity, price, choice, used, count, member,
    member_ptr, state, who, to,
):  # fmt: skip
    """Needs `who[:length]` and their new options `to` (-1: none) of a chain from `start` worth at least `threshold`; length 0: none
    within `most` steps."""
    deep = len(who) - 1
    candidate, begin = np.zeros(deep, np.int64), np.zeros(deep, np.int64)
    position, via = np.full(deep, -1, np.int64), np.empty(deep, np.int64)
    so_far = np.zeros(deep, np.float64)
    home, hole, before = np.int64(-1), np.int64(0), 0.0
    if choice[start] >= 0:
        home = row[choice[start]]
        hole = used[home] - amount[choice[start]] - capacity[home]
        before = held(used[home] - capacity[home], price[home], strict)
    left_alone = held(hole, price[home], strict) - before if home >= 0 else 0.0
    level, who[0], begin[0] = 0, start, draw(state)
    while level >= 0 and most > 0:
        i = who[level]
        old = choice[i]
        loses = reduced[old] if old >= 0 else 0.0
        few = min(width, ptr[i + 1] - ptr[i])
        if candidate[level] >= few:
            if candidate[level] == few and old >= 0 and so_far[level] - loses + left_alone >= threshold:
                to[level] = -1
                return level + 1
            level -= 1
            continue
        k = ranked[ptr[i] + (candidate[level] + begin[level]) % few]
        r = row[k]
        met = r == home or k == old or (old >= 0 and row[old] == r)
        for earlier in range(level):
            met |= via[earlier] == r
        if met:
            if level == 0 and r == home and k != old:  # another option on the same row
                most -= 1
                if reduced[k] - loses + held(hole + amount[k], price[r], strict) - before >= threshold:
                    to[0] = k
                    return 1
            candidate[level] += 1
            continue
        over = used[r] - capacity[r] + amount[k]
        gain = so_far[level] + reduced[k] - loses - held(used[r] - capacity[r], price[r], strict)
        to[level] = k
        if position[level] < 0:
            position[level] = 0
            most -= 1
            if gain + held(over, price[r], strict) + left_alone >= threshold:
                return level + 1
        pushed = False
        while position[level] < count[r]:
            j = member[member_ptr[r] + (position[level] + begin[level]) % count[r]]
            position[level] += 1
            most -= 1
            now = gain + held(over - amount[choice[j]], price[r], strict)
            if now < threshold:
                continue
            who[level + 1] = j
            if home >= 0 and at[j, home] >= 0:
                back = at[j, home]
                closed = held(hole + amount[back], price[home], strict) - before
                if now + reduced[back] - reduced[choice[j]] + closed >= threshold:
                    to[level + 1] = back
                    return level + 2
            if level + 1 < deep:
                via[level], pushed = r, True
                break
        if pushed:
            level += 1
            so_far[level], candidate[level], position[level], begin[level] = now, 0, -1, draw(state)
        else:
            candidate[level] += 1
            position[level] = -1
    return 0


@jit
def follow(length, who, to, points, row, amount, capacity, choice, used, count, member, member_ptr, position):
    """(change of value, of what rows hold too much) of a chain, which is made."""
    gained, over = 0, 0
    for t in range(length):
        old = choice[who[t]]
        if old >= 0:
            r = row[old]
            over -= max(0, used[r] - capacity[r])
            leave(who[t], r, amount[old], used, count, member, member_ptr, position)
            over += max(0, used[r] - capacity[r])
            gained -= points[old]
    for t in range(length):
        new = to[t]
        choice[who[t]] = new
        if new >= 0:
            r = row[new]
            over -= max(0, used[r] - capacity[r])
            enter(who[t], r, amount[new], used, count, member, member_ptr, position)
            over += max(0, used[r] - capacity[r])
            gained += points[new]
    return gained, over


@jit
def search(
    tries, done, of, warm, cold, loose, strict, width, most, ptr, points, ranked, row, amount, reduced, at, capacity, price, choice,
    used, count, member, member_ptr, position, best, known, state, who, to,
):  # fmt: skip
    """The value of the best answer that keeps every capacity, in `best`: `tries` chains of a schedule of `of`, `done` of them done,
    from `warm` to `cold` points and from `loose` to `strict` rows."""
    value, over = 0, 0
    for i in range(len(choice)):
        if choice[i] >= 0:
            value += points[choice[i]]
    for r in range(len(capacity)):
        over += max(0, used[r] - capacity[r])
    for turn in range(tries):
        share = (done + turn) / of
        threshold = warm * (cold / warm) ** share * np.log((draw(state) + 1) * DRAWN)
        start = (draw(state) * len(choice)) >> 31
        length = find_chain(
            start, threshold, loose + (strict - loose) * share, width, most, ptr, ranked, row, amount, reduced, at, capacity, price,
            choice, used, count, member, member_ptr, state, who, to,
        )  # fmt: skip
        if length == 0:
            continue
        gained, more = follow(
            length, who, to, points, row, amount, capacity, choice, used, count, member, member_ptr, position
        )  # fmt: skip
        value += gained
        over += more
        if over == 0 and value > known:
            known = value
            best[:] = choice
    return known
