"""The local search by long exchanges, where every option takes of one row or of none and rows must be filled to the last unit.

Turns of noise and descent in rounds, each with more noise and cheaper overfull rows first, ten times as long as the one before and
from where that ended. Turns are counted; the last round is shortened to what a deadline leaves.
"""

from __future__ import annotations

import numpy as np

from app.engine.allocation import exchanges_kernel
from app.engine.allocation.chains import LEAST_PRICE, Rows, rounds_within
from app.engine.allocation.clock import Clock
from app.engine.allocation.exchanges_kernel import Cells, Held, Ways
from app.engine.allocation.lagrange import Floats
from app.engine.allocation.part import Part
from app.engine.problem import Ints

MOST_NEEDS = 2_000  # a turn looks at every need: more are left to chains
WIDTH = 8  # options looked at of a need, by what they are short
DEPTH, MOVED = 8, 3  # needs of an exchange; exchanges a turn makes by noise
FIRST, LONGER = 2, 10  # turns per need in the first round; each round is so many times longer
MOST_LOOKS = 30_000_000  # at needs, in a round
WARM, COLD = 0.15, 0.06  # noise, from, to: of the distance from a need's best option to its middle one
LOOSE, STRICT = 1.6, 2.5  # what a unit too much costs, in prices of its row
CHUNK = 20_000  # needs looked at between two looks at the clock
NEVER = 12.0  # what a unit too much costs where an answer is made to fit: at least that, and more than any option is worth


def exchanged(part: Part, rows: Rows, taken: Ints, prices: Floats, turns: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """The best answer met, never worse than `taken`, in rounds of at most `turns` per need."""
    n = len(part.quantity)
    if not 0 < n <= MOST_NEEDS or turns <= 0:
        return taken
    price = np.append(prices, 0.0)
    price[:-1] = np.maximum(price[:-1], LEAST_PRICE * max(float(prices.mean()), 1e-9))
    cells, option, cell, distance = _cells(part, rows, taken, price)
    held, noisy, ways = _held(cells, cell, len(rows.capacity)), cells._replace(short=cells.short.copy()), _ways(n)
    exchanges_kernel.hold(cell, price, cells, held)
    never = max(NEVER, float(part.points.max(initial=0) + 1) / float(price[:-1].min()))
    state = rng.integers(1, 2**63, 1).astype(np.uint64)
    best, value, kept = cell.copy(), int(cells.points[np.arange(n), cell].sum()), cell.copy()
    chunk = max(1, CHUNK // n)
    for size in rounds_within(FIRST * n, min(turns * n, MOST_LOOKS // n), LONGER, clock):
        for done in range(0, size, chunk):
            if clock.over():
                break
            value = exchanges_kernel.search(
                min(chunk, size - done), done, size, WARM * distance, COLD * distance, LOOSE, STRICT, never, MOVED, state,
                price, rows.capacity, cells, noisy, held, ways, kept, best, value,
            )  # fmt: skip
    answer = np.zeros(len(part.points), np.int64)
    found = option[np.arange(n), best]
    answer[found[found >= 0]] = 1
    return answer


def _cells(part: Part, rows: Rows, taken: Ints, price: Floats) -> tuple[Cells, Ints, Ints, float]:
    """(cells, option of each or -1: not served, what each need has, how far options lie apart). O(options log options)."""
    n, none = len(part.quantity), len(rows.capacity) - 1
    owner = np.append(np.repeat(np.arange(n), np.diff(part.ptr)), np.arange(n))
    option = np.append(np.arange(len(part.points)), np.full(n, -1))
    row, amount = np.append(rows.row, np.full(n, none)), np.append(rows.amount, np.zeros(n, np.int64))
    points, has = np.append(part.points, np.zeros(n, np.int64)), np.append(taken > 0, np.zeros(n, bool))
    has[len(part.points) :] = np.bincount(owner[has], minlength=n) == 0
    reduced = points - price[row] * amount
    order = np.lexsort((-reduced, row, owner))
    first = np.append(True, (owner[order][1:] != owner[order][:-1]) | (row[order][1:] != row[order][:-1]))
    better = np.empty(len(order), np.int64)
    better[order] = order[first][np.cumsum(first) - 1]  # of a need's options on one row the one looked at
    mine = np.flatnonzero(has)
    kept = (amount[better[mine]] > amount[mine]) | (points[better[mine]] < points[mine])
    better[better[mine[kept]]] = better[mine[kept]] = mine[kept]  # but what it has, where the better one might not fit
    has[mine], has[better[mine]] = False, True
    chosen = np.unique(better[better[order[first]]])
    chosen = chosen[np.lexsort((-reduced[chosen], owner[chosen]))]
    count = np.bincount(owner[chosen], minlength=n)
    begin = np.concatenate(([0], np.cumsum(count)[:-1]))
    rank = np.arange(len(chosen)) - begin[owner[chosen]]
    top = reduced[chosen[begin]]
    distance = float(np.mean(top - reduced[chosen[begin + count // 2]]))
    late, crowded = has[chosen] & (rank >= WIDTH), np.zeros(n, np.int64)
    crowded[owner[chosen[late]]] = 1  # what a need has is looked at in any case
    kept = late | (rank < WIDTH - crowded[owner[chosen]])
    rank[late] = WIDTH - 1
    chosen, rank = chosen[kept], rank[kept]
    i, shape = owner[chosen], (n, WIDTH)
    cells = Cells(
        np.bincount(i, minlength=n), np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64),
        np.zeros(shape), np.full((n, len(rows.capacity)), -1, np.int64),
    )  # fmt: skip
    cells.row[i, rank], cells.amount[i, rank], cells.points[i, rank] = row[chosen], amount[chosen], points[chosen]
    cells.short[i, rank] = top[i] - points[chosen]
    cells.at[i, row[chosen]] = rank
    table, cell = np.full(shape, -1), np.zeros(n, np.int64)
    table[i, rank] = option[chosen]
    cell[i[has[chosen]]] = rank[has[chosen]]
    return cells, table, cell, max(distance, 1e-3)


def _held(cells: Cells, cell: Ints, rows: int) -> Held:
    looked_at = np.arange(WIDTH) < cells.options[:, None]
    room = np.bincount(cells.row[looked_at], minlength=rows)
    size, ptr = int(room.sum()), np.concatenate(([0], np.cumsum(room)[:-1])).astype(np.int64)
    whole, real = np.zeros(rows, np.int64), np.zeros(rows)
    return Held(
        cell.copy(),
        whole,
        whole.copy(),
        ptr,
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size),
        real,
        np.ones(rows, np.bool_),
    )


def _ways(needs: int) -> Ways:
    size = DEPTH * needs + 1
    whole, length = np.zeros(size, np.int64), np.zeros(DEPTH, np.int64)
    return Ways(
        np.zeros(size), whole, whole.copy(), np.zeros(size, np.uint64), np.full(needs, -1), np.zeros(needs, np.int64),
        np.zeros(1, np.int64), length, length.copy(),
    )  # fmt: skip
