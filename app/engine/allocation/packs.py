"""Answers from packs: what a block may hold together is one column, and a master program chooses a pack for each block.

Column generation (Gilmore and Gomory 1961; generalised assignment: Savelsbergh 1997): the master's duals are what needs pay, the
blocks answer with better packs, and every round bounds the whole. Its linear program says nearly what the best answer is, so a dive
that fixes the clearest packs and prices again ends close to it (Sadykov et al. 2019); the master over the packs met, in whole
numbers, goes on from there.
"""

from __future__ import annotations

from itertools import pairwise

import highspy
import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import blocks_kernel
from app.engine.allocation.blocks import Blocks, Bounded, Charged
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats, top_up
from app.engine.allocation.part import Part
from app.engine.highs import WHOLE, run, solver
from app.engine.problem import Ints

SURE = 0.999  # of a column: as good as taken
EPS = 1e-6
AGAIN = 4  # rounds of pricing after each fixing
SMOOTH = 0.8  # of the best bound's payments in those that are priced (Wentges 1997)


class Master:
    """Packs as columns: rows are needs, then blocks, each at most once."""

    def __init__(self, part: Part, blocks: Blocks) -> None:
        self.part, self.blocks = part, blocks
        self.owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
        self.of = np.empty(len(part.points), np.int64)
        self.of[blocks.item] = np.repeat(np.arange(len(blocks.ptr) - 1), np.diff(blocks.ptr))
        self.packs: list[Ints] = []
        self.block: list[int] = []
        self.known: set[bytes] = set()
        self.highs = solver()
        rows = len(part.quantity) + len(blocks.ptr) - 1
        self.highs.passModel(_empty(rows))

    def add(self, chosen: NDArray[np.bool_], which: NDArray[np.bool_]) -> int:
        """The packs of these blocks that are not there yet."""
        options = np.flatnonzero(chosen)
        options = options[which[self.of[options]]]
        options = options[np.lexsort((options, self.owner[options], self.of[options]))]
        block, owner = self.of[options], self.owner[options]
        first = np.append(np.ones(min(1, len(options)), bool), (block[1:] != block[:-1]) | (owner[1:] != owner[:-1]))
        options, block = options[first], block[first]  # of two options of a need in one block, one
        cut = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(options)]
        fresh = []
        for begin, end in pairwise(cut if len(options) else []):
            pack = options[begin:end]
            if (key := pack.tobytes()) not in self.known:
                self.known.add(key)
                fresh.append(pack)
        if not fresh:
            return 0
        blocks = [int(self.of[pack[0]]) for pack in fresh]
        n = len(self.part.quantity)
        cost = [float(self.blocks.opening[b] - self.part.points[pack].sum()) for b, pack in zip(blocks, fresh, strict=True)]
        index = np.concatenate([np.append(np.sort(self.owner[pack]), n + b) for b, pack in zip(blocks, fresh, strict=True)])
        start = np.concatenate(([0], np.cumsum([len(pack) + 1 for pack in fresh])))[:-1]
        self.highs.addCols(
            len(fresh), np.array(cost), np.zeros(len(fresh)), np.ones(len(fresh)), len(index), start.astype(np.int32),
            index.astype(np.int32), np.ones(len(index)),
        )  # fmt: skip
        self.packs += fresh
        self.block += blocks
        return len(fresh)

    def solve(self, clock: Clock) -> bool:
        """The linear program; False when it did not end."""
        run(self.highs, clock.left())
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def duals(self) -> tuple[Floats, Floats]:
        """What needs and blocks pay."""
        dual = np.maximum(0, -np.array(self.highs.getSolution().row_dual))
        return dual[: len(self.part.quantity)], dual[len(self.part.quantity) :]

    def weights(self) -> Floats:
        return np.array(self.highs.getSolution().col_value)

    def fix(self, columns: Ints) -> None:
        for c in columns.tolist():
            self.highs.changeColBounds(c, 1.0, 1.0)

    def loosen(self) -> None:
        for c in range(len(self.packs)):
            self.highs.changeColBounds(c, 0.0, 1.0)

    def answer(self, columns: Ints) -> Ints:
        taken = np.zeros(len(self.part.points), np.int64)
        for c in columns.tolist():
            taken[self.packs[c]] = 1
        return taken

    def choose(self, best: Ints, nodes: int, clock: Clock) -> Ints | None:
        """The master in whole numbers, from the answer known."""
        columns = len(self.packs)
        self.loosen()
        kind = np.full(columns, highspy.HighsVarType.kInteger)
        self.highs.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), kind)
        for name, value in {**WHOLE, "mip_max_nodes": nodes}.items():
            self.highs.setOptionValue(name, value)
        if best.any():
            self.add(best > 0, np.ones(len(self.blocks.ptr) - 1, bool))
        run(self.highs, clock.left())
        if self.highs.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return None
        return self.answer(np.flatnonzero(self.weights() > 0.5))


