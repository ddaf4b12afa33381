"""/api/v1/works: announce works, reserve, join, slip; what the reader oversees."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.query import without_paging
from app.web.shapes import MADE, MOVED, answers, page
from app.works.announcing import (
    AddElement,
    AnnounceWorks,
    DraftWorks,
    ReserveMore,
    add_element,
    announce_works,
    draft_works,
    reserve_more,
)
from app.works.changing import CloseWorks, SlipWorks, close_works, slip_works
from app.works.joining import (
    Answered,
    AnswerJoin,
    AskToJoin,
    PassOn,
    WithdrawJoin,
    answer_join,
    ask_to_join,
    pass_on,
    withdraw_join,
)
from app.works.queries import Found, WorksFilter, list_works, overseen, works_detail
from app.works.schemas import (
    ANSWERED,
    SLIPPED,
    WORKS,
    WORKS_ROW,
    CloseIn,
    JoinAnswerIn,
    JoinIn,
    OverseenQuery,
    PassIn,
    ReserveIn,
    SlipIn,
    WorksElementIn,
    WorksIn,
    WorksQuery,
    element_in,
    row_json,
    works_json,
)

blueprint = Blueprint(
    "works_api", __name__, url_prefix="/api/v1", description="Works projects, what they reserve, and who joins them"
)


def _moved(ref: str, version: int) -> Response:
    return tagged(jsonify({"id": ref, "version": version}), version)


def _listed(found: Found) -> Response:
    return listed(Page(found.results, found.count, found.after, found.before), row_json)


@blueprint.get("/works")
@policy("works.list")
@answers(page(WORKS_ROW))
@blueprint.arguments(WorksQuery, location="query")
def list_all(query: dict[str, Any]) -> Response:
    paging = asked()
    return _listed(ask(list_works, WorksFilter(**without_paging(query)), paging.limit, paging.after, paging.before))


@blueprint.get("/works-overseen")
@policy("works.oversee")
@answers(page(WORKS_ROW))
@blueprint.arguments(OverseenQuery, location="query")
def oversee(query: dict[str, Any]) -> Response:
    paging = asked()
    found = ask(overseen, lacking=query["lacking"], limit=paging.limit, after=paging.after, before=paging.before)
    return _listed(found)


@blueprint.post("/works")
@policy("works.draft")
@answers(MADE, 201)
@blueprint.arguments(WorksIn)
def draft(body: dict[str, Any]) -> Response:
    def created(ref: str) -> Response:
        response = jsonify({"id": ref})
        response.status_code = 201
        response.headers["Location"] = url_for("works_api.show", ref=ref)
        return response

    elements = [element_in(one) for one in body.pop("elements")]
    return execute_once(draft_works, DraftWorks(elements=elements, **body), created)


@blueprint.get("/works/<ref>")
@policy("works.view")
@answers(WORKS)
def show(ref: str) -> Response:
    view = ask(works_detail, ref)
    return tagged(jsonify(works_json(view, current_locale())), view.version)


@blueprint.post("/works/<ref>/elements")
@policy("works.draft")
@answers(MOVED)
@blueprint.arguments(WorksElementIn)
def element(body: dict[str, Any], ref: str) -> Response:
    command = AddElement(ref, element_in(body), expected_version())
    return execute_once(add_element, command, lambda version: _moved(ref, version))


@blueprint.post("/works/<ref>/announce")
@policy("works.announce")
@answers(MOVED)
def announce(ref: str) -> Response:
    return execute_once(announce_works, AnnounceWorks(ref, expected_version()), lambda version: _moved(ref, version))


@blueprint.post("/works/<ref>/elements/<int:number>/reserve")
@policy("works.reserve")
@answers(MOVED)
@blueprint.arguments(ReserveIn)
def reserve(body: dict[str, Any], ref: str, number: int) -> Response:
    command = ReserveMore(ref, number, body["amounts"], expected_version())
    return execute_once(reserve_more, command, lambda version: _moved(ref, version))


@blueprint.post("/works/<ref>/joins")
@policy("works.join")
@answers(ANSWERED, 201)
@blueprint.arguments(JoinIn)
def join(body: dict[str, Any], ref: str) -> Response:
    return execute_once(ask_to_join, AskToJoin(ref, **body), lambda found: _answered(ref, found))


@blueprint.post("/works/<ref>/passes")
@policy("works.join")
@answers(ANSWERED, 201)
@blueprint.arguments(PassIn)
def not_join(body: dict[str, Any], ref: str) -> Response:
    return execute_once(pass_on, PassOn(ref, **body), lambda found: _answered(ref, found))


def _answered(ref: str, found: Answered) -> Response:
    said = found.answer.in_(current_locale()) if found.answer else None
    body = {"id": ref, "number": found.number, "status": found.status, "answer": said}
    response = jsonify(body)
    response.status_code = 201
    return response


@blueprint.post("/works/<ref>/joins/<int:number>/answer")
@policy("works.answer")
@answers(MOVED)
@blueprint.arguments(JoinAnswerIn)
def answer(body: dict[str, Any], ref: str, number: int) -> Response:
    command = AnswerJoin(ref, number, seen_version=expected_version(), **body)
    return execute_once(answer_join, command, lambda version: _moved(ref, version))


@blueprint.post("/works/<ref>/joins/<int:number>/withdraw")
@policy("works.join")
@answers(None, 204)
def withdraw(ref: str, number: int) -> Response:
    return execute_once(withdraw_join, WithdrawJoin(ref, number), lambda _: Response(status=204))


@blueprint.post("/works/<ref>/slip")
@policy("works.change")
@answers(SLIPPED)
@blueprint.arguments(SlipIn)
def slip(body: dict[str, Any], ref: str) -> Response:
    command = SlipWorks(ref, seen_version=expected_version(), **body)
    return execute_once(slip_works, command, lambda claims: jsonify({"id": ref, "claims": claims}))


@blueprint.post("/works/<ref>/close")
@policy("works.change")
@answers(MOVED)
@blueprint.arguments(CloseIn)
def close(body: dict[str, Any], ref: str) -> Response:
    command = CloseWorks(ref, seen_version=expected_version(), **body)
    return execute_once(close_works, command, lambda version: _moved(ref, version))
