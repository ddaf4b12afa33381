"""One cheapest way through a network, and how far everything is from a place: the searches that all questions are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from app.engine.backend import use_kernels
from app.engine.problem import Ints
from app.engine.routing import twin
from app.engine.routing.network import FAR, Network, other_end

NOWHERE = -1
FREELY = np.zeros(0, np.int64)  # no potential


class Path(NamedTuple):
    """A way through a network: `cost` in the weights it was searched by, its edges, and its nodes (one more)."""

    cost: int
    edges: Ints
    nodes: Ints


class Workspace:
    """The arrays of one thread's searches on one network. What belongs to a search is stamped with its number."""

    def __init__(self, network: Network) -> None:
        n, e = len(network), network.edges
        self.now = 0
        self.dist, self.via = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.stamp, self.barred, self.shut = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(e, np.int64)
        self.keys, self.items = np.zeros(4 * e + 2 * n + 16, np.int64), np.zeros(4 * e + 2 * n + 16, np.int64)
        self.high, self.high_stamp = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.on, self.before, self.before_edge = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.far, self.state_stamp, self.state_via = (
            np.zeros(2 * n, np.int64),
            np.zeros(2 * n, np.int64),
            np.zeros((2 * n, 2), np.int64),
        )

    def next(self) -> int:
        self.now += 1
        return self.now


def workspace(network: Network) -> Workspace:
    """This thread's workspace of a network."""
    known: Workspace | None = getattr(network.local, "workspace", None)
    if known is None:
        known = network.local.workspace = Workspace(network)
    return known


def kernels() -> Any:
    """The compiled kernels, or their twins."""
    if use_kernels():
        from app.engine.routing import route_kernel

        return route_kernel
    return twin


def grow(
    network: Network,
    weight: Ints,
    start: int,
    goal: int,
    limit: int,
    potential: Ints,
    shut: Iterable[int] | Ints,
    barred: Iterable[int] | Ints,
) -> tuple[int, Workspace]:
    """Search on from `start`: (the key at which it stopped, this thread's workspace with what was reached)."""
    space = workspace(network)
    now = space.next()
    space.shut[np.fromiter(shut, np.int64)] = now
    space.barred[np.fromiter(barred, np.int64)] = now
    ptr, to, edge = network.arcs
    reached = kernels().grow(
        ptr,
        to,
        edge,
        weight,
        space.shut,
        space.barred,
        start,
        goal,
        limit,
        potential,
        space.dist,
        space.via,
        space.stamp,
        now,
        space.keys,
        space.items,
    )
    return int(reached), space


def shortest(
    network: Network,
    weight: Ints,
    start: int,
    goal: int,
    shut: Iterable[int] | Ints = (),
    barred: Iterable[int] | Ints = (),
    potential: Ints = FREELY,
) -> Path | None:
    """The cheapest way from `start` to `goal` that uses no edge of `shut` and no node of `barred`; None where there is none.

    `weight[E]`: at least 0, `SHUT` for edges that are not there. O(E log E), less with a `potential` (`ahead`). Always the same
    way of those that cost the same."""
    reached, space = grow(network, weight, start, goal, FAR, potential, shut, barred)
    return None if reached >= FAR else walk(network, space, start, goal)


def walk(network: Network, space: Workspace, start: int, goal: int) -> Path:
    """The way to `goal` that the last search found."""
    edges, nodes, v = [], [goal], goal
    while v != start:
        e = int(space.via[v])
        v = other_end(network, e, v)
        edges.append(e)
        nodes.append(v)
    return Path(int(space.dist[goal]), np.array(edges[::-1], np.int64), np.array(nodes[::-1], np.int64))


def ahead(network: Network, weight: Ints, goal: int, until: int = NOWHERE, limit: int = FAR) -> Ints:
    """The least that each node is from `goal`, shape [N]: a potential for searches towards it.

    Stops once `until` is settled, or beyond `limit`: farther nodes then hold the distance at which it stopped. FAR: never."""
    reached, space = grow(network, weight, goal, until, limit, FREELY, (), ())
    known = np.where(space.stamp == space.now, space.dist, FAR)
    return np.minimum(known, reached) if reached < FAR else known


def reachable(network: Network, weight: Ints, start: int) -> Ints:
    """The nodes that `start` is connected with, ascending."""
    _, space = grow(network, weight, start, NOWHERE, FAR, FREELY, (), ())
    return np.flatnonzero(space.stamp == space.now)
