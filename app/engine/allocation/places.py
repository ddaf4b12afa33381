"""Which places to open: the bound by places, answers for the sets of places that it likes best, and what is settled by both.

Single-source location (Holmberg, Rönnqvist and Yuan 1999; Díaz and Fernández 2002): Lagrangian relaxation of "each need once" with a
knapsack a place, and the aggregate of capacity beside it, which opening costs need and the relaxation loses. With a good answer most
places are settled open or closed and most pairs out; where all are settled an assignment without opening costs is left.
For parts whose options take of one row each and with a place each of its own.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import places_kernel
from app.engine.allocation.blocks import blocks_of, divisible_by_blocks
from app.engine.allocation.chains import chained, rows_of
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats, answer
from app.engine.allocation.mip import Known
from app.engine.allocation.part import NONE, Part, with_options
from app.engine.problem import Ints

SCALE = 256  # what needs pay is counted in these parts of a point
LARGEST = 2.0**58
MOST_PAIRS, MOST_CELLS = 200_000, 8_000_000  # needs by places; needs by room of all places
NEVER = -(2**40)
MOST_WORK = 300_000_000  # cells of tables filled in one go, which nothing interrupts: half a second
MOST_PLACES = 100  # sets of places have neighbours by the square of it
TURNS = 5  # of bound and answers: each makes the other better
QUICK, LONGER = 60, 4  # tries per need of an answer in the first turn; so much longer in each
EVER = 60  # sets that do not better the answer before the search ends
Bools = NDArray[np.bool_]


class Places(NamedTuple):
    """Points, amounts and options by need and place; room and opening costs; amounts in the largest unit that divides all."""

    points: Ints
    amount: Ints
    option: Ints
    capacity: Ints
    opening: Ints
    place: Ints  # by option
    least: Ints  # by need, wherever it is


class Settled(NamedTuple):
    """Of every answer that is better: no more points than `bound`; `state` of places, pairs that it may have, needs that it serves,
    and the room that its places have at least."""

    bound: int
    state: Ints
    able: Bools
    must: Bools
    hold: int


def places_of(part: Part) -> Places | None:
    """None where the part is of another form, or too large for tables."""
    if not len(part.opening) or not divisible_by_blocks(part):
        return None
    entries = np.diff(part.entry_ptr)
    blocks = blocks_of(part)
    if blocks is None or entries.max(initial=0) > 1 or (part.entry_last - part.entry_first > 1).any():
        return None
    n, m = len(part.quantity), len(blocks.opening)
    place = np.empty(len(part.points), np.int64)
    place[blocks.item] = np.repeat(np.arange(m), np.diff(blocks.ptr))
    owner = np.repeat(np.arange(n), np.diff(part.ptr))
    held = np.flatnonzero(entries)
    row_of = np.full(m, NONE, np.int64)
    row_of[place[held]] = part.entry_first
    if n * m > MOST_PAIRS or len(np.unique(owner * m + place)) < len(place) or (row_of[place[held]] != part.entry_first).any():
        return None
    taken = np.zeros(len(place), np.int64)
    unit = max(1, int(np.gcd.reduce(part.entry_amount)))
    taken[held] = part.entry_amount // unit
    room = np.bincount(place, taken, m).astype(np.int64)
    limited, capacity = row_of != NONE, room
    capacity[limited] = np.minimum(room[limited], part.capacity[row_of[limited]] // unit)
    room_of_all = int(capacity.sum())
    if (
        m > MOST_PLACES
        or n * room_of_all > MOST_CELLS
        or m * m * room_of_all > MOST_WORK
        or float(part.points.sum() + part.opening.sum()) * SCALE > LARGEST
    ):
        return None
    points, amount, option = np.full((n, m), NEVER), np.zeros((n, m), np.int64), np.full((n, m), -1, np.int64)
    points[owner, place], amount[owner, place], option[owner, place] = part.points, taken, np.arange(len(place))
    least = np.where(option >= 0, amount, np.iinfo(np.int64).max).min(axis=1)
    least[option.max(axis=1) < 0] = 0
    return Places(points, amount, option, capacity, blocks.opening, place, least)


def first_pay(places: Places) -> Ints:
    """What needs pay when each pays its best option's points."""
    return np.asarray(SCALE * np.maximum(places.points.max(axis=1), 0))


