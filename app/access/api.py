"""/api/v1/access-requests. Taking an offer drafts the agreement: POST …/accept-offer lives with the agreements."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.access.answers import AcceptRequest, CounterRequest, RefuseRequest, accept_request, counter_request, refuse_request
from app.access.case_schemas import (
    DisputeDecisionIn,
    DisputeIn,
    MissingIn,
    QuoteIn,
    SupplyIn,
    SurveyDateIn,
    SurveyIn,
    SurveyResultIn,
)
from app.access.completeness import FindComplete, NameMissing, SupplyMissing, find_complete, name_missing, supply_missing
from app.access.disputes import DecideDispute, OpenDispute, decide_dispute, open_dispute
from app.access.queries import RequestFilter, list_requests, request_detail
from app.access.quotes import GiveQuote, QuoteItem, give_quote
from app.access.schemas import (
    REQUEST,
    REQUEST_ROW,
    AcceptIn,
    CounterIn,
    RefuseIn,
    RequestEdit,
    RequestIn,
    RequestQuery,
    request_json,
    row_json,
)
from app.access.service import (
    CreateRequest,
    EditRequest,
    MoveRequest,
    create_request,
    edit_request,
    submit_request,
    withdraw_request,
)
from app.access.surveys import AskSurvey, DateSurvey, RecordSurvey, ask_survey, date_survey, record_survey
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.query import without_paging
from app.web.shapes import MOVED, answers, page

blueprint = Blueprint(
    "access_api", __name__, url_prefix="/api/v1", description="Access requests: apply on a match, answer, offer"
)


def _filter(query: dict[str, Any]) -> RequestFilter:
    given = {name: value or None for name, value in without_paging(query).items()}
    return RequestFilter(need_ref=given.pop("need", None), listing_ref=given.pop("listing", None), **given)


def _moved(ref: str, version: int) -> Response:
    return tagged(jsonify({"id": ref, "version": version}), version)


@blueprint.get("/access-requests")
@policy("access.list")
@answers(page(REQUEST_ROW))
@blueprint.arguments(RequestQuery, location="query")
def list_all(query: dict[str, Any]) -> Response:
    paging = asked()
    found = ask(list_requests, _filter(query), paging.limit, paging.after, paging.before)
    return listed(Page(found.results, found.count, found.after, found.before), row_json)


@blueprint.post("/access-requests")
@policy("access.create")
@answers(MOVED, 201)
@blueprint.arguments(RequestIn)
def create(body: dict[str, Any]) -> Response:
    def created(ref: str) -> Response:
        response = jsonify({"id": ref, "version": 1})
        response.status_code = 201
        response.headers["Location"] = url_for("access_api.show", ref=ref)
        return tagged(response, 1)

    need, listing = body.pop("need"), body.pop("listing")
    return execute_once(create_request, CreateRequest(need_ref=need, listing_ref=listing, **body), created)


@blueprint.get("/access-requests/<ref>")
@policy("access.view")
@answers(REQUEST)
def show(ref: str) -> Response:
    view = ask(request_detail, ref)
    return tagged(jsonify(request_json(view)), view.version)


@blueprint.put("/access-requests/<ref>")
@policy("access.edit")
@answers(MOVED)
@blueprint.arguments(RequestEdit)
def edit(body: dict[str, Any], ref: str) -> Response:
    return _moved(ref, execute(edit_request, EditRequest(ref=ref, seen_version=expected_version(), **body)))


@blueprint.post("/access-requests/<ref>/submit")
@policy("access.submit")
@answers(MOVED)
def submit(ref: str) -> Response:
    return execute_once(submit_request, MoveRequest(ref, expected_version()), lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/withdraw")
@policy("access.withdraw")
@answers(MOVED)
def withdraw(ref: str) -> Response:
    return execute_once(withdraw_request, MoveRequest(ref, expected_version()), lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/accept")
@policy("access.answer")
@answers(MOVED)
@blueprint.arguments(AcceptIn)
def accept(body: dict[str, Any], ref: str) -> Response:
    return execute_once(accept_request, AcceptRequest(ref, expected_version(), **body), lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/counter")
@policy("access.answer")
@answers(MOVED)
@blueprint.arguments(CounterIn)
def counter(body: dict[str, Any], ref: str) -> Response:
    return execute_once(counter_request, CounterRequest(ref, expected_version(), **body), lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/refuse")
@policy("access.answer")
@answers(MOVED)
@blueprint.arguments(RefuseIn)
def refuse(body: dict[str, Any], ref: str) -> Response:
    return execute_once(
        refuse_request, RefuseRequest(ref=ref, seen_version=expected_version(), **body), lambda version: _moved(ref, version)
    )


@blueprint.post("/access-requests/<ref>/find-complete")
@policy("access.answer")
@answers(MOVED)
def complete(ref: str) -> Response:
    return execute_once(find_complete, FindComplete(ref, expected_version()), lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/name-missing")
@policy("access.answer")
@answers(MOVED)
@blueprint.arguments(MissingIn)
def missing(body: dict[str, Any], ref: str) -> Response:
    return execute_once(name_missing, NameMissing(ref, body["missing"], expected_version()), lambda v: _moved(ref, v))


@blueprint.post("/access-requests/<ref>/supply")
@policy("access.supply")
@answers(MOVED)
@blueprint.arguments(SupplyIn)
def supply(body: dict[str, Any], ref: str) -> Response:
    return execute_once(supply_missing, SupplyMissing(ref, body["message"], expected_version()), lambda v: _moved(ref, v))


@blueprint.post("/access-requests/<ref>/survey")
@policy("access.survey")
@answers(MOVED)
@blueprint.arguments(SurveyIn)
def survey(body: dict[str, Any], ref: str) -> Response:
    return execute_once(ask_survey, AskSurvey(ref=ref, seen_version=expected_version(), **body), lambda v: _moved(ref, v))


@blueprint.post("/access-requests/<ref>/survey/date")
@policy("access.survey")
@answers(MOVED)
@blueprint.arguments(SurveyDateIn)
def survey_date(body: dict[str, Any], ref: str) -> Response:
    return execute_once(date_survey, DateSurvey(ref, body["held_on"], expected_version()), lambda v: _moved(ref, v))


@blueprint.post("/access-requests/<ref>/survey/result")
@policy("access.survey")
@answers(MOVED)
@blueprint.arguments(SurveyResultIn)
def survey_result(body: dict[str, Any], ref: str) -> Response:
    command = RecordSurvey(ref, body["result"], body["report"], body["held_on"], expected_version())
    return execute_once(record_survey, command, lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/quote")
@policy("access.answer")
@answers(MOVED)
@blueprint.arguments(QuoteIn)
def quote(body: dict[str, Any], ref: str) -> Response:
    items = tuple(QuoteItem(**item) for item in body["items"])
    command = GiveQuote(ref, items, body["valid_until"], body["message"], expected_version())
    return execute_once(give_quote, command, lambda version: _moved(ref, version))


@blueprint.post("/access-requests/<ref>/dispute")
@policy("access.dispute")
@answers(MOVED)
@blueprint.arguments(DisputeIn)
def dispute(body: dict[str, Any], ref: str) -> Response:
    return execute_once(open_dispute, OpenDispute(ref, body["claim"], expected_version()), lambda v: _moved(ref, v))


@blueprint.post("/access-requests/<ref>/dispute/decision")
@policy("access.settle")
@answers(MOVED)
@blueprint.arguments(DisputeDecisionIn)
def decision(body: dict[str, Any], ref: str) -> Response:
    command = DecideDispute(ref=ref, seen_version=expected_version(), **body)
    return execute_once(decide_dispute, command, lambda version: _moved(ref, version))
