"""Spans cut into sections where their owner declares a chamber on them. Nothing else cuts a span, a crossing least of all."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely

from app.engine.problem import Ints
from app.engine.routing.spans import Chamber, Point, SpanRow
from app.kernel.geometry import length_m

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the span in row `row`, `share` of its length (the shares of a span sum to 1)."""

    row: int
    line: shapely.LineString
    share: float


def sections_of(rows: Sequence[SpanRow], chambers: Sequence[Chamber], snap_m: float) -> list[Section]:
    """The sections of every span, in order along it. O((spans + chambers) log) for a tree of boxes per owner."""
    cuts = _cuts(rows, chambers, snap_m)
    found: list[Section] = []
    for row, span in enumerate(rows):
        places = list(span.line.coords)
        if row not in cuts:
            found.append(Section(row, span.line, 1.0))
            continue
        parts = _split(places, sorted(cuts[row]))
        lengths = [length_m(part) for part in parts]
        whole = sum(lengths)
        found += [Section(row, shapely.LineString(part), far / whole) for part, far in zip(parts, lengths, strict=True)]
    return found


def without_loops(sections: Sequence[Section], of: Ints) -> tuple[list[Section], Ints]:
    """The sections that lead from one joint to another, with the joints of each. `of[sections, 2]`: joints of all.

    What begins and ends in one joint (two chambers within the snap, a loop of slack) leads nowhere, but its fibre is there: it
    goes to the section before it on its span, or behind it, so that the parts of a span still sum to the whole."""
    kept: list[Section] = []
    joints: list[int] = []
    waiting: list[Section] = []
    for k, section in enumerate(sections):
        if waiting and waiting[0].row != section.row:
            waiting = []  # a span that is nothing but loops
        if of[k, 0] != of[k, 1]:
            kept.append(_one([*waiting, section]))
            joints.append(k)
            waiting = []
        elif kept and kept[-1].row == section.row:
            kept[-1] = _one([kept[-1], section])
        else:
            waiting.append(section)
    return kept, of[joints]


def _one(parts: Sequence[Section]) -> Section:
    """Parts of one span that follow one another, as one."""
    if len(parts) == 1:
        return parts[0]
    places = [parts[0].line.coords[0], *(place for part in parts for place in part.line.coords[1:])]
    return Section(parts[0].row, shapely.LineString(places), sum(part.share for part in parts))


def _cuts(rows: Sequence[SpanRow], chambers: Sequence[Chamber], snap_m: float) -> dict[int, list[tuple[int, float, Point]]]:
    """(segment, fraction of it, place) of every cut, by row."""
    by_owner: dict[int, list[int]] = defaultdict(list)
    for row, span in enumerate(rows):
        by_owner[span.owner].append(row)
    found: dict[int, list[tuple[int, float, Point]]] = defaultdict(list)
    trees = {owner: shapely.STRtree([_box(rows[row].line) for row in of]) for owner, of in by_owner.items()}
    for chamber in dict.fromkeys(chambers):
        if chamber.owner not in trees:
            continue
        for near in trees[chamber.owner].query(shapely.Point(chamber.place).buffer(_degrees(snap_m, chamber.place[1]))).tolist():
            row = by_owner[chamber.owner][near]
            if (cut := _cut(list(rows[row].line.coords), chamber.place, snap_m)) is not None:
                found[row].append((*cut, chamber.place))
    return found


def _box(line: shapely.LineString) -> shapely.Geometry:
    """The box of a line; the whole turn where it steps over the antimeridian."""
    west, south, east, north = line.bounds
    return shapely.box(-180, south, 180, north) if east - west > 180 else shapely.box(west, south, east, north)


def _degrees(metres: float, lat: float) -> float:
    return metres / METRES_PER_DEGREE / max(math.cos(math.radians(lat)), 1e-6) * 1.01 + 1e-9


def _cut(places: list[Point], chamber: Point, snap_m: float) -> tuple[int, float] | None:
    """Where a line passes within the snap of a chamber, unless that is at one of its ends."""
    narrow = math.cos(math.radians(chamber[1])) * METRES_PER_DEGREE
    flat = [(_turn(lon - chamber[0]) * narrow, (lat - chamber[1]) * METRES_PER_DEGREE) for lon, lat in places]
    if min(math.hypot(*flat[0]), math.hypot(*flat[-1])) <= snap_m:
        return None
    best: tuple[float, int, float] | None = None
    for segment, ((ax, ay), (bx, by)) in enumerate(pairwise(flat)):
        bx, by = ax + _shortest_way(bx - ax, narrow), by
        dx, dy = bx - ax, by - ay
        long = dx * dx + dy * dy
        t = 0.0 if long == 0 else min(max(-(ax * dx + ay * dy) / long, 0.0), 1.0)
        far = math.hypot(ax + t * dx, ay + t * dy)
        if far <= snap_m and (best is None or far < best[0]):
            best = (far, segment, t)
    return None if best is None else best[1:]


def _turn(degrees: float) -> float:
    return (degrees + 180.0) % 360.0 - 180.0


def _shortest_way(metres: float, narrow: float) -> float:
    """A step in longitude never goes the long way round."""
    return _turn(metres / narrow) * narrow if narrow > 0 else metres


def _split(places: list[Point], cuts: list[tuple[int, float, Point]]) -> list[list[Point]]:
    parts: list[list[Point]] = [[places[0]]]
    at = 0
    for segment, _, place in cuts:
        parts[-1] += [*places[at + 1 : segment + 1], place]
        parts.append([place])
        at = segment
    parts[-1] += places[at + 1 :]
    return [part for part in parts if len(set(part)) > 1]
