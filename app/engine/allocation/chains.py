"""The local search by ejection chains, where every option takes of one row or of none: the generalised assignment problem.

Rounds of annealing, each warm and then less so, four times as long as the one before and from where that ended. Rounds and tries are
counted; the last round is shortened to what a deadline leaves, as one that is cut off before it has cooled is lost.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.engine.allocation import chains_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats
from app.engine.allocation.part import Part
from app.engine.problem import Ints

CHUNK = 2_000  # tries between two looks at the clock
FIRST, LONGER = 250, 4  # tries per need in the first round; each round is so many times longer
MOST_TRIES = 8_000_000  # of a round
MOST_CELLS = 8_000_000  # of the table of options by need and row
LENGTH, WIDTH, MOST_STEPS = 4, 8, 3_000  # of a chain: its needs, the options tried of each, and steps before it is given up
NEXT = 3  # the option whose distance from the best tells how warm it has to be
SCHEDULES = (
    (0.4, 0.1),
    (0.15, 0.04),
)  # from, to: of that distance, on average; which suits depends on how exactly rows must fill
LOOSE, STRICT = 1.5, 4.0  # what a unit too much costs, in prices of its row
LEAST_PRICE = 0.1  # of the mean price: also rows without a price must end within their capacity


class Rows(NamedTuple):
    """Per option its row and what it takes of it; a last row without limit is for those that take nothing."""

    row: Ints
    amount: Ints
    capacity: Ints


def rows_of(part: Part) -> Rows | None:
    """None when the search cannot be made of this part."""
    entries, n = np.diff(part.entry_ptr), len(part.quantity)
    spread = entries.max(initial=0) > 1 or (part.entry_last - part.entry_first > 1).any()
    if not part.simple or spread or not len(part.capacity) or n * (len(part.capacity) + 1) > MOST_CELLS:
        return None
    row, amount = np.full(len(part.points), len(part.capacity)), np.zeros(len(part.points), np.int64)
    row[entries > 0], amount[entries > 0] = part.entry_first, part.entry_amount
    return Rows(row, amount, np.append(part.capacity, 2**60))


def chained(part: Part, rows: Rows, taken: Ints, prices: Floats, tries: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """The best answer met, never worse than `taken`, in rounds of at most `tries` per need."""
    n = len(part.quantity)
    owner = np.repeat(np.arange(n), np.diff(part.ptr))
    choice = np.full(n, -1, np.int64)
    choice[owner[taken > 0]] = np.flatnonzero(taken)
    price = np.append(prices, 0.0)
    price = np.maximum(price, LEAST_PRICE * max(float(prices.mean()), 1e-9))
    reduced = part.points - price[rows.row] * rows.amount
    ranked = np.lexsort((-reduced, owner))
    distance = _distance(part, reduced[ranked])
    at = np.full((n, len(rows.capacity)), -1, np.int32)
    at[owner[ranked[::-1]], rows.row[ranked[::-1]]] = ranked[::-1]  # of two options of a need on one row the better one
    room = np.bincount(rows.row, minlength=len(rows.capacity))
    used, count, position = np.zeros(len(room), np.int64), np.zeros(len(room), np.int64), np.zeros(n, np.int64)
    member, member_ptr = np.empty(len(part.points), np.int64), np.concatenate(([0], np.cumsum(room)[:-1])).astype(np.int64)
    for i in np.flatnonzero(choice >= 0).tolist():
        k = choice[i]
        chains_kernel.enter(i, rows.row[k], rows.amount[k], used, count, member, member_ptr, position)
    state = rng.integers(1, 2**63, 1).astype(np.uint64)
    best, value, who = choice.copy(), part.worth(taken), np.empty(LENGTH + 1, np.int64)
    to = np.empty(LENGTH + 1, np.int64)
    most = min(tries * n, MOST_TRIES)
    for size in rounds_within(min(FIRST * n, most), most, LONGER, clock):
        size = max(1, size // len(SCHEDULES))
        for (warm, cold), done in itertools.product(SCHEDULES, range(0, size, CHUNK)):
            if clock.over():
                break
            value = chains_kernel.search(
                min(CHUNK, size - done), done, size, warm * distance, cold * distance, LOOSE, STRICT, WIDTH, MOST_STEPS, part.ptr,
                part.points, ranked, rows.row, rows.amount, reduced, at, rows.capacity, price, choice, used, count, member,
                member_ptr, position, best, value, state, who, to,
            )  # fmt: skip
    answer = np.zeros(len(part.points), np.int64)
    answer[best[best >= 0]] = 1
    return answer


def _distance(part: Part, ranked: Floats) -> float:
    """From each need's best option to its fourth, on average; of a need with one option, to nothing."""
    has = np.flatnonzero(part.ptr[1:] > part.ptr[:-1])
    first, last = part.ptr[has], np.minimum(part.ptr[has] + NEXT, part.ptr[has + 1] - 1)
    distance = np.where(first == last, np.abs(ranked[first]), ranked[first] - ranked[last])
    return max(float(distance.mean()), 1e-3) if len(has) else 1.0


def rounds_within(first: int, most: int, longer: int, clock: Clock) -> Iterator[int]:
    """The size of each round: `first`, then `longer` times that and so on, at most `most` and no more than the clock leaves time for,
    by what the round before took. The next is asked for when one has ended."""
    size = min(first, most)
    while size > 0 and not clock.over():
        before = clock.left()
        yield size
        more = min(size * longer, most)
        if math.isfinite(before):
            spent = max(before - clock.left(), 1e-3)
            more = min(more, int(size * clock.left() / spent))
        size = more if more > size else 0
