"""Coordinate systems of files: parse what is declared, find what is stated, turn coordinates into WGS-84 longitude and latitude.

Never guesses: without a declared or stated system there is no position. x is always longitude or easting and y latitude or
northing, whatever axis order the system's authority prefers (EPSG:4490 and 4326 say latitude first; files and columns do not).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from app.exchange.problems import sentence
from app.exchange.reading.model import Remark
from app.kernel.datum import Datum, to_wgs84
from app.kernel.errors import DomainError
from app.kernel.text import Text

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MARGIN_DEG = 3.0  # around a system's stated area of use, before a point counts as outside
_NAMES = {
    "GCJ02": "GCJ-02",
    "火星": "GCJ-02",
    "火星坐标": "GCJ-02",
    "火星坐标系": "GCJ-02",
    "国测局": "GCJ-02",
    "高德": "GCJ-02",
    "腾讯": "GCJ-02",
    "BD09": "BD-09",
    "BD09LL": "BD-09",
    "百度": "BD-09",
    "百度坐标": "BD-09",
    "百度坐标系": "BD-09",
    "WGS84": "EPSG:4326",
    "WGS1984": "EPSG:4326",
    "GPS": "EPSG:4326",
    "CRS84": "OGC:CRS84",
    "CGCS2000": "EPSG:4490",
    "国家2000": "EPSG:4490",
    "2000国家大地坐标系": "EPSG:4490",
    "大地2000": "EPSG:4490",
    "北京54": "EPSG:4214",
    "西安80": "EPSG:4610",
}
_STATED = re.compile(
    r"(?:坐标系统?|坐标参考|coordinate (?:reference )?system|crs|datum)\s*[:：=]?\s*([A-Za-z0-9:\-_]+|[\u4e00-\u9fff]{2,12}\d*)",
    re.IGNORECASE,
)


class UnknownCrs(Exception):
    """A declaration that names no system; `reason` says why, in words."""

    def __init__(self, declared: str, reason: str) -> None:
        super().__init__(declared)
        self.text: Text = sentence("unknown_crs", {"crs": declared[:80], "why": reason[:200]})


@dataclass(frozen=True)
class SourceCrs:
    """`code`: how it is kept with each record: `EPSG:2193`, `GCJ-02`, or the name of a WKT system."""

    code: str
    datum: Datum | None = None
    definition: str | None = None

    @cached_property
    def _transformer(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.definition, "OGC:CRS84", always_xy=True)

    @cached_property
    def _area(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the area of use, with a margin; None where the system states none."""
        area = pyproj.CRS.from_user_input(self.definition).area_of_use if self.definition else None
        if area is None or (area.west <= -180 and area.east >= 180):
            return None
        return area.west - MARGIN_DEG, area.south - MARGIN_DEG, area.east + MARGIN_DEG, area.north + MARGIN_DEG

    @cached_property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return self.datum is not None or bool(pyproj.CRS.from_user_input(self.definition).is_geographic)

    def to_lonlat(self, x: Floats, y: Floats) -> tuple[Floats, Floats, Mask]:
        """(longitudes, latitudes, sound): `sound` is false where the place is no place of this system; vectorised, O(n)."""
        if self.datum is not None:
            return _from_datum(self.datum, x, y)
        with np.errstate(invalid="ignore"):
            plausible = (np.abs(x) <= 180) & (np.abs(y) <= 90) if self.is_geographic else np.isfinite(x) & np.isfinite(y)
            lon, lat = self._transformer.transform(np.where(plausible, x, np.nan), np.where(plausible, y, np.nan))
            sound = plausible & np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        return lon, lat, sound & self._inside(lon, lat)

    def _inside(self, lon: Floats, lat: Floats) -> Mask:
        if self._area is None:
            return np.ones(len(lon), dtype=bool)
        west, south, east, north = self._area
        with np.errstate(invalid="ignore"):
            across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
            inside: Mask = across & (lat >= south) & (lat <= north)
        return inside


def _from_datum(datum: Datum, x: Floats, y: Floats) -> tuple[Floats, Floats, Mask]:
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for n, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        try:
            lon[n], lat[n] = to_wgs84(datum, a, b)
        except DomainError:  # outside China: not sound; the caller says so with the row
            continue
    return lon, lat, np.isfinite(lon)


@lru_cache(maxsize=64)
def parse_crs(declared: str) -> SourceCrs:
    """A declaration by code, name or WKT. Raises `UnknownCrs`."""
    text = declared.strip()
    known = _NAMES.get(re.sub(r"[\s\-_/]+", "", text).upper(), text)
    if known in (Datum.GCJ02.value, Datum.BD09.value):
        return SourceCrs(known, datum=Datum(known))
    if known.isdigit():
        known = f"EPSG:{known}"
    try:
        crs = pyproj.CRS.from_user_input(known)
    except CRSError as error:
        raise UnknownCrs(text, str(error).split("(Internal")[0].strip().rstrip(":")) from error
    if not (crs.is_geographic or crs.is_projected or crs.is_compound or crs.is_bound):
        raise UnknownCrs(text, f"{crs.type_name} places nothing on the ground")
    return SourceCrs(_code(crs, known), definition=crs.to_wkt())


def _code(crs: pyproj.CRS, declared: str) -> str:
    authority = crs.to_authority(min_confidence=100)
    if authority:
        return ":".join(authority)
    return declared[:40] if len(declared) <= 40 and ":" in declared else f"WKT:{crs.name}"[:40]


def stated_crs(remarks: Sequence[Remark], sheet: str) -> tuple[SourceCrs, Remark] | None:
    """What a title row or a sheet of instructions says: 坐标系：GCJ-02. The sheet's own words before others'."""
    for remark in sorted(remarks, key=lambda r: r.sheet != sheet):
        for found in _STATED.finditer(remark.text):
            try:
                return parse_crs(found.group(1)), remark
            except UnknownCrs:  # other words after "坐标系": not a statement that can be used
                continue
    return None
