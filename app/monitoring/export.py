"""A board, or one chart of it, as CSV: UTF-8 with a byte order mark, numbers as numbers, and no cell that becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from app.kernel.text import Text
from app.monitoring.charts import Board, Chart, Series

HEAD = (
    Text("Chart", "图表"),
    Text("Row", "项目"),
    Text("Series", "系列"),
    Text("Unit", "单位"),
    Text("Value", "数值"),
)
UNITS = {"count": Text("number", "个"), "percent": Text("%", "%"), "days": Text("days", "天")}


def chart_csv(chart: Chart, locale: str) -> bytes:
    """One row for each row of the table, one column for each series."""
    head = [chart.axis.in_(locale), *(f"{one.name.in_(locale)} ({unit_of(one).in_(locale)})" for one in chart.series)]
    rows = [[row.in_(locale), *(_number(one.plain(place)) for one in chart.series)] for place, row in enumerate(chart.rows)]
    return _written([head, *rows])


def board_csv(board: Board, locale: str) -> bytes:
    """Every value of every chart on a row of its own."""
    return _written([[text.in_(locale) for text in HEAD], *_long(board, locale)])


def _long(board: Board, locale: str) -> Iterator[list[Any]]:
    for chart in board.charts:
        for place, row in enumerate(chart.rows):
            for one in chart.series:
                cells = (chart.title, row, one.name, unit_of(one))
                yield [*(cell.in_(locale) for cell in cells), _number(one.plain(place))]


def unit_of(series: Series) -> Text:
    if series.measure == "money":
        return Text(series.currency or "", series.currency or "")
    return UNITS[series.measure]


def _number(value: Any) -> Any:
    return "" if value is None else value


def _written(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
