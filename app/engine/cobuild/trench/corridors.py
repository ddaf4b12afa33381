"""Corridor lines as a network: joined where they touch or cross, the ends of routes led to them by the shortest way.

Lines are joined by longitude and latitude, turned so that the antimeridian lies on the far side; lengths are geodesics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.ops import substring

from app.engine.cobuild.trench.problem import Floats, TrenchProblem, geodesic_mm
from app.engine.problem import Ints

GRID = 1e-8  # of a degree: a millimetre. Where lines meet is rounded to it
SAME = 1e-5  # of a degree: an end is led to a junction of the line rather than to a point this near to one


@dataclass(frozen=True, eq=False)
class Laid:
    """The network: nodes, sections with their lines, and the nodes of the routes' ends (−1: too far)."""

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    length_mm: Ints
    corridor: Ints
    line: tuple[shapely.LineString | None, ...]
    start: Ints
    goal: Ints

    @staticmethod
    def nothing(needs: int) -> Laid:
        none, out = np.zeros(0, np.int64), np.full(needs, -1, np.int64)
        return Laid(np.zeros(0), np.zeros(0), none, none, none, none, (), out, out)


def lay_corridors(problem: TrenchProblem) -> Laid | None:
    """None where there is no corridor or no route."""
    needs = problem.needs
    if not problem.corridors or not len(needs):
        return None
    turn = _turn(np.concatenate((needs.lon_a, needs.lon_b)))
    lines = [_turned(line, turn) for line in problem.corridors]
    pieces = _noded(lines)
    if not pieces:
        return None
    tree = shapely.STRtree(pieces)
    ends = np.concatenate((np.stack((needs.lon_a, needs.lat_a), 1), np.stack((needs.lon_b, needs.lat_b), 1)))
    ends[:, 0] = _wrapped(ends[:, 0] - turn)
    feet = [_foot(pieces, tree, x, y, problem.terms.join_m * 1000) for x, y in ends.tolist()]
    made = _Network(turn)
    cuts: dict[int, list[float]] = {}
    for foot in feet:
        if foot is not None:
            cuts.setdefault(foot[0], []).append(foot[1])
    source = _sources(lines, pieces)
    for k, piece in enumerate(pieces):
        made.lay(piece, sorted(set(cuts.get(k, ()))), source[k])
    node = [-1] * len(ends)
    for k, foot in enumerate(feet):
        if foot is not None:
            node[k] = made.lead(ends[k], pieces[foot[0]], foot[1])
    return made.done(np.array(node[: len(needs)], np.int64), np.array(node[len(needs) :], np.int64))


def _turn(lon: Floats) -> float:
    """The longitude in the middle of where the routes are."""
    angle = np.radians(lon)
    return math.degrees(math.atan2(float(np.sin(angle).mean()), float(np.cos(angle).mean())))


def _wrapped(lon: Floats) -> Floats:
    return np.asarray((lon + 180.0) % 360.0 - 180.0)


def _turned(line: shapely.LineString, turn: float) -> shapely.LineString:
    at = shapely.get_coordinates(line)
    at[:, 0] = np.degrees(np.unwrap(np.radians(at[:, 0])))
    at[:, 0] += float(_wrapped(at[:1, 0] - turn)[0]) - at[0, 0]
    return shapely.LineString(at)


def _noded(lines: list[shapely.LineString]) -> list[shapely.LineString]:
    """Parts that meet at their ends only, in a fixed order."""
    merged = shapely.line_merge(shapely.union_all(np.array(lines, dtype=object), grid_size=GRID))
    parts = [part for part in shapely.get_parts(merged).tolist() if part.length > 0]
    return sorted(parts, key=lambda part: part.wkb)


def _sources(lines: list[shapely.LineString], pieces: list[shapely.LineString]) -> list[int]:
    """Of each part the first corridor line that it lies on."""
    middles = [piece.interpolate(0.5, normalized=True) for piece in pieces]
    hits = shapely.STRtree(lines).query_nearest(middles, all_matches=True)
    first = [len(lines)] * len(pieces)
    for piece, line in zip(*hits.tolist(), strict=True):
        first[piece] = min(first[piece], line)
    return first


