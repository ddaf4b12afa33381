"""The assignment of every need to places that are open already, where those have little room to spare: exact, by packs.

A pack is what a place holds of needs. Prices come from the linear program over packs, priced by tables until nothing better is left
(Savelsbergh 1997). A pack that lacks more than the bound may lose is in no better answer (Baldacci and Mingozzi 2009), so the packs
near the best go to HiGHS: what is found among them is the best, or the bound comes down.
"""

from __future__ import annotations

from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import places_kernel, rooms_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.places import SCALE, Places
from app.engine.highs import WHOLE, run, solver
from app.engine.problem import Ints

Bools = NDArray[np.bool_]
STEPS, STEP = 200, 20  # before the linear program, toward a bound lower by so many points
ROWS = 6_000  # of all programs that are solved to price one
FIRST, FAR = 1_500, 64  # packs that the linear program begins with, which lack so many points at most
FINEST = 16  # the narrowest window, in `SCALE`
LONG = 12  # needs of a pack, on average over many
SMOOTH = (0.7, 0.0)  # of the best payments in those that are priced (Wentges 1997)
CLOSE, EPS = 0.1, 1e-6  # points from the program's value where its pricing ends
NODES, BEYOND = 5_000, 1e-3  # of HiGHS's tree; points by which what it cuts off is beyond the window
ENDED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kObjectiveBound)


class Rooms(NamedTuple):
    """Points, amounts and whether a need may be there, by need and open place; what each place holds at most and at least."""

    points: Ints
    amount: Ints
    able: Bools
    capacity: Ints
    least: Ints
    spent: int  # on opening them


class Packs(NamedTuple):
    """Packs by place: `need[ptr[a]:ptr[a + 1]]`, what they are worth, and what they lack of the place's best, in `SCALE`."""

    place: Ints
    points: Ints
    lacks: Ints
    ptr: Ints
    need: Ints


class Priced(NamedTuple):
    """A bound in `SCALE`, what needs pay then, and in which places they are by which share, by need and open place."""

    bound: int
    pay: Ints
    share: NDArray[np.float64]


class Window(NamedTuple):
    """No answer that lacks at most `lacks` is better than that of `where` each need is, if there is any; -1: not known in time."""

    where: Ints | None
    lacks: int


def rooms_of(places: Places, open_: Bools, able: Bools) -> Rooms | None:
    """None where these places do not have room for all needs."""
    capacity = places.capacity[open_]
    spare = int(capacity.sum() - places.least.sum())
    if spare < 0:
        return None
    return Rooms(
        np.ascontiguousarray(places.points[:, open_]),
        np.ascontiguousarray(places.amount[:, open_]),
        np.ascontiguousarray(able[:, open_]),
        capacity,
        np.maximum(0, capacity - spare),
        int(places.opening[open_].sum()),
    )


def priced(rooms: Rooms, pay: Ints, value: int, clock: Clock) -> Priced | None:
    """From what needs pay elsewhere; None where nothing is worth more than `value`."""
    pay, target = pay.copy(), (value + 1 + rooms.spent) * SCALE
    bound = rooms_kernel.descend_rooms(
        rooms.points, rooms.amount, rooms.capacity, rooms.least, rooms.able, SCALE, STEPS, target, STEP * SCALE, pay
    )
    if bound == places_kernel.NONE or bound < target:
        return None
    found = _by_program(rooms, int(bound), pay, target, clock)
    return None if found.bound < target else found._replace(bound=found.bound - rooms.spent * SCALE)


def bound_at(rooms: Rooms, pay: Ints) -> int:
    """What bounds an answer when needs pay that, in `SCALE`."""
    worth, chosen = np.empty(len(rooms.capacity), np.int64), np.zeros(rooms.points.shape, bool)
    total = rooms_kernel.fill_all(rooms.points, rooms.amount, rooms.capacity, rooms.least, rooms.able, SCALE, pay, worth, chosen)
    return int(total) - rooms.spent * SCALE


def packs_within(rooms: Rooms, pay: Ints, lacks: int, most: int) -> Packs | None:
    """All packs that lack at most so much; None where they are more than `most`."""
    found, count = [], 0
    ptr, points, short, need = (np.zeros(size, np.int64) for size in (most + 1, most, most, most * LONG))
    for j in range(len(rooms.capacity)):
        here = rooms_kernel.enumerate_fillings(
            j,
            rooms.points,
            pay,
            SCALE,
            rooms.amount,
            rooms.capacity[j],
            rooms.least[j],
            rooms.able,
            lacks,
            points,
            short,
            ptr,
            need,
        )
        count += max(here, 0)
        if here < 0 or count > most:
            return None
        found.append(
            (np.full(here, j), points[:here].copy(), short[:here].copy(), np.diff(ptr[: here + 1]), need[: ptr[here]].copy())
        )
    place, worth, lack, size, who = (np.concatenate(column) for column in zip(*found, strict=True))
    return Packs(place, worth, lack, np.concatenate(([0], np.cumsum(size))), who)


