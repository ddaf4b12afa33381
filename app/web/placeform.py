"""The place of a form (macro `geometry`): typed longitude and latitude, radius, WKT, GeoJSON or positions, in a stated coordinate
system, as a shapely geometry or problems by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import shapely

from app.kernel.coordinates import (
    LAT,
    LON,
    SAME_AS_WGS84,
    Unreadable,
    converter,
    crs_code,
    is_in_degrees,
    out_of_range,
    read_angle,
)
from app.kernel.errors import DomainError, Problem
from app.kernel.text import Text
from app.web.pasted import WANTED, read_pasted

FOLDED = str.maketrans(
    {"，": None, ",": None, " ": None, "。": ".", "．": ".", "−": "-", "－": "-"} | {chr(0xFF10 + d): str(d) for d in range(10)}
)
MOST_TYPED = 1e15
Wrong = Callable[[str, str, str], None]
WGS84, OTHER = "EPSG:4326", "other"
CRS_CHOICES = (
    (WGS84, Text("WGS-84 or CGCS2000", "WGS-84 或 CGCS2000")),
    ("GCJ-02", Text("GCJ-02 (maps in China)", "GCJ-02（国内互联网地图）")),
    ("BD-09", Text("BD-09 (Baidu)", "BD-09（百度）")),
    (OTHER, Text("Another, by its EPSG code", "其他（填写 EPSG 代码）")),
)
EXAMPLES = {
    "line": "LINESTRING (114.02 22.65, 114.03 22.66)",
    "area": "POLYGON ((114.0 22.6, 114.1 22.6, 114.1 22.7, 114.0 22.6))",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What was typed: `shape` is point, circle, line or area. `crs`: the system in which it was typed."""

    shape: str
    geometry: shapely.Geometry
    radius_m: float
    crs: str = WGS84


def typed_number(raw: str) -> float | None:
    """A number as people type it (comma groups, full width, blanks, a true minus), None where it is none, or more than anything
    here can be."""
    folded = raw.strip().translate(FOLDED)
    try:
        found = float(folded)
    except ValueError:
        return None
    return found if abs(found) <= MOST_TYPED else None


def parse_place(
    form: Mapping[str, str], prefix: str = "", *, crs_name: str = "crs", converts: bool = True
) -> tuple[Place | None, list[Problem]]:
    """The place in WGS-84, or what is wrong with it; pointers name the fields of the form. What is pasted stands before what is in
    the boxes. `converts`: False for who keeps the geometry in the system in which it was typed."""
    shape = form.get(f"{prefix}shape", "point")
    problems: list[Problem] = []

    def wrong(name: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=f"/{prefix}{name}"))

    radius = typed_number(form.get(f"{prefix}radius_m", "") or "0")
    if radius is None or radius < 0:
        wrong("radius_m", "Give a number of metres.", "请填写米数。")
    crs = typed_crs(form, prefix, crs_name)
    if converter(crs) is None:
        said = Text(f"“{crs}” is not a coordinate system that is known here.", f"无法识别坐标系“{crs}”。")
        wrong("crs_other" if form.get(prefix + crs_name) == OTHER else crs_name, said.en, said.zh)
        return None, problems
    geometry, field = _typed(form, prefix, shape, is_in_degrees(crs), wrong)
    if geometry is not None and converts:
        geometry = _in_wgs84(geometry, crs, field, wrong)
    if problems or geometry is None:
        return None, problems
    return Place(shape, geometry, radius or 0.0, crs), []


def typed_crs(form: Mapping[str, str], prefix: str = "", name: str = "crs") -> str:
    """The system that was chosen, or that was named beside it."""
    chosen = form.get(prefix + name, "").strip()
    return crs_code(form.get(f"{prefix}crs_other", "") if chosen == OTHER else chosen or WGS84)


