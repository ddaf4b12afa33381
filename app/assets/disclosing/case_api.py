"""/api/v1/closer-looks, /api/v1/grants and /api/v1/exemptions."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.assets.disclosing.exempting import AskExemption, DecideExemption, ask_exemption, decide_exemption, withdraw_exemption
from app.assets.disclosing.queries import exemption_detail, exemption_list, grant_detail, grant_list, look_detail, look_list
from app.assets.disclosing.schemas import (
    EXEMPTION_SHAPE,
    GRANT,
    LOOK_SHAPE,
    DisclosureReasonIn,
    ExemptionCaseIn,
    ExemptionDecisionIn,
    GrantIn,
    GrantQuery,
    LookIn,
    LookTermsIn,
    StatusQuery,
    exemption_json,
    grant_json,
    look_json,
    terms_from,
)
from app.assets.disclosing.service import (
    AnswerLook,
    AskLook,
    Open,
    Revoke,
    answer_look,
    ask_look,
    open_asset,
    revoke_grant,
    withdraw_look,
)
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.shapes import MADE, answers, page

blueprint = Blueprint(
    "disclosing_api",
    __name__,
    url_prefix="/api/v1",
    description="Closer looks at hidden assets: asked for, granted, ordered; exemptions",
)


@blueprint.get("/closer-looks")
@policy("disclosure.list")
@answers(page(LOOK_SHAPE))
@blueprint.arguments(StatusQuery, location="query")
def looks(query: dict[str, Any]) -> Response:
    """The requests that you made, and those that you are to answer."""
    paging = asked()
    found = ask(look_list, query.get("status"), paging.after, paging.before, paging.limit)
    return listed(Page(found.rows, found.count, found.after, found.before), look_json)


@blueprint.post("/closer-looks")
@policy("closer_look.ask")
@answers(MADE, 201)
@blueprint.arguments(LookIn)
def add_look(body: dict[str, Any]) -> Response:
    """Ask to see an asset, or an area, more precisely."""
    command = AskLook(terms_from(body), body["asset"], body["owner"], body["region"], body["kind"])
    return execute_once(ask_look, command, lambda ref: _made(ref, "disclosing_api.look"))


@blueprint.get("/closer-looks/<ref>")
@policy("disclosure.list")
@answers(LOOK_SHAPE)
def look(ref: str) -> Response:
    return jsonify(look_json(ask(look_detail, ref)))


@blueprint.post("/closer-looks/<ref>/grant")
@policy("closer_look.answer")
@answers(MADE)
@blueprint.arguments(LookTermsIn)
def grant_look(body: dict[str, Any], ref: str) -> Response:
    """Grant it, perhaps less precisely or for a shorter time than asked. It ends by itself."""
    return execute_once(answer_look, AnswerLook(ref, terms_from(body)), _same)


@blueprint.post("/closer-looks/<ref>/refuse")
@policy("closer_look.refuse")
@answers(MADE)
@blueprint.arguments(DisclosureReasonIn)
def refuse_look(body: dict[str, Any], ref: str) -> Response:
    return execute_once(answer_look, AnswerLook(ref, None, body["reason"]), _same)


@blueprint.post("/closer-looks/<ref>/withdraw")
@policy("closer_look.withdraw")
@answers(MADE)
def take_look_back(ref: str) -> Response:
    return execute_once(withdraw_look, ref, _same)


@blueprint.get("/grants")
@policy("disclosure.list")
@answers(page(GRANT))
@blueprint.arguments(GrantQuery, location="query")
def grants(query: dict[str, Any]) -> Response:
    """Given on your assets, held by you, or ordered by you."""
    paging = asked()
    found = ask(grant_list, query["side"], query.get("state"), paging.after, paging.before, paging.limit, query.get("asset"))
    return listed(Page(found.rows, found.count, found.after, found.before), grant_json)


@blueprint.post("/grants")
@policy("grant.open")
@answers(MADE, 201)
@blueprint.arguments(GrantIn)
def add_grant(body: dict[str, Any]) -> Response:
    """Open an asset, or all of an owner in a region, to an organisation; with a `ground`, as a regulator's order."""
    command = Open(
        body["organisation"], terms_from(body), body["asset"], body["owner"], body["region"], body["kind"], body["ground"]
    )
    return execute_once(open_asset, command, lambda ref: _made(ref, "disclosing_api.grant"))


@blueprint.get("/grants/<ref>")
@policy("disclosure.list")
@answers(GRANT)
def grant(ref: str) -> Response:
    return jsonify(grant_json(ask(grant_detail, ref)))


@blueprint.post("/grants/<ref>/revoke")
@policy("grant.end")
@answers(MADE)
@blueprint.arguments(DisclosureReasonIn)
def end_grant(body: dict[str, Any], ref: str) -> Response:
    """End it at once."""
    return execute_once(revoke_grant, Revoke(ref, body["reason"]), _same)


@blueprint.get("/exemptions")
@policy("disclosure.list")
@answers(page(EXEMPTION_SHAPE))
@blueprint.arguments(StatusQuery, location="query")
def exemptions(query: dict[str, Any]) -> Response:
    """The cases of your assets, and those that you are competent to decide."""
    paging = asked()
    found = ask(exemption_list, query.get("status"), paging.after, paging.before, paging.limit)
    return listed(Page(found.rows, found.count, found.after, found.before), exemption_json)


@blueprint.post("/exemptions")
@policy("exemption.ask")
@answers(MADE, 201)
@blueprint.arguments(ExemptionCaseIn)
def add_exemption(body: dict[str, Any]) -> Response:
    """Ask that an asset be exempt from a duty."""
    command = AskExemption(body["asset"], body["duty"], body["reason"])
    return execute_once(ask_exemption, command, lambda ref: _made(ref, "disclosing_api.exemption"))


@blueprint.get("/exemptions/<ref>")
@policy("disclosure.list")
@answers(EXEMPTION_SHAPE)
def exemption(ref: str) -> Response:
    return jsonify(exemption_json(ask(exemption_detail, ref)))


@blueprint.post("/exemptions/<ref>/withdraw")
@policy("exemption.withdraw")
@answers(MADE)
def take_exemption_back(ref: str) -> Response:
    return execute_once(withdraw_exemption, ref, _same)


@blueprint.post("/exemptions/<ref>/<any(grant, refuse, end):action>")
@policy("exemption.decide")
@answers(MADE)
@blueprint.arguments(ExemptionDecisionIn)
def decide(body: dict[str, Any], ref: str, action: str) -> Response:
    """The reasoned decision of a competent authority."""
    return execute_once(decide_exemption, DecideExemption(ref, action, body["decision"], body["ends_on"]), _same)


def _same(ref: str) -> Response:
    return jsonify({"id": ref})


def _made(ref: str, endpoint: str) -> Response:
    response = jsonify({"id": ref})
    response.status_code = 201
    response.headers["Location"] = url_for(endpoint, ref=ref)
    return response
