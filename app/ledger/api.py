"""/api/v1/assets/{id}/capacity: totals, profile and claims of an asset, for its owner."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.ledger.schemas import CAPACITY, ENDED, ENTERED, ClaimIn, TotalsIn, capacity_json
from app.ledger.service import EndClaim, EnterClaim, SetTotals, end_claim, enter_claim, set_totals
from app.ledger.views import capacity_of
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.policy import policy
from app.web.shapes import answers

blueprint = Blueprint(
    "ledger_api", __name__, url_prefix="/api/v1", description="Capacity: totals, claims and what is free over time"
)


@blueprint.get("/assets/<ref>/capacity")
@policy("capacity.view")
@answers(CAPACITY)
def show(ref: str) -> Response:
    return jsonify(capacity_json(ask(capacity_of, ref)))


@blueprint.put("/assets/<ref>/capacity")
@policy("capacity.change")
@answers(CAPACITY)
@blueprint.arguments(TotalsIn)
def change(body: dict[str, Any], ref: str) -> Response:
    execute(set_totals, SetTotals(ref, body["totals"]))
    return jsonify(capacity_json(ask(capacity_of, ref)))


@blueprint.post("/assets/<ref>/capacity/claims")
@policy("capacity.change")
@answers(ENTERED, 201)
@blueprint.arguments(ClaimIn)
def enter(body: dict[str, Any], ref: str) -> Response:
    def entered(slots: dict[str, list[int]]) -> Response:
        response = jsonify({"slots": slots})
        response.status_code = 201
        return response

    return execute_once(enter_claim, EnterClaim(asset_ref=ref, **body), entered)


@blueprint.post("/assets/<ref>/capacity/claims/<claim_ref>/end")
@policy("capacity.change")
@answers(ENDED)
def end(ref: str, claim_ref: str) -> Response:
    return execute_once(end_claim, EndClaim(ref, claim_ref), lambda _: jsonify({"id": claim_ref, "state": "ended"}))
