"""One component as a mixed-integer program: the facility location of towers, for HiGHS. A bound always, often the optimum.

Candidates are the maximal sets that one point serves on one day. Of each the program opens towers by height (`opened[j, level]`,
integer), serves needs from those tall enough, within their mounting positions, each tower with two organisations or more. Towers
of one candidate are not told apart, which only loosens the program where needs ask for several positions: its bound holds, and
its answer counts when it can be parted into towers that hold every rule.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.near import NearGraph
from app.engine.cobuild.problem import TowerProblem
from app.engine.highs import WHOLE, run, solver
from app.engine.problem import Ints

MOST_CANDIDATES = 4000
MOST_STEPS = 5000  # of telling a candidate's towers apart
STATUS = highspy.HighsModelStatus
ANSWERED = (STATUS.kOptimal, STATUS.kTimeLimit, STATUS.kSolutionLimit)
Group = list[int]


class Exact(NamedTuple):
    """`bound`: no grouping of the component costs less; `groups`: of two or more, None when the program found none to use."""

    bound: int
    groups: list[Group] | None


def candidates(problem: TowerProblem, graph: NearGraph, rows: Ints) -> list[Ints] | None:
    """The maximal sets of two or more needs (positions in `rows`) that one point serves on one day; None: too many."""
    xyz, cover = problem.xyz[rows], problem.cover_cm[rows]
    first, last = problem.needs.first[rows], problem.needs.last[rows]
    points = [xyz]
    for i in rows:
        part = slice(graph.ptr[i], graph.ptr[i + 1])
        pairs = graph.pair[part][graph.other[part] > i]
        points.append(graph.corner[pairs[graph.has[pairs]]].reshape(-1, 3))
    at = np.concatenate(points)
    found: set[int] = set()
    weights = [1 << k for k in range(len(rows))]
    for begin in range(0, len(at), 1024):
        gap = at[begin : begin + 1024, None, :] - xyz[None]
        served = np.einsum("pki,pki->pk", gap, gap) <= cover * cover
        for line in np.unique(served, axis=0):
            members = np.flatnonzero(line)
            for day in np.unique(first[members]):
                open_ = members[(first[members] <= day) & (day <= last[members])]
                if len(open_) > 1:
                    found.add(sum(weights[k] for k in open_.tolist()))
        if len(found) > 40 * MOST_CANDIDATES:
            return None
    kept = _maximal(found)
    return None if len(kept) > MOST_CANDIDATES else [np.flatnonzero([(s >> k) & 1 for k in range(len(rows))]) for s in kept]


def _maximal(found: set[int]) -> list[int]:
    """Those that lie in no other, in a fixed order."""
    kept: list[int] = []
    holding: dict[int, list[int]] = {}
    for one in sorted(found, key=lambda s: (-s.bit_count(), s)):
        lowest = (one & -one).bit_length()
        if any(one & other == one for other in holding.get(lowest, ())):
            continue
        kept.append(one)
        rest = one
        while rest:
            bit = rest & -rest
            holding.setdefault(bit.bit_length(), []).append(one)
            rest ^= bit
    return kept


class _Rows:
    """Rows `low <= sum <= high` as they are added, row by row."""

    def __init__(self) -> None:
        self.start, self.column, self.value = [0], list[int](), list[float]()
        self.low, self.high = list[float](), list[float]()

    def add(self, terms: list[tuple[int, float]], low: float, high: float) -> None:
        self.column += [c for c, _ in terms]
        self.value += [v for _, v in terms]
        self.start.append(len(self.column))
        self.low.append(low)
        self.high.append(high)


class _Program(NamedTuple):
    cost: list[float]
    upper: list[float]
    whole: list[bool]
    rows: _Rows
    opened: list[list[tuple[int, int]]]  # by candidate: (column, cost of the tower), lowest first
    served: list[list[tuple[int, int]]]  # by candidate: (column, position)


def solve_component(problem: TowerProblem, graph: NearGraph, rows: Ints, seconds: float = math.inf) -> Exact | None:
    """The bound of the component `rows` and, where it was found, a grouping. None when it is too large, or no time is left."""
    sets = candidates(problem, graph, rows)
    if sets is None or seconds <= 0:
        return None
    program = _build(problem, rows, sets)
    highs = solver(**WHOLE)
    highs.passModel(_pass(program))
    run(highs, seconds)
    info = highs.getInfo()
    if highs.getModelStatus() not in ANSWERED or not math.isfinite(info.mip_dual_bound):
        return None
    bound = math.ceil(info.mip_dual_bound - abs(info.mip_dual_bound) * 1e-9 - 1e-6)
    groups: list[Group] | None = None
    if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        groups = _parted(problem, rows, program, np.rint(np.array(highs.getSolution().col_value)))
    return Exact(bound, groups)


def _build(problem: TowerProblem, rows: Ints, sets: list[Ints]) -> _Program:
    alone, top = problem.alone[rows] - problem.extra[rows], problem.top[rows]
    mounts, organisation = problem.needs.mounts[rows], problem.needs.organisation[rows]
    n, capacity = len(rows), problem.terms.capacity
    made = _Program([float(a) for a in alone], [1.0] * n, [True] * n, _Rows(), [], [])
    covering: list[list[tuple[int, float]]] = [[(i, 1.0)] for i in range(n)]
    for members in sets:
        if len(np.unique(organisation[members])) < 2:
            continue
        levels = np.unique(top[members]).tolist()
        most = float(len(members) // 2)
        opened = [(_column(made, float(level), most), level) for level in levels]
        served = [(_column(made, 0.0, 1.0), int(i)) for i in members]
        for column, i in served:
            covering[i].append((column, 1.0))
            tall = [(c, -1.0) for c, level in opened if level >= top[i]]
            made.rows.add([(column, 1.0), *tall], -math.inf, 0.0)
        every = [(c, -1.0) for c, _ in opened]
        for level in levels:
            used = [(c, float(mounts[i])) for c, i in served if top[i] >= level]
            made.rows.add(used + [(c, -float(capacity)) for c, at in opened if at >= level], -math.inf, 0.0)
        made.rows.add([(c, 1.0) for c, _ in served] + [(c, 2 * v) for c, v in every], 0.0, math.inf)
        for owner in np.unique(organisation[members]):
            others = [(c, 1.0) for c, i in served if organisation[i] != owner]
            made.rows.add(others + every, 0.0, math.inf)
        made.opened.append(opened)
        made.served.append(served)
    for terms in covering:
        made.rows.add(terms, 1.0, 1.0)
    return made


def _column(made: _Program, cost: float, upper: float) -> int:
    made.cost.append(cost)
    made.upper.append(upper)
    made.whole.append(True)
    return len(made.cost) - 1


def _pass(made: _Program) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(made.cost), len(made.rows.low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(made.cost), np.zeros(len(made.cost)), np.array(made.upper)
    lp.row_lower_, lp.row_upper_ = np.array(made.rows.low), np.array(made.rows.high)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(made.rows.start, np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = np.array(made.rows.column, np.int32), np.array(made.rows.value)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(made.cost)
    return lp


def _parted(problem: TowerProblem, rows: Ints, made: _Program, value: NDArray[np.float64]) -> list[Group] | None:
    """The answer as groups (indices of needs); None when the towers of a candidate cannot be told apart within the rules."""
    groups: list[Group] = []
    for opened, served in zip(made.opened, made.served, strict=True):
        members = [int(rows[i]) for column, i in served if value[column] > 0.5]
        levels = [level for column, level in reversed(opened) for _ in range(int(value[column]))]
        parted = _towers(problem, members, levels)
        if parted is None:
            return None
        groups += parted
    return groups


def _towers(problem: TowerProblem, members: Group, levels: list[int]) -> list[Group] | None:
    """Members told apart into towers that cost `levels`: by trying, tallest first, each where a second organisation lacks, then
    where most room is. None where no way was found in MOST_STEPS."""
    needs, steps = problem.needs, 0
    ordered = sorted(members, key=lambda i: (-int(problem.top[i]), -int(needs.mounts[i]), i))
    towers: list[Group] = [[] for _ in levels]

    def parties(tower: Group) -> set[int]:
        return {int(needs.organisation[i]) for i in tower}

    def place(k: int) -> bool:
        nonlocal steps
        steps += 1
        if k == len(ordered):
            return all(len(parties(tower)) > 1 for tower in towers)
        i = ordered[k]
        room = [problem.terms.capacity - int(needs.mounts[t].sum()) if t else problem.terms.capacity for t in towers]
        fitting = [t for t in range(len(towers)) if problem.top[i] <= levels[t] and needs.mounts[i] <= room[t]]
        owner = int(needs.organisation[i])
        for t in sorted(fitting, key=lambda t: (len(parties(towers[t]) | {owner}) < 2, -room[t], t)):
            towers[t].append(i)
            if steps < MOST_STEPS and place(k + 1):
                return True
            towers[t].pop()
        return False

    return towers if place(0) else None
