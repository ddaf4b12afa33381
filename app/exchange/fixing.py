"""What a person corrected of a file in the page: cells with other words than the file has, part of the decisions of its import."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Readable
from dataclasses import dataclass
from typing import Any

import shapely

from app.exchange.reading.model import GEOMETRY, Cell, Row, Source, Table
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text

MOST = 2000
MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Fix:
    """One cell: `column` is its letter (its field's name in a vector file; "geometry" takes WKT in the file's system)."""

    sheet: str
    row: int
    column: str
    value: str

    @property
    def place(self) -> tuple[str, int, str]:
        return self.sheet, self.row, self.column

    def to_json(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "row": self.row, "column": self.column, "value": self.value}

    @classmethod
    def from_json(cls, stored: Readable[str, Any]) -> Fix:
        return cls(stored["sheet"], stored["row"], stored["column"], stored["value"])


def merged(known: Iterable[Fix], new: Iterable[Fix], gone: Iterable[tuple[str, int, str]] = ()) -> tuple[Fix, ...]:
    """The corrections with others, the newest of each cell. Raises `invalid` for too many, and for a geometry that is none."""
    found = {fix.place: fix for fix in (*known, *new)}
    for place in gone:
        found.pop(place, None)
    if len(found) > MOST:
        raise _wrong(
            f"At most {MOST} cells can be corrected here: correct the file.", f"此处最多更正 {MOST} 个单元格，请修改文件。"
        )
    for fix in found.values():
        if fix.column == GEOMETRY and _geometry(fix.value) is None:
            raise _wrong(f"Row {fix.row}: this is no geometry in WKT.", f"第 {fix.row} 行：不是 WKT 几何。")
    return tuple(found.values())


def _wrong(en: str, zh: str) -> DomainError:
    return fail("invalid", [Problem("invalid", Text(en, zh), pointer="/fixes")])


def _geometry(words: str) -> bytes | None:
    try:
        shape = shapely.from_wkt(words.strip())
    except shapely.errors.ShapelyError:
        return None
    return None if shape is None or shape.is_empty else bytes(shapely.to_wkb(shape))


def corrected(source: Source, fixes: Iterable[Fix]) -> Source:
    """Put the corrections into what was read; what was wrong with a corrected cell as it stands in the file is forgotten."""
    by_sheet: dict[str, dict[int, dict[str, str]]] = {}
    for fix in fixes:
        by_sheet.setdefault(fix.sheet, {}).setdefault(fix.row, {})[fix.column] = fix.value
    for table in source.tables:
        if table.name in by_sheet:
            _correct(table, by_sheet[table.name])
    return source


def _correct(table: Table, fixes: dict[int, dict[str, str]]) -> None:
    places = {column.letter: column.index for column in table.columns}
    table.rows = [_row(row, fixes[row.number], places) if row.number in fixes else row for row in table.rows]
    table.problems = [p for p in table.problems if p.row is None or p.column not in fixes.get(p.row, {})]


def _row(row: Row, fixes: dict[str, str], places: dict[str, int]) -> Row:
    cells: list[Cell] = list(row.cells)
    geometry = row.geometry
    for column, value in fixes.items():
        if column in places:
            cells.extend([None] * (places[column] + 1 - len(cells)))
            cells[places[column]] = value or None
        elif column == GEOMETRY:
            geometry = _geometry(value)
    return Row(row.number, cells, geometry)
