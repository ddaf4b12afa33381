"""/api/v1/needs/{need}/matches, /api/v1/listings/{listing}/needs and /api/v1/match-runs."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.matching.comparing import SHOWN as COMPARED
from app.matching.comparing import compare_runs
from app.matching.queries import SHOWN, Part, listing_needs, match_pair, need_matches, run_detail, run_list
from app.matching.run import StartRun, start_run
from app.matching.schemas import (
    LISTING_NEEDS,
    MATCHES,
    PAIR,
    RUN,
    RUN_COMPARISON,
    WHAT_IF,
    CompareQuery,
    MatchQuery,
    RunIn,
    WhatIfQuery,
    comparison_json,
    listing_need_json,
    matches_json,
    pair_json,
    run_json,
    what_if_json,
    what_if_of,
)
from app.matching.what_if import what_if
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, listed
from app.web.policy import policy
from app.web.shapes import MADE, answers, page

blueprint = Blueprint(
    "matching_api", __name__, url_prefix="/api/v1", description="Matches with their reasons, and runs of the engine"
)


@blueprint.get("/needs/<ref>/matches")
@policy("need.view")
@answers(MATCHES)
@blueprint.arguments(MatchQuery, location="query")
def matches(query: dict[str, Any], ref: str) -> Response:
    """The listings that satisfy a need, ranked, with reasons; near misses with the smallest change as alternates."""
    return jsonify(matches_json(ask(need_matches, ref, Part(query.get("limit", SHOWN))), current_locale()))


@blueprint.get("/needs/<ref>/matches/<listing_ref>")
@policy("need.view")
@answers(PAIR)
def pair(ref: str, listing_ref: str) -> Response:
    """Why, or why not: one need against one listing, however far apart."""
    return jsonify(pair_json(ask(match_pair, ref, listing_ref), current_locale()))


@blueprint.get("/needs/<ref>/what-if")
@policy("need.view")
@answers(WHAT_IF)
@blueprint.arguments(WhatIfQuery, location="query")
def otherwise(query: dict[str, Any], ref: str) -> Response:
    """What the need would match were it asked otherwise: reach, window, budget, quantity or requirements. Nothing is stored."""
    return jsonify(what_if_json(ask(what_if, ref, what_if_of(query)), current_locale()))


@blueprint.get("/listings/<ref>/needs")
@policy("need.list")
@answers(LISTING_NEEDS)
def needs_of_listing(ref: str) -> Response:
    """For its owner: the needs that a listing satisfies, and how many more that may not be shown."""
    found = ask(listing_needs, ref)
    return jsonify(
        {"count": len(found.results), "hidden": found.hidden, "results": [listing_need_json(row) for row in found.results]}
    )


@blueprint.get("/match-runs")
@policy("match_run.list")
@answers(page(RUN))
@blueprint.arguments(MatchQuery, location="query")
def runs(query: dict[str, Any]) -> Response:
    found = ask(run_list, query.get("limit", 50))
    return listed(Page(found, len(found)), run_json)


@blueprint.post("/match-runs")
@policy("match_run.start")
@answers(MADE, 202)
@blueprint.arguments(RunIn)
def start(body: dict[str, Any]) -> Response:
    def accepted(ref: str) -> Response:
        response = jsonify({"id": ref})
        response.status_code = 202
        response.headers["Location"] = url_for("matching_api.run", ref=ref)
        return response

    return execute_once(start_run, StartRun(body["kind"]), accepted)


@blueprint.get("/match-runs/<ref>")
@policy("match_run.list")
@answers(RUN)
def run(ref: str) -> Response:
    return jsonify(run_json(ask(run_detail, ref)))


@blueprint.get("/match-runs/<ref>/compare/<other>")
@policy("match_run.compare")
@answers(RUN_COMPARISON)
@blueprint.arguments(CompareQuery, location="query")
def comparison(query: dict[str, Any], ref: str, other: str) -> Response:
    """What the later of two runs found otherwise: matches that appeared, vanished, changed their rank or their score."""
    return jsonify(comparison_json(ask(compare_runs, ref, other, query.get("change"), query.get("limit", COMPARED))))
