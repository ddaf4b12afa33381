"""The compiled search of long exchanges, for indivisible needs of which every option takes of one row or of none.

An exchange moves a need to another row, one of that row's needs to a third, and so on; the last one takes the first one's old place
(a cyclic transfer: Thompson and Psaraftis 1993) or what room a row has. Rows may be overfull at a price. What an exchange changes
adds up step by step, and of one that gains, some beginning has gained at every step (Lin and Kernighan 1973): so from a need, step by
step, the best way on to every other need is kept while it gains, as in a shortest path (Ahuja, Orlin and Sharma 2003). Eight steps
deep this meets what chains drawn at random do not. No exchange visits a row twice; rows are told apart by their number's last six
bits, so in a part of more than 64 some that could be made are not.
Costs: a need's option is short by its best option's points less price, minus its own points; the sum of that over an answer falls as
its value rises, and what is close to the best of a row that is full is short by little.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from app.engine.allocation.chains_kernel import DRAWN, draw
from app.engine.allocation.lagrange import Floats
from app.engine.problem import Ints

jit = nb.njit(nogil=True, cache=True)
LEAST = 1e-7  # an exchange gains more than this
MOST_SCANNED = 64  # of a row's needs on each side of the one that fits exactly
REPAIR_EVERY = 4  # turns between two tries to make an overfull answer fit


class Cells(NamedTuple):
    """The options looked at, `options[i]` of need i, best first: their row, amount, points and what they are `short` by (n × width).
    `at[i, r]`: which of them is on row r, -1 none."""

    options: Ints
    row: Ints
    amount: Ints
    points: Ints
    short: Floats
    at: Ints


class Held(NamedTuple):
    """An answer: `cell[i]` of each need; what rows have `used`; their needs, `needs[r]` from `ptr[r]` on, by ascending amount, with
    amounts and shorts; at most `worst[r]` is one short by, with its price."""

    cell: Ints
    used: Ints
    needs: Ints
    ptr: Ints
    member: Ints
    amount: Ints
    short: Floats
    worst: Floats
    fresh: NDArray[np.bool_]


class Ways(NamedTuple):
    """Ways from a need: cost, last need, the way it goes on from, rows visited. `turn[i]` and `way[i]`: the way to need i of this
    step; `clock` counts steps; `who` and `to`: an exchange found."""

    cost: Floats
    need: Ints
    before: Ints
    rows: NDArray[np.uint64]
    turn: Ints
    way: Ints
    clock: Ints
    who: Ints
    to: Ints


@jit
def over(use):
    return use if use > 0 else 0


@jit
def bit(row):
    return np.uint64(1) << np.uint64(row & 63)


@jit
def leave(i, cells, held):
    r = cells.row[i, held.cell[i]]
    at, end = held.ptr[r], held.ptr[r] + held.needs[r] - 1
    while held.member[at] != i:
        at += 1
    for e in range(at, end):
        held.member[e], held.amount[e], held.short[e] = held.member[e + 1], held.amount[e + 1], held.short[e + 1]
    held.fresh[r] = True
    held.needs[r] -= 1
    held.used[r] -= cells.amount[i, held.cell[i]]


@jit
def enter(i, t, price, cells, held):
    r, amount, short = cells.row[i, t], cells.amount[i, t], cells.short[i, t]
    e = held.ptr[r] + held.needs[r]
    while e > held.ptr[r] and held.amount[e - 1] > amount:
        held.member[e], held.amount[e], held.short[e] = held.member[e - 1], held.amount[e - 1], held.short[e - 1]
        e -= 1
    held.member[e], held.amount[e], held.short[e], held.cell[i] = i, amount, short, t
    held.fresh[r] = True
    held.needs[r] += 1
    held.used[r] += amount
    held.worst[r] = max(held.worst[r], short + price[r] * amount)


@jit
def hold(cell, price, cells, held):
    """Hold the answer in which need i has its option `cell[i]`."""
    held.used[:], held.needs[:], held.worst[:] = 0, 0, 0.0
    for i in range(len(cell)):
        enter(i, cell[i], price, cells, held)


@jit
def weigh(price, cells, held):
    """Take over what options are short by now."""
    for r in range(len(held.needs)):
        held.worst[r] = 0.0
        for e in range(held.ptr[r], held.ptr[r] + held.needs[r]):
            i = held.member[e]
            held.short[e] = cells.short[i, held.cell[i]]
            held.worst[r] = max(held.worst[r], held.short[e] + price[r] * held.amount[e])


@jit
def step_on(x, i, t, dear, price, capacity, cells, held, ways, size):
    """The ways that go on from way `x`, whose need `i` moves to its option `t` and drives out one of that row. O(log needs of the row +
    ways). Returns how many ways there are."""
    r, clock = cells.row[i, t], ways.clock[0]
    now = held.used[r] - capacity[r]
    full, each = now + cells.amount[i, t], dear * price[r]
    cost = ways.cost[x] + cells.short[i, t] - each * over(now)
    if cost + price[r] * full >= held.worst[r]:  # even when it fits exactly
        return size
    first, end = held.ptr[r], held.ptr[r] + held.needs[r]
    low, high = first, end
    while low < high:
        middle = (low + high) >> 1
        if held.amount[middle] < full:
            low = middle + 1
        else:
            high = middle
    for side in range(2):
        e, by = (low, 1) if side == 0 else (low - 1, -1)
        for _ in range(MOST_SCANNED):
            if e < first or e >= end:
                break
            gone = cost + each * over(full - held.amount[e])
            if gone + price[r] * held.amount[e] >= held.worst[r]:
                break
            new, j = gone - held.short[e], held.member[e]
            e += by
            if new >= 0:
                continue
            y = ways.way[j]
            if ways.turn[j] != clock:
                y, size = size, size + 1
                ways.turn[j], ways.way[j] = clock, y
            elif ways.cost[y] <= new:
                continue
            ways.cost[y], ways.need[y], ways.before[y], ways.rows[y] = new, j, x, ways.rows[x] | bit(r)
    return size


@jit
def find_exchange(start, dear, price, capacity, cells, held, ways):
    """Needs `ways.who[:length]`, last first, and their new options `ways.to` of an exchange from `start` that gains; length 0: none.
    O(depth × needs × width) at most, but few ways gain all along."""
    home, width = cells.row[start, held.cell[start]], cells.row.shape[1]
    hole = held.used[home] - cells.amount[start, held.cell[start]] - capacity[home]
    each, own = dear * price[home], cells.short[start, held.cell[start]]
    ways.cost[0], ways.need[0], ways.before[0], ways.rows[0] = (
        -each * (over(held.used[home] - capacity[home]) - over(hole)),
        start,
        -1,
        bit(home),
    )
    best, last, option = own - LEAST, -1, -1
    begin, size = 0, 1
    for depth in range(len(ways.who)):
        ways.clock[0] += 1
        end = size
        for x in range(begin, end):
            i = ways.need[x]
            back = cells.at[i, home]
            if depth > 0 and back >= 0:
                cost = ways.cost[x] + cells.short[i, back] + each * (over(hole + cells.amount[i, back]) - over(hole))
                if cost < best:
                    best, last, option = cost, x, back
            for t in range(min(width, cells.options[i])):
                r = cells.row[i, t]
                if ways.rows[x] & bit(r):
                    continue
                now = held.used[r] - capacity[r]
                cost = ways.cost[x] + cells.short[i, t] + dear * price[r] * (over(now + cells.amount[i, t]) - over(now))
                if cost < best:
                    best, last, option = cost, x, t
                if depth + 1 < len(ways.who):
                    size = step_on(x, i, t, dear, price, capacity, cells, held, ways, size)
        if last >= 0 or size == end:
            break
        begin = end
    length, x = 0, last
    while x >= 0:
        i = ways.need[x]
        ways.who[length], ways.to[length] = i, option
        x, length = ways.before[x], length + 1
        if x >= 0:  # the one before drives this one out: it goes where this one was
            option = cells.at[ways.need[x], cells.row[i, held.cell[i]]]
    return length


@jit
def improve(most, fresh, state, dear, price, capacity, cells, held, ways):
    """Exchanges that gain, from every need in turn, until there is none or `most` are made."""
    n = len(held.cell)
    start, failed, made = (draw(state) * n) >> 31, 0, 0
    while failed < n and made < most:
        start = start + 1 if start + 1 < n else 0
        home = cells.row[start, held.cell[start]]
        if fresh and not held.fresh[home] and held.used[home] <= capacity[home]:
            failed += 1
            continue
        length = find_exchange(start, dear, price, capacity, cells, held, ways)
        if length == 0:
            failed += 1
            continue
        for q in range(length):
            leave(ways.who[q], cells, held)
        for q in range(length):
            enter(ways.who[q], ways.to[q], price, cells, held)
        failed, made = 0, made + 1


@jit
def worth(capacity, cells, held):
    """(value, what rows hold too much)."""
    value, much = 0, 0
    for i in range(len(held.cell)):
        value += cells.points[i, held.cell[i]]
    for r in range(len(capacity)):
        much += over(held.used[r] - capacity[r])
    return value, much


@jit
def search(
    turns, done, of, warm, cold, loose, strict, never, moved, state, price, capacity, plain, noisy, held, ways, kept, best, known
):
    """The value of the best answer that keeps every capacity, in `best`: `turns` turns of a schedule of `of`, `done` of them done. Each
    makes at most `moved` exchanges that gain when shorts are off by up to `warm` … `cold` points (Charon and Hudry 1993), then all that
    gain as they are. A unit too much costs `loose` … `strict` prices of its row, and `never` where an answer is made to fit. `noisy`:
    cells like `plain`, with shorts of their own."""
    n = len(held.cell)
    for turn in range(turns):
        share = (done + turn) / of
        heat, dear = warm * (cold / warm) ** share, loose * (strict / loose) ** share
        for i in range(n):
            for t in range(plain.options[i]):
                noisy.short[i, t] = plain.short[i, t] + heat * ((draw(state) + draw(state)) * DRAWN - 1.0)
        weigh(price, noisy, held)
        improve(moved, False, state, dear, price, capacity, noisy, held, ways)
        weigh(price, plain, held)
        improve(2**62, True, state, dear, price, capacity, plain, held, ways)
        held.fresh[:] = False
        value, much = worth(capacity, plain, held)
        if much > 0 and value > known and turn % REPAIR_EVERY == 0:
            kept[:] = held.cell
            improve(2**62, False, state, never, price, capacity, plain, held, ways)
            value, much = worth(capacity, plain, held)
            if much == 0 and value > known:
                known = value
                best[:] = held.cell
            hold(kept, price, plain, held)
            held.fresh[:] = False
        elif much == 0 and value > known:
            known = value
            best[:] = held.cell
    return known
