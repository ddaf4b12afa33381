"""Why there is no route, by name: the section that is too narrow, the gap between two pieces, the loss or the length too much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.engine.earth import ecef_cm
from app.engine.problem import Ints
from app.engine.routing.budget import Limits, least
from app.engine.routing.near import apart_mm
from app.engine.routing.network import SHUT, Network
from app.engine.routing.search import shortest

APART, CAPACITY, LOSS, LENGTH = "apart", "capacity", "loss", "length"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`kind`: APART: `nodes` are the nearest of the two pieces, `value` mm apart (`start` or `goal` alone in its piece: nothing is
    near it). CAPACITY: at most `value` units go through, `edges` are the sections that let no more through on that route. LOSS,
    LENGTH: the least that any route takes is `value`, `edges` that route's."""

    kind: str
    value: int
    edges: Ints
    nodes: tuple[int, int] = (-1, -1)


def obstacle(network: Network, weight: Ints, start: int, goal: int, limits: Limits) -> Obstacle | None:
    """What stands in the way from `start` to `goal`, the first of: pieces, capacity, loss, length; None: nothing of these (a way
    may fit each limit and none both). O(E log E × log capacities)."""
    if shortest(network, weight, start, goal) is None:
        return _narrow(network, weight, start, goal) or _apart(network, start, goal)
    for kind, column, limit in ((LOSS, network.loss_udb, limits.loss_udb), (LENGTH, network.length_mm, limits.length_mm)):
        way = least(network, weight, start, goal, column)
        if way is not None and way.cost > limit:
            return Obstacle(kind, way.cost, way.edges)
    return None


def _narrow(network: Network, weight: Ints, start: int, goal: int) -> Obstacle | None:
    """The widest way: the largest amount that goes through whole, by bisection over the amounts that occur."""
    amounts = np.unique(network.free)
    if not len(amounts) or not _joined(network, network.free >= amounts[0], start, goal):
        return None
    low, high = 0, len(amounts) - 1  # amounts[low] is known to go through
    while low < high:
        middle = (low + high + 1) // 2
        if _joined(network, network.free >= amounts[middle], start, goal):
            low = middle
        else:
            high = middle - 1
    widest = int(amounts[low])
    way = shortest(network, np.where(network.free >= widest, 1 + network.length_mm, SHUT), start, goal)
    if way is None:
        return None
    return Obstacle(CAPACITY, widest, way.edges[network.free[way.edges] == widest])


def _joined(network: Network, open_: Ints, start: int, goal: int) -> bool:
    piece = pieces(network, open_)
    return bool(piece[start] == piece[goal])


def pieces(network: Network, open_: Ints) -> Ints:
    """The connected piece of each node over the open edges."""
    n = len(network)
    matrix = coo_matrix((np.ones(int(open_.sum()), np.int8), (network.tail[open_], network.head[open_])), shape=(n, n))
    return np.asarray(connected_components(matrix, directed=False)[1], np.int64)


def _apart(network: Network, start: int, goal: int) -> Obstacle:
    """The nearest two nodes of the pieces that hold the ends; where an end is alone, the nearest node to it."""
    piece = pieces(network, np.ones(network.edges, bool))
    place = ecef_cm(network.lon, network.lat)
    here, there = np.flatnonzero(piece == piece[start]), np.flatnonzero(piece == piece[goal])
    if len(network) > 2:
        everywhere = np.setdiff1d(np.arange(len(network)), (start, goal))
        if len(here) == 1:
            there = everywhere
        elif len(there) == 1:
            here, there = there, everywhere
    far, nearest = cKDTree(place[there]).query(place[here])
    best = int(np.argmin(far))
    one, two = int(here[best]), int(there[int(nearest[best])])
    far_mm = int(apart_mm(place, np.array([one]), np.array([two]))[0])
    return Obstacle(APART, far_mm, np.zeros(0, np.int64), (one, two))
