"""Where an asset is: its geometry out of the declared coordinate system, checked against its kind, located in a region.

Never guesses a datum. GCJ-02 and BD-09 outside China are refused by the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import shapely
from shapely.geometry import mapping, shape

from app.catalogue.declaration import AssetKind, Geometry
from app.kernel.coordinates import SAME_AS_WGS84, converter
from app.kernel.errors import DomainError, Problem
from app.kernel.text import Text

FORMS = {
    "Point": Geometry.POINT,
    "LineString": Geometry.LINE,
    "MultiLineString": Geometry.LINE,
    "Polygon": Geometry.AREA,
    "MultiPolygon": Geometry.AREA,
}
FORM_NAMES = {Geometry.POINT: Text("a point", "点"), Geometry.LINE: Text("a line", "线"), Geometry.AREA: Text("an area", "面")}
MOST_VERTICES = 20_000


def place_problem(code: str, en: str, zh: str, pointer: str = "/geometry") -> Problem:
    return Problem(code, Text(en, zh), pointer=pointer)


def read_geojson(document: object) -> shapely.Geometry | None:
    """The geometry of a GeoJSON object, None when it is none."""
    if not isinstance(document, Mapping) or document.get("type") not in FORMS:
        return None
    try:
        return shape(document)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, shapely.errors.ShapelyError):
        return None


def geojson(geometry: shapely.Geometry) -> dict[str, object]:
    return dict(mapping(geometry))


def in_wgs84(geometry: shapely.Geometry, crs: str) -> tuple[shapely.Geometry | None, Problem | None]:
    """`geometry` in WGS-84 (two dimensions), or what is wrong with it or its coordinate system."""
    convert = converter(crs)
    if convert is None:
        return None, place_problem(
            "unknown_crs", f"“{crs}” is not a coordinate system that is known here.", f"无法识别坐标系“{crs}”。", "/declared_crs"
        )
    if crs in SAME_AS_WGS84 and not geometry.has_z:
        return geometry, None
    try:
        return shapely.transform(shapely.force_2d(geometry), lambda xy: [convert(float(x), float(y)) for x, y in xy]), None
    except DomainError as error:
        return None, Problem(error.code, error.text, pointer="/geometry")


def geometry_problems(kind: AssetKind, geometry: shapely.Geometry | None) -> Iterator[Problem]:
    """What is wrong with a WGS-84 geometry as the place of an asset of `kind`."""
    if geometry is None or geometry.is_empty:
        yield place_problem("geometry_missing", "Say where it is.", "请填写位置。")
        return
    form = FORMS.get(geometry.geom_type)
    if form not in kind.geometry:
        wanted = Text(" or ".join(FORM_NAMES[g].en for g in kind.geometry), "或".join(FORM_NAMES[g].zh for g in kind.geometry))
        yield place_problem(
            "geometry_kind", f"{kind.label.en}: the place is {wanted.en}.", f"{kind.label.zh}的位置应为{wanted.zh}。"
        )
        return
    coordinates = shapely.get_coordinates(geometry)
    if len(coordinates) > MOST_VERTICES:
        yield place_problem("geometry_points", f"At most {MOST_VERTICES:,} vertices.", f"最多 {MOST_VERTICES:,} 个顶点。")
    elif not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in coordinates):  # also false for NaN
        yield place_problem(
            "geometry_range", "Longitude is −180 to 180, latitude −90 to 90.", "经度为 −180 至 180，纬度为 −90 至 90。"
        )
    elif form is Geometry.LINE and geometry.length == 0:
        yield place_problem("line_short", "The line has no length.", "线的长度为零。")
    elif form is Geometry.AREA and not geometry.is_valid:
        yield place_problem("geometry_invalid", "The area crosses itself.", "面自相交。")
