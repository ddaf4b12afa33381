"""How the members of one group lay their ducts: a way for each, every section dug once.

Members go in one after another, each by the way that adds least to what is dug; then each is taken out and put in again while
that is cheaper. A second start is Mehlhorn's tree of all ends. A way never exceeds its member's limit: a price on length is raised
until it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.trench.graph import TrenchGraph
from app.engine.cobuild.trench.paths_kernel import NEVER, search, walk_back
from app.engine.cobuild.trench.problem import TrenchProblem
from app.engine.cobuild.trench.steiner import mehlhorn
from app.engine.problem import Ints

ROUNDS = 4
HURRY = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)  # of the trench's price, laid on length where a way is too long


@dataclass(frozen=True, eq=False)
class Forest:
    """Members (indices of needs, ascending), the way of each (sections in order), and the cost in thousandths."""

    members: tuple[int, ...]
    ways: tuple[Ints, ...]
    cost: int

    @property
    def sections(self) -> Ints:
        return np.unique(np.concatenate(self.ways)) if self.ways else np.zeros(0, np.int64)


class Router:
    """Ways over one graph. Holds the sections that each need could use, and room to reckon in; for one thread."""

    def __init__(self, problem: TrenchProblem, graph: TrenchGraph) -> None:
        self.problem, self.graph = problem, graph
        self.uses = [graph.usable(i, int(problem.limit_mm[i])) for i in range(len(problem.needs))]
        self._weight = np.full(len(graph), NEVER, np.int64)
        self._users, self._load = np.zeros(len(graph), np.int64), np.zeros(len(graph), np.int64)
        self.alone = [self._shortest(i) for i in range(len(problem.needs))]
        self._known: dict[tuple[int, ...], Forest | None] = {}

    def length_mm(self, way: Ints) -> int:
        return int(self.graph.length_mm[way].sum())

    def own(self, need: int) -> int:
        """What a need's ducts cost on the shortest way that there is for it."""
        return int(self.problem.own_per_m[need]) * self.length_mm(self.alone[need])

    def by_terms(self, need: int) -> int:
        """What a need pays by itself by the terms, in thousandths."""
        return (int(self.problem.own_per_m[need]) + self.problem.terms.per_m_minor) * self.length_mm(self.alone[need])

    def cost_of(self, members: tuple[int, ...], ways: tuple[Ints, ...]) -> int:
        dug = np.unique(np.concatenate(ways))
        own = sum(int(self.problem.own_per_m[i]) * self.length_mm(w) for i, w in zip(members, ways, strict=True))
        return self.problem.terms.per_m_minor * self.length_mm(dug) + own

    def forest(self, members: tuple[int, ...]) -> Forest | None:
        """The best found for these members; None where their ducts do not fit."""
        if members not in self._known:
            self._known[members] = self._laid(members)
        return self._known[members]

    def polished(self, members: tuple[int, ...]) -> Forest | None:
        """The better of this and of what Mehlhorn's tree leads to."""
        found, tree = self.forest(members), self._by_tree(members)
        if tree is not None and (found is None or tree.cost < found.cost):
            found = tree
            self._known[members] = tree
        return found

    def improve(self, members: tuple[int, ...], found: Forest | None) -> None:
        """Keep a forest that was found elsewhere where it is the cheapest known."""
        known = self.forest(members)
        if found is not None and (known is None or found.cost < known.cost):
            self._known[members] = found

    def _shortest(self, need: int) -> Ints:
        use = self.uses[need]
        return self._search(need, use, self.graph.length_mm[use])

    def _search(self, need: int, use: Ints, weight: Ints) -> Ints:
        g = self.graph
        dist, via, _ = g.room
        self._weight[use] = weight
        a, b = int(g.start[need]), int(g.goal[need])
        search(g.ptr, g.other, g.edge, self._weight, a, b, NEVER - 1, dist, via)
        self._weight[use] = NEVER
        return np.asarray(walk_back(g.tail, g.head, via, a, b), np.int64)

    def _cheapest(self, need: int) -> Ints | None:
        """The way that adds least to what is dug, within the need's limit."""
        use, terms = self.uses[need], self.problem.terms
        length = self.graph.length_mm[use]
        base = length * int(self.problem.own_per_m[need]) + np.where(self._users[use] > 0, 0, terms.per_m_minor * length)
        full = self._load[use] + int(self.problem.needs.ducts[need]) > terms.capacity
        for hurry in (*(int(h * (terms.per_m_minor + 1)) for h in HURRY), None):
            weight = length.copy() if hurry is None else base + hurry * length
            weight[full] = NEVER
            way = self._search(need, use, weight)
            if not len(way):
                return None
            if self.length_mm(way) <= self.problem.limit_mm[need]:
                return way
        return None

    def _put(self, need: int, way: Ints, sign: int) -> None:
        self._users[way] += sign
        self._load[way] += sign * int(self.problem.needs.ducts[need])

    def _laid(self, members: tuple[int, ...]) -> Forest | None:
        ways: dict[int, Ints] = {}
        longest = sorted(members, key=lambda i: (-int(self.problem.straight_mm[i]), i))
        try:
            for i in longest:
                way = self._cheapest(i)
                if way is None:
                    return None
                ways[i] = way
                self._put(i, way, 1)
            return self._improved(members, ways)
        finally:
            for i, way in ways.items():
                self._put(i, way, -1)

    def _improved(self, members: tuple[int, ...], ways: dict[int, Ints]) -> Forest:
        """Take each out and put it in again while that is cheaper. What is put stays put."""
        best = self.cost_of(members, tuple(ways[i] for i in members))
        for _ in range(ROUNDS if len(members) > 1 else 0):
            before = best
            for i in members:
                old = ways[i]
                self._put(i, old, -1)
                way = self._cheapest(i)
                ways[i] = old if way is None else way
                cost = self.cost_of(members, tuple(ways[k] for k in members))
                if cost >= best:
                    ways[i] = old
                best = min(best, cost)
                self._put(i, ways[i], 1)
            if best == before:
                break
        return Forest(members, tuple(ways[i] for i in members), best)

    def _by_tree(self, members: tuple[int, ...]) -> Forest | None:
        """From Mehlhorn's tree of all ends, improved; None where a member's way in it is too long, or a section too full."""
        g, allowed = self.graph, np.unique(np.concatenate([self.uses[i] for i in members]))
        ends = {int(e): (int(g.tail[e]), int(g.head[e])) for e in allowed.tolist()}
        weight = {int(e): int(g.length_mm[e]) for e in allowed.tolist()}
        tree = np.array(sorted(mehlhorn(ends, weight, [int(t) for i in members for t in (g.start[i], g.goal[i])])), np.int64)
        ways: dict[int, Ints] = {}
        try:
            for i in members:
                way = self._search(i, tree, g.length_mm[tree])
                fits = len(way) and self.length_mm(way) <= self.problem.limit_mm[i]
                if not fits or self._too_full(i, way):
                    return None
                ways[i] = way
                self._put(i, way, 1)
            return self._improved(members, ways)
        finally:
            for i, way in ways.items():
                self._put(i, way, -1)

    def _too_full(self, need: int, way: Ints) -> bool:
        asked = int(self.problem.needs.ducts[need])
        return bool((self._load[way] + asked > self.problem.terms.capacity).any())


def users_of(forest: Forest) -> tuple[Ints, NDArray[np.bool_]]:
    """The sections dug, and by section which members use it."""
    sections = forest.sections
    used = np.stack([np.isin(sections, way) for way in forest.ways], axis=1) if forest.ways else np.zeros((0, 0), bool)
    return sections, np.asarray(used, np.bool_)