def by_packs(part: Part, blocks: Blocks, known: Bounded, master: Master, rounds: int, nodes: int, clock: Clock) -> Bounded:
    """At most `rounds` of pricing, `nodes` for each block, and a dive: a better answer and bound than what is `known`, or the same."""
    best = known
    everything = np.ones(len(blocks.ptr) - 1, bool)
    best = _priced(master, best, known.charged.pay, nodes, everything, clock)
    if best.taken.any():
        master.add(best.taken > 0, everything)
    for _ in range(rounds):
        if clock.over() or best.value >= best.bound or not master.solve(clock):
            break
        pay, sigma = master.duals()
        before, exact = len(master.packs), np.rint(pay * known.charged.scale).astype(np.int64)
        best = _priced(
            master, best, (SMOOTH * best.charged.pay + (1 - SMOOTH) * exact).astype(np.int64), nodes, everything, clock
        )
        best = _priced(master, best, exact, nodes, everything, clock, sigma)
        if len(master.packs) == before:
            break
    return _dived(master, best, nodes, clock)


def _priced(
    master: Master, best: Bounded, pay: Ints, nodes: int, free: NDArray[np.bool_], clock: Clock, sigma: Floats | None = None
) -> Bounded:
    """The packs that blocks answer to what needs pay; and what that bounds, where all blocks are free."""
    part, blocks, charged = master.part, master.blocks, best.charged
    chosen, worth = np.zeros(len(part.points), bool), np.zeros(len(blocks.ptr) - 1, np.int64)
    rows = charged.prices.copy()
    blocks_kernel.solve_blocks(
        blocks.ptr, blocks.item, master.owner, part.points, charged.scale, pay, blocks.opening * charged.scale, nodes,
        *part[7:12], rows, np.zeros(len(part.capacity), np.int64), np.zeros(len(part.capacity), bool), chosen, worth,
    )  # fmt: skip
    if free.all():
        total = int(pay.sum()) + int(worth.sum())
        if total < charged.total:
            best = best._replace(
                bound=min(best.bound, total // charged.scale), charged=Charged(charged.scale, pay, rows, worth, total)
            )
    better = free if sigma is None else free & (worth > sigma * charged.scale + EPS)
    master.add(chosen, better)
    return best


def _dived(master: Master, best: Bounded, nodes: int, clock: Clock) -> Bounded:
    """Fix the clearest packs, price again, until every block has its pack."""
    part, scale = master.part, best.charged.scale
    free, served = np.ones(len(master.blocks.ptr) - 1, bool), np.zeros(len(part.quantity), bool)
    never = scale * (int(part.points.max(initial=0)) + 1)
    fixed = np.zeros(0, np.int64)
    while not clock.over():
        for again in range(AGAIN + 1):
            if not master.solve(clock):
                return best
            pay, sigma = master.duals()
            before = len(master.packs)
            if again < AGAIN:
                whole = np.where(served, never, np.rint(pay * scale)).astype(np.int64)
                _priced(master, best, whole, nodes, free, clock, sigma)
            if len(master.packs) == before:
                break
        weight = master.weights()
        open_ = np.setdiff1d(np.flatnonzero(weight > EPS), fixed)
        if not len(open_):
            break
        sure = open_[weight[open_] >= SURE]
        rest = open_[weight[open_] < SURE]
        share = max(1, len(rest) // 40)
        new = np.concatenate((sure, _apart(master, rest[np.argsort(-weight[rest], kind="stable")], sure, share)))
        fixed = np.concatenate((fixed, new))
        master.fix(new)
        for c in new.tolist():
            free[master.block[c]] = False
            served[master.owner[master.packs[c]]] = True
    taken = master.answer(fixed)
    top_up(part, np.argsort(-part.points, kind="stable"), taken, part.capacity - part.load(taken))
    value = part.worth(taken)
    return best._replace(taken=taken, value=value) if value > best.value else best


def _apart(master: Master, order: Ints, sure: Ints, most: int) -> Ints:
    """The first few columns that share neither block nor need."""
    blocks, needs, kept = {master.block[c] for c in sure.tolist()}, set[int](), []
    for c in sure.tolist():
        needs.update(master.owner[master.packs[c]].tolist())
    for c in order.tolist():
        mine = master.owner[master.packs[c]].tolist()
        if master.block[c] not in blocks and not needs.intersection(mine):
            kept.append(c)
            blocks.add(master.block[c])
            needs.update(mine)
            if len(kept) >= most:
                break
    return np.array(kept, np.int64)


def _empty(rows: int) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 0, rows
    lp.row_lower_, lp.row_upper_ = np.full(rows, -np.inf), np.ones(rows)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.zeros(1, np.int32)
    return lp
