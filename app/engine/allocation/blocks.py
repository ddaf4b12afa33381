"""The bound by listings: each need is charged for being served, each block of rows serves what pays best, exactly.

Lagrangian relaxation of "each need once" (Fisher, Jaikumar and Van Wassenhove 1986 for generalised assignment): the bound is
Σ of what needs pay + Σ over blocks of the most that they can be worth. A block is what options share of rows and openings, mostly
one listing, so its knapsack over columns and time is small enough to be solved to the end; that keeps whole what prices on rows
alone divide. Also the exclusion of options that no better answer can have (Posta, Ferland and Michelon 2012).
Only for parts of indivisible needs without bundles and exclusions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from app.engine.allocation import blocks_kernel, lagrange_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats, top_up
from app.engine.allocation.part import NONE, Part
from app.engine.problem import Ints

EVERY = 8  # steps between two answers made from what blocks hold
PATIENCE = 12  # steps without a better bound before the step is shortened
SHORTER = 0.7
MOST_BITS = 12  # what needs pay is counted in 4096ths of a point, where the sums have room
LARGEST = 2.0**60
MOST_ENTRIES = 30_000  # of a block, row by row
NEAR = 1.01  # packs of payments that bound this closely are worth keeping
Keep = Callable[[NDArray[np.bool_]], object]


class Blocks(NamedTuple):
    """Options by block: `item[ptr[b]:ptr[b + 1]]`; the points that opening it costs."""

    ptr: Ints
    item: Ints
    opening: Ints


class Charged(NamedTuple):
    """What needs `pay` and rows cost (`prices`), in `1 / scale` of a point; `worth` of each block then, `total` of everything."""

    scale: int
    pay: Ints
    prices: Ints
    worth: Ints
    total: int


class Bounded(NamedTuple):
    """`bound`: no answer is worth more. `taken`: the best answer met, worth `value`."""

    bound: int
    taken: Ints
    value: int
    charged: Charged


def divisible_by_blocks(part: Part) -> bool:
    """Can the relaxation be made of this part?"""
    return bool((part.quantity == 1).all() and (part.bundle == NONE).all() and not len(part.pair) and len(part.points))


def blocks_of(part: Part) -> Blocks | None:
    """The blocks of a part; None when one of them has several openings, or is too large to be searched again and again."""
    k, rows = len(part.points), len(part.capacity)
    option = np.repeat(np.arange(k), np.diff(part.entry_ptr))
    spans = np.zeros(rows + 1, np.int64)
    np.add.at(spans, part.entry_first, 1)
    np.add.at(spans, part.entry_last - 1, -1)
    chained = np.flatnonzero(np.cumsum(spans)[:rows] > 0)
    opened = np.flatnonzero(part.place != NONE)
    left = np.concatenate((option, k + chained, opened))
    right = np.concatenate((k + part.entry_first, k + chained + 1, k + rows + part.place[opened]))
    size = k + rows + len(part.opening)
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    names, block = np.unique(label[:k], return_inverse=True)
    item = np.argsort(block, kind="stable").astype(np.int64)
    ptr = np.concatenate(([0], np.cumsum(np.bincount(block, minlength=len(names))))).astype(np.int64)
    if np.bincount(block[option], part.entry_last - part.entry_first, len(names)).max(initial=0) > MOST_ENTRIES:
        return None
    places = np.unique(np.stack((block[opened], part.place[opened])), axis=1)
    if len(np.unique(places[0])) < places.shape[1] or len(np.unique(block[opened])) < len(np.unique(block[_beside(part, block)])):
        return None
    opening = np.zeros(len(names), np.int64)
    opening[places[0]] = part.opening[places[1]]
    return Blocks(ptr, item, opening)


def _beside(part: Part, block: Ints) -> NDArray[np.bool_]:
    """Options in blocks that have an opening, where every option of the block must share it."""
    if not len(part.opening):
        return np.zeros(len(block), bool)
    opened = np.zeros(int(block.max()) + 1, bool)
    opened[block[part.place != NONE]] = True
    return np.asarray(opened[block])


def start(part: Part, blocks: Blocks, prices: Floats, value: int, taken: Ints) -> Bounded:
    """What needs pay when each would rather pay its best option's surplus over the prices of rows."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    scale = 1 << _bits(part, prices)
    rows = np.rint(prices * scale).astype(np.int64)
    summed, reduced = np.empty(len(rows) + 1, np.int64), np.empty(len(part.points), np.int64)
    lagrange_kernel.reduced_points(rows, scale, part.points, *part[7:11], summed, reduced)
    pay = np.zeros(len(part.quantity), np.int64)
    np.maximum.at(pay, owner, reduced)
    return Bounded(part.most(), taken, value, Charged(scale, pay, rows, np.zeros(len(blocks.ptr) - 1, np.int64), 2**62))


