"""GeoJSON at the edge: a marshmallow field that is a shapely geometry inside, checked for range and validity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from marshmallow import ValidationError, fields
from shapely.geometry import mapping, shape

from app.kernel.invalid import invalid_reason

KNOWN = ("Point", "LineString", "Polygon", "MultiPolygon", "MultiLineString")


class GeometryField(fields.Field[Any]):
    """A GeoJSON geometry object in WGS-84 lon/lat."""

    def __init__(self, *types: str, **options: Any) -> None:
        metadata = {
            "type": "object",
            "description": "GeoJSON geometry, WGS-84 longitude and latitude",
            **options.pop("metadata", {}),
        }
        super().__init__(metadata=metadata, **options)
        self.types = types or KNOWN

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else geometry_json(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return parse_geometry(value, self.types)


def parse_geometry(value: Any, types: tuple[str, ...] = KNOWN) -> Any:
    """A GeoJSON geometry as a shapely one, or a `ValidationError` that says what is wrong with it."""
    if not isinstance(value, Mapping) or value.get("type") not in types:
        raise ValidationError(f"Give a GeoJSON geometry of type {', '.join(types)}.")
    try:
        geometry = shape(dict(value))
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise ValidationError("The coordinates cannot be read.") from None
    coordinates = shapely.get_coordinates(geometry)
    if geometry.is_empty or not len(coordinates):
        raise ValidationError("The geometry is empty.")
    inside = (abs(coordinates[:, 0]) <= 180) & (abs(coordinates[:, 1]) <= 90)
    if not bool(inside.all()):
        raise ValidationError("Longitude must be within ±180 and latitude within ±90; longitude comes first.")
    if not geometry.is_valid:
        raise ValidationError(f"The geometry is not valid: {invalid_reason(shapely.is_valid_reason(geometry)).en}.")
    return shapely.force_2d(geometry)


def geometry_json(geometry: Any) -> dict[str, Any]:
    """A shapely geometry as GeoJSON with coordinates to a centimetre (7 decimals)."""
    found: dict[str, Any] = mapping(shapely.transform(geometry, lambda c: c.round(7)))
    return found
