"""The file back as a workbook: every problem as a comment on its cell and in words in a column "Errors" of its row.

An XLSX keeps its own look; other formats are written anew from what was read, with their places as WKT and their coordinate
system in a title row. Corrected, either can be imported again (`reading.annotated`), and annotated again: what an earlier
annotation left is replaced. No cell that we write can become a formula.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import shapely
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from app.exchange.fixing import Fix
from app.exchange.reading import Source, Table
from app.exchange.reading.annotated import NUMBER, PLACE, SUMMARY, TITLE, is_summary, is_title
from app.exchange.reading.model import GEOMETRY, Column, Row, letter_of
from app.exchange.reading.model import Cell as Value
from app.kernel.errors import Problem

WHOLE_ROWS = 20_000  # above it a file that is written anew holds the wrong rows only
CELL_CHARACTERS = 32_000
AUTHOR = "Infrashare"
WRONG = PatternFill("solid", fgColor="00FFE0DC")
BOLD, WRAP = Font(bold=True), Alignment(wrap_text=True, vertical="top")
# openpyxl reads less than calamine; what it raises then is whatever its parser ran into
UNEDITABLE = (InvalidFileException, BadZipFile, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError)
ByRow = dict[int, list[Problem]]


def annotate(
    path: Path, source: Source | None, problems: Sequence[Problem], target: Path, locale: str, fixes: Iterable[Fix] = ()
) -> None:
    """Write the annotated workbook of the file at `path` to `target`. `source` None: the file could not be read."""
    book = _own_workbook(path) if source is not None and source.format == "XLSX" else None
    if book is None:
        book = _written_anew(source, problems, locale)
    else:
        _clear(book)
        for fix in fixes:
            if fix.sheet in book.sheetnames:
                _put(book[fix.sheet], fix)
        for name, rows in _by_sheet(problems).items():
            if name in book.sheetnames and source is not None:
                _mark(book[name], _table(source, name), rows, locale)
        _summarise(book.create_sheet(_free_name(book.sheetnames, SUMMARY.in_(locale))), problems, locale)
    book.save(target)


def _put(page: Worksheet, fix: Fix) -> None:
    """A correction that was made in the page goes into the workbook too, as text."""
    cell = page[f"{fix.column}{fix.row}"] if fix.column.isalpha() and fix.column.isupper() else None
    if isinstance(cell, Cell):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", fix.value) or None
        cell.data_type = "s" if cell.value else "n"


def _own_workbook(path: Path) -> Workbook | None:
    """The workbook itself, or None for one that cannot be edited."""
    try:
        with path.open("rb") as file:
            return load_workbook(file)
    except UNEDITABLE:
        return None


def _clear(book: Workbook) -> None:
    """Take away the list, the words and the comments of an earlier annotation."""
    lists = [page for page in book.worksheets if is_summary([cell.value for cell in page[1]])]
    for page in lists:
        book.remove(page)
    for page in book.worksheets if lists else ():
        for row in page.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment, cell.fill = None, PatternFill()


def _by_sheet(problems: Iterable[Problem]) -> dict[str, ByRow]:
    found: dict[str, ByRow] = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        if problem.sheet and problem.row:
            found[problem.sheet][problem.row].append(problem)
    return found


def _table(source: Source, name: str) -> Table | None:
    return next((table for table in source.tables if table.name == name), None)


def _mark(page: Worksheet, table: Table | None, rows: ByRow, locale: str) -> None:
    header = table.header_row if table and table.header_row else 1
    column = page.max_column + (0 if is_title(page.cell(row=header, column=page.max_column).value) else 1)
    for number in range(header + 1, page.max_row + 1 if column == page.max_column else 0):
        page.cell(row=number, column=column).value = None
    head = page.cell(row=header, column=column)
    _write(head, TITLE.in_(locale))
    head.font = BOLD
    page.column_dimensions[letter_of(column - 1)].width = 60
    for number, problems in rows.items():
        cell = page.cell(row=number, column=column)
        _write(cell, " ".join(p.detail.in_(locale) for p in problems))
        cell.alignment = WRAP
        for letter in {
            p.column for p in problems if p.column and p.column.isascii() and p.column.isalpha() and len(p.column) <= 3
        }:
            words = " ".join(p.detail.in_(locale) for p in problems if p.column == letter)
            _comment(page[f"{letter}{number}"], words)


def _comment(cell: Any, words: str) -> None:
    if isinstance(cell, MergedCell):
        return  # the words stand in the last column all the same
    cell.comment = Comment(words[:CELL_CHARACTERS], AUTHOR, width=320, height=90)
    cell.fill = WRONG


def _write(cell: Any, value: Value) -> None:
    """Text is text, whatever it begins with."""
    cell.value = _plain(value)
    if isinstance(value, str):
        cell.data_type = "s"


def _plain(value: Value) -> Any:
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:CELL_CHARACTERS]
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value if isinstance(value, int | float | bool | date | time | timedelta) else None


def _written_anew(source: Source | None, problems: Sequence[Problem], locale: str) -> Workbook:
    book = Workbook(write_only=True)
    by_sheet = _by_sheet(problems)
    names: list[str] = []
    for table in source.tables if source is not None else ():
        names.append(_free_name(names, table.name))
        _write_table(book.create_sheet(names[-1]), table, by_sheet.get(table.name, {}), locale)
    _summarise(book.create_sheet(_free_name(names, SUMMARY.in_(locale))), problems, locale)
    return book


def _write_table(page: Any, table: Table, wrong: ByRow, locale: str) -> None:
    if table.has_geometry and table.crs:
        page.append([_cell(page, f"CRS: {table.crs}")])
    places = [GEOMETRY] if table.has_geometry else []
    page.append([_cell(page, label) for label in (NUMBER, *places, *map(_header, table.columns), TITLE.in_(locale))])
    everything = len(table.rows) <= WHOLE_ROWS
    for row in table.rows:
        problems = wrong.get(row.number, [])
        if problems or everything:
            page.append([row.number, *_cells(page, table, row, problems, locale)])


def _cells(page: Any, table: Table, row: Row, problems: Sequence[Problem], locale: str) -> list[Any]:
    """The place, the cells of the row, and its problems in words."""
    named = [(c.letter, row.cells[c.index] if c.index < len(row.cells) else None) for c in table.columns]
    if table.has_geometry:
        named.insert(0, (GEOMETRY, _wkt(row)))
    made = []
    for letter, value in named:
        made.append(_cell(page, value))
        words = [p.detail.in_(locale) for p in problems if p.column == letter]
        if words:
            _comment(made[-1], " ".join(words))
    return [*made, _cell(page, " ".join(p.detail.in_(locale) for p in problems))]


def _header(column: Column) -> str:
    """With its unit: without it the numbers would mean something else."""
    return f"{column.label} ({column.unit})" if column.unit else column.label


def _wkt(row: Row) -> str | None:
    """The place in the file's own coordinates; None where there is none, or one that no cell can hold."""
    shape = shapely.from_wkb(row.geometry, on_invalid="ignore")
    words = shapely.to_wkt(shape, rounding_precision=-1, output_dimension=2) if shape is not None else None
    return words if words is not None and len(words) <= CELL_CHARACTERS else None


def _cell(page: Any, value: Value) -> Any:
    cell = WriteOnlyCell(page)
    _write(cell, value)
    return cell


def _summarise(page: Any, problems: Sequence[Problem], locale: str) -> None:
    """Every problem in one list: those of the file as a whole have no other place."""
    page.append([_cell(page, title.in_(locale)) for title in PLACE])
    for problem in problems:
        page.append(
            [_cell(page, problem.sheet), problem.row, _cell(page, problem.column), _cell(page, problem.detail.in_(locale))]
        )


def _free_name(taken: Sequence[str], wanted: str) -> str:
    """A sheet name that Excel takes: 31 characters, none of its signs, used once."""
    bare = "".join("_" if c in "[]:*?/\\" else c for c in wanted).strip("'")[:31] or "Sheet"
    lowered = {name.casefold() for name in taken}
    name, n = bare, 2
    while name.casefold() in lowered:
        name, n = f"{bare[:28]} {n}", n + 1
    return name
