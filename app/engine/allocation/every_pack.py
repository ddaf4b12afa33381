"""The master over every pack that a better answer can be made of: small enough where the bound is close, and then a proof.

A pack that costs more of the bound than value and bound are apart is in no better answer (Baldacci and Mingozzi 2009 enumerate
so). What is left goes to HiGHS whole, whose relaxation of it is as tight as the bound by listings.
"""

from __future__ import annotations

import math

import highspy
import numpy as np

from app.engine.allocation import blocks_kernel
from app.engine.allocation.blocks import Blocks, Bounded
from app.engine.allocation.clock import Clock
from app.engine.allocation.mip import BOUNDING, TOLERANCE, holds
from app.engine.allocation.packs import EPS
from app.engine.allocation.part import Part
from app.engine.highs import WHOLE, run, solver
from app.engine.problem import Ints

NODES_A_PACK = 100  # of the enumeration


def by_every_pack(part: Part, blocks: Blocks, best: Bounded, most: int, tree: int, clock: Clock) -> Bounded:
    """The master over every pack that a better answer can be made of: exact when it ends. As it was where they are too many."""
    charged, owner = best.charged, np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    ptr, item = np.zeros(most + 1, np.int64), np.empty(most * 8, np.int64)
    count, filled = blocks_kernel.enumerate_packs(
        blocks.ptr, blocks.item, owner, part.points, charged.scale, charged.pay, blocks.opening * charged.scale, charged.worth,
        charged.total - (best.value + 1) * charged.scale, most * NODES_A_PACK, *part[7:12], charged.prices,
        np.zeros(len(part.capacity), np.int64), ptr, item,
    )  # fmt: skip
    if count < 0:
        return best
    if count == 0:
        return best._replace(bound=best.value)
    ptr, item = ptr[: count + 1], item[:filled]
    of = np.empty(len(part.points), np.int64)
    of[blocks.item] = np.repeat(np.arange(len(blocks.ptr) - 1), np.diff(blocks.ptr))
    block = of[item[ptr[:-1]]]
    points = np.add.reduceat(part.points[item], ptr[:-1]) - blocks.opening[block]
    needs = len(part.quantity)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = count, needs + len(blocks.ptr) - 1
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = -points.astype(np.float64), np.zeros(count), np.ones(count)
    lp.row_lower_, lp.row_upper_ = np.full(lp.num_row_, -np.inf), np.ones(lp.num_row_)
    at = ptr[:-1] + np.arange(count)  # each pack's block after the pack before
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.append(at, filled + count).astype(np.int32)
    lp.a_matrix_.index_ = np.insert(owner[item], ptr[1:], needs + block).astype(np.int32)
    lp.a_matrix_.value_ = np.ones(filled + count)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * count
    highs = solver(**WHOLE, mip_max_nodes=tree)
    highs.passModel(lp)
    run(highs, clock.left())
    return _taken_over(part, best, highs, ptr, item)


def _taken_over(part: Part, best: Bounded, highs: highspy.Highs, ptr: Ints, item: Ints) -> Bounded:
    """The answer and the bound of the master over every pack."""
    bound, least = best.bound, highs.getInfo().mip_dual_bound
    if highs.getModelStatus() in BOUNDING and math.isfinite(least):
        bound = math.floor(-least * (1 + TOLERANCE) + EPS)
    if highs.getInfo().primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible):
        columns = np.flatnonzero(np.array(highs.getSolution().col_value) > 0.5)
        taken = np.zeros(len(part.points), np.int64)
        for c in columns.tolist():
            taken[item[ptr[c] : ptr[c + 1]]] = 1
        if part.worth(taken) > best.value and holds(part, taken):
            best = best._replace(taken=taken, value=part.worth(taken))
    return best._replace(bound=max(best.value, min(best.bound, bound)))
