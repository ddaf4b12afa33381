"""One national network asked many times: a customizable contraction hierarchy beside the exact searches.

The order of contraction (nested dissection, minutes for a million edges) depends on the topology alone: keep it with `save`.
A metric (prices for so many units and days) is customised in a second, an edge's change in microseconds. Dibbelt, Strasser &
Wagner 2016 (RoutingKit, through pyroutingkit).
"""

from __future__ import annotations

from pathlib import Path as File

import numpy as np
import pyroutingkit

from app.engine.problem import Ints
from app.engine.routing.network import SHUT, Network
from app.engine.routing.obstacle import pieces
from app.engine.routing.search import Path, shortest

LONGEST = int(pyroutingkit.INF_WEIGHT)


class Router:
    """Answers `shortest` of one network and weights. Not shared by threads: each has its own, on one `Topology`."""

    def __init__(self, topology: Topology, weight: Ints, threads: int = 1) -> None:
        self.topology, self.network, self.weight = topology, topology.network, weight.copy()
        self._exact = bool((weight < LONGEST).all())
        self._piece = pieces(self.network, weight != SHUT)
        self._metric = pyroutingkit.CCHMetric(topology.order)
        self._metric.customize(_doubled(weight), threads)

    def shortest(self, start: int, goal: int) -> Path | None:
        """The cheapest way, as `search.shortest` finds it (another one of the same cost where there are several). Where costs are
        too large for the hierarchy's 31 bits the exact search has the word."""
        if self._exact:
            cost, nodes, arcs = self._metric.query(start, goal)
            if cost < LONGEST:
                return Path(int(cost), np.asarray(arcs, np.int64) % self.network.edges, np.asarray(nodes, np.int64))
            if self._piece[start] != self._piece[goal]:
                return None
        return shortest(self.network, self.weight, start, goal)

    def change(self, edges: Ints, weight: Ints) -> None:
        """Give some edges another weight (`SHUT`: none). O(E), for the pieces."""
        self.weight[edges] = weight
        self._exact = self._exact and bool((weight < LONGEST).all())
        self._piece = pieces(self.network, self.weight != SHUT)
        both = np.concatenate((edges, edges + self.network.edges)).astype(np.uint32)
        self._metric.update_weights(both, np.tile(_heavy(weight), 2))


class Topology:
    """The order of contraction of a network; weights come later. `folder`: where one was kept by `save`."""

    def __init__(self, network: Network, folder: File | None = None) -> None:
        self.network, self.order = network, pyroutingkit.CCHTopology()
        if folder is not None:
            self.order.load(str(folder))
            return
        self.order.build(
            np.concatenate((network.tail, network.head)).astype(np.uint32),
            np.concatenate((network.head, network.tail)).astype(np.uint32),
            network.lat.astype(np.float32),
            network.lon.astype(np.float32),
            len(network),
        )

    def save(self, folder: File) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.order.save(str(folder))


def _heavy(weight: Ints) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.where(weight == SHUT, LONGEST, np.minimum(weight, LONGEST)).astype(np.uint32)


def _doubled(weight: Ints) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.tile(_heavy(weight), 2)
