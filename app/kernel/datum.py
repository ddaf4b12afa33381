"""The two offset datums of Chinese maps, GCJ-02 and BD-09, to and from WGS-84.

Both are defined only by their forward formula (WGS-84 → GCJ-02 → BD-09). The inverse here is found by iteration to
`TOLERANCE_DEG`, not by the one-step approximation, which is up to a metre off. Outside China the formulas mean nothing:
coordinates there are refused, never passed through. CGCS2000 equals WGS-84 to centimetres and needs nothing here.

Source of the formulas: the obfuscation of GB 20263-2006 map services as published in the open (Krasovsky 1940 ellipsoid).
"""

from __future__ import annotations

import math
from enum import StrEnum
from http import HTTPStatus

from app.kernel.errors import declare, fail

TOLERANCE_DEG = 1e-9  # 0.1 mm
ITERATIONS = 30
_AXIS_M = 6378245.0  # Krasovsky 1940
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_PI = math.pi * 3000.0 / 180.0

# A hull of the provinces and their islands, widened by about a third of a degree: deliberately generous at the borders.
_CHINA = (
    (73.7, 40.3),
    (77.9, 41.7),
    (79.6, 45.1),
    (82.9, 47.5),
    (86.8, 49.5),
    (87.9, 49.5),
    (90.3, 48.2),
    (93.7, 45.3),
    (98.3, 43.0),
    (100.9, 43.0),
    (102.8, 42.5),
    (108.1, 42.8),
    (111.9, 45.4),
    (114.3, 45.7),
    (115.2, 48.3),
    (116.5, 50.1),
    (119.2, 51.1),
    (119.7, 53.0),
    (120.8, 53.6),
    (123.5, 53.9),
    (125.7, 53.4),
    (129.7, 49.7),
    (130.8, 49.2),
    (135.5, 48.8),
    (133.4, 44.9),
    (130.8, 42.1),
    (125.6, 40.3),
    (122.6, 36.6),
    (121.2, 33.3),
    (123.2, 30.9),
    (122.7, 28.9),
    (125.2, 25.8),
    (123.8, 25.4),
    (121.9, 22.6),
    (122.0, 21.7),
    (117.2, 20.3),
    (117.1, 16.5),
    (118.2, 15.2),
    (118.2, 10.7),
    (112.4, 3.5),
    (111.7, 3.5),
    (111.9, 5.4),
    (109.4, 7.0),
    (108.8, 6.9),
    (109.7, 8.2),
    (113.8, 11.2),
    (113.6, 15.2),
    (111.0, 15.4),
    (108.4, 18.3),
    (106.5, 21.7),
    (104.0, 22.1),
    (101.9, 20.8),
    (99.9, 21.2),
    (97.2, 23.8),
    (97.2, 24.6),
    (94.8, 27.3),
    (93.1, 26.5),
    (88.9, 26.9),
    (85.9, 27.6),
    (78.8, 30.8),
    (75.9, 35.6),
    (74.1, 37.0),
    (73.1, 39.4),
)

declare(
    "datum_outside_china",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{lon:.6f}, {lat:.6f} is outside China, where {datum} is not defined. Declare the file's real coordinate system.",
    "{lon:.6f}, {lat:.6f} 不在中国境内，{datum} 在此无定义。请声明文件的真实坐标系。",
)


class Datum(StrEnum):
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


def in_china(lon: float, lat: float) -> bool:
    """Whether the point lies in the generous hull of China (even-odd rule)."""
    inside = False
    x1, y1 = _CHINA[-1]
    for x2, y2 in _CHINA:
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
        x1, y1 = x2, y2
    return inside


def to_wgs84(datum: Datum, lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 longitude and latitude of a point given in `datum`, exact to `TOLERANCE_DEG`.

    Raises `datum_outside_china`."""
    _require_china(datum, lon, lat)
    guess_lon, guess_lat = _unshift(datum, lon, lat)
    for _ in range(ITERATIONS):
        there_lon, there_lat = _shift(datum, guess_lon, guess_lat)
        error_lon, error_lat = there_lon - lon, there_lat - lat
        guess_lon, guess_lat = guess_lon - error_lon, guess_lat - error_lat
        if abs(error_lon) < TOLERANCE_DEG and abs(error_lat) < TOLERANCE_DEG:
            break
    return guess_lon, guess_lat


def from_wgs84(datum: Datum, lon: float, lat: float) -> tuple[float, float]:
    """The point's longitude and latitude in `datum`. Raises `datum_outside_china`."""
    _require_china(datum, lon, lat)
    return _shift(datum, lon, lat)


def _require_china(datum: Datum, lon: float, lat: float) -> None:
    if not in_china(lon, lat):
        raise fail("datum_outside_china", lon=lon, lat=lat, datum=datum.value)


def _shift(datum: Datum, lon: float, lat: float) -> tuple[float, float]:
    shifted = _gcj02(lon, lat)
    return _bd09(*shifted) if datum is Datum.BD09 else shifted


def _unshift(datum: Datum, lon: float, lat: float) -> tuple[float, float]:
    """A first guess, within some metres."""
    if datum is Datum.BD09:
        lon, lat = lon - 0.0065, lat - 0.006
    there = _gcj02(lon, lat)
    return 2 * lon - there[0], 2 * lat - there[1]


def _gcj02(lon: float, lat: float) -> tuple[float, float]:
    """WGS-84 → GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    radians = lat / 180.0 * math.pi
    magic = 1 - _ECCENTRICITY_2 * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north = _wave_north(x, y) * 180.0 / ((_AXIS_M * (1 - _ECCENTRICITY_2)) / (magic * root) * math.pi)
    east = _wave_east(x, y) * 180.0 / (_AXIS_M / root * math.cos(radians) * math.pi)
    return lon + east, lat + north


def _ripple(x: float) -> float:
    return (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0


def _wave_north(x: float, y: float) -> float:
    metres = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + _ripple(x)
    metres += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    return metres + (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0


def _wave_east(x: float, y: float) -> float:
    metres = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + _ripple(x)
    metres += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    return metres + (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0


def _bd09(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 → BD-09."""
    radius = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * _BD_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_PI)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006
