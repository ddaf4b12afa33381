"""Places cut into parts that an index can hold: a point is one part, a line, a boundary or a route one for every 500 m at most,
250 m near the poles.

Edges of lines and areas are straight in longitude and latitude, as on the map they were drawn on (RFC 7946) and the shorter way
round the globe; a route's legs are geodesics. A chord of 500 m lies 5 mm below its arc, and up to 60° of latitude no more than
9 mm beside the straight edge. What is computed of a place depends on no other place.
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
from app.engine.problem import AREA, LINE, POINT, ROUTE, Ints, Places

GEOD = Geod(ellps="WGS84")
STEP_M, POLAR_STEP_M, POLAR_LAT = 500.0, 250.0, 60.0
Edges = tuple[Floats, Floats, Floats, Floats]  # where each begins (longitude, latitude), where it ends


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
    """Cut every place. O(points + total length / 500 m)."""
    n = len(place.form)
    count = np.ones(n, np.int64)
    point = place.form == POINT
    pieces = [(np.flatnonzero(point), np.flatnonzero(point), (place.lon[point], place.lat[point]) * 2)]
    for forms, cut_many in (((LINE, AREA), _straight), ((ROUTE,), _geodesics)):
        if len(rows := np.flatnonzero(np.isin(place.form, forms))):
            of, edges = cut_many(place, rows)
            count[rows] = np.bincount(of, minlength=n)[rows]
            pieces.append((rows, of, edges))
    ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    ends = np.empty((4, int(ptr[-1])))
    for rows, of, edges in pieces:
        first = np.cumsum(count[rows]) - count[rows]  # of each row's parts among these
        ends[:, np.arange(len(of)) + np.repeat(ptr[rows] - first, count[rows])] = edges
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


def _straight(place: Places, rows: Ints) -> tuple[Ints, Edges]:
    """(row of each part, parts) of lines and of areas' boundaries: their edges, divided evenly until none is too long."""
    of, lines = _lines(place, rows)
    coords, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    (lon, lat), (lon1, lat1) = coords[start].T, coords[start + 1].T
    lon1 = lon1 - 360 * np.rint((lon1 - lon) / 360)
    # the longest degrees of the ellipsoid, at the end that is nearer to the equator: no edge is longer
    side = np.abs(lon1 - lon) * 111_700 * np.cos(np.radians(np.minimum(np.abs(lat), np.abs(lat1))))
    bound = np.hypot(side, (lat1 - lat) * 111_700)
    step = np.where(np.maximum(np.abs(lat), np.abs(lat1)) > POLAR_LAT, POLAR_STEP_M, STEP_M)
    k = np.maximum(1, np.ceil(bound / step)).astype(np.int64)
    edge = np.repeat(np.arange(len(k)), k)
    at = np.arange(k.sum()) - np.repeat(np.cumsum(k) - k, k)
    f0, f1 = at / k[edge], (at + 1) / k[edge]
    ends = [a[edge] * (1 - f) + b[edge] * f for f in (f0, f1) for a, b in ((lon, lon1), (lat, lat1))]
    return of[line[start]][edge], (ends[0], ends[1], ends[2], ends[3])


def _lines(place: Places, rows: Ints) -> tuple[Ints, NDArray[np.object_]]:
    """The simple lines of the rows' shapes, and the row of each."""
    shapes = place.shape[rows].copy()
    area = place.form[rows] == AREA
    shapes[area] = shapely.boundary(shapes[area])
    lines, at = shapely.get_parts(shapes, return_index=True)
    return rows[at], lines


def _geodesics(place: Places, rows: Ints) -> tuple[Ints, Edges]:
    """The same of routes."""
    of, lines = _lines(place, rows)
    found = [_geodesic(shapely.get_coordinates(line)) for line in lines]
    lon0, lat0, lon1, lat1 = (np.concatenate([f[k] for f in found]) for k in range(4))
    return np.repeat(of, [len(f[0]) for f in found]), (lon0, lat0, lon1, lat1)


def _geodesic(coords: Floats) -> Edges:
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
