"""What an annotated workbook has that the file had not: words, and how they are told from data when the workbook comes back."""

from __future__ import annotations

from collections.abc import Sequence

from app.exchange.problems import note
from app.exchange.reading.model import Source, Table
from app.kernel.text import LOCALES, Text

TITLE = Text("Errors", "错误")
SUMMARY = Text("Problems", "问题汇总")
PLACE = (Text("Sheet", "工作表"), Text("Row", "行"), Text("Column", "列"), TITLE)
NUMBER = "#"  # the column of row numbers in a workbook that was written anew


def is_summary(header: Sequence[object]) -> bool:
    """Whether these are the headers of the list of problems, in either language, and nothing else."""
    return any(list(header) == [title.in_(locale) for title in PLACE] for locale in LOCALES)


def is_title(value: object) -> bool:
    """Whether this is the header of the column of problems."""
    return value in (TITLE.en, TITLE.zh)


def is_list(grid: Sequence[Sequence[object]]) -> bool:
    """Whether a sheet is a list of problems that an annotation added."""
    first = next((row for row in grid if any(cell not in (None, "") for cell in row)), ())
    return is_summary([cell for cell in first if cell not in (None, "")])


def leave_out(source: Source, lists: Sequence[str]) -> None:
    """Take from a workbook with such `lists` the columns of numbers and of words that stand beside its own.

    Without a list a column of either name is the person's own."""
    source.notes.extend(note("annotations_left_out", sheet=name) for name in lists)
    for table in source.tables if lists else ():
        _columns(table)


def _columns(table: Table) -> None:
    """Row numbers stand first, words last."""
    if table.columns and is_title(table.columns[-1].label):
        table.columns.pop()
    if table.columns and table.columns[0].label == NUMBER:
        table.columns.pop(0)
