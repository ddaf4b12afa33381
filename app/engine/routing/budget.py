"""The cheapest way within a loss budget and a length limit: resource-constrained shortest path, by exact label setting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.engine.problem import Ints
from app.engine.routing.network import FAR, SHUT, Network, other_end
from app.engine.routing.search import Path, ahead, kernels, shortest

UNLIMITED = 1 << 61
LABELS = 2_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a route may take: micro-decibels and millimetres over all its edges."""

    loss_udb: int = UNLIMITED
    length_mm: int = UNLIMITED

    def allow(self, network: Network, way: Path) -> bool:
        return bool(network.loss_udb[way.edges].sum() <= self.loss_udb and network.length_mm[way.edges].sum() <= self.length_mm)


@dataclass(frozen=True, slots=True)
class Within:
    """`way`: the best known, None where none is. `bound`: none costs less (FAR: there is none). `proven`: the two agree."""

    way: Path | None
    bound: int
    proven: bool


def cheapest_within(network: Network, weight: Ints, start: int, goal: int, limits: Limits, most_labels: int = LABELS) -> Within:
    """The cheapest way that keeps both limits. O(labels log labels), which can grow exponentially: when `most_labels` are not
    enough, the answer is the better of two ways known to fit, with the bound that was reached."""
    way = shortest(network, weight, start, goal)
    if way is None or limits.allow(network, way):
        return Within(way, FAR if way is None else way.cost, True)
    open_ = weight != SHUT
    loss, length = np.where(open_, network.loss_udb, SHUT), np.where(open_, network.length_mm, SHUT)
    left_loss = _beyond(ahead(network, loss, goal, limit=limits.loss_udb), limits.loss_udb)
    left_length = _beyond(ahead(network, length, goal, limit=limits.length_mm), limits.length_mm)
    ptr, to, edge = network.arcs
    cap = most_labels + 1
    labels = np.zeros((cap, 7), np.int64)
    found, _, reached = kernels().label(
        ptr,
        to,
        edge,
        weight,
        network.loss_udb,
        network.length_mm,
        start,
        goal,
        limits.loss_udb,
        limits.length_mm,
        ahead(network, weight, goal),
        left_loss,
        left_length,
        labels,
        np.full(len(network), -1, np.int64),
        np.zeros(cap, np.int64),
        np.zeros(cap, np.int64),
    )
    if found >= 0:
        return Within(_unrolled(network, labels, int(found)), int(labels[found, 0]), True)
    if reached >= FAR:
        return Within(None, FAR, True)
    return Within(_fitting(network, weight, start, goal, limits), int(reached), False)


def _beyond(left: Ints, limit: int) -> Ints:
    return np.where(left > limit, FAR, left)


def _unrolled(network: Network, labels: Ints, at: int) -> Path:
    cost, edges, nodes = int(labels[at, 0]), [], [int(labels[at, 3])]
    while labels[at, 4] >= 0:
        edges.append(int(labels[at, 5]))
        nodes.append(other_end(network, edges[-1], nodes[-1]))
        at = int(labels[at, 4])
    return Path(cost, np.array(edges[::-1], np.int64), np.array(nodes[::-1], np.int64))


def _fitting(network: Network, weight: Ints, start: int, goal: int, limits: Limits) -> Path | None:
    """The cheaper of the way of least loss and the shortest, of those that keep both limits."""
    ways = [way for way in (least(network, weight, start, goal, of) for of in (network.loss_udb, network.length_mm)) if way]
    costed = [Path(int(weight[way.edges].sum()), way.edges, way.nodes) for way in ways if limits.allow(network, way)]
    return min(costed, key=lambda way: way.cost, default=None)


def least(network: Network, weight: Ints, start: int, goal: int, of: Ints) -> Path | None:
    """The way that takes least of a column (loss, length), among the edges that are open."""
    return shortest(network, np.where(weight != SHUT, of, SHUT), start, goal)
