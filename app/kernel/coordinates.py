"""Positions as people type them, and out of which coordinate system: decimal degrees, or degrees, minutes and seconds; WGS-84,
CGCS2000, GCJ-02, BD-09 or any EPSG code. Never guesses a datum or an order of axes that the words leave open."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from app.kernel.datum import Datum, to_wgs84
from app.kernel.text import Text

XY = tuple[float, float]
SAME_AS_WGS84 = frozenset({"EPSG:4326", "EPSG:4490", "OGC:CRS84"})  # always lon, lat here; CGCS2000 agrees to centimetres
LON, LAT = "lon", "lat"
_SIDES = {
    "E": (LON, 1),
    "W": (LON, -1),
    "N": (LAT, 1),
    "S": (LAT, -1),
    "东": (LON, 1),
    "西": (LON, -1),
    "北": (LAT, 1),
    "南": (LAT, -1),
}
_SIGNS = str.maketrans(
    {"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "−": "-", "–": "-", "º": "°", "度": "°", "分": "'", "秒": '"'}
)
_NUMBER = r"(\d+(?:\.\d+)?)"
_ANGLE = re.compile(
    rf"""([NSEW东西南北])?[经纬]?\s*([+-])?\s*{_NUMBER}\s*
    (?:°\s*(?:{_NUMBER}\s*'\s*(?:{_NUMBER}\s*(?:"|''))?)?|\s+{_NUMBER}\s+{_NUMBER}(?=\s*[NSEW]))?
    \s*([NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;、/]*")


class Unreadable(ValueError):
    """What was typed is no position; `text` says why and which."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def folded(words: str) -> str:
    """Full-width characters and the many signs for minutes and seconds as plain ones."""
    return unicodedata.normalize("NFKC", words.translate(_SIGNS)).translate(_SIGNS).replace("，", ",").strip()


def read_angle(words: str) -> tuple[float, str | None] | None:
    """Degrees, and which axis a hemisphere names; None for what is no angle. A bare number is one, too, of any size."""
    found = _ANGLE.fullmatch(folded(words).replace("。", "."))
    return None if found is None else _angle(found)


def _angle(found: re.Match[str]) -> tuple[float, str | None] | None:
    before, sign, degrees, minutes, seconds, blank_minutes, blank_seconds, after = found.groups()
    if before and after:
        return None
    m, s = float(minutes or blank_minutes or 0), float(seconds or blank_seconds or 0)
    if m >= 60 or s >= 60:
        return None
    axis, turn = _SIDES.get((before or after or "").upper(), (None, 1))
    if sign == "-" and axis is not None:
        return None  # -114°W says it twice
    return turn * (-1 if sign == "-" else 1) * (float(degrees) + m / 60 + s / 3600), axis


def read_pairs(words: str) -> list[XY]:
    """One position a line (or between semicolons): longitude before latitude, or each with its hemisphere in any order. Raises
    `Unreadable`, naming the line."""
    lines = [line for line in re.split(r"[\n;；]+", folded(words)) if line.strip(" ,")]
    return [_pair(line.strip(" ,"), number if len(lines) > 1 else None) for number, line in enumerate(lines, 1)]


def _pair(line: str, number: int | None) -> XY:
    place = Text(f"Position {number}: ", f"第 {number} 个点：") if number else Text("", "")
    angles, at = [], 0
    while at < len(line):
        found = _ANGLE.match(line, at)
        angle = _angle(found) if found is not None else None
        if found is None or angle is None or found.end() == at:
            raise Unreadable(_said(place, f"“{line[:40]}” is no longitude and latitude.", f"“{line[:40]}”不是经纬度。"))
        angles.append(angle)
        at = found.end() + len(_BETWEEN.match(line, found.end())[0])  # type: ignore[index]
    if len(angles) != 2:
        raise Unreadable(_said(place, f"“{line[:40]}” is no longitude and latitude.", f"“{line[:40]}”不是经纬度。"))
    (one, one_axis), (two, two_axis) = angles
    if one_axis is not None and one_axis == two_axis:
        raise Unreadable(_said(place, "Both name the same axis.", "两个数值为同一方向。"))
    return (two, one) if one_axis == LAT or two_axis == LON else (one, two)


def _said(place: Text, en: str, zh: str) -> Text:
    return Text(place.en + en, place.zh + zh)


def out_of_range(position: XY, number: int | None = None) -> Text | None:
    """Why a position is no longitude and latitude in degrees: which one, and what it may be."""
    lon, lat = position
    place = Text(f"Position {number}: ", f"第 {number} 个点：") if number else Text("", "")
    if abs(lon) <= 90 < abs(lat) <= 180:
        return _said(
            place,
            f"{lat:g} is no latitude: longitude comes first, then latitude.",
            f"{lat:g} 不是纬度：经度在前，纬度在后。",
        )
    if not abs(lon) <= 180:
        return _said(place, f"Longitude is −180 to 180, not {lon:g}.", f"经度应在 −180 至 180 之间，而不是 {lon:g}。")
    if not abs(lat) <= 90:
        return _said(place, f"Latitude is −90 to 90, not {lat:g}.", f"纬度应在 −90 至 90 之间，而不是 {lat:g}。")
    return None


def crs_code(words: str) -> str:
    """A coordinate system as it is stored: `EPSG:4547` for 4547 and epsg4547, `GCJ-02`, `BD-09`."""
    plain = unicodedata.normalize("NFKC", words).strip().upper()
    if found := re.fullmatch(r"(?:EPSG)?[:\s]*(\d{4,6})", plain):
        return f"EPSG:{found[1]}"
    if found := re.fullmatch(r"(GCJ|BD)[-\s]?0?([29])", plain):
        return f"{found[1]}-0{found[2]}"
    return {"WGS84": "EPSG:4326", "WGS-84": "EPSG:4326", "CGCS2000": "EPSG:4490"}.get(plain, words.strip())


@lru_cache(maxsize=32)
def _transformer(crs: str) -> Transformer | None:
    try:
        return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except ProjError:
        return None


def converter(crs: str) -> Callable[[float, float], XY] | None:
    """The function that takes x, y in `crs` to WGS-84 lon, lat; None for a system that is not known. Raises
    `datum_outside_china` when it is called for a place where the datum is not defined."""
    if crs in SAME_AS_WGS84:
        return lambda x, y: (x, y)
    if crs in tuple(Datum):
        return lambda x, y: to_wgs84(Datum(crs), x, y)
    found = _transformer(crs)
    return None if found is None else lambda x, y: found.transform(x, y)


def is_in_degrees(crs: str) -> bool:
    """Whether x and y of this system are longitude and latitude."""
    if crs in SAME_AS_WGS84 or crs in tuple(Datum):
        return True
    try:
        return bool(CRS.from_user_input(crs).is_geographic)
    except CRSError:
        return False
