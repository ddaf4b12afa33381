"""Pages of the boards: one for each side of the market, and the same numbers as CSV and as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.monitoring.charts import Board, Chart
from app.monitoring.export import board_csv, chart_csv
from app.monitoring.oversight_board import oversight_board
from app.monitoring.owner_board import owner_board
from app.monitoring.periods import LENGTHS
from app.monitoring.requester_board import requester_board
from app.monitoring.schemas import Query
from app.monitoring.wanted import USUAL, Wanted
from app.monitoring.workbook import workbook
from app.regions import region_code, region_name
from app.web.execute import ask, bus, current_actor
from app.web.forms import field_errors
from app.web.i18n import current_locale
from app.web.papers import as_workbook
from app.web.policy import policy

LAST_MONTHS = Text("last {months} months, today included", "近 {months} 个月（含今日）")
blueprint = Blueprint("boards", __name__, url_prefix="/boards")


@dataclass(frozen=True, slots=True)
class File:
    name: str
    data: bytes


@blueprint.get("/")
@policy("board.view")
def index() -> AnyResponse:
    """The board that the actor comes for."""
    return redirect(url_for("boards.oversight" if _oversees() else "boards.owner"))


def _oversees() -> bool:
    return bool(current_actor().competences) or current_actor().is_evaluator


@blueprint.get("/owner")
@policy("board.view")
def owner() -> str | tuple[str, int]:
    return _page("owner", owner_board)


@blueprint.get("/owner.csv")
@policy("board.view")
def owner_file() -> Response:
    return _file(owner_board)


@blueprint.get("/owner.xlsx")
@policy("board.view")
def owner_book() -> Response:
    return _book(owner_board)


@blueprint.get("/requester")
@policy("board.view")
def requester() -> str | tuple[str, int]:
    return _page("requester", requester_board)


@blueprint.get("/requester.csv")
@policy("board.view")
def requester_file() -> Response:
    return _file(requester_board)


@blueprint.get("/requester.xlsx")
@policy("board.view")
def requester_book() -> Response:
    return _book(requester_board)


@blueprint.get("/oversight")
@policy("board.oversee")
def oversight() -> str | tuple[str, int]:
    return _page("oversight", oversight_board)


@blueprint.get("/oversight.csv")
@policy("board.oversee")
def oversight_file() -> Response:
    return _file(oversight_board)


@blueprint.get("/oversight.xlsx")
@policy("board.oversee")
def oversight_book() -> Response:
    return _book(oversight_board)


def _wanted() -> Wanted:
    """As the address says. Raises `invalid` at what it cannot mean."""
    months, words = request.args.get("months", "").strip() or str(USUAL), request.args.get("region", "").strip()
    code = region_code(words) if words else None
    if code is not None and region_name(code) == Text(code, code):
        problem = Problem(
            "invalid", Text("No region is called “{words}”.", "没有名为“{words}”的地区。").format(words=words), pointer="/region"
        )
        raise fail("invalid", [problem])
    return Wanted(int(months) if months.isdecimal() and len(months) < 4 else 0, code)


def _page(name: str, query: Query) -> str | tuple[str, int]:
    try:
        wanted = _wanted()
        return _rendered(name, ask(query, wanted), wanted, {})
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _rendered(name, None, Wanted(), field_errors(error)), 422


def _rendered(name: str, board: Board | None, wanted: Wanted, errors: dict[str, str]) -> str:
    return render_template(
        "monitoring/board.html",
        name=name,
        board=board,
        wanted=wanted,
        errors=errors,
        lengths=LENGTHS,
        oversees=_oversees(),
        region_name=region_name,
        question={key: value for key, value in _question(wanted).items() if value},
    )


def _question(wanted: Wanted) -> dict[str, Any]:
    return {"months": wanted.months if wanted.months != USUAL else None, "region": wanted.region}


def _file(query: Query) -> Response:
    """The whole board, or the chart that `?chart=` names. Raises `not_found` for one that the board has not."""
    board, chart = _chosen(query, _wanted())
    locale = current_locale()
    content = chart_csv(chart, locale) if chart else board_csv(board, locale)
    headers = {"Content-Disposition": f'attachment; filename="{_name(board, chart)}.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _book(query: Query) -> Response:
    """The same as a workbook, in both languages."""
    wanted = _wanted()
    board, chart = _chosen(query, wanted)
    told = LAST_MONTHS.format(months=wanted.months)
    if wanted.region:
        told = Text("{told}, {region}", "{told}，{region}").format(told=told, region=region_name(wanted.region))
    content = workbook(board, [chart] if chart else board.charts, told, bus().today())
    return as_workbook(File(f"{_name(board, chart)}.xlsx", content))


def _chosen(query: Query, wanted: Wanted) -> tuple[Board, Chart | None]:
    board, key = ask(query, wanted), request.args.get("chart")
    chart = board.chart(key) if key else None
    if key and chart is None:
        raise fail("not_found")
    return board, chart


def _name(board: Board, chart: Chart | None) -> str:
    return f"board-{board.name}-{chart.key}" if chart else f"board-{board.name}"