def descended(
    places: Places, pay: Ints, state: Ints, able: Bools, hold: int, steps: int, target: int
) -> tuple[int, Ints, Ints, Bools]:
    """(bound in `SCALE`, what needs pay, worth of places, those that are open then); only a proof where better answers hold so much."""
    pay, worth, open_ = pay.copy(), np.zeros(len(state), np.int64), np.zeros(len(state), bool)
    steps = max(1, min(steps, MOST_WORK // max(1, len(pay) * int(places.capacity.sum()))))
    bound = places_kernel.descend(
        places.points, places.amount, places.capacity, places.opening, able, state, hold, SCALE, steps, target * SCALE, pay, worth,
        open_,
    )  # fmt: skip
    places_kernel.cover(worth, places.capacity, state, hold, open_)
    return int(bound), pay, worth, open_


def settled(places: Places, pay: Ints, value: int) -> Settled:
    """What holds of every answer worth more than `value`, by what needs pay."""
    state, able, target = np.full(len(places.opening), -1), places.option >= 0, (value + 1) * SCALE
    _, _, worth, _ = descended(places, pay, state, able, 0, 1, 0)
    hold, must, paid, takes = int(places.least.sum()), np.zeros(len(pay), bool), int(pay.sum()), places.least > 0
    if takes.any():
        best = places_kernel.without(worth, places.capacity, hold, places_kernel.unserved(pay, places.least, hold))
        must |= takes & (best + paid < target)
    hold = int(places.least[must].sum())
    open_ = np.zeros(len(state), bool)
    bound = places_kernel.cover(worth, places.capacity, state, hold, open_) + paid
    if bound >= target:
        places_kernel.settle(worth, places.capacity, state, hold, paid, target)
        places_kernel.exclude(
            places.points, places.amount, places.capacity, places.opening, able, state, hold, SCALE, pay, worth, target
        )
    return Settled(max(value, bound // SCALE), state, able, must, hold)


def within(part: Part, places: Places, open_: Bools, able: Bools) -> tuple[Part, Ints]:
    """The assignment to places that are open already, and its options in the part."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    options = np.flatnonzero(open_[places.place] & able[owner, places.place])
    inner = with_options(part, options)
    return inner._replace(place=np.full(len(options), NONE, np.int64), opening=np.zeros(0, np.int64)), options


def answered(part: Part, places: Places, open_: Bools, tries: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """An answer that opens some of these places only."""
    inner, options = within(part, places, open_, places.option >= 0)
    rows, found = rows_of(inner), answer(inner, np.zeros(len(inner.capacity)))
    if rows is not None:
        found = chained(inner, rows, found, _even(inner), tries, clock, rng)
    taken = np.zeros(len(part.points), np.int64)
    taken[options] = found
    return taken


def _even(part: Part) -> Floats:
    """Prices of rows by which a unit is worth, anywhere, what the options of a need differ."""
    if not len(part.entry_amount):
        return np.zeros(len(part.capacity))
    owner, amount = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr)), float(part.entry_amount.mean())
    apart = np.abs(part.points - np.bincount(owner, part.points, len(part.quantity))[owner] / np.bincount(owner)[owner])
    return np.full(len(part.capacity), max(1e-3, float(apart.mean()) / amount))


def known_of(part: Part, places: Places, found: Settled) -> Known:
    """What is settled, as HiGHS is told it: places are numbered as the part does, and those that cost nothing are open."""
    number, named = np.full(len(found.state), NONE, np.int64), part.place != NONE
    number[places.place[named]] = part.place[named]
    costs = number != NONE
    room, open_ = np.zeros(len(part.opening), np.int64), np.zeros(len(part.opening), bool)
    room[number[costs]] = np.where(found.state[costs] != 0, places.capacity[costs], 0)
    open_[number[costs]] = found.state[costs] == 1
    return Known(found.must, open_, room, max(0, found.hold - int(places.capacity[~costs].sum())))


def located(
    part: Part, places: Places, taken: Ints, steps: int, tries: int, clock: Clock, rng: np.random.Generator
) -> tuple[Ints, Settled]:
    """A better answer or the same, and what is settled by it."""
    hold, state, able = int(places.least.sum()), np.full(len(places.opening), -1), places.option >= 0
    pay, value = first_pay(places), part.worth(taken)
    found = Settled(part.most(), state, able, np.zeros(len(pay), bool), 0)
    for turn in range(TURNS):
        bound, pay, worth, open_ = descended(places, pay, state, able, hold, steps, value)
        if bound == places_kernel.NONE:  # nothing better, or not all can be served
            hold = 0
            continue
        most = max(QUICK, min(tries, QUICK * LONGER**turn))
        taken, value = _around(part, places, taken, worth, int(pay.sum()), open_, hold, most, clock.share(0.5), rng)
        _, pay, _, _ = descended(places, pay, np.full(len(state), -1), places.option >= 0, hold, steps, value)
        found = settled(places, pay, value)
        state, able = found.state.copy(), found.able
        if found.bound <= value or clock.over():
            break
    return taken, found


def _around(
    part: Part, places: Places, taken: Ints, worth: Ints, paid: int, open_: Bools, hold: int, tries: int,
    clock: Clock, rng: np.random.Generator,
) -> tuple[Ints, int]:  # fmt: skip
    """Answers for sets of places, those that the bound likes best first: each set's own neighbours are sets with a place more, less
    or exchanged."""
    value, waiting, met, idle = part.worth(taken), [(0, 0, open_)], {open_.tobytes()}, 0
    while waiting and idle < EVER and not clock.over():
        _, _, here = heapq.heappop(waiting)
        if (int(worth[here].sum()) + paid) // SCALE <= value:
            break
        found = answered(part, places, here, tries, clock, rng)
        idle += 1
        if part.worth(found) > value:
            taken, value, idle = found, part.worth(found), 0
        for near in _neighbours(here, places.capacity, hold):
            if near.tobytes() not in met:
                met.add(near.tobytes())
                heapq.heappush(waiting, (-int(worth[near].sum()), len(met), near))
    return taken, value


def _neighbours(open_: Bools, capacity: Ints, hold: int) -> list[Bools]:
    inside, outside = np.flatnonzero(open_).tolist(), np.flatnonzero(~open_).tolist()
    changes = [(j,) for j in (*inside, *outside)] + [(j, k) for j in inside for k in outside]
    found = []
    for change in changes:
        near = open_.copy()
        near[list(change)] ^= True
        if capacity[near].sum() >= hold:
            found.append(near)
    return found
