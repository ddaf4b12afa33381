"""/api/v1/route-requests. Taking the whole route drafts agreements: POST …/take lives with the agreements."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.access.routes.bundles import AskBundle, TakeOtherMatch, ask_bundle, take_other_match
from app.access.routes.choosing import bundle_choices, next_matches
from app.access.routes.finding import TERMS, next_route
from app.access.routes.queries import list_routes, route_detail
from app.access.routes.schemas import (
    OPTIONS,
    ROUTE_REQUEST,
    ROUTE_ROW,
    BundleRequestIn,
    ListingsIn,
    PartIn,
    RouteRequestIn,
    RouteRequestQuery,
    chosen_in,
    options_json,
    route_request_json,
    route_row_json,
)
from app.access.routes.service import AskRoute, MoveRoute, TakeOtherRoute, ask_route, take_other_route, withdraw_route
from app.matching import ROUTE_ANSWER, route_answer_json
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.query import without_paging
from app.web.shapes import MOVED, answers, page

blueprint = Blueprint(
    "route_requests_api", __name__, url_prefix="/api/v1", description="Requests by route: one request, a leg for each owner"
)


def _moved(ref: str, version: int) -> Response:
    return tagged(jsonify({"id": ref, "version": version}), version)


def _created(ref: str) -> Response:
    response = jsonify({"id": ref, "version": 1})
    response.status_code = 201
    response.headers["Location"] = url_for("route_requests_api.show", ref=ref)
    return tagged(response, 1)


@blueprint.get("/route-requests")
@policy("route_request.list")
@answers(page(ROUTE_ROW))
@blueprint.arguments(RouteRequestQuery, location="query")
def list_all(query: dict[str, Any]) -> Response:
    given, paging = without_paging(query), asked()
    found = ask(list_routes, given.get("status") or None, given.get("need") or None, paging.limit, paging.after, paging.before)
    return listed(Page(found.results, found.count, found.after, found.before), route_row_json)


@blueprint.post("/route-requests")
@policy("route_request.create")
@answers(MOVED, 201)
@blueprint.arguments(RouteRequestIn)
def create(body: dict[str, Any]) -> Response:
    terms = {name: body[name] for name in TERMS if name in body}
    command = AskRoute(body["need"], tuple(body["listings"]), body["message"], body["purpose"], terms)
    return execute_once(ask_route, command, _created)


@blueprint.get("/route-requests/<ref>")
@policy("route_request.view")
@answers(ROUTE_REQUEST)
def show(ref: str) -> Response:
    view = ask(route_detail, ref)
    return tagged(jsonify(route_request_json(view)), view.version)


@blueprint.get("/route-requests/<ref>/next-route")
@policy("route_request.view")
@answers(ROUTE_ANSWER)
def other(ref: str) -> Response:
    """The next best route that avoids what failed and keeps what stands (which costs nothing more here)."""
    return jsonify(route_answer_json(ask(next_route, ref), current_locale()))


@blueprint.post("/route-requests/<ref>/reroute")
@policy("route_request.move")
@answers(MOVED)
@blueprint.arguments(ListingsIn)
def reroute(body: dict[str, Any], ref: str) -> Response:
    command = TakeOtherRoute(ref, tuple(body["listings"]), expected_version())
    return execute_once(take_other_route, command, lambda version: _moved(ref, version))


@blueprint.get("/bundles/<ref>/options")
@policy("bundle.edit")
@answers(OPTIONS)
def choices(ref: str) -> Response:
    """For each need of a bundle that is still to be served, the best matches or routes."""
    return jsonify(options_json(ask(bundle_choices, ref), current_locale()))


@blueprint.post("/bundles/<ref>/request")
@policy("route_request.create")
@answers(MOVED, 201)
@blueprint.arguments(BundleRequestIn)
def create_for_bundle(body: dict[str, Any], ref: str) -> Response:
    """Ask for every need of a bundle at once, all or nothing."""
    command = AskBundle(ref, tuple(map(chosen_in, body["parts"])), body["message"], body["purpose"])
    return execute_once(ask_bundle, command, _created)


@blueprint.get("/route-requests/<ref>/next-matches")
@policy("route_request.view")
@answers(OPTIONS)
def other_matches(ref: str) -> Response:
    """For each need of a bundle of which a leg failed, the next best."""
    return jsonify(options_json(ask(next_matches, ref), current_locale()))


@blueprint.post("/route-requests/<ref>/replace")
@policy("route_request.move")
@answers(MOVED)
@blueprint.arguments(PartIn)
def replace(body: dict[str, Any], ref: str) -> Response:
    """Ask with another match for a need of a bundle of which a leg failed."""
    command = TakeOtherMatch(ref, chosen_in(body), expected_version())
    return execute_once(take_other_match, command, lambda version: _moved(ref, version))


@blueprint.post("/route-requests/<ref>/withdraw")
@policy("route_request.move")
@answers(MOVED)
def withdraw(ref: str) -> Response:
    return execute_once(withdraw_route, MoveRoute(ref, expected_version()), lambda version: _moved(ref, version))
