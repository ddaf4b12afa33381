"""Blocks: what stays in one piece when any one section, or any one joint, is gone. Two ways apart exist inside a block only, so
that a question without an answer is answered at once (Hopcroft & Tarjan 1973). O(N + E)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.engine.backend import use_kernels
from app.engine.problem import Ints
from app.engine.routing.network import Network
from app.engine.routing.obstacle import pieces


@dataclass(frozen=True, eq=False)
class Blocks:
    """`block[E]`: of each open edge, -1 of the others. `size[B]`: edges of each. `piece[N]`: what hangs together without the
    edges that alone hold two parts together."""

    network: Network
    block: Ints
    size: Ints
    piece: Ints

    def joins(self, start: int, goal: int, nodes: bool) -> bool:
        """Whether there are two ways without a common edge (with `nodes`, node between the ends)."""
        if not nodes:
            return bool(self.piece[start] == self.piece[goal])
        return bool(self._around(start) & self._around(goal))

    def _around(self, node: int) -> set[int]:
        ptr, _, edge = self.network.arcs
        return {b for b in self.block[edge[ptr[node] : ptr[node + 1]]].tolist() if b >= 0 and self.size[b] > 1}


def blocks(network: Network, weight: Ints) -> Blocks:
    """The blocks of the open part of a network."""
    n, e = len(network), network.edges
    ptr, to, edge = network.arcs
    block = np.full(e, -1, np.int64)
    find: Any = find_blocks
    if use_kernels():
        from app.engine.routing import pair_kernel

        find = pair_kernel.find_blocks
    order, low, at = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    count = find(
        ptr, to, edge, weight, order, low, at, np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(e, np.int64), block
    )
    size = np.bincount(block[block >= 0], minlength=int(count))
    kept: Any = block >= 0
    kept[kept] = size[block[kept]] > 1
    return Blocks(network, block, size, pieces(network, kept))


def find_blocks(
    ptr: Any, to: Any, edge: Any, weight: Any, order: Any, low: Any, at: Any, path: Any, came: Any, held: Any, block: Any
) -> Any:
    """Depth first without recursion. `order`: when a node was met (0: not yet); `low`: the earliest that it reaches; `at`: its
    next arc; `path`, `came`: the nodes on the way and the edges to them; `held`: edges not yet in a block. Fills `block`."""
    met, count, waiting = 0, 0, 0
    for root in range(len(order)):
        if order[root] > 0:
            continue
        depth = 0
        path[0], came[0] = root, -1
        met += 1
        order[root], low[root], at[root] = met, met, ptr[root]
        while depth >= 0:
            v = path[depth]
            if at[v] < ptr[v + 1]:
                a = at[v]
                at[v] += 1
                e, x = edge[a], to[a]
                if weight[e] < 0 or e == came[depth]:
                    continue
                if order[x] == 0:
                    held[waiting] = e
                    waiting += 1
                    depth += 1
                    path[depth], came[depth] = x, e
                    met += 1
                    order[x], low[x], at[x] = met, met, ptr[x]
                elif order[x] < order[v]:
                    held[waiting] = e
                    waiting += 1
                    low[v] = min(low[v], order[x])
                continue
            e = came[depth]
            depth -= 1
            if depth < 0:
                break
            u = path[depth]
            low[u] = min(low[u], low[v])
            if low[v] >= order[u]:
                while True:
                    waiting -= 1
                    block[held[waiting]] = count
                    if held[waiting] == e:
                        break
                count += 1
    return count
