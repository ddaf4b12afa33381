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
from app.engine.routing.blocks import Blocks, blocks
from app.engine.routing.diverse import TwoWays, disjoint_pair
from app.engine.routing.landmarks import Landmarks, landmarks
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
        self._landmarks: Landmarks | None = None
        self._blocks: Blocks | None = None

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

    def pair(self, start: int, goal: int, nodes: bool) -> TwoWays | None:
        """The cheapest two ways without a common section (with `nodes`, joint), as `disjoint_pair` finds them. The first
        question, and the first after some edge became cheaper, opened or shut, makes what guides the others."""
        if not self.blocks().joins(start, goal, nodes):
            return None
        return disjoint_pair(self.network, self.weight, start, goal, nodes, self.landmarks())

    def landmarks(self) -> Landmarks:
        """What guides searches over the present weights: one search for each landmark, kept."""
        if self._landmarks is None:
            self._landmarks = landmarks(self.network, self.weight)
        return self._landmarks

    def blocks(self) -> Blocks:
        """What stays in one piece when any one section, or joint, is gone; kept."""
        if self._blocks is None:
            self._blocks = blocks(self.network, self.weight)
        return self._blocks

    def change(self, edges: Ints, weight: Ints) -> None:
        """Give some edges another weight (`SHUT`: none). O(E), for the pieces."""
        if (_heavy(weight) < _heavy(self.weight[edges])).any():
            self._landmarks = None  # what was a least is one no longer
        if ((weight == SHUT) != (self.weight[edges] == SHUT)).any():
            self._blocks = None
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
