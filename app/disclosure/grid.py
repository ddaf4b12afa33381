"""The grid that approximate locations snap to: cells of about a kilometre, the same for everybody and for ever.

A row is 0.009° of latitude (995 to 1005 m); a row's cells have the same width in degrees, chosen at its middle so that they are
about as wide as high. What is snapped keeps nothing of the place inside the cell.
"""

from __future__ import annotations

from itertools import groupby
from math import cos, floor, radians

import shapely

CELL_M = 1000
_ROW_DEG = 0.009
_ROWS = 20_000  # 180° / 0.009°


def _columns(row: int) -> int:
    """How many cells go round the Earth in `row`."""
    middle = (row + 0.5) * _ROW_DEG - 90.0
    return max(1, round(360.0 * cos(radians(middle)) / _ROW_DEG))


def cell_of(lon: float, lat: float) -> tuple[int, int]:
    """(row, column) of the cell that holds a point."""
    row = min(max(floor((lat + 90.0) / _ROW_DEG), 0), _ROWS - 1)
    columns = _columns(row)
    return row, floor((lon + 180.0) / 360.0 * columns) % columns


def centre_of(cell: tuple[int, int]) -> tuple[float, float]:
    """The middle of a cell, lon and lat rounded to 0.1 m."""
    row, column = cell
    lon = (column + 0.5) / _columns(row) * 360.0 - 180.0
    return round(lon, 6), round((row + 0.5) * _ROW_DEG - 90.0, 6)


def cell_bounds(lon: float, lat: float) -> tuple[float, float, float, float]:
    """West, south, east and north of the cell that holds a point."""
    row, column = cell_of(lon, lat)
    width = 360.0 / _columns(row)
    west, south = column * width - 180.0, row * _ROW_DEG - 90.0
    return round(west, 6), round(south, 6), round(west + width, 6), round(south + _ROW_DEG, 6)


def cell_name(lon: float, lat: float) -> str:
    return "{}.{}".format(*cell_of(lon, lat))


def snapped(geometry: shapely.Geometry) -> shapely.Geometry:
    """A point becomes its cell's middle, a line the line through the cells of its vertices, an area the middle of its centroid's
    cell."""
    if geometry.geom_type == "LineString":
        return _snapped_line([geometry])
    if geometry.geom_type == "MultiLineString":
        return _snapped_line(list(geometry.geoms))
    middle = geometry if geometry.geom_type == "Point" else geometry.centroid
    return shapely.Point(centre_of(cell_of(middle.x, middle.y)))


def _snapped_line(parts: list[shapely.Geometry]) -> shapely.Geometry:
    cells = [cell_of(lon, lat) for part in parts for lon, lat in shapely.get_coordinates(part)]
    kept = [centre_of(cell) for cell, _same in groupby(cells)]
    return shapely.LineString(kept) if len(kept) > 1 else shapely.Point(kept[0])


def anchor(geometry: shapely.Geometry) -> tuple[float, float]:
    """One point that stands for a geometry: the point itself, the middle of a line, inside of an area."""
    if geometry.geom_type == "Point":
        return float(geometry.x), float(geometry.y)
    if geometry.geom_type.endswith("LineString"):
        longest = max(geometry.geoms, key=lambda part: part.length) if geometry.geom_type.startswith("Multi") else geometry
        middle = longest.interpolate(0.5, normalized=True)
        return float(middle.x), float(middle.y)
    inside = geometry.representative_point()
    return float(inside.x), float(inside.y)
