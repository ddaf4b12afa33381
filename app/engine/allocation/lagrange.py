"""The Lagrangian bound: capacity gets a price, needs choose freely, and what they would pay bounds every allocation.

Held and Karp (1971), with Polyak's step toward the best known answer; L(λ) = Σ λ·capacity + Σ over needs of their best reduced
points. Bundles, exclusions, opening costs and least quantities are left out of it, which can only raise the bound. The prices
found in floating point are rounded to whole numbers and L is computed again in integers: the bound is proven, not measured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import lagrange_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.part import NONE, Part
from app.engine.problem import Ints

Floats = NDArray[np.float64]
EVERY = 20  # steps between two answers made from the prices
PATIENCE = 20  # steps without a better bound before the step is shortened
SHORTER = 0.7
LARGEST = 2.0**61


class Priced(NamedTuple):
    """`bound`: no answer is worth more. `taken`: an answer, units by option, worth `value`. `prices` by row."""

    bound: int
    taken: Ints
    value: int
    prices: Floats


def price(part: Part, steps: int, clock: Clock, known: Priced | None = None) -> Priced:
    """At most `steps` subgradient steps of O(rows + options + entries), from what is `known` already: its prices, toward its
    value."""
    rows, start = len(part.capacity), np.zeros(len(part.capacity))
    taken = answer(part, start)
    best = known or Priced(part.most(), taken, part.worth(taken), start)
    if not rows or best.value >= best.bound:
        return best
    scale = np.maximum(part.capacity, 1).astype(np.float64)  # prices per full row, so that rows of any unit weigh alike
    prices = best.prices * scale
    kept, length, stalled, level = prices, 1.0, 0, np.inf
    summed, reduced, picked = np.empty(rows + 1), np.empty(len(part.points)), np.empty(len(part.points), np.int64)
    loaded = np.empty(rows + 1, np.int64)
    for step in range(steps):
        if step % EVERY == EVERY - 1:
            best = _better(part, best, prices)
            if clock.over() or best.value >= int(level):
                break
        lagrange_kernel.reduced_points(prices / scale, 1.0, part.points, *part[7:11], summed, reduced)
        now = float(lagrange_kernel.pick_best(part.ptr, reduced, part.units, part.quantity, picked))
        now += float((prices / scale * part.capacity).sum())
        if now < level * (1 - 1e-7):
            level, kept, stalled = now, prices, 0
        else:
            stalled += 1
            if stalled > PATIENCE:
                length, stalled, prices = length * SHORTER, 0, kept
        lagrange_kernel.loads(picked, *part[7:11], loaded)
        slope = (loaded[:-1] - part.capacity) / scale
        slope[(prices <= 0) & (slope < 0)] = 0
        norm = float((slope * slope).sum())
        if norm == 0:
            break
        prices = np.maximum(0, prices + length * max(now - best.value, 1.0) / norm * slope)
    best = _better(part, best, kept)
    return best._replace(bound=min(best.bound, proven_bound(part, kept / scale)), prices=kept / scale)


def proven_bound(part: Part, prices: Floats) -> int:
    """L at prices rounded to a power of two's fractions, exactly: any prices bound, so rounding costs a hair and no proof."""
    size = float((prices * part.capacity).sum()) + float((part.points * part.units).sum())
    most = float(part.entry_amount.max(initial=1)) * float(np.diff(part.entry_ptr).max(initial=1))
    taking = most * float(prices.sum())  # what a unit pays stays in int64 too
    bits = int(np.floor(np.log2(LARGEST / max(size, taking, 1.0)))) - 1
    if bits < 0:
        return part.most()
    whole = np.rint(prices * 2.0**bits).astype(np.int64)
    summed, reduced = np.empty(len(whole) + 1, np.int64), np.empty(len(part.points), np.int64)
    lagrange_kernel.reduced_points(whole, 2**bits, part.points, *part[7:11], summed, reduced)
    picked = np.empty(len(part.points), np.int64)
    total = int(lagrange_kernel.pick_best(part.ptr, reduced, part.units, part.quantity, picked))
    return (total + int((whole * part.capacity).sum())) >> bits


def answer(part: Part, prices: Floats) -> Ints:
    """Options by reduced points per unit, each as far as it fits. Needs tied to others by more than rows are left out."""
    summed, reduced = np.empty(len(prices) + 1), np.empty(len(part.points))
    lagrange_kernel.reduced_points(prices, 1.0, part.points, *part[7:11], summed, reduced)
    taken, room = np.zeros(len(part.points), np.int64), part.capacity.copy()
    top_up(part, np.argsort(-reduced, kind="stable"), taken, room)
    return _closed(part, taken) if len(part.opening) else taken


def _closed(part: Part, taken: Ints) -> Ints:
    """The answer without listings that cost more to open than they serve, and without needs that thereby miss their least."""
    at = part.place != NONE
    gain = np.bincount(part.place[at], (taken * part.points)[at], len(part.opening))
    kept = np.where(at & (gain < part.opening)[part.place], 0, taken)
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    got = np.bincount(owner, kept, len(part.quantity))
    kept[(got < part.least)[owner]] = 0
    return kept if part.worth(kept) > 0 else np.zeros_like(taken)


def top_up(part: Part, order: Ints, taken: Ints, room: Ints) -> None:
    """Add to an answer what still fits, in place."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    alone = part.bundle == NONE
    alone[owner[np.diff(part.pair_ptr) > 0]] = False
    lagrange_kernel.fill(order, owner, alone, part.quantity, part.least, part.units, part.low, *part[7:11], room, taken)


def _better(part: Part, best: Priced, scaled: Floats) -> Priced:
    prices = scaled / np.maximum(part.capacity, 1)
    taken = answer(part, prices)
    value = part.worth(taken)
    return best._replace(taken=taken, value=value) if value > best.value else best
