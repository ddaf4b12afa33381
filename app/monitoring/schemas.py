"""What boards take in their query string, and how the API shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from app.db.work import Reader
from app.kernel.money import Money
from app.monitoring.charts import Board, Chart, Figure, Series
from app.monitoring.export import unit_of
from app.monitoring.periods import LENGTHS
from app.monitoring.wanted import USUAL, Wanted
from app.web.i18n import current_locale
from app.web.inputs import code_field
from app.web.query import Lenient
from app.web.shapes import FLAG, NUMBER, TEXT, choice, many, maybe, named, record

Query = Callable[[Reader, Wanted], Board]


class BoardQuery(Lenient):
    months = fields.Integer(
        load_default=USUAL, validate=validate.OneOf(LENGTHS), metadata={"description": "up to today, the present one included"}
    )
    region = code_field()


SERIES = named("BoardSeries", record(name=TEXT, unit=TEXT, drawn=FLAG, values=many(maybe(NUMBER))))
CHART = named(
    "BoardChart",
    record(
        key=TEXT,
        title=TEXT,
        definition=TEXT,
        source=TEXT,
        form=choice("lines", "stack", "columns", "bars"),
        axis=TEXT,
        rows=many(TEXT),
        series=many(SERIES),
    ),
)
FIGURE = named("BoardFigure", record(label=TEXT, value=maybe(NUMBER), measure=TEXT, note=maybe(TEXT), currency=maybe(TEXT)))
BOARD = named(
    "Board",
    record(name=choice("owner", "requester", "oversight"), of=TEXT, figures=many(FIGURE), charts=many(CHART)),
)


def board_json(board: Board) -> dict[str, Any]:
    locale = current_locale()
    return {
        "name": board.name,
        "of": board.whose.in_(locale),
        "figures": [_figure(one, locale) for one in board.figures],
        "charts": [_chart(one, locale) for one in board.charts],
    }


def _figure(figure: Figure, locale: str) -> dict[str, Any]:
    note, value = figure.note.in_(locale) if figure.note else None, figure.value
    if value is not None and figure.currency is not None:
        value = float(Money(int(value), figure.currency).amount)
    return {
        "label": figure.label.in_(locale),
        "value": value,
        "measure": figure.measure,
        "note": note,
        "currency": figure.currency,
    }


def _chart(chart: Chart, locale: str) -> dict[str, Any]:
    return {
        "key": chart.key,
        "title": chart.title.in_(locale),
        "definition": chart.definition.in_(locale),
        "source": chart.source.in_(locale),
        "form": chart.form,
        "axis": chart.axis.in_(locale),
        "rows": [row.in_(locale) for row in chart.rows],
        "series": [_series(one, len(chart.rows), locale) for one in chart.series],
    }


def _series(series: Series, rows: int, locale: str) -> dict[str, Any]:
    values = [series.plain(place) for place in range(rows)]
    return {
        "name": series.name.in_(locale),
        "unit": unit_of(series).in_(locale),
        "drawn": series.drawn,
        "values": [None if value is None else float(value) for value in values],
    }
