"""/api/v1/allocations: start, follow, read and compare."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.matching.allocating.comparing import compare, owner_use
from app.matching.allocating.queries import need_rows, run_detail, run_list
from app.matching.allocating.run import StartAllocation, start_allocation, stop_allocation
from app.matching.allocating.schemas import (
    ALLOCATION,
    COMPARISON,
    NEEDS,
    OWNERS,
    AllocationIn,
    ListIn,
    NeedsIn,
    comparison_json,
    need_json,
    run_json,
    scenario_of,
    use_json,
)
from app.web.execute import ask, execute
from app.web.idempotency import execute_once
from app.web.pagination import Page, listed
from app.web.policy import policy
from app.web.shapes import MADE, answers, page

blueprint = Blueprint(
    "allocating_api", __name__, url_prefix="/api/v1", description="Who should get what, with a bound that proves how good it is"
)


@blueprint.get("/allocations")
@policy("allocation.list")
@answers(page(ALLOCATION))
@blueprint.arguments(ListIn, location="query")
def runs(query: dict[str, Any]) -> Response:
    """The newest allocations that concern the caller."""
    found = ask(run_list, query["needs_list"], query.get("limit", 50))
    return listed(Page(found, len(found)), run_json)


@blueprint.post("/allocations")
@policy("allocation.start")
@answers(MADE, 202)
@blueprint.arguments(AllocationIn)
def start(body: dict[str, Any]) -> Response:
    """Allocate a needs list, or a scenario of it; it runs as a job."""

    def accepted(ref: str) -> Response:
        response = jsonify({"id": ref})
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/allocations/{ref}"
        return response

    return execute_once(start_allocation, StartAllocation(body["needs_list"], scenario_of(body), body["base"]), accepted)


@blueprint.get("/allocations/<ref>")
@policy("allocation.own")
@answers(ALLOCATION)
def run(ref: str) -> Response:
    """One allocation: value, bound and record for the administration and regulators of the region."""
    return jsonify(run_json(ask(run_detail, ref)))


@blueprint.get("/allocations/<ref>/needs")
@policy("allocation.own")
@answers(NEEDS)
@blueprint.arguments(NeedsIn, location="query")
def needs(query: dict[str, Any], ref: str) -> Response:
    """What each need gets and from whom, or why nothing; others than the administration see their own."""
    found = ask(need_rows, ref, query["served"], query["limit"], query["offset"])
    return jsonify({"count": found.count, "results": [need_json(row) for row in found.results]})


@blueprint.get("/allocations/<ref>/owners")
@policy("allocation.own")
@answers(OWNERS)
def owners(ref: str) -> Response:
    """What each owner gives."""
    return jsonify({"results": [use_json(use) for use in ask(owner_use, ref)]})


@blueprint.get("/allocations/<ref>/compare/<other>")
@policy("allocation.own")
@answers(COMPARISON)
def comparison(ref: str, other: str) -> Response:
    """What changes from one allocation to the other, need by need."""
    return jsonify(comparison_json(ask(compare, ref, other)))


@blueprint.post("/allocations/<ref>/stop")
@policy("allocation.start")
@answers(MADE, 202)
def stop(ref: str) -> Response:
    """Ask a running allocation to end; nothing of it is kept."""
    execute(stop_allocation, ref)
    response = jsonify({"id": ref})
    response.status_code = 202
    return response
