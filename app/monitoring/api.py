"""/api/v1/boards: the numbers of the boards, as programs read them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.monitoring.oversight_board import oversight_board
from app.monitoring.owner_board import owner_board
from app.monitoring.requester_board import requester_board
from app.monitoring.schemas import BOARD, BoardQuery, Query, board_json
from app.monitoring.wanted import Wanted
from app.web.execute import ask
from app.web.policy import policy
from app.web.shapes import answers

blueprint = Blueprint("boards_api", __name__, url_prefix="/api/v1", description="Indicators, with what each counts")


def _answer(board: Query, query: dict[str, Any]) -> Response:
    return jsonify(board_json(ask(board, Wanted(query["months"], query.get("region")))))


@blueprint.get("/boards/owner")
@policy("board.view")
@answers(BOARD)
@blueprint.arguments(BoardQuery, location="query")
def owner(query: dict[str, Any]) -> Response:
    """Use of capacity, requests and answers, income and refusals of the actor's organisations."""
    return _answer(owner_board, query)


@blueprint.get("/boards/requester")
@policy("board.view")
@answers(BOARD)
@blueprint.arguments(BoardQuery, location="query")
def requester(query: dict[str, Any]) -> Response:
    """Needs, times, spending and verdicts of the actor's organisations."""
    return _answer(requester_board, query)


@blueprint.get("/boards/oversight")
@policy("board.oversee")
@answers(BOARD)
@blueprint.arguments(BoardQuery, location="query")
def oversight(query: dict[str, Any]) -> Response:
    """Decisions, clocks, silence, refusals and what is unserved, where the actor is competent; everything for an evaluator."""
    return _answer(oversight_board, query)
