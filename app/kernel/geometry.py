"""Geodesic geometry on the WGS-84 ellipsoid: distances in metres, azimuths in degrees from north.

Points are `(lon, lat)` in degrees. No planar shortcut: a degree is never a length here. Shapes and indexes live in `app.engine`.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from itertools import pairwise
from math import atan2, cos, isfinite, radians, sin

from pyproj import Geod

from app.kernel.errors import declare, fail

LonLat = tuple[float, float]

GEOD = Geod(ellps="WGS84")
MEAN_RADIUS_M = 6_371_008.8
_TOLERANCE_M = 1e-4
_STEPS = 50  # Newton needs three or four; the bound only stops a walk between two equal sides of the Earth

declare(
    "coordinate_out_of_range",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Longitude {lon}, latitude {lat} is no place on Earth: longitude is −180 to 180, latitude −90 to 90.",
    "经度 {lon}、纬度 {lat} 不是有效坐标：经度应在 −180 至 180 之间，纬度应在 −90 至 90 之间。",
)


def check_lon_lat(lon: float, lat: float) -> LonLat:
    """The point itself, or `coordinate_out_of_range`."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise fail("coordinate_out_of_range", lon=lon, lat=lat)
    return lon, lat


def normalise_lon(lon: float) -> float:
    """`lon` in [−180, 180)."""
    if -180 <= lon < 180:
        return lon
    return (lon + 180) % 360 - 180


def distance_m(a: LonLat, b: LonLat) -> float:
    """Length of the shortest way between two points."""
    return float(GEOD.inv(a[0], a[1], b[0], b[1])[2])


def distances_m(starts: Sequence[LonLat], ends: Sequence[LonLat]) -> list[float]:
    """`distance_m` from each start to its end."""
    if not starts:
        return []
    (lon, lat), (to_lon, to_lat) = zip(*starts, strict=True), zip(*ends, strict=True)
    return [float(metres) for metres in GEOD.inv(lon, lat, to_lon, to_lat)[2]]


def length_m(line: Sequence[LonLat]) -> float:
    """Length of a line of geodesic segments."""
    if len(line) < 2:
        return 0.0
    lons, lats = zip(*line, strict=True)
    return float(GEOD.line_length(lons, lats))


def destination(start: LonLat, azimuth_deg: float, distance: float) -> LonLat:
    """Where one arrives after `distance` metres from `start` in direction `azimuth_deg`."""
    lon, lat, _ = GEOD.fwd(start[0], start[1], azimuth_deg, distance)
    return normalise_lon(float(lon)), float(lat)


def midpoint(a: LonLat, b: LonLat) -> LonLat:
    """The point half way along the geodesic."""
    azimuth, _, length = GEOD.inv(a[0], a[1], b[0], b[1])
    return destination(a, float(azimuth), float(length) / 2)


def nearest_on_line(point: LonLat, line: Sequence[LonLat]) -> tuple[float, LonLat]:
    """Distance in metres from `point` to a line of geodesic segments, and the nearest point of the line.

    Exact to about a millimetre for segments up to some thousand kilometres. O(segments)."""
    if not line:
        raise ValueError("a line has at least one point")
    best = (distance_m(point, line[0]), line[0])
    for a, b in pairwise(line):
        found = _nearest_on_segment(point, a, b)
        if found[0] < best[0]:
            best = found
    return best


def point_to_line_m(point: LonLat, line: Sequence[LonLat]) -> float:
    """Distance in metres from `point` to the nearest point of `line`."""
    return nearest_on_line(point, line)[0]


def _nearest_on_segment(point: LonLat, a: LonLat, b: LonLat) -> tuple[float, LonLat]:
    """Walk the geodesic a–b to the foot of the perpendicular from `point`.

    Each step solves the right spherical triangle at the present guess, tan(step) = tan(distance) · cos(angle): quadratic
    convergence on the ellipsoid, as in Baselga & Martínez-Llario, "Intersection and point-to-line solutions for geodesics on the
    ellipsoid", Studia Geophysica et Geodaetica 62 (2018)."""
    azimuth, _, length = (float(value) for value in GEOD.inv(a[0], a[1], b[0], b[1]))
    walked = 0.0
    for _ in range(_STEPS):
        foot, heading = _along(a, azimuth, walked)
        towards, _, away = (float(value) for value in GEOD.inv(foot[0], foot[1], point[0], point[1]))
        arc = away / MEAN_RADIUS_M
        step = MEAN_RADIUS_M * atan2(sin(arc) * cos(radians(towards - heading)), cos(arc))
        following = min(max(walked + step, 0.0), length)
        if abs(following - walked) < _TOLERANCE_M:
            return away, foot
        walked = following
    foot, _ = _along(a, azimuth, walked)
    return distance_m(point, foot), foot


def _along(start: LonLat, azimuth: float, walked: float) -> tuple[LonLat, float]:
    """The point `walked` metres along a geodesic, and the heading there."""
    lon, lat, back = GEOD.fwd(start[0], start[1], azimuth, walked)
    return (normalise_lon(float(lon)), float(lat)), float(back) + 180


def bearing_deg(a: LonLat, b: LonLat) -> float:
    """The initial azimuth of the geodesic from `a` to `b`, in degrees clockwise from north, 0 to 360."""
    forward, _back, _length = GEOD.inv(a[0], a[1], b[0], b[1])
    return float(forward) % 360.0
