"""Simulated annealing of a part of indivisible needs, from an answer to a better one. Moves are counted; a deadline may end them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation.anneal_kernel import anneal
from app.engine.allocation.branch import put
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange_kernel import reduced_points
from app.engine.allocation.part import Part, compact
from app.engine.problem import Ints

CHUNK = 20_000  # moves between two looks at the clock
WARM, COLD = 0.05, 0.0005  # of the mean points of an option


def annealed(part: Part, taken: Ints, prices: NDArray[np.float64], moves: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """The best answer seen at the end of a chunk, never worse than `taken`. Only for `part.simple`."""
    n, mean = len(part.quantity), float(part.points.mean()) if len(part.points) else 0.0
    if not n or mean <= 0 or moves <= 0:
        return taken
    owner = np.repeat(np.arange(n), np.diff(part.ptr))
    choice = np.full(n, -1, np.int64)
    choice[owner[taken > 0]] = np.flatnonzero(taken)
    places, place = compact(part.listing)
    head, following, previous = np.full(len(places), -1, np.int64), np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    used = np.zeros(len(part.capacity), np.int64)
    for i in np.flatnonzero(choice >= 0).tolist():
        p = place[choice[i]]
        following[i] = head[p]
        if head[p] >= 0:
            previous[head[p]] = i
        head[p] = i
        put(choice[i], 1, part.entry_ptr, part.entry_first, part.entry_last, part.entry_amount, used)
    reduced, summed = np.empty(len(part.points)), np.empty(len(prices) + 1)
    reduced_points(prices, 1.0, part.points, *part[7:11], summed, reduced)
    value = highest = part.worth(taken)
    best, done = choice.copy(), 0
    while done < moves and not clock.over():
        now = min(CHUNK, moves - done)
        value += anneal(
            now, int(rng.integers(2**31)), WARM * mean, COLD * mean, done, moves, part.ptr, part.points, *part[7:12], place,
            reduced, choice, used, head, following, previous,
        )  # fmt: skip
        done += now
        if value > highest:
            highest, best = value, choice.copy()
    answer = np.zeros(len(part.points), np.int64)
    answer[best[best >= 0]] = 1
    return answer