def _typed(
    form: Mapping[str, str], prefix: str, shape: str, in_degrees: bool, wrong: Wrong
) -> tuple[shapely.Geometry | None, str]:
    """The geometry as typed, and the field that it stands in."""
    is_point = shape in ("point", "circle")
    field = "paste" if form.get(f"{prefix}paste", "").strip() else "lon" if is_point else "wkt"
    if field == "lon":
        return _typed_point(form, prefix, in_degrees, wrong), field
    return _typed_words(form.get(prefix + field, ""), shape, field, in_degrees, wrong), field


def _typed_point(form: Mapping[str, str], prefix: str, in_degrees: bool, wrong: Wrong) -> shapely.Geometry | None:
    found: dict[str, float] = {}
    for name, limit, en, zh in (
        (LON, 180, "Longitude is a number from −180 to 180.", "经度应为 −180 到 180 的数字。"),
        (LAT, 90, "Latitude is a number from −90 to 90.", "纬度应为 −90 到 90 的数字。"),
    ):
        raw = form.get(prefix + name, "")
        plain = typed_number(raw)
        value, axis = (plain, None) if plain is not None else read_angle(raw) or (None, None)
        if axis is not None and axis != name:
            wrong(name, f"{raw.strip()} is the other one of longitude and latitude.", f"{raw.strip()} 填反了，请检查经度和纬度。")
        elif value is None or (in_degrees and abs(value) > limit):
            wrong(name, en, zh)
        else:
            found[name] = value
    return shapely.Point(found[LON], found[LAT]) if len(found) == 2 else None


def _typed_words(words: str, shape: str, field: str, in_degrees: bool, wrong: Wrong) -> shapely.Geometry | None:
    if shape not in WANTED or not words.strip():
        word = EXAMPLES.get(shape, EXAMPLES["line"])
        wrong(
            field,
            f"Give WKT such as {word}, GeoJSON, or a position a line.",
            f"请填写 WKT（例如 {word}）、GeoJSON，或每行一个坐标。",
        )
        return None
    try:
        geometry = read_pasted(words, shape)
    except Unreadable as unreadable:
        wrong(field, unreadable.text.en, unreadable.text.zh)
        return None
    points = [(float(x), float(y)) for x, y in shapely.get_coordinates(geometry)]
    for number, point in enumerate(points, 1) if in_degrees else ():
        said = out_of_range(point, number if len(points) > 1 else None)
        if said is not None:
            wrong(field, said.en, said.zh)
            return None
    if not geometry.is_valid:
        where = shapely.is_valid_reason(geometry).partition("[")[2].rstrip("]")
        at, ort = (f" at {where}", f"（{where} 处）") if where else ("", "")
        wrong(field, f"An area must not cross itself, a line must have a length{at}.", f"面不得自相交，线的长度不得为零{ort}。")
        return None
    return geometry


def _in_wgs84(geometry: shapely.Geometry, crs: str, field: str, wrong: Wrong) -> shapely.Geometry | None:
    convert = converter(crs)
    if convert is None or crs in SAME_AS_WGS84:
        return geometry
    try:
        turned = shapely.transform(geometry, lambda xy: [convert(float(x), float(y)) for x, y in xy])
    except DomainError as error:
        wrong(field, error.text.en, error.text.zh)
        return None
    for point in shapely.get_coordinates(turned):
        if not (abs(point[0]) <= 180 and abs(point[1]) <= 90):  # also true for infinity and NaN
            wrong(field, f"This lies outside the area of {crs}.", f"该位置超出 {crs} 的适用范围。")
            return None
    return turned


def place_values(shape: str, geometry: shapely.Geometry, radius_m: float) -> dict[str, object]:
    """The fields of the form for a stored place."""
    if geometry.geom_type == "Point":
        return {"shape": shape, "lon": round(geometry.x, 7), "lat": round(geometry.y, 7), "radius_m": _short(radius_m)}
    return {"shape": shape, "wkt": shapely.to_wkt(geometry, rounding_precision=7), "radius_m": _short(radius_m)}


def _short(number: float) -> float | int:
    return int(number) if number == int(number) else number
