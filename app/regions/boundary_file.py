"""Reads a boundary file (GeoJSON, or any format of GDAL) into regions and polygons, refusing it with every fault named.

Each feature needs `code` and `name`; `name_zh`, `level` and `parent` are optional: the level follows from the code, and so does
the parent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from pyogrio.raw import read

from app.catalogue.regions import LEVELS, Region, is_adcode
from app.kernel.text import Text


class BoundaryFileError(ValueError):
    """The file cannot become a region tree; the message lists every reason."""


def read_boundary_file(path: Path) -> tuple[list[Region], dict[str, Any]]:
    """Regions and polygons (WGS-84) of `path`."""
    meta, _, blobs, columns = read(path)
    if not str(meta["crs"]).upper().endswith(("4326", "CRS84", "4490")):
        raise BoundaryFileError(f"{path.name}: the coordinates must be WGS-84 longitude and latitude, not {meta['crs']}")
    fields = list(meta["fields"])
    if missing := {"code", "name"} - set(fields):
        raise BoundaryFileError(f"{path.name}: no property {', '.join(sorted(missing))}")
    rows = [dict(zip(fields, values, strict=True)) for values in zip(*columns, strict=True)]
    geometries = shapely.from_wkb(blobs)
    if faults := _faults(rows, list(geometries)):
        raise BoundaryFileError(f"{path.name}: " + "; ".join(faults))
    codes = {str(row["code"]) for row in rows}
    regions = [_region(row, codes) for row in rows]
    return regions, {str(row["code"]): geometry for row, geometry in zip(rows, geometries, strict=True)}


def _faults(rows: Sequence[Mapping[str, Any]], geometries: Sequence[Any]) -> list[str]:
    faults: list[str] = []
    seen: set[str] = set()
    for place, (row, geometry) in enumerate(zip(rows, geometries, strict=True), start=1):
        code = row["code"]
        if not code or not row["name"]:
            faults.append(f"feature {place} has no code or no name")
        elif str(code) in seen:
            faults.append(f"feature {place}: code {code} is there twice")
        if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
            faults.append(f"feature {place} is not a polygon")
        if row.get("level") and row["level"] not in LEVELS:
            faults.append(f"feature {place}: level {row['level']} is not one of {', '.join(LEVELS)}")
        seen.add(str(code))
    return faults


def _region(row: Mapping[str, Any], codes: set[str]) -> Region:
    code = str(row["code"])
    parent = row.get("parent") or next((above for above in _above(code) if above in codes), None)
    depth = 3 if is_adcode(code) else code.count("-")
    level = row.get("level") or (_adcode_level(code) if is_adcode(code) else LEVELS[min(depth, 3)])
    return Region(
        code, Text(str(row["name"]), str(row.get("name_zh") or row["name"])), str(level), None if parent is None else str(parent)
    )


def _above(code: str) -> list[str]:
    if is_adcode(code):
        return [above for above in (code[:4] + "00", code[:2] + "0000", "000000") if above != code]
    parts = code.split("-")
    return ["-".join(parts[:n]) for n in range(len(parts) - 1, 0, -1)]


def _adcode_level(code: str) -> str:
    filled = sum(code[place : place + 2] != "00" for place in (0, 2, 4))
    return LEVELS[filled]
