"""The API's shapes of working calendars."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.deadlines.calendar_queries import YearView
from app.web.i18n import current_locale
from app.web.inputs import text_field
from app.web.shapes import DAY, FLAG, MOMENT, TEXT, WHOLE, many, maybe, named, record


class Strict(Schema):
    class Meta:
        unknown = RAISE


class DayIn(Strict):
    day = text_field(10, 1, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["off", "workday"]))
    name_en = text_field(100, 1, required=True)
    name_zh = text_field(100, 1, required=True)


class YearIn(Strict):
    days = fields.List(fields.Nested(DayIn), required=True, validate=validate.Length(1, 366))
    citation = text_field(300, 1, required=True, metadata={"description": "The document that publishes the arrangement."})


YEAR = named(
    "CalendarYear",
    record(
        calendar=TEXT,
        year=WHOLE,
        version=WHOLE,
        source=TEXT,
        provisional=FLAG,
        citation=maybe(TEXT),
        recorded_at=MOMENT,
        days=many(record(day=DAY, counts=FLAG, why=TEXT)),
    ),
)
YEARS = record(results=many(YEAR))
LOADED = record(calendar=TEXT, year=WHOLE, version=WHOLE)


def year_json(year: YearView) -> dict[str, Any]:
    return {
        "calendar": year.calendar,
        "year": year.year,
        "version": year.number,
        "source": year.source,
        "provisional": year.provisional,
        "citation": year.citation,
        "recorded_at": year.recorded_at.isoformat(),
        "days": [{"day": one.day.isoformat(), "counts": one.counts, "why": one.why.in_(current_locale())} for one in year.days],
    }
