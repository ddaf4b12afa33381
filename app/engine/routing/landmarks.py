"""Landmarks: how far every node is from a few, far-flung ones, so that a search knows the least that is left (Goldberg &
Harrelson 2005).

Made once for a network and its weights, one search each; exact bounds as long as no weight falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.problem import Ints
from app.engine.routing.network import FAR, Network
from app.engine.routing.search import ahead

MANY, GUIDING = 16, 6


@dataclass(frozen=True, eq=False)
class Landmarks:
    """`marks[N, L]`: distance of each node from each landmark; FAR where they are not connected."""

    marks: NDArray[np.int64]

    def guides(self, start: int, goal: int) -> Ints:
        """The landmarks that tell most about a question: those between which the ends lie farthest apart."""
        one, two = self.marks[start], self.marks[goal]
        told = np.where((one < FAR) & (two < FAR), np.abs(one - two), -1)
        best = np.argsort(-told, kind="stable")[:GUIDING]
        return best[told[best] > 0].astype(np.int64)


def no_landmarks(network: Network) -> Landmarks:
    """None: searches are plain."""
    return Landmarks(np.zeros((len(network), 0), np.int64))


def landmarks(network: Network, weight: Ints, many: int = MANY) -> Landmarks:
    """Each the farthest from those before it (the first: from node 0), one search each. O(many × E log E), N × many × 8 bytes."""
    if not len(network):
        return no_landmarks(network)
    nearest = _finite(ahead(network, weight, 0))
    found: list[Ints] = []
    for _ in range(min(many, len(network))):
        far = ahead(network, weight, int(nearest.argmax()))
        found.append(far)
        nearest = np.minimum(nearest, _finite(far)) if len(found) > 1 else _finite(far)
    return Landmarks(np.ascontiguousarray(np.column_stack(found)))


def _finite(far: Ints) -> Ints:
    return np.where(far < FAR, far, -1)