def _foot(pieces: list[shapely.LineString], tree: shapely.STRtree, x: float, y: float, join_mm: int) -> tuple[int, float] | None:
    """The nearest part and how far along it its nearest point lies; None beyond `join_mm`."""
    high = join_mm / 1000 / 110_500
    wide = high / max(math.cos(math.radians(min(abs(y) + high, 89.5))), 1e-3)
    best: tuple[int, int, float] | None = None
    for k in sorted(tree.query(shapely.box(x - wide, y - high, x + wide, y + high)).tolist()):
        along = _nearest_on(pieces[k], x, y)
        at = pieces[k].interpolate(along)
        away = int(geodesic_mm(np.array([x]), np.array([y]), np.array([at.x]), np.array([at.y]))[0])
        if away <= join_mm and (best is None or (away, k) < best[:2]):
            best = (away, k, along)
    return None if best is None else (best[1], best[2])


def _nearest_on(piece: shapely.LineString, x: float, y: float) -> float:
    """How far along (degrees, as `interpolate` takes it) the point nearest on the ground lies."""
    squeeze = math.cos(math.radians(y))
    at = shapely.get_coordinates(piece)
    a, b = at[:-1], at[1:]
    step = (b - a) * (squeeze, 1.0)
    toward = (np.array([x, y]) - a) * (squeeze, 1.0)
    square = np.maximum((step**2).sum(1), 1e-30)
    t = np.clip((toward * step).sum(1) / square, 0.0, 1.0)
    k = int(np.argmin(((toward - t[:, None] * step) ** 2).sum(1)))
    size = np.hypot(*(b - a).T)
    along = float(size[:k].sum() + t[k] * size[k])
    total = float(size.sum())
    return 0.0 if along < SAME else total if along > total - SAME else along


class _Network:
    """Nodes by place and sections as they are laid."""

    def __init__(self, turn: float) -> None:
        self.turn, self.node = turn, dict[tuple[int, int], int]()
        self.at: list[tuple[float, float]] = []
        self.tail, self.head, self.corridor = list[int](), list[int](), list[int]()
        self.line: list[shapely.LineString | None] = []

    def place(self, x: float, y: float) -> int:
        key = (round(x / GRID), round(y / GRID))
        if key not in self.node:
            self.node[key] = len(self.at)
            self.at.append((x, y))
        return self.node[key]

    def lay(self, piece: shapely.LineString, cuts: list[float], source: int) -> None:
        """A part as sections from cut to cut."""
        stops = [0.0, *(c for c in cuts if 0.0 < c < piece.length), piece.length]
        for low, high in pairwise(stops):
            part = shapely.get_coordinates(_between(piece, low, high))
            if len(part) > 1:
                self.join(part, source)

    def join(self, part: Floats, source: int) -> int:
        a, b = self.place(*part[0].tolist()), self.place(*part[-1].tolist())
        if a != b:
            self.tail.append(a)
            self.head.append(b)
            self.corridor.append(source)
            self.line.append(shapely.LineString(part))
        return b

    def lead(self, end: Floats, piece: shapely.LineString, along: float) -> int:
        """The node of an end, led to its foot by a straight section."""
        foot = piece.interpolate(along)
        before = len(self.at)
        own = self.place(float(end[0]), float(end[1]))
        if own == before:
            self.join(np.array([end, (foot.x, foot.y)]), -1)
        return own

    def done(self, start: Ints, goal: Ints) -> Laid:
        at = np.array(self.at).reshape(-1, 2)
        at[:, 0] = _wrapped(at[:, 0] + self.turn)
        size, lines = list[int](), list[shapely.LineString | None]()
        for line in self.line:
            assert line is not None
            part = shapely.get_coordinates(line)
            part[:, 0] = _wrapped(part[:, 0] + self.turn)
            size.append(int(geodesic_mm(part[:-1, 0], part[:-1, 1], part[1:, 0], part[1:, 1]).sum()))
            lines.append(shapely.LineString(part))
        tail, head, length, corridor = (np.array(c, np.int64) for c in (self.tail, self.head, size, self.corridor))
        return Laid(at[:, 0].copy(), at[:, 1].copy(), tail, head, length, corridor, tuple(lines), start, goal)


def _between(piece: shapely.LineString, low: float, high: float) -> shapely.LineString:
    return substring(piece, low, high)
