"""Co-construction of trenches: which routes dig together, along which sections, and how far from the best that can be.

`solve_trenches(problem, params, stop, seed) -> Trenches`. A group has routes of two organisations or more that can start on one day;
each member's way stays within its limit; no section holds more ducts than a trench takes; together they pay less than apart, and so
does each. Of every component of routes that could share, the cost and a bound: by all partitions where it is small, else by prices.
Deterministic; the seed is kept for the record. A deadline ends the improving and the proving, not the answer.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.problem import UNSTATED
from app.engine.cobuild.trench.forest import Forest, Router
from app.engine.cobuild.trench.graph import TrenchGraph, trench_graph
from app.engine.cobuild.trench.group import SAME, Grouping, Over, links_of
from app.engine.cobuild.trench.prices import price_bound
from app.engine.cobuild.trench.problem import TrenchProblem
from app.engine.cobuild.trench.share import UNIT, Joint
from app.engine.problem import Ints
from app.engine.solve import Cancelled, Stop


@dataclass(frozen=True, slots=True)
class TrenchParams:
    """`prove_needs`: the largest component of which every partition is looked at, `prove_s`: seconds for each group's program.
    `price`: bound the others by prices."""

    prove_needs: int = 5
    prove_s: float = 2.0
    price: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.prove_needs <= 8:
            raise ValueError("prove_needs must be 0 to 8")


@dataclass(frozen=True, eq=False)
class Trenches:
    """Groups in the order of their first need; costs in minor units. `alone`: what each need costs by itself. By component cost
    and bound; `total_minor` counts those that build alone too."""

    problem: TrenchProblem
    graph: TrenchGraph
    groups: tuple[Forest, ...]
    joint: tuple[Joint, ...]
    first: Ints
    last: Ints
    alone: Ints
    component_of: Ints
    component_cost: Ints
    component_bound: Ints
    timings: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.groups)

    def cost_minor(self, group: int) -> int:
        return -(-self.groups[group].cost // UNIT)

    def length_mm(self, group: int) -> int:
        """Of the trench that the group digs."""
        return int(self.graph.length_mm[self.groups[group].sections].sum())

    @property
    def total_minor(self) -> int:
        return -(-int(self.component_cost.sum()) // UNIT)

    @property
    def bound_minor(self) -> int:
        return -(-int(self.component_bound.sum()) // UNIT)

    @property
    def gap(self) -> float:
        """How far the total may be above the least, as a share of the bound."""
        return (self.total_minor - self.bound_minor) / self.bound_minor if self.bound_minor else 0.0

    @property
    def proven(self) -> NDArray[np.bool_]:
        return np.asarray(self.component_cost == self.component_bound)

    @property
    def answer_hash(self) -> str:
        digest = hashlib.blake2b(digest_size=20)
        for group in self.groups:
            digest.update(self.problem.needs.id[list(group.members)].tobytes())
            for way in group.ways:
                digest.update(np.ascontiguousarray(way, np.int64).tobytes())
        return digest.hexdigest()


def solve_trenches(
    problem: TrenchProblem, params: TrenchParams | None = None, stop: Stop | None = None, seed: int = 0
) -> Trenches:
    """The grouping. Raises `Cancelled` when `stop` was cancelled; a passed deadline only leaves fewer groups and wider bounds."""
    params, stop, taken = params or TrenchParams(), stop or Stop(), dict[str, float]()
    begin = time.perf_counter()

    def mark(name: str) -> None:
        taken[name] = round(time.perf_counter() - begin - sum(taken.values()), 4)

    def over() -> bool:
        if stop.cancelled is not None and stop.cancelled():
            raise Cancelled("cancelled")
        return stop.deadline_s is not None and time.monotonic() - stop.started > stop.deadline_s

    over()
    graph = trench_graph(problem)
    router = Router(problem, graph)
    mark("graph")
    stated = problem.needs.alone_minor
    by_terms = np.array([router.by_terms(i) for i in range(len(stated))], np.int64)
    alone = np.where(stated == UNSTATED, by_terms, stated * UNIT).astype(np.int64)
    links = links_of(router)
    grouping = Grouping(router, links, alone)
    components = int(links.component.max(initial=-1)) + 1
    cost, bound = np.zeros(components, np.int64), np.zeros(components, np.int64)
    forests: list[Forest] = []
    order = np.argsort(links.component, kind="stable")
    cuts = np.searchsorted(links.component[order], np.arange(components + 1))
    for c in range(components):
        rows = order[cuts[c] : cuts[c + 1]].tolist()
        found, cost[c], bound[c] = _component(grouping, rows, params, over)
        forests += found
    mark("grouping")
    forests.sort(key=lambda f: f.members)
    needs = problem.needs
    first = np.array([needs.first[list(f.members)].max() for f in forests], np.int64)
    last = np.array([needs.last[list(f.members)].min() for f in forests], np.int64)
    joint = tuple(grouping.joint(f) for f in forests)
    return Trenches(problem, graph, tuple(forests), joint, first, last, alone, links.component, cost, bound, taken)


def _component(grouping: Grouping, rows: list[int], params: TrenchParams, over: Over) -> tuple[list[Forest], int, int]:
    """Groups, cost and bound of one component, in thousandths."""
    alone = grouping.apart(tuple(rows))
    if len(rows) == 1:
        return [], alone, alone
    bound: int | None = None
    groups = grouping.moved(grouping.merged(rows, over), over)
    if len(rows) <= params.prove_needs and not over():
        proof = grouping.proven(rows, params.prove_s, over)
        if proof is not None:
            bound, groups = proof
    forests = [f for g in groups if (f := grouping.settled(g)) is not None]
    inside = {i for f in forests for i in f.members}
    cost = sum(f.cost for f in forests) + grouping.apart(tuple(i for i in rows if i not in inside))
    if bound is None and params.price:
        bound = price_bound(grouping.router, np.array(rows, np.int64), grouping.alone, cost, over)
    if bound is None:
        bound = sum(min(int(grouping.alone[i]), grouping.router.own(i)) for i in rows)
    bound = min(bound, cost)
    return forests, cost, cost if cost - bound <= SAME * cost else bound
