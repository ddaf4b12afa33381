"""A place as people paste it: WKT, GeoJSON (a geometry, a feature, a collection of one), or positions in degrees, a line each."""

from __future__ import annotations

import json
import re

import shapely
from shapely.geometry import shape

from app.kernel.coordinates import Unreadable, read_pairs
from app.kernel.text import Text

_WKT = re.compile(r"(SRID\s*=\s*\d+\s*;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
NAMES = {
    "Point": Text("a point", "点"),
    "LineString": Text("a line", "线"),
    "MultiLineString": Text("a line", "线"),
    "Polygon": Text("an area", "面"),
    "MultiPolygon": Text("an area", "面"),
    "MultiPoint": Text("several points", "多个点"),
}
WANTED = {
    "point": ("Point",),
    "circle": ("Point",),
    "line": ("LineString",),
    "area": ("Polygon", "MultiPolygon"),
}
FORMS = {
    "point": Text("a point", "点"),
    "circle": Text("a point", "点"),
    "line": Text("a line", "线"),
    "area": Text("an area", "面"),
}


def read_pasted(words: str, wanted: str) -> shapely.Geometry:
    """The geometry, two-dimensional, in whatever system it was written. `wanted`: point, circle, line or area. Raises `Unreadable`."""
    plain = words.strip()
    if plain.startswith(("{", "[")):
        found = _geojson(plain)
    elif _WKT.match(plain):
        found = _wkt(plain)
    else:
        found = _positions(plain, wanted)
    if found.geom_type in ("MultiPoint", "MultiLineString") and len(found.geoms) == 1:
        found = found.geoms[0]
    if found.geom_type not in WANTED[wanted] or found.is_empty:
        given = NAMES.get(found.geom_type, Text(found.geom_type, found.geom_type))
        form = FORMS[wanted]
        raise Unreadable(Text(f"Here stands {form.en}, not {given.en}.", f"此处应为{form.zh}，而不是{given.zh}。"))
    return shapely.force_2d(found)


def _wkt(words: str) -> shapely.Geometry:
    try:
        return shapely.from_wkt(words.rpartition(";")[2].strip())
    except shapely.errors.GEOSException:
        raise Unreadable(
            Text("This WKT is not whole: look at its brackets and commas.", "WKT 不完整，请检查括号和逗号。")
        ) from None


def _geojson(words: str) -> shapely.Geometry:
    try:
        found = json.loads(words)
        if isinstance(found, dict) and found.get("type") == "FeatureCollection":
            if len(found["features"]) != 1:
                count = len(found["features"])
                raise Unreadable(Text(f"One feature is needed, not {count}.", f"应只有一个要素，而不是 {count} 个。"))
            found = found["features"][0]
        if isinstance(found, dict) and found.get("type") == "Feature":
            found = found["geometry"]
        if isinstance(found, dict):
            made: shapely.Geometry = shape(found)
            return made
    except json.JSONDecodeError as error:
        where = Text(
            f"Not valid JSON at line {error.lineno}, character {error.colno}.",
            f"第 {error.lineno} 行第 {error.colno} 个字符处不是合法的 JSON。",
        )
        raise Unreadable(where) from None
    except Unreadable:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, shapely.errors.ShapelyError):
        pass
    raise Unreadable(Text("This is JSON, but no GeoJSON geometry.", "是 JSON，但不是 GeoJSON 几何。"))


def _positions(words: str, wanted: str) -> shapely.Geometry:
    found = read_pairs(words)
    if wanted in ("point", "circle"):
        return shapely.Point(found[0]) if len(found) == 1 else shapely.MultiPoint(found)
    least = 2 if wanted == "line" else 3
    if len(found) < least:
        raise Unreadable(
            Text(
                f"{len(found)} positions: at least {least} are needed, a line each.",
                f"只有 {len(found)} 个点，至少需要 {least} 个，每行一个。",
            )
        )
    return shapely.LineString(found) if wanted == "line" else shapely.Polygon(found)
