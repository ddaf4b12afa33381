"""The sections that trenches could take: corridor lines where a route is given one, else geodesics between ends and junctions.

A route is given a corridor when both its ends lie within `join_m` of corridor lines that lead from one to the other without
more than the detour. The others go over open ground: straight from end to end, by each other's ends, and by Fermat points, where
three ways meet at 120°, which is where the best joint trench forks (Gilbert and Pollak 1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from app.engine.cobuild.trench.corridors import Laid, lay_corridors
from app.engine.cobuild.trench.ground import open_ground
from app.engine.cobuild.trench.paths_kernel import NEVER, search, usable_sections
from app.engine.cobuild.trench.problem import Floats, TrenchProblem, geodesic_mm
from app.engine.problem import Ints


@dataclass(frozen=True, eq=False)
class TrenchGraph:
    """Nodes at (`lon`, `lat`); section e joins `tail[e]` and `head[e]`, `length_mm` long, along `line[e]` (None: straight);
    `corridor[e]`: which corridor line it follows, −1: none. `start`, `goal`: nodes of each need's ends. Adjacency as CSR."""

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    length_mm: Ints
    corridor: Ints
    line: tuple[shapely.LineString | None, ...]
    start: Ints
    goal: Ints
    ptr: Ints
    other: Ints
    edge: Ints
    along: NDArray[np.bool_]  # by need: it goes along a corridor

    def __len__(self) -> int:
        return len(self.tail)

    @cached_property
    def room(self) -> tuple[Ints, Ints, Ints]:
        """Room for the searches of one thread."""
        n = len(self.lon)
        return np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)

    def shape(self, section: int) -> shapely.LineString:
        drawn = self.line[section]
        if drawn is not None:
            return drawn
        a, b = self.tail[section], self.head[section]
        return shapely.LineString([(self.lon[a], self.lat[a]), (self.lon[b], self.lat[b])])

    def usable(self, need: int, limit_mm: int) -> Ints:
        """The sections that some way of `need` within `limit_mm` takes."""
        here, there, via = self.room
        start, goal = int(self.start[need]), int(self.goal[need])
        found = usable_sections(self.ptr, self.other, self.edge, self.length_mm, start, goal, limit_mm, here, there, via)
        return np.asarray(found, np.int64)


def trench_graph(problem: TrenchProblem) -> TrenchGraph:
    """O(c log c) for the corridors' vertices, O(n log n) for open ground."""
    n = len(problem.needs)
    start, goal, along = np.full(n, -1, np.int64), np.full(n, -1, np.int64), np.zeros(n, bool)
    laid = lay_corridors(problem)
    if laid is not None:
        _take_corridors(problem, laid, start, goal, along)
    else:
        laid = Laid.nothing(n)
    straight = np.flatnonzero(~along)
    ground = open_ground(problem, straight)
    shift = len(laid.lon)
    start[straight], goal[straight] = ground.start + shift, ground.goal + shift
    lon, lat = np.concatenate((laid.lon, ground.lon)), np.concatenate((laid.lat, ground.lat))
    tail = np.concatenate((laid.tail, ground.tail + shift)).astype(np.int64)
    head = np.concatenate((laid.head, ground.head + shift)).astype(np.int64)
    length = np.concatenate((laid.length_mm, geodesic_mm(ground.lon[ground.tail], ground.lat[ground.tail],
                                                         ground.lon[ground.head], ground.lat[ground.head])))  # fmt: skip
    corridor = np.concatenate((laid.corridor, np.full(len(ground.tail), -1))).astype(np.int64)
    ptr, other, edge = adjacency(len(lon), tail, head)
    lines = (*laid.line, *(None for _ in ground.tail))
    return TrenchGraph(lon, lat, tail, head, length, corridor, lines, start, goal, ptr, other, edge, along)


def _take_corridors(problem: TrenchProblem, laid: Laid, start: Ints, goal: Ints, along: NDArray[np.bool_]) -> None:
    ptr, other, edge = adjacency(len(laid.lon), laid.tail, laid.head)
    dist, via = np.empty(len(laid.lon), np.int64), np.empty(len(laid.lon), np.int64)
    for need in np.flatnonzero((laid.start >= 0) & (laid.goal >= 0)).tolist():
        a, b = int(laid.start[need]), int(laid.goal[need])
        limit = int(problem.limit_mm[need])
        search(ptr, other, edge, laid.length_mm, a, b, limit, dist, via)
        if a != b and dist[b] < NEVER:
            start[need], goal[need], along[need] = a, b, True


def adjacency(nodes: int, tail: Ints, head: Ints) -> tuple[Ints, Ints, Ints]:
    """CSR over nodes: `ptr`, `other`, `edge`, neighbours in ascending section."""
    a, b = np.concatenate((tail, head)), np.concatenate((head, tail))
    which = np.tile(np.arange(len(tail), dtype=np.int64), 2)
    order = np.lexsort((which, a))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(a, minlength=nodes)))).astype(np.int64)
    return ptr, b[order].astype(np.int64), which[order]
