"""Where a listing's mark stands on the world map: whole units of Web Mercator at which the world is 2^31 wide (2 cm).

Made of the face that others search, never of the exact place, so that tiles may count by it. Whole numbers: a cell of any zoom is
a division, and both databases count the same.
"""

from __future__ import annotations

from math import cos, log, pi, radians, tan
from typing import Any

import shapely

from app.disclosure import anchor

WORLD = 2**31
_LAST_LATITUDE = 85.05112878


def mark_of(face: Any) -> tuple[int, int]:
    """(x, y) of the mark of a face: a geometry or its WKB. x grows to the east, y to the south."""
    lon, lat = anchor(shapely.from_wkb(face) if isinstance(face, bytes) else face)
    lat = radians(min(max(lat, -_LAST_LATITUDE), _LAST_LATITUDE))
    x = (lon + 180) / 360 * WORLD
    y = (1 - log(tan(lat) + 1 / cos(lat)) / pi) / 2 * WORLD
    return min(max(round(x), 0), WORLD - 1), min(max(round(y), 0), WORLD - 1)


def mark_x(context: Any) -> int:
    """The default of a column, for rows that are inserted in bulk."""
    return mark_of(context.get_current_parameters()["face_geom"])[0]


def mark_y(context: Any) -> int:
    return mark_of(context.get_current_parameters()["face_geom"])[1]