def nearest(rooms: Rooms, pay: Ints, lacks: int, most: int) -> tuple[Packs, int] | None:
    """About the `most` packs that lack least, no more than `lacks`, and up to where they are all of them; None where not even the
    best of each place are so few."""
    while (packs := packs_within(rooms, pay, lacks, 4 * most)) is None:
        if lacks < FINEST:
            return None
        lacks //= 2
    if len(packs.place) > most:
        lacks = max(int(np.sort(packs.lacks)[most]) - 1, 0)
        packs = packs_within(rooms, pay, lacks, 4 * most)
    return None if packs is None else (packs, lacks)


def among(rooms: Rooms, near: tuple[Packs, int], clock: Clock) -> Window:
    """The best answer made of these packs that lacks no more than that."""
    (packs, lacks), (n, m) = near, rooms.points.shape
    count = len(packs.place)
    if len(np.unique(packs.place)) < m:
        return Window(None, lacks)
    lp = _program(packs, n, m, packs.lacks / SCALE)
    lp.row_lower_, lp.col_upper_ = np.ones(n + m), np.ones(count)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * count
    highs = solver(**WHOLE, mip_max_nodes=NODES, objective_bound=lacks / SCALE + BEYOND)
    highs.passModel(lp)
    run(highs, clock.left())
    lacks = lacks if highs.getModelStatus() in ENDED else -1
    if highs.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return Window(None, lacks)
    where = np.full(n, -1)
    for a in np.flatnonzero(np.array(highs.getSolution().col_value) > 0.5).tolist():
        where[packs.need[packs.ptr[a] : packs.ptr[a + 1]]] = packs.place[a]
    if (where < 0).any():
        return Window(None, -1)
    return Window(where, lacks)


def _program(packs: Packs, needs: int, places: int, cost: NDArray[np.float64]) -> highspy.HighsLp:
    """Each need in one pack, each place with one."""
    lp, count = highspy.HighsLp(), len(packs.place)
    lp.num_col_, lp.num_row_ = count, needs + places
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(count), np.full(count, np.inf)
    lp.row_lower_, lp.row_upper_ = np.full(needs + places, -np.inf), np.ones(needs + places)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = (packs.ptr + np.arange(count + 1)).astype(np.int32)
    lp.a_matrix_.index_ = np.insert(packs.need, packs.ptr[1:], needs + packs.place).astype(np.int32)
    lp.a_matrix_.value_ = np.ones(len(packs.need) + count)
    return lp


def _by_program(rooms: Rooms, bound: int, pay: Ints, target: int, clock: Clock) -> Priced:
    """The better bound of the linear program over packs and what needs pay in it, as far as it comes. The bound is computed in whole
    numbers, whatever HiGHS says."""
    n, m = rooms.points.shape
    first = nearest(rooms, pay, FAR * SCALE, FIRST)
    if first is None or not len(first[0].place):
        return Priced(bound, pay, np.zeros((n, m)))
    held = [(first[0].need[first[0].ptr[a] : first[0].ptr[a + 1]], j) for a, j in enumerate(first[0].place.tolist())]
    highs, best = solver(presolve="off"), pay
    highs.passModel(_program(first[0], n, m, -first[0].points.astype(np.float64)))
    worth, chosen = np.empty(m, np.int64), np.zeros((n, m), bool)
    for _ in range(max(1, ROWS // (n + m))):
        run(highs)
        dual, fresh = np.maximum(0, -np.array(highs.getSolution().row_dual)), False
        value = -highs.getInfo().objective_function_value
        for part in SMOOTH:
            now = np.rint(part * best + (1 - part) * SCALE * dual[:n]).astype(np.int64)
            total = rooms_kernel.fill_all(
                rooms.points, rooms.amount, rooms.capacity, rooms.least, rooms.able, SCALE, now, worth, chosen
            )
            if total < bound:
                bound, best = int(total), now
            added = _add_better(highs, rooms, chosen, dual)
            held += added
            fresh |= bool(added)
        if not fresh or bound < target or bound - SCALE * value < SCALE * CLOSE or clock.over():
            break
    share = np.zeros((n, m))
    for (who, j), x in zip(held, highs.getSolution().col_value, strict=False):
        share[who, j] += x
    return Priced(bound, best, share)


def _add_better(highs: highspy.Highs, rooms: Rooms, chosen: Bools, dual: NDArray[np.float64]) -> list[tuple[Ints, int]]:
    """Adds the chosen packs that are worth more than they cost now: their needs and places."""
    n = len(rooms.points)
    points = (rooms.points * chosen).sum(axis=0)
    better = np.flatnonzero(points - dual[:n] @ chosen > dual[n:] + EPS)
    added = [(np.flatnonzero(chosen[:, j]), j) for j in better.tolist()]
    if added:
        start, index = np.cumsum([0, *(len(who) + 1 for who, _ in added)]), [np.append(who, n + j) for who, j in added]
        highs.addCols(
            len(better), -points[better].astype(np.float64), np.zeros(len(better)), np.full(len(better), np.inf), start[-1],
            start[:-1].astype(np.int32), np.concatenate(index).astype(np.int32), np.ones(start[-1]),
        )  # fmt: skip
    return added
