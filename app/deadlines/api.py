"""/api/v1/calendars: which days count, by which publication; a year is loaded by the platform's administrator."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.deadlines.arrangement import ListedDay
from app.deadlines.calendar_queries import calendar_year, calendar_years
from app.deadlines.calendars import LoadYear, load_year
from app.deadlines.schemas import LOADED, YEAR, YEARS, YearIn, year_json
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.policy import policy
from app.web.shapes import answers

blueprint = Blueprint("calendars_api", __name__, url_prefix="/api/v1", description="Working calendars: which days count, and why")


@blueprint.get("/calendars")
@policy("calendar.list")
@answers(YEARS)
def list_all() -> Response:
    return jsonify({"results": [year_json(year) for year in ask(calendar_years)]})


@blueprint.get("/calendars/<calendar>/<int:year>")
@policy("calendar.view")
@answers(YEAR)
def show(calendar: str, year: int) -> Response:
    return jsonify(year_json(ask(calendar_year, calendar, year)[0]))


@blueprint.post("/calendars/<calendar>/<int:year>")
@policy("calendar.load")
@answers(LOADED)
@blueprint.arguments(YearIn)
def load(body: dict[str, Any], calendar: str, year: int) -> Response:
    command = LoadYear(calendar, year, tuple(ListedDay(**day) for day in body["days"]), body["citation"])
    return execute_once(load_year, command, lambda number: jsonify({"calendar": calendar, "year": year, "version": number}))
