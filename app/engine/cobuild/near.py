"""Which needs can share a tower at all, pair by pair: circles that meet, start windows that overlap. The graph of the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.engine.cobuild.problem import INSET_MM, Floats, TowerProblem, chord_cm
from app.engine.cobuild.site_kernel import edge_corners
from app.engine.problem import Ints

STEP = 1.3  # radii of one class differ by less than this
MOST_PAIRS = 12_000_000
NEAREST = 48  # kept of each need where there would be more than MOST_PAIRS


@dataclass(frozen=True, eq=False)
class NearGraph:
    """Pairs of needs that could share a tower, as CSR over needs (`ptr`, `other`, `pair`: row of `corner`). `corner[pair, side]`:
    where their circles meet, `has[pair]`: that they do (else one lies within the other). `whole`: no pair was left out.
    `component`: label of each need."""

    ptr: Ints
    other: NDArray[np.int32]
    pair: NDArray[np.int32]
    corner: Floats
    has: NDArray[np.bool_]
    component: NDArray[np.int32]
    whole: bool

    @property
    def degree(self) -> Ints:
        return np.diff(self.ptr)


def near_graph(problem: TowerProblem, most_pairs: int = MOST_PAIRS) -> NearGraph:
    """O(n log n + pairs): trees of earth-centred points by class of radius."""
    left, right, whole = _candidates(problem, most_pairs)
    needs, n = problem.needs, len(problem.needs)
    reach = np.maximum(needs.radius_mm - INSET_MM, 0.0)
    gap = problem.xyz[left] - problem.xyz[right]
    limit = chord_cm(reach[left] + reach[right])
    keep = np.einsum("ij,ij->i", gap, gap) <= limit * limit
    keep &= np.maximum(needs.first[left], needs.first[right]) <= np.minimum(needs.last[left], needs.last[right])
    keep &= needs.mounts[left] + needs.mounts[right] <= problem.terms.capacity
    left, right = np.minimum(left, right)[keep].astype(np.int32), np.maximum(left, right)[keep].astype(np.int32)
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    corner, has = np.empty((len(left), 2, 3)), np.zeros(len(left), bool)
    edge_corners(problem.xyz, problem.inset_cm, left, right, corner, has)
    a, b = np.concatenate((left, right)), np.concatenate((right, left))
    pair = np.tile(np.arange(len(left), dtype=np.int32), 2)
    order = np.lexsort((b, a))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(a, minlength=n)))).astype(np.int64)
    links = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    component = connected_components(links, directed=False)[1].astype(np.int32) if n else np.zeros(0, np.int32)
    return NearGraph(ptr, b[order], pair[order], corner, has, component, whole)


def _candidates(problem: TowerProblem, most_pairs: int) -> tuple[Ints, Ints, bool]:
    """Pairs whose circles may meet: left, right, and whether these are all."""
    radius = problem.needs.radius_mm
    if len(radius) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), True
    level = np.floor(np.log(radius / radius.min()) / np.log(STEP)).astype(np.int64)
    classes = [np.flatnonzero(level == value) for value in np.unique(level)]
    trees = [cKDTree(problem.xyz[rows]) for rows in classes]
    most = [float(chord_cm(radius[rows].max(initial=1) * np.ones(1))[0]) for rows in classes]
    reaches = [(a, b, most[a] + most[b] + 1.0) for a in range(len(classes)) for b in range(a, len(classes))]
    total = sum(trees[a].count_neighbors(trees[b], reach) // (2 if a == b else 1) for a, b, reach in reaches)
    if total > most_pairs:
        return _nearest(problem)
    found = [_between(classes, trees, a, b, reach) for a, b, reach in reaches]
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]), True


def _between(classes: list[Ints], trees: list[cKDTree], a: int, b: int, reach: float) -> tuple[Ints, Ints]:
    if a == b:
        pairs = trees[a].query_pairs(reach, output_type="ndarray")
        return classes[a][pairs[:, 0]], classes[a][pairs[:, 1]]
    hits = trees[a].sparse_distance_matrix(trees[b], reach, output_type="ndarray")
    return classes[a][hits["i"]], classes[b][hits["j"]]


def _nearest(problem: TowerProblem) -> tuple[Ints, Ints, bool]:
    """Where needs lie so densely that their pairs would not fit: the nearest of each."""
    n = len(problem.needs)
    _, other = cKDTree(problem.xyz).query(problem.xyz, k=min(NEAREST + 1, n))
    left = np.repeat(np.arange(n), other.shape[1])
    right = other.ravel()
    low, high = np.minimum(left, right), np.maximum(left, right)
    pairs = np.unique((low * np.int64(n) + high)[low < high])
    return pairs // n, pairs % n, False
