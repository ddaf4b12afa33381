"""The file back as a workbook: every problem as a comment on its cell and in words in a column "Errors" of its row.

An XLSX keeps its own look; other formats are written anew from what was read. No cell that we write can become a formula.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from app.exchange.reading import Source, Table
from app.exchange.reading.model import Cell as Value
from app.exchange.reading.model import letter_of
from app.kernel.errors import Problem
from app.kernel.text import Text

TITLE = Text("Errors", "错误")
SUMMARY = Text("Problems", "问题汇总")
PLACE = (Text("Sheet", "工作表"), Text("Row", "行"), Text("Column", "列"), TITLE)
WHOLE_ROWS = 20_000  # above it a file that is written anew holds the wrong rows only
CELL_CHARACTERS = 32_000
AUTHOR = "Infrashare"
WRONG = PatternFill("solid", fgColor="00FFE0DC")
BOLD, WRAP = Font(bold=True), Alignment(wrap_text=True, vertical="top")
# openpyxl reads less than calamine; what it raises then is whatever its parser ran into
UNEDITABLE = (InvalidFileException, BadZipFile, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError)
ByRow = dict[int, list[Problem]]


def annotate(path: Path, source: Source | None, problems: Sequence[Problem], target: Path, locale: str) -> None:
    """Write the annotated workbook of the file at `path` to `target`. `source` None: the file could not be read."""
    book = _own_workbook(path) if source is not None and source.format == "XLSX" else None
    if book is None:
        book = _written_anew(source, problems, locale)
    else:
        for name, rows in _by_sheet(problems).items():
            if name in book.sheetnames and source is not None:
                _mark(book[name], _table(source, name), rows, locale)
        _summarise(book.create_sheet(_free_name(book.sheetnames, SUMMARY.in_(locale))), problems, locale)
    book.save(target)


def _own_workbook(path: Path) -> Workbook | None:
    """The workbook itself, or None for one that cannot be edited."""
    try:
        with path.open("rb") as file:
            return load_workbook(file)
    except UNEDITABLE:
        return None


def _by_sheet(problems: Iterable[Problem]) -> dict[str, ByRow]:
    found: dict[str, ByRow] = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        if problem.sheet and problem.row:
            found[problem.sheet][problem.row].append(problem)
    return found


def _table(source: Source, name: str) -> Table | None:
    return next((table for table in source.tables if table.name == name), None)


def _mark(page: Worksheet, table: Table | None, rows: ByRow, locale: str) -> None:
    column = page.max_column + 1
    head = page.cell(row=table.header_row if table and table.header_row else 1, column=column)
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
    page.append([_cell(page, label) for label in ("#", *(c.label for c in table.columns), TITLE.in_(locale))])
    everything = len(table.rows) <= WHOLE_ROWS
    for row in table.rows:
        problems = wrong.get(row.number, [])
        if problems or everything:
            cells = [_cell(page, row.cells[c.index] if c.index < len(row.cells) else None) for c in table.columns]
            for column, cell in zip(table.columns, cells, strict=True):
                words = [p.detail.in_(locale) for p in problems if p.column == column.letter]
                if words:
                    _comment(cell, " ".join(words))
            page.append([row.number, *cells, _cell(page, " ".join(p.detail.in_(locale) for p in problems))])


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
