"""A board, or one chart of it, as a workbook: numbers with their formats, headings in both languages; on the last sheet what each chart
counts, from which records, of whom, when."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.kernel.money import exponent
from app.kernel.text import Text
from app.monitoring.charts import Board, Chart, Series
from app.monitoring.export import unit_of
from app.web import sheets

ABOUT = Text("About", "说明")
NAMES = (
    Text("Chart", "图表"),
    Text("What it counts", "统计口径"),
    Text("Counted from", "数据来源"),
    Text("Drawn from sheet", "所在工作表"),
)
WIDTHS = (34, 80, 60, 22)
NEXT = "\n"  # the second language on a line of its own
HEAD_ROW = 4  # titles in both languages and a blank row before it
FORMATS = {"count": "#,##0", "percent": "0.0%", "days": "#,##0.0"}


def workbook(board: Board, charts: Sequence[Chart], told: Text, made_on: date) -> bytes:
    """XLSX of these charts of a board. `told`: which months and which region, in words."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    titles = [_sheet_title(place, chart) for place, chart in enumerate(charts, 1)]
    for title, chart in zip(titles, charts, strict=True):
        _drawn(book.create_sheet(title), chart)
    _about(book.create_sheet(f"{ABOUT.zh} {ABOUT.en}"), board, charts, titles, told, made_on)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _sheet_title(place: int, chart: Chart) -> str:
    """A short name that is the only one, without what a sheet's name cannot hold."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in chart.title.zh)
    return f"{place} {plain}"[:31].strip()


def _heading(series: Series) -> str:
    unit = unit_of(series)
    return f"{sheets.both(series.name, NEXT)}\n({sheets.both(unit)})" if unit.en else sheets.both(series.name, NEXT)


def _drawn(sheet: Worksheet, chart: Chart) -> None:
    for row, (words, size) in enumerate(((chart.title.zh, 14), (chart.title.en, 12)), 1):
        sheets.write(sheet.cell(row, 1), words).font = Font(bold=True, size=size)
    _head(sheet, [sheets.both(chart.axis, NEXT), *(_heading(one) for one in chart.series)], [30, *[18] * len(chart.series)])
    for place, name in enumerate(chart.rows):
        sheets.write(sheet.cell(HEAD_ROW + 1 + place, 1), sheets.both(name)).border = sheets.BOX
        for column, one in enumerate(chart.series, 2):
            cell = sheet.cell(HEAD_ROW + 1 + place, column, _number(one, place))
            cell.number_format, cell.border = _format(one), sheets.BOX
    sheet.freeze_panes = f"B{HEAD_ROW + 1}"
    sheets.print_across(sheet, HEAD_ROW)


def _number(series: Series, place: int) -> Any:
    """As a spreadsheet counts: a percentage is a share of one."""
    value = series.plain(place)
    if value is None:
        return None
    return value / 100 if series.measure == "percent" else value


def _format(series: Series) -> str:
    if series.measure != "money":
        return FORMATS[series.measure]
    return sheets.amount(exponent(series.currency or ""))


def _about(sheet: Worksheet, board: Board, charts: Sequence[Chart], titles: Sequence[str], told: Text, made_on: date) -> None:
    whose = Text("Of {whose}, {told}", "{whose}，{told}").format(whose=board.whose, told=told)
    made = Text("Made on {day}", "制表日期 {day}").format(day=made_on.isoformat())
    for row, words in enumerate((whose, made), 1):
        sheets.write(sheet.cell(row, 1), sheets.both(words, " · ")).font = Font(bold=row == 1)
    _head(sheet, [sheets.both(words, NEXT) for words in NAMES], WIDTHS)
    for row, (chart, title) in enumerate(zip(charts, titles, strict=True), HEAD_ROW + 1):
        for column, cell_words in enumerate(
            (*(sheets.both(words, NEXT) for words in (chart.title, chart.definition, chart.source)), title), 1
        ):
            cell = sheets.write(sheet.cell(row, column), cell_words)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = sheets.BOX
    sheet.cell(2, 4, made_on).number_format = sheets.DAY
    sheets.print_across(sheet, HEAD_ROW)


def _head(sheet: Worksheet, names: Sequence[str], widths: Sequence[int]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        sheets.head(sheet.cell(HEAD_ROW, column), name)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[HEAD_ROW].height = 16 * max(name.count("\n") + 1 for name in names)
