"""Places cut into parts that an index can hold: a point is one part, a line, a boundary or a route one for every 250 m at most.

Edges of lines and areas are straight in longitude and latitude, as on the map they were drawn on (RFC 7946) and the shorter way
round the globe; a route's legs are geodesics. A chord of 250 m lies 1.3 mm below its arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from app.engine.earth import Floats, ecef_cm
from app.engine.problem import AREA, POINT, ROUTE, Ints, Places

GEOD = Geod(ellps="WGS84")
STEP_M = 250.0


@dataclass(frozen=True, eq=False)
class Parts:
    """m parts, those of row i at `ptr[i]:ptr[i+1]`. `a`, `b`: ends in cm; `lon`, `lat`: the middle; `half_m`: half the length."""

    ptr: Ints
    row: Ints
    a: Ints
    b: Ints
    lon: Floats
    lat: Floats
    half_m: Floats


def cut(place: Places) -> Parts:
    """Cut every place. O(points + total length / 250 m)."""
    n = len(place.form)
    count = np.ones(n, np.int64)
    pieces: dict[int, tuple[Floats, Floats, Floats, Floats]] = {}
    for i in np.flatnonzero(place.form != POINT).tolist():
        pieces[i] = _edges(place.shape[i], int(place.form[i]))
        count[i] = len(pieces[i][0])
    ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    ends = np.empty((4, int(ptr[-1])))
    at = ptr[:-1][place.form == POINT]
    for k, source in enumerate((place.lon, place.lat, place.lon, place.lat)):
        ends[k, at] = source[place.form == POINT]
    for i, edges in pieces.items():
        ends[:, ptr[i] : ptr[i + 1]] = edges
    return _measured(ptr, np.repeat(np.arange(n), count), ends)


def _measured(ptr: Ints, row: Ints, ends: Floats) -> Parts:
    a = ecef_cm(ends[0], ends[1])
    if len(row) == len(ptr) - 1 and np.array_equal(ends[:2], ends[2:]):  # points alone
        return Parts(ptr, row, a, a, wrap(ends[0]), ends[1], np.zeros(len(row)))
    b = ecef_cm(ends[2], ends[3])
    half = np.sqrt(((b - a).astype(np.float64) ** 2).sum(axis=1)) / 200
    turn = ends[2] - ends[0]  # no part is long enough to mistake the way round
    turn -= 360 * np.rint(turn / 360)
    lon = wrap(ends[0] + turn / 2)
    lat = (ends[1] + ends[3]) / 2
    return Parts(ptr, row, a, b, lon, lat, half)


def wrap(lon: Floats) -> Floats:
    """Longitudes in [−180, 180)."""
    wrapped: Floats = (lon + 180) % 360 - 180
    return wrapped


def _edges(shape: shapely.Geometry, form: int) -> tuple[Floats, Floats, Floats, Floats]:
    lines = shapely.get_parts(shapely.boundary(shape) if form == AREA else shape)
    if form == AREA:
        lines = shapely.get_parts(lines)
    cut_one = _geodesic if form == ROUTE else _straight
    found = [cut_one(shapely.get_coordinates(line)) for line in lines]
    return tuple(np.concatenate([f[k] for f in found]) for k in range(4))  # type: ignore[return-value]


def _straight(coords: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Edges straight in longitude and latitude, halved evenly until none is longer than 250 m."""
    lon, lat = unwrap(coords[:, 0]), coords[:, 1]
    length = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
    # along a parallel the straight edge is longer than the geodesic: bound it by its two sides
    side = np.abs(np.diff(lon)) * 111_320 * np.cos(np.radians(np.minimum(np.abs(lat[:-1]), np.abs(lat[1:]))))
    bound = np.maximum(length, np.hypot(side, np.diff(lat) * 111_700))
    k = np.maximum(1, np.ceil(bound / STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(k)), k)
    step = np.arange(k.sum()) - np.repeat(np.cumsum(k) - k, k)
    f0, f1 = step / k[edge], (step + 1) / k[edge]
    ends = [z[edge] * (1 - f) + z[edge + 1] * f for f in (f0, f1) for z in (lon, lat)]
    return ends[0], ends[1], ends[2], ends[3]


def _geodesic(coords: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Legs along the geodesic, cut evenly."""
    lon, lat = [coords[:1, 0]], [coords[:1, 1]]
    for (x0, y0), (x1, y1) in pairwise(coords):
        k = max(1, int(np.ceil(GEOD.inv(x0, y0, x1, y1)[2] / STEP_M)))
        inner = np.array(GEOD.npts(x0, y0, x1, y1, k - 1)).reshape(-1, 2) if k > 1 else np.empty((0, 2))
        lon += [inner[:, 0], np.array([x1])]
        lat += [inner[:, 1], np.array([y1])]
    x, y = np.concatenate(lon), np.concatenate(lat)
    return x[:-1], y[:-1], x[1:], y[1:]


def unwrap(lon: Floats) -> Floats:
    """Longitudes of consecutive vertices, each within half a turn of the one before."""
    turn = np.diff(lon)
    turn -= 360 * np.rint(turn / 360)
    return np.concatenate((lon[:1], lon[0] + np.cumsum(turn)))


def flat_shape(shape: shapely.Geometry, form: int) -> shapely.Geometry:
    """The place as it lies in longitude and latitude, continuous across the antimeridian, its west end in [−180, 180)."""
    if form == ROUTE:
        edges = _geodesic(shapely.get_coordinates(shape))
        shape = shapely.LineString(np.column_stack((np.append(edges[0], edges[2][-1:]), np.append(edges[1], edges[3][-1:]))))
    pieces = [_continuous(part) for part in shapely.get_parts(shape)]
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def _continuous(part: shapely.Geometry) -> shapely.Geometry:
    if part.geom_type == "Point":
        return shapely.Point(float(wrap(np.array([part.x]))[0]), part.y)
    coords = shapely.get_coordinates(part)
    if np.ptp(coords[:, 0]) > 180 and not _spans_pole(coords):
        part = shapely.transform(part, lambda xy: np.column_stack((unwrap(xy[:, 0]), xy[:, 1])))
    west = shapely.bounds(part)[0]
    shift = float(wrap(np.array([west]))[0] - west)
    return turned(part, shift)


def turned(shape: Any, degrees: float) -> Any:
    """A geometry, or an array of them, moved east."""
    return shapely.transform(shape, lambda xy: xy + np.array([degrees, 0.0])) if degrees else shape


def _spans_pole(coords: NDArray[np.float64]) -> bool:
    """A ring drawn along the edge of the map, up to a pole, is meant as drawn."""
    return bool((np.abs(coords[:, 1]) >= 90).any() or (np.ptp(coords[:, 0]) >= 359.999))
