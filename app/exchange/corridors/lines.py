"""The lines of a file in WGS-84, with their names. Whatever is no line is counted and left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from app.exchange.crs import UnknownCrs, parse_crs
from app.exchange.reading import Row, Table, open_source
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.matching import LineIn

NAMES = ("name", "名称", "ref", "线路", "路名", "line")
NO_CRS = Text("The file states no coordinate system: declare one.", "文件未说明坐标系，请指定。")
LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True, slots=True)
class Lines:
    """`crs`: the system that was taken, as declared or as the file states. `others`: geometries that are no line, or no place."""

    lines: tuple[LineIn, ...]
    crs: str
    others: int


def read_lines(path: Path, name: str, declared_crs: str | None = None) -> Lines:
    """Raises `file_unreadable`, or `invalid` at /crs where no coordinate system is declared or stated."""
    found: list[LineIn] = []
    taken, others = "", 0
    for table in open_source(path, name=name).tables:
        if not table.has_geometry:
            continue
        stated = declared_crs or table.crs
        if not stated:
            raise fail("invalid", [Problem("unknown_crs", NO_CRS, pointer="/crs")])
        try:
            crs = parse_crs(stated)
        except UnknownCrs as unknown:
            raise fail("invalid", [Problem("unknown_crs", unknown.text, pointer="/crs")]) from None
        taken = crs.code
        column = _name_column(table)
        for row in table.rows:
            parts = _parts(row)
            others += not parts
            for part in parts:
                at = shapely.get_coordinates(part)
                lon, lat, sound = crs.to_lonlat(at[:, 0].copy(), at[:, 1].copy())
                if not sound.all():
                    others += 1
                    continue
                line = tuple(zip(np.round(lon, 8).tolist(), np.round(lat, 8).tolist(), strict=True))
                found.append(LineIn(None if column is None else _text(row, column), line))
    return Lines(tuple(found), taken, others)


def _name_column(table: Table) -> int | None:
    by_label = {column.label.strip().lower(): column.index for column in table.columns}
    return next((by_label[name] for name in NAMES if name in by_label), None)


def _text(row: Row, column: int) -> str | None:
    value = row.cells[column] if column < len(row.cells) else None
    return None if value is None else str(value)


def _parts(row: Row) -> list[shapely.LineString]:
    shape = None if row.geometry is None else shapely.from_wkb(row.geometry, on_invalid="ignore")
    if shape is None or shape.geom_type not in LINES or not np.isfinite(shapely.get_coordinates(shape)).all():
        return []
    return [part for part in shapely.get_parts(shapely.force_2d(shape)).tolist() if not part.is_empty]
