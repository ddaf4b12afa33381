"""Which places are near one another: geodesic millimetres on integer earth-centred centimetres."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.engine.earth import arc_mm
from app.engine.problem import Ints


class Links(NamedTuple):
    """Pairs of places, tail < head, in order, and how many millimetres they are apart."""

    tail: Ints
    head: Ints
    far: Ints

    def where(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Links:
        return Links(self.tail[keep], self.head[keep], self.far[keep])


def apart_mm(place: Ints, tail: Ints, head: Ints) -> Ints:
    """Millimetres between pairs of places, `place[n, 3]` in earth-centred centimetres."""
    chord = (place[head] - place[tail]).astype(np.float64)
    middle = (place[head] + place[tail]) / 2.0
    return arc_mm(chord[:, 0], chord[:, 1], chord[:, 2], middle[:, 0], middle[:, 1], middle[:, 2])


def links(place: Ints, tail: Ints, head: Ints, most_mm: int) -> Links:
    """The given pairs, each once, of those that lie within so many millimetres."""
    pairs = np.unique(np.sort(np.column_stack((tail, head)).astype(np.int64), axis=1), axis=0)
    far = apart_mm(place, pairs[:, 0], pairs[:, 1]) if len(pairs) else np.zeros(0, np.int64)
    return Links(pairs[:, 0], pairs[:, 1], far).where(far <= most_mm)


def near_pairs(place: Ints, metres: float, most: int | None = None) -> Links:
    """Pairs of places within so many metres, at most the `most` nearest of each. O(n log n + pairs)."""
    if len(place) < 2:
        none = np.zeros(0, np.int64)
        return Links(none, none, none)
    tree, reach = cKDTree(place), metres * 100 + 2
    if most is None:
        pairs = tree.query_pairs(reach, output_type="ndarray").astype(np.int64)
    else:
        far, other = tree.query(place, k=min(most + 1, len(place)), distance_upper_bound=reach)
        row = np.repeat(np.arange(len(place)), other.shape[1])
        hit = np.isfinite(far.ravel()) & (other.ravel() != row)
        pairs = np.column_stack((row[hit], other.ravel()[hit]))
    return links(place, pairs[:, 0], pairs[:, 1], round(metres * 1000))


def clusters(count: int, tail: Ints, head: Ints) -> Ints:
    """The connected cluster of each of `count` things, dense, in order of their first."""
    if count == 0:
        return np.zeros(0, np.int64)
    matrix = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(count, count))
    return np.asarray(connected_components(matrix, directed=False)[1], np.int64)
