"""The place of a form (macro `geometry`): typed longitude and latitude, radius, or WKT, as a shapely geometry or problems by
field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import shapely

from app.kernel.errors import Problem
from app.kernel.text import Text

FOLDED = str.maketrans(
    {"，": None, ",": None, " ": None, "。": ".", "．": ".", "−": "-", "－": "-"} | {chr(0xFF10 + d): str(d) for d in range(10)}
)
Wrong = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """What was typed: `shape` is point, circle, line or area."""

    shape: str
    geometry: shapely.Geometry
    radius_m: float


def typed_number(raw: str) -> float | None:
    """A number as people type it (comma groups, full width, blanks, a true minus), None where it is none."""
    folded = raw.strip().translate(FOLDED)
    try:
        found = float(folded)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def parse_place(form: Mapping[str, str], prefix: str = "") -> tuple[Place | None, list[Problem]]:
    """The place, or what is wrong with it; pointers name the fields of the form."""
    shape = form.get(f"{prefix}shape", "point")
    problems: list[Problem] = []

    def wrong(name: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=f"/{prefix}{name}"))

    radius = typed_number(form.get(f"{prefix}radius_m", "") or "0")
    if radius is None or radius < 0:
        wrong("radius_m", "Give a number of metres.", "请填写米数。")
    geometry = _typed_point(form, prefix, wrong) if shape in ("point", "circle") else _typed_wkt(form, prefix, shape, wrong)
    if problems or geometry is None:
        return None, problems
    return Place(shape, geometry, radius or 0.0), []


def _typed_point(form: Mapping[str, str], prefix: str, wrong: Wrong) -> shapely.Geometry | None:
    found = []
    for name, limit, en, zh in (
        ("lon", 180, "Longitude is a number from −180 to 180.", "经度应为 −180 到 180 的数字。"),
        ("lat", 90, "Latitude is a number from −90 to 90.", "纬度应为 −90 到 90 的数字。"),
    ):
        value = typed_number(form.get(prefix + name, ""))
        if value is None or abs(value) > limit:
            wrong(name, en, zh)
        else:
            found.append(value)
    return shapely.Point(found) if len(found) == 2 else None


def _typed_wkt(form: Mapping[str, str], prefix: str, shape: str, wrong: Wrong) -> shapely.Geometry | None:
    try:
        geometry = shapely.from_wkt(form.get(prefix + "wkt", "").strip() or None)
    except shapely.errors.GEOSException:
        geometry = None
    wanted = ("LineString",) if shape == "line" else ("Polygon", "MultiPolygon")
    if geometry is None or geometry.is_empty or geometry.geom_type not in wanted:
        word = (
            "LINESTRING (114.02 22.65, 114.03 22.66)"
            if shape == "line"
            else "POLYGON ((114.0 22.6, 114.1 22.6, 114.1 22.7, 114.0 22.6))"
        )
        wrong("wkt", f"Give WKT such as {word}.", f"请填写 WKT，例如 {word}。")
        return None
    coordinates = shapely.get_coordinates(geometry)
    if (abs(coordinates[:, 0]) > 180).any() or (abs(coordinates[:, 1]) > 90).any() or not geometry.is_valid:
        wrong(
            "wkt",
            "Longitude comes first, within ±180 and ±90, and an area must not cross itself.",
            "经度在前，范围 ±180、±90；面不得自相交。",
        )
        return None
    return shapely.force_2d(geometry)


def place_values(shape: str, geometry: shapely.Geometry, radius_m: float) -> dict[str, object]:
    """The fields of the form for a stored place."""
    if geometry.geom_type == "Point":
        return {"shape": shape, "lon": round(geometry.x, 7), "lat": round(geometry.y, 7), "radius_m": _short(radius_m)}
    return {"shape": shape, "wkt": shapely.to_wkt(geometry, rounding_precision=7), "radius_m": _short(radius_m)}


def _short(number: float) -> float | int:
    return int(number) if number == int(number) else number
