"""/api/v1/routes: from A to B over the ducts and cables of several owners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.matching.routing.queries import find_routes, listing_end, need_question
from app.matching.routing.question import End, RouteQuestion
from app.matching.routing.schemas import ANSWER, RouteQuery, answer_json
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.policy import policy
from app.web.shapes import answers

blueprint = Blueprint("routes_api", __name__, url_prefix="/api/v1", description="Routes over several owners")
MISSING = Text("Say this, or name a need.", "请填写此项，或指定需求。")
TERMS = ("loss_budget_db", "length_limit_m", "alternatives", "diversity", "handover_minor", "build_minor_m", "gap_m", "currency")


@blueprint.get("/routes")
@policy("route.find")
@answers(ANSWER)
@blueprint.arguments(RouteQuery, location="query")
def routes(query: dict[str, Any]) -> Response:
    """The best route, alternatives, a pair that fails apart, or what stands in the way; on what the caller may see."""
    return jsonify(answer_json(ask(find_routes, _question(query)), current_locale()))


def _question(query: dict[str, Any]) -> RouteQuestion:
    terms = {name: query[name] for name in TERMS if name in query}
    if "need" in query:
        return replace(ask(need_question, query["need"]), **terms)
    missing = [name for name in ("kind", "window_start", "window_end") if name not in query]
    ends = [_end(query, "from_listing", "start"), _end(query, "to_listing", "goal")]
    missing += [name for name, end in zip(("from", "to"), ends, strict=True) if end is None]
    if missing or ends[0] is None or ends[1] is None:
        raise fail("invalid", [Problem("missing", MISSING, pointer=f"/{name}") for name in missing])
    return RouteQuestion(
        kind=query["kind"],
        start=ends[0],
        goal=ends[1],
        units=query.get("quantity", 1),
        window_start=query["window_start"],
        window_end=query["window_end"],
        **terms,
    )


def _end(query: dict[str, Any], listing: str, place: str) -> End | None:
    if listing in query:
        return ask(listing_end, query[listing])
    return End(*query[place]) if place in query else None
