"""A place that is searched around: a point with a reach, a line with a reach, an area with or without one. Pure.

Distances are geodesic metres. To a line or an area the nearest point is found in a plane in which a degree of longitude is as long
as one of latitude at the middle of the place: within 100 km the distance is right to a thousandth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import numpy as np
import shapely

from app.kernel.geometry import GEOD, destination

Bounds = tuple[float, float, float, float]
MOST_RADIUS_M = 100_000.0
FIRST_M = 500.0
PIECES = 24  # of a line, each with a box of its own
MOST_POINTS = 500  # of a line or an area that is searched along


@dataclass(frozen=True, slots=True)
class Near:
    """`geometry`: a point, a line or an area in WGS-84. `radius_m` may be 0 for an area alone: what lies in it."""

    geometry: shapely.Geometry
    radius_m: float

    @classmethod
    def at(cls, lon: float, lat: float, radius_m: float) -> Near:
        return cls(shapely.Point(lon, lat), radius_m)

    @property
    def bounds(self) -> Bounds:
        """A box that holds everything within reach."""
        west, south, east, north = (float(degrees) for degrees in self.geometry.bounds)
        widest = south if abs(south) > abs(north) else north
        up, down = destination((west, north), 0, self.radius_m)[1], destination((west, south), 180, self.radius_m)[1]
        right = destination((east, widest), 90, self.radius_m * 1.01)[0]
        left = destination((west, widest), 270, self.radius_m * 1.01)[0]
        return (left, down, right, up) if left <= right else (-180.0, down, 180.0, up)

    @property
    def boxes(self) -> list[Bounds]:
        """Boxes that together hold everything within reach: along a line many small ones, where those cover less."""
        if self.geometry.geom_type != "LineString":
            return [self.bounds]
        points = shapely.get_coordinates(shapely.segmentize(self.geometry, max(self.geometry.length / PIECES, 1e-9)))
        step = -(-(len(points) - 1) // PIECES)
        ends = [points[first : first + step + 1] for first in range(0, len(points) - 1, step)]
        pieces = [Near(shapely.LineString(part), self.radius_m).bounds for part in ends]
        return pieces if sum(map(_area, pieces)) < _area(self.bounds) else [self.bounds]


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def reaches(near: Near, key: tuple[Any, ...] | None) -> Iterator[float]:
    """Growing reaches up to the place's own, each four times the area of the one before: the first beyond the (millimetres, …) of a
    `key`, which is so far away."""
    reach = max(FIRST_M, near.radius_m / 32, key[0] / 1000 if key else 0.0)
    while near.radius_m > FIRST_M and reach < near.radius_m:
        yield reach
        reach *= 2
    yield near.radius_m


def distances(near: Near, geometries: Sequence[shapely.Geometry]) -> list[float]:
    """Metres from the place to each geometry; 0 where they meet."""
    if not len(geometries):
        return []
    if near.geometry.geom_type == "Point" and all(g.geom_type == "Point" for g in geometries):
        n = len(geometries)
        lons, lats = np.full(n, near.geometry.x), np.full(n, near.geometry.y)
        return [float(d) for d in GEOD.inv(lons, lats, shapely.get_x(geometries), shapely.get_y(geometries))[2]]
    _, south, _, north = near.geometry.bounds
    flat = np.array([max(cos(radians((south + north) / 2)), 0.01), 1.0])
    here = shapely.transform(near.geometry, lambda c: c * flat)
    there = shapely.transform(np.asarray(geometries, dtype=object), lambda c: c * flat)
    ends = shapely.get_coordinates(shapely.shortest_line(here, there)).reshape(-1, 2, 2) / flat
    return [float(d) for d in GEOD.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])[2]]
