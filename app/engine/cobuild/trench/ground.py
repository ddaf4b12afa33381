"""Open ground: straight sections between the ends of routes, and the points where three of them meet best."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.engine.cobuild.problem import chord_cm
from app.engine.cobuild.site import lon_lat_of, on_ground
from app.engine.cobuild.trench.problem import Floats, TrenchProblem
from app.engine.earth import ecef_cm
from app.engine.problem import Ints

SAME_CM = 100.0  # ends nearer than this are one
BESIDE = 12  # ends of others that a route may go by: those that cost it the least detour
NEAREST = 6
STEPS = 60  # of Weiszfeld's iteration
SETTLED_CM = 0.5


class Ground(NamedTuple):
    """Nodes, sections between them, and the nodes of the ends of the routes asked for, in their order."""

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    start: Ints
    goal: Ints


def open_ground(problem: TrenchProblem, rows: Ints) -> Ground:
    """Sections for the routes `rows`. O(n log n + n · BESIDE)."""
    needs, n = problem.needs, len(rows)
    if not n:
        none = np.zeros(0, np.int64)
        return Ground(np.zeros(0), np.zeros(0), none, none, none, none)
    ends = np.concatenate((needs.lon_a[rows], needs.lon_b[rows])), np.concatenate((needs.lat_a[rows], needs.lat_b[rows]))
    points, end, first = _merged(ecef_cm(*ends).astype(np.float64))
    start, goal = end[:n], end[n:]
    made = _Sections(points)
    tree = cKDTree(points)
    for k in range(n):
        made.join(int(start[k]), int(goal[k]))
    for k in range(n):
        a, b = int(start[k]), int(goal[k])
        if a != b:
            _beside(made, tree, a, b, float(problem.limit_mm[rows[k]]))
    _, near = tree.query(points, k=min(NEAREST + 1, len(points)))
    reach = float(chord_cm(np.array([problem.limit_mm[rows].max()]))[0])
    for node, others in enumerate(np.atleast_2d(near.reshape(len(points), -1)).tolist()):
        for other in others:
            if other != node and np.linalg.norm(points[node] - points[other]) <= reach:
                made.join(node, other)
    tail, head = made.columns()
    lon, lat = lon_lat_of(on_ground(np.array(made.points)))
    lon[: len(first)], lat[: len(first)] = ends[0][first], ends[1][first]  # as they were stated, not to the centimetre
    return Ground(lon, lat, tail, head, start.astype(np.int64), goal.astype(np.int64))


def _merged(at: Floats) -> tuple[Floats, Ints, Ints]:
    """The places without doubles, by row which it is, and of each the first row."""
    pairs = cKDTree(at).query_pairs(SAME_CM, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(at), len(at)))
    label = connected_components(links, directed=False)[1]
    _, first, back = np.unique(label, return_index=True, return_inverse=True)
    return at[first], back.reshape(-1).astype(np.int64), first


class _Sections:
    """Nodes and sections as they are added, none twice."""

    def __init__(self, points: Floats) -> None:
        self.points, self.pairs = list(points), set[tuple[int, int]]()

    def join(self, a: int, b: int) -> None:
        if a != b:
            self.pairs.add((min(a, b), max(a, b)))

    def add(self, point: Floats) -> int:
        self.points.append(point)
        return len(self.points) - 1

    def columns(self) -> tuple[Ints, Ints]:
        both = np.array(sorted(self.pairs), np.int64).reshape(-1, 2)
        return both[:, 0].copy(), both[:, 1].copy()


def _beside(made: _Sections, tree: cKDTree, a: int, b: int, limit_mm: float) -> None:
    """Ways from a to b by the ends of others, and by where three ways meet."""
    pa, pb = made.points[a], made.points[b]
    middle = (pa + pb) / 2
    reach = float(chord_cm(np.array([limit_mm]))[0])
    around = np.array(sorted(set(tree.query_ball_point(middle, reach / 2 + 1)) - {a, b}), np.int64)
    if not len(around):
        return
    at = tree.data[around]
    detour = np.linalg.norm(at - pa, axis=1) + np.linalg.norm(at - pb, axis=1)
    kept = around[np.argsort(detour, kind="stable")[:BESIDE]]
    kept = kept[np.sort(detour, kind="stable")[:BESIDE] <= reach]
    forks: list[tuple[float, int]] = []
    for p in kept.tolist():
        made.join(a, p)
        made.join(p, b)
        fork = fermat_point(pa, pb, made.points[p])
        if fork is None:
            continue
        node = made.add(fork)
        for end in (a, b, p):
            made.join(node, end)
        forks.append((float(np.dot(fork - pa, pb - pa)), node))
    chain = [node for _, node in sorted(forks)]
    for left, right in pairwise(chain):
        made.join(left, right)


def fermat_point(a: Floats, b: Floats, c: Floats) -> Floats | None:
    """The point with the least sum of distances to three (Weiszfeld 1937); None where that is one of them (an angle of 120° or
    more)."""
    corner = np.stack((a, b, c))
    for k in range(3):
        u, v = corner[(k + 1) % 3] - corner[k], corner[(k + 2) % 3] - corner[k]
        if np.dot(u, v) <= -0.5 * np.linalg.norm(u) * np.linalg.norm(v):
            return None
    point = corner.mean(axis=0)
    for _ in range(STEPS):
        weight = 1.0 / np.maximum(np.linalg.norm(corner - point, axis=1), 1e-6)
        moved = (corner * weight[:, None]).sum(axis=0) / weight.sum()
        if np.linalg.norm(moved - point) < SETTLED_CM:
            break
        point = moved
    far = np.linalg.norm(corner - point, axis=1).min()
    return None if far < SAME_CM else np.asarray(point)
