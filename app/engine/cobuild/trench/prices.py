"""A bound for any number of routes: what each would pay at least, wherever trenches are shared.

Let each section ask every need that could use it for a part of its cost, so that needs that can start on one day are never asked
for more than the whole. Then each need's cheapest way at these prices, or its cost alone, is the least that it can add: the sum
bounds every grouping (the dual of the flow program of exact.py). The parts are moved toward who takes the section, step by step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.trench.forest import Router
from app.engine.cobuild.trench.paths_kernel import NEVER, priced_ways
from app.engine.problem import Ints

STEPS = 80
STRIDE = 0.5
SLOWER = 0.95


class Prices:
    """The needs of one component and the parts that they are asked for."""

    def __init__(self, router: Router, rows: Ints, alone: Ints) -> None:
        problem, self.router, self.rows = router.problem, router, rows
        self.alone = alone[rows]
        uses = [router.uses[i] for i in rows.tolist()]
        self.ptr = np.concatenate(([0], np.cumsum([len(u) for u in uses]))).astype(np.int64)
        self.edge = np.concatenate(uses) if uses else np.zeros(0, np.int64)
        self.need = np.repeat(np.arange(len(rows)), np.diff(self.ptr))
        self.dig = problem.terms.per_m_minor * router.graph.length_mm[self.edge]
        first, last = problem.needs.first[rows], problem.needs.last[rows]
        days = np.unique(first)
        self.open = (first[:, None] <= days) & (days <= last[:, None])  # needs × days
        _, self.section = np.unique(self.edge, return_inverse=True)
        self.section = self.section.reshape(-1)
        self.sections = int(self.section.max(initial=-1)) + 1

    def fitted(self, part: NDArray[np.float64]) -> NDArray[np.float64]:
        """Parts scaled so that on no day a section asks for more than its cost, and somewhere for all of it."""
        worst = np.zeros(len(part))
        for day in range(self.open.shape[1]):
            inside = self.open[self.need, day]
            asked = np.bincount(self.section[inside], weights=part[inside], minlength=self.sections)
            worst[inside] = np.maximum(worst[inside], asked[self.section[inside]])
        return np.asarray(np.where(worst > 0, part / np.maximum(worst, 1e-12), 0.0))

    def bound(self, part: NDArray[np.float64]) -> tuple[Ints, NDArray[np.bool_]]:
        """What each need pays at least at these parts (thousandths), and which sections its way takes."""
        graph, n = self.router.graph, len(self.rows)
        price = np.floor(part * self.dig * (1 - 1e-9)).astype(np.int64)
        weight, cost, taken = np.full(len(graph), NEVER, np.int64), np.empty(n, np.int64), np.zeros(len(part), np.bool_)
        dist, via, _ = graph.room
        priced_ways(
            np.arange(n), graph.start[self.rows], graph.goal[self.rows], self.router.problem.own_per_m[self.rows], self.ptr,
            self.edge, price, graph.length_mm, graph.ptr, graph.other, graph.edge, weight, dist, via, cost, taken,
        )  # fmt: skip
        return np.minimum(cost, self.alone), taken


def price_bound(router: Router, rows: Ints, alone: Ints, enough: int, over: Callable[[], bool]) -> int:
    """The best bound of STEPS steps, or the first that reaches `enough`. `over`: whether time is up."""
    prices = Prices(router, rows, alone)
    part = prices.fitted(np.ones(len(prices.edge)))
    best, stride = 0, STRIDE
    for _ in range(STEPS):
        paid, taken = prices.bound(part)
        best = max(best, int(paid.sum()))
        if best >= enough or over():
            break
        short = (paid < prices.alone)[prices.need]
        part = prices.fitted(part * np.where(taken & short, 1 + stride, 1 - stride / 4) + 1e-6)
        stride *= SLOWER
    return best
