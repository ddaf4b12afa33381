"""/api/v1/needs-lists, /api/v1/needs and /api/v1/bundles."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.needs.budgets import BudgetView, SetBudget, own_budget, set_budget
from app.needs.bundles import DissolveBundle, MakeBundle, dissolve_bundle, make_bundle
from app.needs.outcomes import CarryOver, GiveOutcome, MergeNeed, carry_over, give_outcome, merge_need
from app.needs.paper import PrintRound, print_round
from app.needs.queries import need_detail, need_list, round_detail, round_list
from app.needs.rounds import EditRound, MoveRound, OpenRound, close_round, edit_round, open_round, publish_round
from app.needs.schemas import (
    BUDGET,
    NEED,
    PUBLISHED,
    ROUND,
    BudgetIn,
    BundleIn,
    CarryIn,
    MergeIn,
    NeedCreate,
    NeedEdit,
    NeedQuery,
    OutcomeIn,
    ReasonIn,
    RoundEdit,
    RoundIn,
    RoundQuery,
    facts_of,
    filter_of,
    need_json,
    round_json,
    terms_of,
)
from app.needs.service import CreateNeed, EditNeed, MoveNeed, create_need, edit_need, submit_need, withdraw_need
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.papers import LanguageQuery, as_file, base_url
from app.web.policy import policy
from app.web.shapes import BYTES, MADE, answers, page

blueprint = Blueprint("needs_api", __name__, url_prefix="/api/v1", description="Needs lists, their entries, bundles")


def _need(ref: str, status: int = 200) -> Response:
    view = ask(need_detail, ref)
    response = jsonify(need_json(view))
    response.status_code = status
    return tagged(response, view.version)


def _moved(ref: str) -> Response:
    return jsonify({"id": ref})


def _created(endpoint: str, ref: str) -> Response:
    response = jsonify({"id": ref})
    response.status_code = 201
    response.headers["Location"] = url_for(endpoint, ref=ref)
    return response


@blueprint.get("/needs-lists")
@policy("needs_list.list")
@answers(page(ROUND))
@blueprint.arguments(RoundQuery, location="query")
def list_rounds(query: dict[str, Any]) -> Response:
    rounds = ask(round_list, query.get("region"), query.get("status"))
    return listed(Page(rounds, len(rounds)), round_json)


@blueprint.post("/needs-lists")
@policy("needs_list.open")
@answers(MADE, 201)
@blueprint.arguments(RoundIn)
def open_list(body: dict[str, Any]) -> Response:
    return execute_once(open_round, OpenRound(**terms_of(body)), lambda ref: _created("needs_api.show_round", ref))


@blueprint.get("/needs-lists/<ref>")
@policy("needs_list.view")
@answers(ROUND)
def show_round(ref: str) -> Response:
    view = ask(round_detail, ref)
    return tagged(jsonify(round_json(view)), view.version)


@blueprint.put("/needs-lists/<ref>")
@policy("needs_list.edit")
@answers(MADE)
@blueprint.arguments(RoundEdit)
def change_round(body: dict[str, Any], ref: str) -> Response:
    version = execute(edit_round, EditRound(ref=ref, seen_version=expected_version(), **terms_of(body)))
    return tagged(_moved(ref), version)


@blueprint.post("/needs-lists/<ref>/document")
@policy("needs_list.print")
@answers(BYTES, media="application/pdf")
@blueprint.arguments(LanguageQuery, location="query")
def print_list(query: dict[str, Any], ref: str) -> Response:
    """The list as a PDF of what you see of it. Whose copy it is stands in it and is recorded: each call makes another copy."""
    return as_file(execute(print_round, PrintRound(ref, query["lang"] or current_locale(), base_url())))


def _budget(view: BudgetView) -> Response:
    return jsonify({"limit_minor": view.limit_minor, "currency": view.currency})


@blueprint.get("/needs-lists/<ref>/budget")
@policy("needs_list.view")
@answers(BUDGET)
def show_budget(ref: str) -> Response:
    """What the acting organisation may spend on the list."""
    return _budget(ask(own_budget, ref))


@blueprint.put("/needs-lists/<ref>/budget")
@policy("needs_list.budget")
@answers(BUDGET)
@blueprint.arguments(BudgetIn)
def change_budget(body: dict[str, Any], ref: str) -> Response:
    return _budget(execute(set_budget, SetBudget(ref, **body)))


@blueprint.post("/needs-lists/<ref>/publish")
@policy("needs_list.publish")
@answers(PUBLISHED)
def publish_list(ref: str) -> Response:
    return execute_once(publish_round, MoveRound(ref, expected_version()), lambda count: jsonify({"id": ref, "published": count}))


@blueprint.post("/needs-lists/<ref>/close")
@policy("needs_list.close")
@answers(MADE)
def close_list(ref: str) -> Response:
    return execute_once(close_round, MoveRound(ref, expected_version()), lambda _: _moved(ref))


@blueprint.get("/needs")
@policy("need.list")
@answers(page(NEED))
@blueprint.arguments(NeedQuery, location="query")
def list_needs(query: dict[str, Any]) -> Response:
    paging = asked()
    found = ask(need_list, filter_of(query), paging.limit, paging.after, paging.before)
    return listed(Page(found.results, found.count, found.after, found.before), need_json)


@blueprint.post("/needs")
@policy("need.create")
@answers(MADE, 201)
@blueprint.arguments(NeedCreate)
def add_need(body: dict[str, Any]) -> Response:
    command = CreateNeed(body["needs_list"], facts_of(body), body["organisation"], body["bundle"], body["submit"])
    return execute_once(create_need, command, lambda ref: _created("needs_api.show_need", ref))


@blueprint.get("/needs/<ref>")
@policy("need.view")
@answers(NEED)
def show_need(ref: str) -> Response:
    return _need(ref)


@blueprint.put("/needs/<ref>")
@policy("need.edit")
@answers(MADE)
@blueprint.arguments(NeedEdit)
def change_need(body: dict[str, Any], ref: str) -> Response:
    version = execute(edit_need, EditNeed(ref, facts_of(body), expected_version(), body["bundle"]))
    return tagged(_moved(ref), version)


@blueprint.post("/needs/<ref>/submit")
@policy("need.submit")
@answers(MADE)
def submit(ref: str) -> Response:
    return execute_once(submit_need, MoveNeed(ref, expected_version()), lambda _: _moved(ref))


@blueprint.post("/needs/<ref>/withdraw")
@policy("need.withdraw")
@answers(MADE)
@blueprint.arguments(ReasonIn)
def withdraw(body: dict[str, Any], ref: str) -> Response:
    return execute_once(withdraw_need, MoveNeed(ref, expected_version(), body["reason"]), lambda _: _moved(ref))


@blueprint.post("/needs/<ref>/outcome")
@policy("need.outcome")
@answers(MADE)
@blueprint.arguments(OutcomeIn)
def outcome(body: dict[str, Any], ref: str) -> Response:
    return execute_once(
        give_outcome, GiveOutcome(ref, body["outcome"], body["reason"], expected_version()), lambda _: _moved(ref)
    )


@blueprint.post("/needs/<ref>/merge")
@policy("need.outcome")
@answers(MADE)
@blueprint.arguments(MergeIn)
def merge(body: dict[str, Any], ref: str) -> Response:
    return execute_once(merge_need, MergeNeed(ref, body["into"], expected_version()), lambda _: _moved(ref))


@blueprint.post("/needs/<ref>/carry-over")
@policy("need.carry_over")
@answers(MADE, 201)
@blueprint.arguments(CarryIn)
def carry(body: dict[str, Any], ref: str) -> Response:
    command = CarryOver(ref, body["needs_list"], expected_version())
    return execute_once(carry_over, command, lambda new: _created("needs_api.show_need", new))


@blueprint.post("/bundles")
@policy("bundle.edit")
@answers(MADE, 201)
@blueprint.arguments(BundleIn)
def bundle(body: dict[str, Any]) -> Response:
    def made(ref: str) -> Response:
        response = jsonify({"id": ref})
        response.status_code = 201
        return response

    return execute_once(make_bundle, MakeBundle(body["name"], tuple(body["needs"])), made)


@blueprint.delete("/bundles/<ref>")
@policy("bundle.edit")
@answers(None, 204)
def unbundle(ref: str) -> Response:
    execute(dissolve_bundle, DissolveBundle(ref))
    return Response(status=204)
