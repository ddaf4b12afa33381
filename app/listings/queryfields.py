"""Fields of the query string of listings that need reading: least amounts, a drawn place, and the system its coordinates are in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from marshmallow import fields

from app.kernel import datum
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.listings.place import MOST_POINTS, Near

SYSTEMS = {"WGS-84": Text("WGS-84", "WGS-84"), "CGCS2000": Text("CGCS2000", "CGCS2000"), "GCJ-02": Text("GCJ-02", "GCJ-02")}
SHAPES = ("LineString", "MultiLineString", "Polygon", "MultiPolygon")


class FreeField(fields.Field[Any]):
    """dimension:amount, for example platform:2"""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "maxLength": 100, "description": self.__doc__}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        dimension, _, amount = str(value).partition(":")
        try:
            least = float(amount)
        except ValueError:
            raise self.make_error("invalid") from None
        if not dimension.isidentifier() or not 0 <= least < 1e12:
            raise self.make_error("invalid")
        return dimension, least

    default_error_messages = {"invalid": "Give dimension:amount."}


class ShapeField(fields.Field[Any]):
    """WKT of a line or an area, longitude before latitude"""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": "string", "maxLength": 20_000, **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            found = shapely.from_wkt(str(value)[:20_000])
        except shapely.errors.GEOSException:
            raise self.make_error("invalid") from None
        points = shapely.get_coordinates(found)
        if found is None or found.geom_type not in SHAPES or found.is_empty or not found.is_valid or len(points) > MOST_POINTS:
            raise self.make_error("invalid")
        if (abs(points[:, 0]) > 180).any() or (abs(points[:, 1]) > 89).any():
            raise self.make_error("invalid")
        return shapely.force_2d(found)

    default_error_messages = {
        "invalid": "Give WKT of a line or an area that does not cross itself, longitude first, of at most 500 points."
    }


def near_of(lon: float | None, lat: float | None, radius_m: float | None, wkt: shapely.Geometry | None, crs: str | None) -> Near:
    """The place in WGS-84. Raises `invalid` for half a place, `datum_outside_china` for GCJ-02 elsewhere."""
    if wkt is not None and lon is None and lat is None:
        is_area = wkt.geom_type.endswith("Polygon")
        if not radius_m and not is_area:
            raise _lacking("Say how far from the line.", "请填写与线路的距离。")
        return Near(_plain(wkt, crs), radius_m or 0.0)
    if lon is None or lat is None or not radius_m or wkt is not None:
        raise _lacking("lon, lat and radius_m go together.", "lon、lat、radius_m 须同时给出。")
    return Near(_plain(shapely.Point(lon, lat), crs), radius_m)


def _lacking(en: str, zh: str) -> Exception:
    return fail("invalid", [Problem("required", Text(en, zh), pointer="/radius_m")])


def _plain(geometry: shapely.Geometry, crs: str | None) -> shapely.Geometry:
    """In WGS-84, which CGCS2000 equals to centimetres."""
    if crs != "GCJ-02":
        return geometry

    def shifted(points: Any) -> Any:
        return np.array([datum.to_wgs84(datum.Datum.GCJ02, float(lon), float(lat)) for lon, lat in points])

    return shapely.transform(geometry, shifted)
