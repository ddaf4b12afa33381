"""How a sheet of a workbook looks: its headings, its cells, its print. Every workbook that we make from nothing takes them from here."""

from __future__ import annotations

from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from app.kernel.text import Text

_HAIR = Side(style="hair", color="8A98A5")
BOX = Border(_HAIR, _HAIR, _HAIR, _HAIR)
DAY = "yyyy-mm-dd"
A3, A4 = 8, 9  # as the format numbers them
_HEAD = PatternFill("solid", fgColor="E3EEF2")


def both(words: Text, between: str = " ") -> str:
    """In both languages, Chinese first; once where they are the same."""
    return words.zh if words.zh == words.en else f"{words.zh}{between}{words.en}"


def amount(digits: int) -> str:
    """The format of a number with so many decimals."""
    return "#,##0" + ("." + "0" * digits if digits else "")


def write(cell: Any, value: Any) -> Any:
    """A name that begins with = stays a name; what a cell cannot hold is left out. Returns the cell."""
    if not isinstance(value, str):
        cell.value = value
        return cell
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    if isinstance(cell, Cell):
        cell.data_type = "s"
    return cell


def head(cell: Any, words: str) -> None:
    """A heading over a column."""
    write(cell, words)
    cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, BOX
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")


def print_across(sheet: Worksheet, head_row: int, paper: int = A4) -> None:
    """Across the paper, as wide as one page, the headings on each, the pages counted at the foot."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{head_row}:{head_row}"
    foot: Any = sheet.oddFooter
    foot.right.text = "&P / &N"
