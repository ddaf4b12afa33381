"""A small encoder of Mapbox Vector Tiles (specification 2.1): points, lines and areas of one layer, with flat properties.

One encoder serves both databases, so that a tile is the same whatever stores the rows. Pure: shapely and numpy.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 64  # tile units drawn beyond the edge, so that symbols are not cut
Property = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of the Web Mercator pyramid."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= 22 and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise ValueError(f"no such tile: {self.z}/{self.x}/{self.y}")

    def bounds(self, buffer: float = BUFFER / EXTENT) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, with the buffer."""
        n = 2.0**self.z

        def place(px: float, py: float) -> tuple[float, float]:
            py = min(max(py, 0.0), n)
            return px / n * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * py / n))))

        west, north = place(self.x - buffer, self.y - buffer)
        east, south = place(self.x + 1 + buffer, self.y + 1 + buffer)
        return max(west, -180.0), south, min(east, 180.0), north


@dataclass(frozen=True, slots=True)
class Feature:
    """`geometry` in WGS-84 lon/lat; `id` is a number that only the tile knows."""

    geometry: shapely.Geometry
    properties: Mapping[str, Property]
    id: int = 0


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


_SMALL = [_varint(number) for number in range(1 << 14)]


def varint(number: int) -> bytes:
    return _SMALL[number] if number < 1 << 14 else _varint(number)


def _field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def project(coordinates: NDArray[np.float64], tile: Tile) -> NDArray[np.int64]:
    """Lon/lat (n × 2) to whole tile units (n × 2)."""
    n = 2.0**tile.z
    lat = np.radians(np.clip(coordinates[:, 1], -85.05112878, 85.05112878))
    x = ((coordinates[:, 0] + 180) / 360 * n - tile.x) * EXTENT
    y = ((1 - np.log(np.tan(lat) + 1 / np.cos(lat)) / math.pi) / 2 * n - tile.y) * EXTENT
    return np.column_stack([np.rint(x), np.rint(y)]).astype(np.int64)


def _zigzag(values: NDArray[np.int64]) -> list[int]:
    encoded: list[int] = ((values << 1) ^ (values >> 63)).ravel().tolist()
    return encoded


class _Path:
    """Commands of one geometry; the cursor runs on from part to part."""

    def __init__(self, tile: Tile) -> None:
        self.tile, self.cursor, self.out = tile, np.zeros(2, np.int64), bytearray()

    def point(self, points: NDArray[np.int64]) -> None:
        self._command(1, len(points))
        self._deltas(points)

    def line(self, geometry: shapely.Geometry, closed: bool) -> None:
        points = project(shapely.get_coordinates(geometry), self.tile)
        points = points[np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]]
        if closed:
            points = points[:-1] if len(points) > 1 and (points[0] == points[-1]).all() else points
        if len(points) < (3 if closed else 2):
            return
        self.point(points[:1])
        self._command(2, len(points) - 1)
        self._deltas(points[1:])
        if closed:
            self._command(7, 1)

    def _command(self, command: int, count: int) -> None:
        self.out += varint(command | count << 3)

    def _deltas(self, points: NDArray[np.int64]) -> None:
        deltas = np.diff(np.vstack([self.cursor, points]), axis=0)
        for number in _zigzag(deltas):
            self.out += varint(number)
        self.cursor = points[-1]


def _encode_geometry(geometry: shapely.Geometry, tile: Tile) -> tuple[int, bytes]:
    """(MVT type, commands); commands are empty when nothing is left at this zoom."""
    path = _Path(tile)
    kind = geometry.geom_type
    if kind in ("Point", "MultiPoint"):
        path.point(project(shapely.get_coordinates(geometry), tile))
        return 1, bytes(path.out)
    parts = [geometry] if kind in ("LineString", "Polygon") else list(getattr(geometry, "geoms", ()))
    if kind.endswith("LineString"):
        for part in parts:
            path.line(part, closed=False)
        return 2, bytes(path.out)
    for part in parts:
        if part.geom_type == "Polygon":
            path.line(part.exterior if not part.exterior.is_ccw else part.exterior.reverse(), closed=True)
            for ring in part.interiors:
                path.line(ring if ring.is_ccw else ring.reverse(), closed=True)
    return 3, bytes(path.out)


def _value(value: Property) -> bytes:
    if isinstance(value, bool):
        return b"\x38" + varint(int(value))
    if isinstance(value, int):
        return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint((value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _field(1, value.encode())


def layer(name: str, features: Sequence[Feature], tile: Tile) -> bytes:
    """One encoded layer; geometries are clipped to the tile and its buffer."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Property], int] = {}
    west, south, east, north = tile.bounds()
    body = bytearray(_field(1, name.encode()))
    for feature in features:
        geometry = feature.geometry
        if geometry.geom_type != "Point":
            geometry = shapely.clip_by_rect(geometry, west, south, east, north)
        if geometry.is_empty:
            continue
        kind, commands = _encode_geometry(geometry, tile)
        if not commands:
            continue
        tags = b"".join(
            varint(keys.setdefault(key, len(keys))) + varint(values.setdefault((type(value), value), len(values)))
            for key, value in feature.properties.items()
        )
        body += _field(2, b"\x08" + varint(feature.id) + _field(2, tags) + b"\x18" + varint(kind) + _field(4, commands))
    for key in keys:
        body += _field(3, key.encode())
    for _type, value in values:
        body += _field(4, _value(value))
    body += b"\x28" + varint(EXTENT) + b"\x78\x02"
    return _field(3, bytes(body))
