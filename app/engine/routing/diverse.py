"""Two ways that share no edge, or no node between the ends, at the least cost together: Suurballe (1974), exact.

O(E log E): one search, and one in its residual on reduced costs; with landmarks both look only at what lies on the way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from app.engine.backend import use_kernels
from app.engine.problem import Ints
from app.engine.routing import pair_twin
from app.engine.routing.landmarks import Landmarks, no_landmarks
from app.engine.routing.network import FAR, Network, other_end
from app.engine.routing.search import FREELY, Path, Workspace, workspace


class TwoWays(NamedTuple):
    """`first` is the cheaper."""

    first: Path
    second: Path

    @property
    def cost(self) -> int:
        return self.first.cost + self.second.cost


def disjoint_pair(
    network: Network, weight: Ints, start: int, goal: int, nodes: bool, guided: Landmarks | None = None
) -> TwoWays | None:
    """The cheapest two ways that share no edge (with `nodes`, no node but the ends either); None where there are not two.

    `guided`: landmarks of this network whose weights were nowhere higher than `weight`."""
    marks = (guided or no_landmarks(network)).marks
    chosen = guided.guides(start, goal) if guided else FREELY
    space = workspace(network)
    now = space.next()
    ptr, to, edge = network.arcs
    kernel = kernels()
    least = kernel.first_path(
        ptr, to, edge, weight, start, goal, marks, chosen, space.dist, space.via, space.stamp, now, space.keys, space.items
    )
    if least >= FAR:
        return None
    one = _towards(network, space, start, goal)
    space.on[one.nodes] = now
    space.before[one.nodes], space.before_edge[one.nodes] = np.append(-1, one.nodes[:-1]), np.append(-1, one.edges)
    via = space.state_via
    found = kernel.second_path(
        ptr,
        to,
        edge,
        weight,
        start,
        goal,
        one.cost,
        space.dist,
        space.stamp,
        nodes,
        space.on,
        space.before,
        space.before_edge,
        space.state_stamp,
        now,
        space.keys,
        space.items,
        space.far,
        via,
        marks,
        chosen,
        space.high,
        space.high_stamp,
    )
    if found >= FAR:
        return None
    one_way = {(int(u), int(e)) for u, e in zip(one.nodes[:-1], one.edges, strict=True)}
    state = 2 * goal + 1
    while via[state, 1] >= 0:
        source, e = int(via[state, 0]), int(via[state, 1])
        back = (other_end(network, e, source >> 1), e)
        if back in one_way:  # both searches used it, in opposite directions: neither way does
            one_way.remove(back)
        else:
            one_way.add((source >> 1, e))
        state = source
    leaving: dict[int, list[int]] = {}
    for node, e in sorted(one_way, reverse=True):
        leaving.setdefault(node, []).append(e)
    ways = sorted((_follow(network, weight, start, goal, leaving) for _ in range(2)), key=lambda w: (w.cost, w.edges.tolist()))
    return TwoWays(*ways)


def kernels() -> Any:
    """The compiled kernels, or their twins."""
    if use_kernels():
        from app.engine.routing import pair_kernel

        return pair_kernel
    return pair_twin


def _towards(network: Network, space: Workspace, start: int, goal: int) -> Path:
    """The way that a search from the goal found."""
    edges, nodes = [], [start]
    while nodes[-1] != goal:
        edges.append(int(space.via[nodes[-1]]))
        nodes.append(other_end(network, edges[-1], nodes[-1]))
    return Path(int(space.dist[start]), np.array(edges, np.int64), np.array(nodes, np.int64))


def _follow(network: Network, weight: Ints, start: int, goal: int, leaving: dict[int, list[int]]) -> Path:
    """One way out of a flow of two; it has no loop, since every edge costs something and the flow is the cheapest."""
    edges: list[int] = []
    nodes = [start]
    while nodes[-1] != goal:
        edges.append(leaving[nodes[-1]].pop())
        nodes.append(other_end(network, edges[-1], nodes[-1]))
    return Path(int(weight[edges].sum()), np.array(edges, np.int64), np.array(nodes, np.int64))
