"""/api/v1/cobuild-groups: who could build together, consents, exemptions."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.kernel.permission import Subject
from app.matching.cobuilding.exempting import DecideExemption, RequestExemption, decide_exemption, request_exemption
from app.matching.cobuilding.queries import group_detail, own_groups, watched_groups
from app.matching.cobuilding.schemas import GROUP, STATUS, ExemptionIn, ExemptionRequestIn, group_json
from app.matching.cobuilding.service import Consent, give_consent, withdraw_consent
from app.web.execute import ask, current_actor
from app.web.idempotency import execute_once
from app.web.pagination import Page, listed
from app.web.policy import may, policy
from app.web.shapes import answers, page

blueprint = Blueprint(
    "cobuilding_api", __name__, url_prefix="/api/v1/cobuild-groups", description="Needs to be built once, together"
)


@blueprint.get("")
@policy("cobuild.list")
@answers(page(GROUP))
def groups() -> Response:
    """The groups of one's own needs; for an administration those of its regions."""
    found = ask(watched_groups if may("cobuild.gaps", Subject()) and current_actor().competences else own_groups)
    return listed(Page(found, len(found)), group_json)


@blueprint.get("/<ref>")
@policy("cobuild.list")
@answers(GROUP)
def group(ref: str) -> Response:
    """One group. Before all have consented a member sees its own part, how many there are, and the cell of its own need."""
    return jsonify(group_json(ask(group_detail, ref)))


@blueprint.post("/<ref>/consent")
@policy("cobuild.consent")
@answers(STATUS)
def consent(ref: str) -> Response:
    """Consent to exactly these terms. The last consent opens names and site to all members."""
    return execute_once(give_consent, Consent(ref), lambda status: jsonify({"id": ref, "status": status}))


@blueprint.post("/<ref>/withdraw")
@policy("cobuild.consent")
@answers(STATUS)
def withdraw(ref: str) -> Response:
    """Take one's consent back, as long as not all have consented."""
    return execute_once(withdraw_consent, Consent(ref), lambda status: jsonify({"id": ref, "status": status}))


@blueprint.post("/<ref>/exemption")
@policy("cobuild.exempt")
@answers(None, 204)
@blueprint.arguments(ExemptionIn)
def exempt(body: dict[str, Any], ref: str) -> Response:
    """Decide on an exemption from the same-place rule, with the reasons; without a request it can only be granted."""
    command = DecideExemption(ref, body["reason"], body["decision"] == "granted")
    return execute_once(decide_exemption, command, lambda _: Response(status=204))


@blueprint.post("/<ref>/exemption-request")
@policy("cobuild.request_exemption")
@answers(None, 204)
@blueprint.arguments(ExemptionRequestIn)
def ask_exemption(body: dict[str, Any], ref: str) -> Response:
    """Ask for an exemption from the same-place rule, once all have consented."""
    return execute_once(request_exemption, RequestExemption(ref, body["grounds"]), lambda _: Response(status=204))