def bound_by_blocks(
    part: Part, blocks: Blocks, known: Bounded, steps: int, nodes: int, clock: Clock, keep: Keep | None = None
) -> Bounded:
    """At most `steps` steps on what needs pay, from what is `known`, toward its value; `keep` sees what blocks choose."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    best = known
    charged = best.charged
    scale, pay, rows = charged.scale, charged.pay.copy(), charged.prices.copy()
    used, binding = np.zeros(len(part.capacity), np.int64), np.zeros(len(part.capacity), bool)
    chosen, worth = np.zeros(len(part.points), bool), np.zeros(len(blocks.ptr) - 1, np.int64)
    opening, exact, length, stalled = blocks.opening * scale, pay.astype(np.float64), 1.0, 0
    for step in range(steps):
        blocks_kernel.solve_blocks(
            blocks.ptr,
            blocks.item,
            owner,
            part.points,
            scale,
            pay,
            opening,
            nodes,
            *part[7:12],
            rows,
            used,
            binding,
            chosen,
            worth,
        )
        total = int(pay.sum()) + int(worth.sum())
        stalled += 1
        if total < charged.total:
            if total < charged.total * (1 - 1e-7):
                stalled = 0
            charged = Charged(scale, pay.copy(), rows.copy(), worth.copy(), total)
            best = best._replace(bound=min(best.bound, total // scale), charged=charged)
        if keep is not None and total < charged.total * NEAR:
            keep(chosen)
        if step % EVERY == EVERY - 1:
            best = _better(part, best, owner, chosen, rows / scale)
        if best.value >= best.bound or clock.over():
            break
        if stalled > PATIENCE:
            length, stalled, exact = length * SHORTER, 0, charged.pay.astype(np.float64)
        slope = 1.0 - np.bincount(owner[chosen], minlength=len(pay))
        slope[(pay <= 0) & (slope > 0)] = 0
        norm = float((slope * slope).sum())
        if norm == 0:
            break
        exact = np.maximum(0, exact - length * max(total - best.value * scale, scale) / norm * slope)
        pay = np.rint(exact).astype(np.int64)
    return best


def _bits(part: Part, prices: Floats) -> int:
    size = float((prices * part.capacity).sum()) + float(part.points.sum()) + float(part.opening.sum())
    most = float(part.entry_amount.max(initial=1)) * float(np.diff(part.entry_ptr).max(initial=1)) * float(prices.sum())
    return max(0, min(MOST_BITS, int(np.floor(np.log2(LARGEST / max(size, most, 1.0))))))


def _better(part: Part, best: Bounded, owner: Ints, chosen: NDArray[np.bool_], prices: Floats) -> Bounded:
    """What blocks hold, each need at the best that has it, and what still fits."""
    taken, held = np.zeros(len(part.points), np.int64), np.flatnonzero(chosen)
    first = held[np.unique(owner[held], return_index=True)[1]]  # options of a need are best first
    taken[first] = 1
    summed, reduced = np.empty(len(prices) + 1), np.empty(len(part.points))
    lagrange_kernel.reduced_points(prices, 1.0, part.points, *part[7:11], summed, reduced)
    top_up(part, np.argsort(-reduced, kind="stable"), taken, part.capacity - part.load(taken))
    value = part.worth(taken)
    return best._replace(taken=taken, value=value) if value > best.value else best


def excluded(part: Part, blocks: Blocks, charged: Charged, value: int, nodes: int) -> NDArray[np.bool_]:
    """Options that no answer worth more than `value` has."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    dropped = np.zeros(len(part.points), bool)
    spare = charged.total - (value + 1) * charged.scale
    blocks_kernel.exclude(
        blocks.ptr, blocks.item, owner, part.points, charged.scale, charged.pay, blocks.opening * charged.scale, charged.worth, spare,
        nodes, *part[7:12], charged.prices, np.zeros(len(part.capacity), np.int64), dropped,
    )  # fmt: skip
    return dropped
