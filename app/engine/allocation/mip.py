"""A part as a mixed-integer program for HiGHS (Huangfu and Hall 2018): exact, with its own bound when it has to stop early.

Columns: units per option, then one 0/1 each for an option whose low is above 1, for a need whose least is above 1 (or its whole
bundle), for a pair of group and party, for an opened listing. One thread and a node limit, so that the answer is the same each
time; only a deadline makes it depend on the clock. What comes back is rounded, checked in integers, and refused when it breaks a
row; an optimum is rounded to whole points, a bound down to the next, with room for the solver's tolerance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from app.engine.allocation.clock import Clock
from app.engine.allocation.part import NONE, Part
from app.engine.highs import WHOLE, run, solver
from app.engine.problem import Ints

TOLERANCE = 1e-9
NO_NODES_LIMIT = 2**31 - 1
BOUNDING = (  # ends of a search after which its dual bound holds
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kSolutionLimit,
    highspy.HighsModelStatus.kInterrupt,
)


class Solved(NamedTuple):
    """`taken`: units by option, None when nothing was found. `bound`: None when there is none. `proven`: taken is optimal."""

    taken: Ints | None
    bound: int | None
    proven: bool


class Known(NamedTuple):
    """Of every answer that is better than the one at hand: needs that it serves, places that it opens, and `room`, by place, of which
    it has `hold` in open places."""

    must: NDArray[np.bool_]
    open_: NDArray[np.bool_]
    room: Ints
    hold: int


NOTHING = -(2**61)  # the bound of what has no answer


class _Model:
    """Rows and columns as they are added, in triplets."""

    def __init__(self, part: Part) -> None:
        self.cost: list[NDArray[np.float64]] = []
        self.upper: list[NDArray[np.float64]] = []
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[NDArray[np.float64]] = []
        self.limit: list[NDArray[np.float64]] = []
        self.columns = self.rows = 0
        self.part = part

    def add_columns(self, cost: NDArray[np.float64], upper: NDArray[np.float64]) -> Ints:
        self.cost.append(cost)
        self.upper.append(upper)
        self.columns += len(cost)
        return np.arange(self.columns - len(cost), self.columns)

    def add_rows(self, limit: NDArray[np.float64], *terms: tuple[Ints, Ints, NDArray[np.float64]]) -> None:
        """Rows `sum <= limit` of (row here, column, coefficient) terms."""
        for row, column, value in terms:
            self.row.append(row + self.rows)
            self.column.append(column)
            self.value.append(value)
        self.limit.append(limit)
        self.rows += len(limit)


def solve_part(
    part: Part, most_nodes: int, clock: Clock, start: Ints | None = None, threads: int = 1, known: Known | None = None
) -> Solved:
    """Best answer of a part and a bound, within `most_nodes` of the search tree; with what is `known`, of the better answers only."""
    model = _build(part, known)
    highs = solver(threads, **WHOLE, mip_max_nodes=most_nodes)
    highs.passModel(_program(model))
    if start is not None:
        _offer(highs, start)
    run(highs, clock.left())
    if known is not None and highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return Solved(None, NOTHING, False)
    return _read(highs, part, 0 if known is None else int(_sure(part, known).sum()))


def _build(part: Part, known: Known | None = None) -> _Model:
    model, n, k = _Model(part), len(part.quantity), len(part.points)
    owner = np.repeat(np.arange(n), np.diff(part.ptr))
    sure = 0 if known is None else _sure(part, known)[owner]
    x = model.add_columns((sure - part.points).astype(np.float64), part.units.astype(np.float64))
    one = np.ones(k)
    _add_needs(model, part, x, owner, one)
    option, row, amount = expand(part)
    y = model.add_columns(part.opening.astype(np.float64), np.ones(len(part.opening)))
    opened = _opened_rows(part, option, row)
    held = opened != NONE
    limit = np.where(held, 0, part.capacity).astype(np.float64)
    if held.any():  # no more than the listing holds, once it is open: the relaxation opens in proportion
        at = np.flatnonzero(held)
        model.add_rows(
            limit, (row, x[option], amount.astype(np.float64)), (at, y[opened[at]], -part.capacity[at].astype(np.float64))
        )
    else:
        model.add_rows(limit, (row, x[option], amount.astype(np.float64)))
    stepped = np.flatnonzero(part.low > 1)
    if len(stepped):
        on = model.add_columns(np.zeros(len(stepped)), np.ones(len(stepped)))
        _between(model, x[stepped], on, part.low[stepped], part.units[stepped])
    if len(part.pair):
        z = model.add_columns(np.zeros(len(part.pair_group)), np.ones(len(part.pair_group)))
        of = np.repeat(np.arange(k), np.diff(part.pair_ptr))
        _implied(model, x[of], part.units[of], z[part.pair])
        groups = int(part.pair_group.max()) + 1
        model.add_rows(np.ones(groups), (part.pair_group, z, np.ones(len(z))))
    if len(part.opening):
        of = np.flatnonzero(part.place != NONE)
        _implied(model, x[of], part.units[of], y[part.place[of]])
    if known is not None:
        _add_known(model, known, x, owner, y)
    return model


def _sure(part: Part, known: Known) -> Ints:
    """By need that is served: the points that any option gives it. Left out, what is told apart is not small beside all of them."""
    owner, sure = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr)), np.full(len(part.quantity), 2**61)
    np.minimum.at(sure, owner, part.points)
    return np.where(known.must & (np.diff(part.ptr) > 0), sure, 0)


def _add_known(model: _Model, known: Known, x: Ints, owner: Ints, y: Ints) -> None:
    """Rows that cut off no better answer; opening costs are to be paid for room that needs take together."""
    of, must, open_ = np.flatnonzero(known.must[owner]), np.flatnonzero(known.must), np.flatnonzero(known.open_)
    line = np.cumsum(known.must) - 1
    model.add_rows(np.full(len(must), -1.0), (line[owner[of]], x[of], np.full(len(of), -1.0)))
    model.add_rows(np.full(len(open_), -1.0), (np.arange(len(open_)), y[open_], np.full(len(open_), -1.0)))
    if len(y):
        model.add_rows(np.array([-float(known.hold)]), (np.zeros(len(y), np.int64), y, -known.room.astype(np.float64)))


def _opened_rows(part: Part, option: Ints, row: Ints) -> Ints:
    """Per row the place whose opening every option on it needs, or NONE."""
    place = np.full(len(part.capacity), NONE, np.int64)
    if not len(part.opening):
        return place
    least, most = np.full(len(place), len(part.opening), np.int64), np.full(len(place), NONE, np.int64)
    np.minimum.at(least, row, part.place[option])
    np.maximum.at(most, row, part.place[option])
    return np.where(least == most, most, NONE)


def _add_needs(model: _Model, part: Part, x: Ints, owner: Ints, one: NDArray[np.float64]) -> None:
    """At most the quantity; and at least the least, if anything; all or nothing in a bundle."""
    bundles = int(part.bundle.max(initial=NONE)) + 1
    alone = np.flatnonzero((part.least > 1) & (part.bundle == NONE))
    served = model.add_columns(np.zeros(bundles + len(alone)), np.ones(bundles + len(alone)))
    switch = np.full(len(part.quantity), NONE, np.int64)
    switch[alone] = served[bundles:]
    switch[part.bundle != NONE] = served[part.bundle[part.bundle != NONE]]
    switched = np.flatnonzero(switch != NONE)
    place = np.full(len(part.quantity), NONE, np.int64)
    place[switched] = np.arange(len(switched))
    limit = np.where(switch == NONE, part.quantity, 0).astype(np.float64)
    quantity, least = part.quantity[switched].astype(np.float64), part.least[switched].astype(np.float64)
    model.add_rows(limit, (owner, x, one), (switched, switch[switched], -quantity))
    if len(switched):
        inner = np.flatnonzero(place[owner] != NONE)
        rows = place[owner[inner]]
        model.add_rows(np.zeros(len(switched)), (rows, x[inner], -one[inner]), (place[switched], switch[switched], least))


def _between(model: _Model, x: Ints, on: Ints, low: Ints, high: Ints) -> None:
    rows, one, zero = np.arange(len(x)), np.ones(len(x)), np.zeros(len(x))
    model.add_rows(zero, (rows, x, one), (rows, on, -high.astype(np.float64)))
    model.add_rows(zero, (rows, x, -one), (rows, on, low.astype(np.float64)))


def _implied(model: _Model, x: Ints, units: Ints, switch: Ints) -> None:
    rows = np.arange(len(x))
    model.add_rows(np.zeros(len(x)), (rows, x, np.ones(len(x))), (rows, switch, -units.astype(np.float64)))


def expand(part: Part) -> tuple[Ints, Ints, Ints]:
    """The entries row by row: (option, row, amount)."""
    count = part.entry_last - part.entry_first
    option = np.repeat(np.repeat(np.arange(len(part.points)), np.diff(part.entry_ptr)), count)
    begin = np.repeat(part.entry_first - np.concatenate(([0], np.cumsum(count)[:-1])), count) if len(count) else count
    return option, begin + np.arange(len(option)), np.repeat(part.entry_amount, count)


def _program(model: _Model) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    row, column, value = np.concatenate(model.row), np.concatenate(model.column), np.concatenate(model.value)
    order = np.lexsort((column, row))
    lp.num_col_, lp.num_row_ = model.columns, model.rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.concatenate(model.cost), np.zeros(model.columns), np.concatenate(model.upper)
    lp.row_lower_, lp.row_upper_ = np.full(model.rows, -np.inf), np.concatenate(model.limit)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=model.rows)))).astype(np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order].astype(np.int32), value[order]
    lp.integrality_ = [highspy.HighsVarType.kInteger] * model.columns
    return lp


def _offer(highs: highspy.Highs, start: Ints) -> None:
    """The answer known so far, as a first solution (its switches are completed by the solver)."""
    index = np.arange(len(start), dtype=np.int32)
    highs.setSolution(len(start), index, start.astype(np.float64))


def _read(highs: highspy.Highs, part: Part, sure: int) -> Solved:
    info, status = highs.getInfo(), highs.getModelStatus()
    taken: Ints | None = None
    if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        found = np.rint(np.array(highs.getSolution().col_value)[: len(part.points)]).astype(np.int64)
        taken = found if holds(part, found) else None
    bound = sure - info.mip_dual_bound
    counts = status in BOUNDING and math.isfinite(bound)
    whole = math.floor(bound + abs(bound) * TOLERANCE + 1e-6) if counts else None
    optimal = status == highspy.HighsModelStatus.kOptimal and taken is not None and whole is not None
    return Solved(taken, whole, optimal and taken is not None and whole is not None and part.worth(taken) >= whole)


def holds(part: Part, taken: Ints) -> bool:
    """True when an answer keeps every rule of the part, in whole numbers."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    got = np.zeros(len(part.quantity), np.int64)
    np.add.at(got, owner, taken)
    served = got > 0
    inside = (taken == 0) | ((taken >= part.low) & (taken <= part.units))
    wanted = ~served | ((got >= part.least) & (got <= part.quantity))
    if not inside.all() or not wanted.all() or (part.load(taken) > part.capacity).any():
        return False
    for bundle in np.unique(part.bundle[part.bundle != NONE]):
        if len(np.unique(served[part.bundle == bundle])) > 1:
            return False
    used = np.unique(part.pair[np.repeat(taken > 0, np.diff(part.pair_ptr))])
    return len(np.unique(part.pair_group[used])) == len(used)
