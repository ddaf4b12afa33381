"""Which routes dig together: merging by saving, moving members, and all partitions of small components."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from app.engine.cobuild.split import EXACT_MEMBERS
from app.engine.cobuild.trench.exact import least_forest
from app.engine.cobuild.trench.forest import Forest, Router, users_of
from app.engine.cobuild.trench.share import Joint, better_alone, holds_together
from app.engine.earth import ecef_cm
from app.engine.problem import Ints

MOST_MEMBERS = EXACT_MEMBERS  # who pays what stays exact, and consents stay few
NEIGHBOURS = 12
PASSES = 2
SAME = 1e-6  # a cost within this share of its bound is proven

Group = tuple[int, ...]
Over = Callable[[], bool]


class Links(NamedTuple):
    """By need the others that it could share a section with, most promising first; and the component of each need."""

    near: list[list[int]]
    component: Ints


def links_of(router: Router) -> Links:
    """Pairs that could use a section in common and start on one day. O(pairs)."""
    problem, graph, n = router.problem, router.graph, len(router.uses)
    if not n:
        return Links([], np.zeros(0, np.int64))
    shared = _common(router.uses, np.ones(len(graph)), n)
    along = _common(router.alone, graph.length_mm.astype(np.float64), n)
    first, last, ducts = problem.needs.first, problem.needs.last, problem.needs.ducts
    pairs = shared.tocoo()
    keep = (pairs.row != pairs.col) & (
        np.maximum(first[pairs.row], first[pairs.col]) <= np.minimum(last[pairs.row], last[pairs.col])
    )
    keep &= ducts[pairs.row] + ducts[pairs.col] <= problem.terms.capacity
    row, col = pairs.row[keep], pairs.col[keep]
    worth = np.asarray(along[row, col]).reshape(-1) if len(row) else np.zeros(0)
    apart = np.linalg.norm(_middles(router)[row] - _middles(router)[col], axis=1)
    order = np.lexsort((col, apart, -worth, row))
    near: list[list[int]] = [[] for _ in range(n)]
    for k in order.tolist():
        near[int(row[k])].append(int(col[k]))
    links = csr_matrix((np.ones(len(row)), (row, col)), shape=(n, n))
    return Links(near, connected_components(links, directed=False)[1].astype(np.int64))


def _common(sections: list[Ints], weight: NDArray[np.float64], n: int) -> csr_matrix:
    """By pair of needs the weight of the sections that both have."""
    need = np.repeat(np.arange(n), [len(s) for s in sections])
    column = np.concatenate(sections) if sections else np.zeros(0, np.int64)
    shape = (n, len(weight))
    return (
        csr_matrix((weight[column], (need, column)), shape=shape)
        @ csr_matrix((np.ones(len(column)), (need, column)), shape=shape).T
    )


def _middles(router: Router) -> NDArray[np.float64]:
    needs = router.problem.needs
    return np.asarray((ecef_cm(needs.lon_a, needs.lat_a) + ecef_cm(needs.lon_b, needs.lat_b)) / 2.0)


class Grouping:
    """Groups of one component. `alone`: what each need costs by itself, in thousandths."""

    def __init__(self, router: Router, links: Links, alone: Ints) -> None:
        self.router, self.links, self.alone = router, links, alone
        self._stands: dict[Forest, bool] = {}  # by identity

    def feasible(self, group: Group) -> bool:
        needs, rows = self.router.problem.needs, list(group)
        return (
            1 < len(group) <= MOST_MEMBERS
            and len(set(needs.organisation[rows].tolist())) > 1
            and int(needs.first[rows].max()) <= int(needs.last[rows].min())
        )

    def apart(self, group: Group) -> int:
        return int(self.alone[list(group)].sum())

    def cost(self, group: Group) -> int:
        """Of the group built together where it can be and stands, else of its members alone."""
        forest = self.router.forest(group) if self.feasible(group) else None
        if forest is None or forest.cost >= self.apart(group):
            return self.apart(group)
        if forest not in self._stands:
            joint = self.joint(forest)
            self._stands[forest] = holds_together(joint) and (joint.closed or not better_alone(joint))
        return forest.cost if self._stands[forest] else self.apart(group)

    def merged(self, rows: list[int], over: Over) -> list[Group]:
        """From every need alone, the two groups whose union saves most, again and again."""
        group: dict[int, Group] = {i: (i,) for i in rows}
        heap: list[tuple[int, Group, Group]] = []

        def offer(a: Group, b: Group) -> None:
            union = tuple(sorted(a + b))
            if self.feasible(union):
                saved = self.cost(a) + self.cost(b) - self.cost(union)
                if saved > 0:
                    heapq.heappush(heap, (-saved, min(a, b), max(a, b)))

        for i in rows:
            for j in self.links.near[i][:NEIGHBOURS]:
                if not over() and (i < j or i not in self.links.near[j][:NEIGHBOURS]):
                    offer((i,), (j,))
        while heap and not over():
            _, a, b = heapq.heappop(heap)
            if group[a[0]] != a or group[b[0]] != b:
                continue
            union = tuple(sorted(a + b))
            group.update(dict.fromkeys(union, union))
            around = {group[j] for i in union for j in self.links.near[i][:NEIGHBOURS]} - {union}
            for other in sorted(around):
                offer(union, other)
        return sorted(set(group.values()))

    def moved(self, groups: list[Group], over: Over) -> list[Group]:
        """Members moved to a neighbouring group, or out, while that is cheaper."""
        group = {i: g for g in groups for i in g}
        for _ in range(PASSES):
            changed = False
            for i in sorted(group):
                if over():
                    break
                own = group[i]
                left = tuple(k for k in own if k != i)
                freed = self.cost(own) - (self.cost(left) if left else 0)
                around = sorted({group[j] for j in self.links.near[i][:NEIGHBOURS]} - {own})
                choices = [
                    (self.cost(tuple(sorted((*g, i)))) - self.cost(g), g) for g in around if self.feasible(tuple(sorted((*g, i))))
                ]
                if len(own) > 1:
                    choices.append((int(self.alone[i]), ()))
                best = min(choices, default=None)
                if best is None or best[0] >= freed:
                    continue
                changed = True
                joined = tuple(sorted((*best[1], i)))
                group.update(dict.fromkeys(left, left))
                group.update(dict.fromkeys(joined, joined))
            if not changed:
                break
        return sorted(set(group.values()))

    def settled(self, group: Group) -> Forest | None:
        """The group with the ways that it builds, without members who are better off alone; None where none is left."""
        while self.feasible(group):
            forest = self.router.polished(group)
            if forest is None or forest.cost >= self.apart(group):
                return None
            leaving = better_alone(self.joint(forest))
            if not leaving:
                return forest if holds_together(self.joint(forest)) else None
            group = tuple(i for k, i in enumerate(group) if k not in leaving)
        return None

    def joint(self, forest: Forest) -> Joint:
        """The game of who pays what."""
        problem, rows = self.router.problem, list(forest.members)
        sections, used = users_of(forest)
        dug = problem.terms.per_m_minor * self.router.graph.length_mm[sections]
        own = np.array(
            [int(problem.own_per_m[i]) * self.router.length_mm(w) for i, w in zip(rows, forest.ways, strict=True)], np.int64
        )
        return Joint(dug, used, own, self.alone[rows])

    def proven(self, rows: list[int], seconds: float, over: Over) -> tuple[int, list[Group]] | None:
        """A bound on the component from all its partitions, and the cheapest partition known. None where a group was left
        unanswered."""
        n = len(rows)
        least: dict[int, int] = {0: 0}
        known: dict[int, int] = {0: 0}
        for size in range(1, n + 1):
            for chosen in combinations(range(n), size):
                mask, group = sum(1 << k for k in chosen), tuple(rows[k] for k in chosen)
                least[mask] = known[mask] = self.apart(group)
                if not self.feasible(group):
                    continue
                if over():
                    return None
                found = least_forest(self.router, group, seconds)
                if found is None:
                    return None
                least[mask] = min(least[mask], found.bound)
                self.router.improve(group, found.forest)
                known[mask] = self.cost(group)
        bound, _ = _partition(n, least)
        _, parts = _partition(n, known)
        return bound, [tuple(rows[k] for k in range(n) if part >> k & 1) for part in parts]


def _partition(n: int, cost: dict[int, int]) -> tuple[int, list[int]]:
    """The cheapest way to part n needs into sets: cost and sets. O(3ⁿ)."""
    best: dict[int, tuple[int, list[int]]] = {0: (0, [])}
    for mask in range(1, 1 << n):
        head, rest = mask & -mask, mask ^ (mask & -mask)
        part, choice = rest, (10**30, [0])
        while True:
            group = part | head
            total = cost[group] + best[mask ^ group][0]
            if total < choice[0]:
                choice = (total, [group, *best[mask ^ group][1]])
            if not part:
                break
            part = (part - 1) & rest
        best[mask] = choice
    return best[(1 << n) - 1]
