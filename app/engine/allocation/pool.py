"""Packs of rows, for assignments whose options take of one row each: tables by need and row, and the linear program over packs of
some needs and rows, priced until nothing better is left (Savelsbergh 1997).

A pack of one row is a knapsack, found by its table, so the program of a few rows takes milliseconds; packs met anywhere are kept.
In floating point: it leads the search for answers and proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import fill_kernel
from app.engine.allocation.chains import Rows
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats
from app.engine.allocation.part import Part
from app.engine.highs import run, solver
from app.engine.problem import Ints

EPS = 1e-6
NEVER = -1e15  # points of a need where it has no option
MOST_PAIRS = 1_000_000  # needs by rows, of the tables
MOST_CELLS = 20_000_000  # needs by room of all rows: what pricing once goes through
ROUNDS = 200  # of pricing one program
CLOSE = 0.03  # of a point for each row above `FEW`: so near its bound a program is left as it is
FEW = 6
SMOOTH = 0.8  # of the best bound's payments in those that are priced, where many rows are (Wentges 1997)
MANY = 8
LARGE = 3_000  # needs by rows: from here the interior point method is faster


class Packs:
    """All packs met: each one's row, needs and points."""

    def __init__(self) -> None:
        self.known: set[tuple[int, bytes]] = set()
        self.row, self.points = np.zeros(0, np.int64), np.zeros(0)
        self.ptr, self.need = np.zeros(1, np.int64), np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.row)

    def add(self, rows: list[int], needs: list[Ints], points: list[float]) -> Ints:
        """The numbers of those that are new."""
        fresh = []
        for at, (row, who) in enumerate(zip(rows, needs, strict=True)):
            key = (row, who.tobytes())
            if len(who) and key not in self.known:
                self.known.add(key)
                fresh.append(at)
        before = len(self)
        if fresh:
            self.row = np.append(self.row, [rows[at] for at in fresh])
            self.points = np.append(self.points, [points[at] for at in fresh])
            self.ptr = np.append(self.ptr, self.ptr[-1] + np.cumsum([len(needs[at]) for at in fresh]))
            self.need = np.concatenate((self.need, *(needs[at] for at in fresh)))
        return np.arange(before, len(self))

    def of(self, pack: int) -> Ints:
        return self.need[self.ptr[pack] : self.ptr[pack + 1]]

    def within(self, needs: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Ints:
        """Packs of these rows that hold these needs alone."""
        if not len(self):
            return np.zeros(0, np.int64)
        outside = np.add.reduceat((~needs[self.need]).astype(np.int64), self.ptr[:-1])
        return np.flatnonzero((outside == 0) & rows[self.row])


@dataclass
class Assignment:
    """Points, amounts and options by need and row; what rows hold, in the largest unit that divides all that they are asked for."""

    points: Floats
    amount: Ints
    capacity: Ints
    option: Ints
    packs: Packs = field(default_factory=Packs)

    def worth(self, choice: Ints) -> float:
        served = np.flatnonzero(choice >= 0)
        return float(self.points[served, choice[served]].sum())

    def filled(self, needs: Ints, rows: Ints, pay: Floats) -> tuple[Floats, list[Ints]]:
        """What each row is worth at what the needs pay, and the needs that it holds then."""
        worth, count = np.empty(len(rows)), np.empty(len(rows), np.int64)
        member = np.empty((len(rows), len(needs)), np.int64)
        fill_kernel.fill_rows(rows, needs, self.points, self.amount, self.capacity, pay, worth, count, member)
        return worth, [np.sort(member[at, : count[at]]) for at in range(len(rows))]


class Priced(NamedTuple):
    """A linear program that was solved: its value, the packs it takes and how much of each, and what needs pay."""

    value: float
    packs: Ints
    weight: Floats
    pay: Floats


def assignment_of(part: Part, rows: Rows) -> Assignment | None:
    """None where the tables would be too large."""
    n, m = len(part.quantity), len(rows.capacity)
    unit = np.zeros(m, np.int64)
    np.gcd.at(unit, rows.row, rows.amount)
    unit = np.maximum(unit, 1)
    taken = rows.amount // unit[rows.row]
    all_of = np.zeros(m, np.int64)
    np.add.at(all_of, rows.row, taken)
    capacity = np.minimum(rows.capacity // unit, all_of)
    if n * m > MOST_PAIRS or n * int(capacity.sum()) > MOST_CELLS:
        return None
    owner = np.repeat(np.arange(n), np.diff(part.ptr))
    points, amount, option = np.full((n, m), NEVER), np.zeros((n, m), np.int64), np.full((n, m), -1, np.int64)
    order = np.lexsort((-taken, part.points))  # of two options of a need on one row, the better one is written last
    at = (owner[order], rows.row[order])
    points[at], amount[at], option[at] = part.points[order], taken[order], order
    return Assignment(points, amount, capacity, option)


class Program:
    """The linear program over the packs of some needs and rows."""

    def __init__(self, whole: Assignment, needs: Ints, rows: Ints) -> None:
        self.whole, self.needs, self.rows = whole, needs, rows
        n, m = whole.points.shape
        self.line = np.full(n, -1, np.int64)
        self.line[needs] = np.arange(len(needs))
        self.below = np.full(m, -1, np.int64)
        self.below[rows] = len(needs) + np.arange(len(rows))
        self.columns = np.zeros(0, np.int64)
        self.bound, self.best = np.inf, np.zeros(n)

    def solve(self, pay: Floats, floor: float, clock: Clock) -> Priced | None:
        """From what needs pay elsewhere; None where nothing of `floor` points or more is here, or time is over."""
        fresh = self._price(pay, None)
        if self.bound < floor:
            return None
        self.columns = np.union1d(self.whole.packs.within(self.line >= 0, self.below >= 0), fresh)
        highs = self._opened()
        for _ in range(ROUNDS):
            run(highs)
            solution = highs.getSolution()
            dual, value = np.maximum(0, -np.array(solution.row_dual)), -highs.getInfo().objective_function_value
            now = np.zeros(len(pay))
            now[self.needs] = dual[: len(self.needs)]
            mixed = SMOOTH * self.best + (1 - SMOOTH) * now
            first = self._price(mixed, None) if len(self.rows) > MANY else self.columns[:0]
            fresh = np.concatenate((first, self._price(now, dual[len(self.needs) :])))
            if self.bound < floor or clock.over():
                return None
            if not len(fresh) or self.bound - value < max(EPS, CLOSE * (len(self.rows) - FEW)):
                return Priced(value, self.columns, np.array(solution.col_value), now)
            self._more(highs, fresh)
        return None

    def _price(self, pay: Floats, sigma: Floats | None) -> Ints:
        """The packs that rows answer to what needs pay, where they are worth more than `sigma`; keeps the best bound."""
        worth, members = self.whole.filled(self.needs, self.rows, pay)
        bound = float(pay[self.needs].sum() + worth.sum())
        if bound < self.bound:
            self.bound, self.best = bound, pay
        better = range(len(worth)) if sigma is None else np.flatnonzero(worth > sigma + EPS).tolist()
        rows = [int(self.rows[at]) for at in better]
        needs = [members[at] for at in better]
        points = [float(self.whole.points[who, row].sum()) for row, who in zip(rows, needs, strict=True)]
        return self.whole.packs.add(rows, needs, points)

    def _opened(self) -> highspy.Highs:
        highs = solver(presolve="off")
        if len(self.rows) * len(self.needs) > LARGE:
            highs.setOptionValue("solver", "ipx")
            highs.setOptionValue("run_crossover", "off")
        start, index = self._entries(self.columns)
        lp, lines = highspy.HighsLp(), len(self.needs) + len(self.rows)
        lp.num_col_, lp.num_row_ = len(self.columns), lines
        lp.col_cost_ = -self.whole.packs.points[self.columns]
        lp.col_lower_, lp.col_upper_ = np.zeros(len(self.columns)), np.full(len(self.columns), np.inf)
        lp.row_lower_, lp.row_upper_ = np.full(lines, -np.inf), np.ones(lines)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = start.astype(np.int32), index.astype(np.int32)
        lp.a_matrix_.value_ = np.ones(len(index))
        highs.passModel(lp)
        return highs

    def _more(self, highs: highspy.Highs, fresh: Ints) -> None:
        start, index = self._entries(fresh)
        highs.addCols(
            len(fresh), -self.whole.packs.points[fresh], np.zeros(len(fresh)), np.full(len(fresh), np.inf), len(index),
            start[:-1].astype(np.int32), index.astype(np.int32), np.ones(len(index)),
        )  # fmt: skip
        self.columns = np.append(self.columns, fresh)

    def _entries(self, packs: Ints) -> tuple[Ints, Ints]:
        """(where each column begins, its lines): its needs, then its row."""
        pool = self.whole.packs
        size = pool.ptr[packs + 1] - pool.ptr[packs]
        start = np.concatenate(([0], np.cumsum(size + 1))).astype(np.int64)
        index, last = np.empty(start[-1], np.int64), start[1:] - 1
        index[last] = self.below[pool.row[packs]]
        inner = np.ones(len(index), bool)
        inner[last] = False
        flat = np.repeat(pool.ptr[packs] - (np.cumsum(size) - size), size) + np.arange(int(size.sum()))
        index[inner] = self.line[pool.need[flat]]
        return start, index
