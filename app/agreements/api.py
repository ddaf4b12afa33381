"""/api/v1/agreements, and taking an offer. Submission to the regulators lives with the approvals."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.agreements.queries import AgreementFilter, agreement_detail, list_agreements
from app.agreements.schemas import (
    AGREEMENT,
    AGREEMENT_ROW,
    VERSION,
    VERSION_WHOLE,
    AgreementQuery,
    LinesIn,
    SignIn,
    WithdrawIn,
    agreement_json,
    line_input,
    row_json,
    version_json,
)
from app.agreements.service import (
    AcceptOffer,
    Drafted,
    EditAgreement,
    MoveAgreement,
    SignAgreement,
    accept_offer,
    edit_agreement,
    sign_agreement,
    withdraw_agreement,
)
from app.agreements.whole_routes import TakeRoute, take_route
from app.kernel.errors import fail
from app.web.etag import expected_version, tagged
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.shapes import MOVED, answers, many, page, record

blueprint = Blueprint(
    "agreements_api", __name__, url_prefix="/api/v1", description="Agreements: versions, capacity lines, signatures"
)
TAKEN = record(agreements=many(MOVED))


def _moved(ref: str, version: int) -> Response:
    return tagged(jsonify({"id": ref, "version": version}), version)


@blueprint.post("/access-requests/<ref>/accept-offer")
@policy("access.agree")
@answers(MOVED, 201)
def take_offer(ref: str) -> Response:
    def created(made: Drafted) -> Response:
        response = jsonify({"id": made.ref, "version": made.version})
        response.status_code = 201
        response.headers["Location"] = url_for("agreements_api.show", ref=made.ref)
        return tagged(response, made.version)

    return execute_once(accept_offer, AcceptOffer(ref, expected_version()), created)


@blueprint.post("/route-requests/<ref>/take")
@policy("route_request.move")
@answers(TAKEN, 201)
def take_whole(ref: str) -> Response:
    """The open offers of every leg, or nothing: an agreement with each owner."""

    def created(made: list[Drafted]) -> Response:
        response = jsonify({"agreements": [{"id": one.ref, "version": one.version} for one in made]})
        response.status_code = 201
        return response

    return execute_once(take_route, TakeRoute(ref, expected_version()), created)


@blueprint.get("/agreements")
@policy("agreement.list")
@answers(page(AGREEMENT_ROW))
@blueprint.arguments(AgreementQuery, location="query")
def list_all(query: dict[str, Any]) -> Response:
    paging = asked()
    wanted = AgreementFilter(query.get("status") or None, query.get("side") or None, query.get("q") or None)
    found = ask(list_agreements, wanted, paging.limit, paging.after, paging.before)
    return listed(Page(found.results, found.count, found.after, found.before), row_json)


@blueprint.get("/agreements/<ref>")
@policy("agreement.view")
@answers(AGREEMENT)
def show(ref: str) -> Response:
    view = ask(agreement_detail, ref)
    return tagged(jsonify(agreement_json(view)), view.version)


@blueprint.get("/agreements/<ref>/versions")
@policy("agreement.view")
@answers(page(VERSION))
def versions(ref: str) -> Response:
    found = ask(agreement_detail, ref).versions
    return listed(Page(found, len(found)), version_json)


@blueprint.get("/agreements/<ref>/versions/<int:number>")
@policy("agreement.view")
@answers(VERSION_WHOLE)
def version(ref: str, number: int) -> Response:
    found = next((one for one in ask(agreement_detail, ref).versions if one.number == number), None)
    if found is None:
        raise fail("not_found")
    return jsonify(version_json(found) | {"content": dict(found.content)})


@blueprint.put("/agreements/<ref>/lines")
@policy("agreement.edit")
@answers(MOVED)
@blueprint.arguments(LinesIn)
def edit(body: dict[str, Any], ref: str) -> Response:
    lines = [line_input(line) for line in body["lines"]]
    return _moved(ref, execute(edit_agreement, EditAgreement(ref, lines, body["terms"], body["reason"], expected_version())))


@blueprint.post("/agreements/<ref>/sign")
@policy("agreement.sign")
@answers(MOVED)
@blueprint.arguments(SignIn)
def sign(body: dict[str, Any], ref: str) -> Response:
    command = SignAgreement(ref, body["content_hash"], expected_version())
    return execute_once(sign_agreement, command, lambda version: _moved(ref, version))


@blueprint.post("/agreements/<ref>/withdraw")
@policy("agreement.withdraw")
@answers(MOVED)
@blueprint.arguments(WithdrawIn)
def withdraw(body: dict[str, Any], ref: str) -> Response:
    command = MoveAgreement(ref, expected_version(), body["reason"])
    return execute_once(withdraw_agreement, command, lambda version: _moved(ref, version))
