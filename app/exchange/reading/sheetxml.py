"""What calamine does not tell of an XLSX, read from its XML: how far its sheets reach (one cell at the far corner would fill
memory), and formulas that no program has calculated yet (their cells come as empty, which would be silently wrong)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from app.exchange.problems import problem, unreadable
from app.exchange.reading.limits import opened
from app.exchange.reading.model import Table
from app.kernel.errors import Problem

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELLS_LIMIT = 30_000_000
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,20})"')
_FAR_ROW = re.compile(rb'\br="[A-Za-z]+(\d{7,20})"')  # only what is far is looked at: the rest is most of the file
_FAR_COLUMN = re.compile(rb'\br="([A-Za-z]{2,16})\d')
_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')


def check_extent(path: Path) -> None:
    """Refuse a workbook with a sheet that spans more cells than can be held. Raises `file_unreadable`."""
    with opened(path, "XLSX") as archive:
        for name, part in _sheet_parts(archive).items():
            xml = archive.read(part)
            rows = max(map(int, _ROW.findall(xml) + _FAR_ROW.findall(xml)), default=0)
            columns = max(map(_number, set(_FAR_COLUMN.findall(xml))), default=26)
            if rows * columns > CELLS_LIMIT:
                raise unreadable("sheet_too_large", sheet=name, rows=rows, columns=columns)


def _number(letters: bytes) -> int:
    """A → 1, AA → 27."""
    value = 0
    for letter in letters.upper():
        value = value * 26 + letter - 64
    return value


def uncalculated(path: Path, tables: list[Table]) -> None:
    """Give each table a problem for every formula without a value among its rows."""
    with opened(path, "XLSX") as archive:
        parts = _sheet_parts(archive)
        for table in tables:
            part = parts.get(table.name)
            if part is not None:
                table.problems.extend(_found(archive.read(part), table))


def _found(xml: bytes, table: Table) -> list[Problem]:
    if b"<f" not in xml:
        return []
    rows = {row.number for row in table.rows}
    letters = {column.letter for column in table.columns}
    return [
        problem("formula_without_value", sheet=table.name, row=int(row), column=letter.decode())
        for letter, row, attributes in _CELL.findall(xml)
        if b't="str"' not in attributes
        and int(row) in rows
        and letter.decode() in letters  # t="str": its value is the empty text
    ]


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → its part of the archive."""
    try:
        # calamine has read these parts before, and expat limits the growth of entities
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    names = set(archive.namelist())
    found = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        part = posixpath.normpath(posixpath.join("xl", target)) if not target.startswith("/") else target.lstrip("/")
        if part in names:
            found[sheet.get("name", "")] = part
    return found
