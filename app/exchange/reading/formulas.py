"""Formulas of an XLSX that no program has calculated yet: calamine gives their cells as empty, which would be silently wrong."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from app.exchange.problems import problem
from app.exchange.reading.model import Table
from app.kernel.errors import Problem

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')


def uncalculated(path: Path, tables: list[Table]) -> None:
    """Give each table a problem for every formula without a value among its rows."""
    with zipfile.ZipFile(path) as archive:
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
        if b't="str"' not in attributes and int(row) in rows
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
