"""Pages of working calendars: the years that dates are counted by, one year day by day, and loading a year from a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.deadlines.arrangement import read_year
from app.deadlines.calendar_queries import NAMES, SOURCES, calendar_year, calendar_years, provisional_count
from app.deadlines.calendars import LoadYear, load_year
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("calendars", __name__, url_prefix="/calendars")
MOST_BYTES = 100_000


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"calendar_sources": SOURCES}


@blueprint.get("/")
@policy("calendar.list")
def index() -> str:
    return render_template("deadlines/calendars.html", years=ask(calendar_years), waiting=ask(provisional_count))


@blueprint.get("/<calendar>/<int:year>")
@policy("calendar.view")
def show(calendar: str, year: int) -> str:
    versions = ask(calendar_year, calendar, year)
    return render_template("deadlines/year.html", year=versions[0], versions=versions)


@blueprint.get("/load")
@policy("calendar.load")
def load_form() -> str:
    return _form({}, {}, [])


def _form(values: dict[str, Any], errors: dict[str, str], lines: list[str]) -> str:
    options = [(code, name.in_(current_locale())) for code, name in NAMES.items()]
    return render_template("deadlines/load.html", values=values, errors=errors, lines=lines, calendars=options)


@blueprint.post("/load")
@policy("calendar.load")
def load() -> Response | tuple[str, int]:
    """Load the file whole, or show every line that is wrong."""
    calendar, year = typed("calendar"), typed("year")
    try:
        upload = request.files.get("file")
        content = upload.read(MOST_BYTES + 1) if upload else b""
        if not content or len(content) > MOST_BYTES:
            raise fail("calendar_file")
        if not year.isdigit() or len(year) != 4:
            raise fail("invalid", [Problem("invalid", Text("Four digits.", "请填写四位数字。"), pointer="/year")])
        execute(load_year, LoadYear(calendar, int(year), read_year(content), typed("citation")))
    except DomainError as error:
        if int(error.type.status) != 422:
            raise
        lines = [
            _("line %(row)s: %(what)s", row=one.row, what=one.detail.in_(current_locale())) for one in error.problems if one.row
        ]
        errors = {name: words for name, words in field_errors(error).items() if not name.startswith("days.")}
        return _form(dict(request.form), errors, lines), 422
    flash(_("The year is loaded. Provisional dates are counted again, and the parties are told."), "ok")
    return redirect(url_for("calendars.show", calendar=calendar, year=int(year)), 303)
