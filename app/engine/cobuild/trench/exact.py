"""One group as a mixed-integer program for HiGHS: which sections to dig, and each member's way over them. A bound always.

Multi-commodity flow with a fixed charge for each section (Magnanti and Wong 1984, "Network design and transportation planning").
"""

from __future__ import annotations

import math
from typing import NamedTuple

import highspy
import numpy as np

from app.engine.cobuild.trench.forest import Forest, Router
from app.engine.cobuild.trench.graph import adjacency
from app.engine.cobuild.trench.paths_kernel import NEVER, search, walk_back
from app.engine.highs import run, solver
from app.engine.problem import Ints

STATUS = highspy.HighsModelStatus
ANSWERED = (STATUS.kOptimal, STATUS.kTimeLimit, STATUS.kSolutionLimit)
MOST_COLUMNS = 20_000
FRACTION = 1e-9


class Least(NamedTuple):
    """`bound`: laying these members together costs no less (thousandths); `forest`: the program's own, where it found one."""

    bound: int
    forest: Forest | None


def least_forest(router: Router, members: tuple[int, ...], seconds: float) -> Least | None:
    """None where the program is too large, or nothing is proven in time."""
    sections = np.unique(np.concatenate([router.uses[i] for i in members]))
    if seconds <= 0 or len(sections) * (1 + 2 * len(members)) > MOST_COLUMNS:
        return None
    scale, lp = _program(router, members, sections)
    highs = solver(mip_rel_gap=0.0)
    highs.passModel(lp)
    run(highs, seconds)
    info = highs.getInfo()
    if highs.getModelStatus() not in ANSWERED or not math.isfinite(info.mip_dual_bound):
        return None
    bound = math.floor((info.mip_dual_bound * (1 - 1e-7) - FRACTION) * scale)
    forest = None
    if info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        forest = _ways(router, members, sections, np.array(highs.getSolution().col_value))
    return Least(max(bound, 0), forest)


def _program(router: Router, members: tuple[int, ...], sections: Ints) -> tuple[float, highspy.HighsLp]:
    """Columns: a section dug; then of each member a flow along each of its sections and one against it."""
    graph, problem = router.graph, router.problem
    place = {int(e): k for k, e in enumerate(sections.tolist())}
    length = graph.length_mm[sections]
    dig = problem.terms.per_m_minor * length
    scale = max(float(dig.max(initial=1)), 1.0)
    cost, upper = (dig / scale).tolist(), [1.0] * len(sections)
    terms: list[tuple[list[tuple[int, float]], float, float]] = []
    load: list[list[tuple[int, float]]] = [[] for _ in sections]
    for i in members:
        ducts, at, first = float(problem.needs.ducts[i]), dict[int, list[tuple[int, float]]](), len(cost)
        spent: list[tuple[int, float]] = []
        for e in router.uses[i].tolist():
            both = (len(cost), len(cost) + 1)
            tail, head, size = int(graph.tail[e]), int(graph.head[e]), int(graph.length_mm[e])
            cost += [int(problem.own_per_m[i]) * size / scale] * 2
            upper += [1.0, 1.0]
            at.setdefault(tail, []).extend([(both[0], 1.0), (both[1], -1.0)])
            at.setdefault(head, []).extend([(both[0], -1.0), (both[1], 1.0)])
            terms.append(([(both[0], 1.0), (both[1], 1.0), (place[e], -1.0)], -math.inf, 0.0))
            load[place[e]] += [(both[0], ducts), (both[1], ducts)]
            spent += [(both[0], size / 1e6), (both[1], size / 1e6)]
        for node in sorted(at):
            rhs = float((node == graph.start[i]) - int(node == graph.goal[i]))
            terms.append((at[node], rhs, rhs))
        if len(cost) > first:
            terms.append((spent, -math.inf, int(problem.limit_mm[i]) / 1e6 + 1e-6))
    if int(problem.needs.ducts[list(members)].sum()) > problem.terms.capacity:
        terms += [([*row, (k, -float(problem.terms.capacity))], -math.inf, 0.0) for k, row in enumerate(load)]
    return scale, _passed(cost, upper, terms)


def _passed(cost: list[float], upper: list[float], terms: list[tuple[list[tuple[int, float]], float, float]]) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(terms)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(cost), np.zeros(len(cost)), np.array(upper)
    lp.row_lower_, lp.row_upper_ = np.array([t[1] for t in terms]), np.array([t[2] for t in terms])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum([len(t[0]) for t in terms]))).astype(np.int32)
    lp.a_matrix_.index_ = np.array([c for t in terms for c, _ in t[0]], np.int32)
    lp.a_matrix_.value_ = np.array([v for t in terms for _, v in t[0]], float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    return lp


def _ways(router: Router, members: tuple[int, ...], sections: Ints, value: Ints) -> Forest | None:
    """The members' ways by the flows; None where rounding made one too long."""
    graph, column, ways = router.graph, len(sections), list[Ints]()
    for i in members:
        use = router.uses[i]
        flow = value[column : column + 2 * len(use)].reshape(-1, 2).sum(axis=1)
        column += 2 * len(use)
        kept = use[flow > 0.5]
        ptr, other, edge = adjacency(len(graph.lon), graph.tail[kept], graph.head[kept])
        dist, via, _ = graph.room
        a, b = int(graph.start[i]), int(graph.goal[i])
        search(ptr, other, edge, graph.length_mm[kept], a, b, NEVER - 1, dist, via)
        way = kept[walk_back(graph.tail[kept], graph.head[kept], via, a, b)]
        if not len(way) or router.length_mm(way) > router.problem.limit_mm[i]:
            return None
        ways.append(way)
    return Forest(members, tuple(ways), router.cost_of(members, tuple(ways)))
