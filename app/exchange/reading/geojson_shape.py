"""The structure of a GeoJSON geometry by RFC 7946, checked by hand so that the message can say where.

Owns only structure: types, depth, finite numbers, closed rings. Whether a sound geometry is also a valid and fitting one is
decided later, with those of the other formats (app.exchange.shapes).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
SHORTEST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}


@dataclass(frozen=True)
class Broken(Exception):
    """`code` and `values` of the sentence that says what is wrong."""

    code: str
    values: dict[str, Any]


def check_geometry(geometry: Any, path: str = "geometry") -> dict[str, Any]:
    """The geometry itself, or `Broken`."""
    if not isinstance(geometry, dict):
        raise Broken("geometry_shape", {"type": "geometry", "where": f"{path} is {_what(geometry)}"})
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            raise Broken("geometry_shape", {"type": kind, "where": f"{path}.geometries is {_what(members)}"})
        for n, member in enumerate(members):
            check_geometry(member, f"{path}.geometries[{n}]")
        return geometry
    if not isinstance(kind, str) or kind not in DEPTHS:
        raise Broken("geometry_type", {"type": kind if isinstance(kind, str) else _what(kind)})
    _check_level(geometry.get("coordinates"), DEPTHS[kind], kind, f"{path}.coordinates")
    return geometry


def is_empty(geometry: dict[str, Any]) -> bool:
    members = geometry.get("geometries", geometry.get("coordinates"))
    return not members


def _check_level(value: Any, depth: int, kind: str, path: str) -> None:
    if not isinstance(value, list):
        raise Broken("geometry_shape", {"type": kind, "where": f"{path} is {_what(value)}"})
    if depth == 0:
        _check_position(value, kind, path)
        return
    for n, part in enumerate(value):
        _check_level(part, depth - 1, kind, f"{path}[{n}]")
    if depth == 1 and kind in SHORTEST and value:
        _check_length(value, kind, path)


def _check_length(line: list[Any], kind: str, path: str) -> None:
    shortest = SHORTEST[kind]
    if shortest == 4:
        if len(line) < 4:
            raise Broken("ring_short", {"count": len(line)})
        if line[0] != line[-1]:
            raise Broken("ring_open", {})
    elif len(line) < shortest:
        raise Broken("geometry_shape", {"type": kind, "where": f"{path} has {len(line)} position"})


def _check_position(position: list[Any], kind: str, path: str) -> None:
    if not position and kind == "Point":
        return  # an empty point: no place, which is said later
    if len(position) < 2:
        raise Broken("geometry_shape", {"type": kind, "where": f"{path} has {len(position)} numbers"})
    for number in position:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise Broken("geometry_shape", {"type": kind, "where": f"{path} holds {_what(number)}"})
        if not math.isfinite(number):
            raise Broken("geometry_number", {})


def _what(value: Any) -> str:
    names: dict[type, str] = {
        type(None): "null",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
    }
    return names.get(type(value), "an object" if isinstance(value, dict) else type(value).__name__)


def flat(geometry: dict[str, Any]) -> dict[str, Any]:
    """The same geometry with positions of two numbers: heights and measures carry no place."""
    if geometry["type"] == "GeometryCollection":
        return {"type": "GeometryCollection", "geometries": [flat(member) for member in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": _cut(geometry["coordinates"], DEPTHS[geometry["type"]])}


def _cut(value: list[Any], depth: int) -> list[Any]:
    return [float(value[0]), float(value[1])] if depth == 0 else [_cut(part, depth - 1) for part in value]


def rings(geometry: dict[str, Any]) -> Iterator[tuple[bool, list[Any]]]:
    """(is outer, ring) of every polygon."""
    if geometry["type"] == "GeometryCollection":
        for member in geometry["geometries"]:
            yield from rings(member)
    elif geometry["type"] in ("Polygon", "MultiPolygon"):
        for polygon in [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]:
            yield from ((n == 0, ring) for n, ring in enumerate(polygon))


def turns_wrong(geometry: dict[str, Any]) -> bool:
    """Whether an outer ring runs clockwise or an inner one counter-clockwise (RFC 7946, 3.1.6)."""
    return any((_area2(ring) < 0) is outer for outer, ring in rings(geometry) if _area2(ring))


def _area2(ring: list[Any]) -> float:
    x0, y0 = ring[0][0], ring[0][1]
    return math.fsum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairwise(ring))
