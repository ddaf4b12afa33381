"""/api/v1/approvals: the regulator's tasks and decisions; and the submission of an agreement to them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.approvals.queries import TaskFilter, TaskRow, list_tasks, task_detail
from app.approvals.schemas import TASK, TASK_ROW, DecisionIn, TaskQuery, row_json, task_json
from app.approvals.service import Decide, SubmitAgreement, decide, submit_agreement
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.formatting import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.shapes import MOVED, answers, page

blueprint = Blueprint(
    "approvals_api", __name__, url_prefix="/api/v1", description="Approvals: one task for each competent regulator"
)


def _moved(ref: str, version: int) -> Response:
    return tagged(jsonify({"id": ref, "version": version}), version)


@blueprint.post("/agreements/<ref>/submit")
@policy("agreement.submit")
@answers(MOVED)
def submit(ref: str) -> Response:
    return execute_once(submit_agreement, SubmitAgreement(ref, expected_version()), lambda version: _moved(ref, version))


@blueprint.get("/approvals")
@policy("approval.list")
@answers(page(TASK_ROW))
@blueprint.arguments(TaskQuery, location="query")
def list_all(query: dict[str, Any]) -> Response:
    def render(row: TaskRow) -> dict[str, Any]:
        return row_json(row, current_locale())

    paging = asked()
    status = query["status"]
    found = ask(
        list_tasks,
        TaskFilter(None if status == "all" else status, query.get("agreement")),
        paging.limit,
        paging.after,
        paging.before,
    )
    return listed(Page(found.results, found.count, found.after, found.before), render)


@blueprint.get("/approvals/<ref>")
@policy("approval.view")
@answers(TASK)
def show(ref: str) -> Response:
    view = ask(task_detail, ref)
    return tagged(jsonify(task_json(view, current_locale())), view.version)


def _decide(ref: str, action: str, body: dict[str, Any]) -> Response:
    command = Decide(ref, action, body["content_hash"], expected_version(), body["reasons"], body["conditions"])
    return execute_once(decide, command, lambda version: _moved(ref, version))


@blueprint.post("/approvals/<ref>/approve")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def approve(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "approve", body)


@blueprint.post("/approvals/<ref>/approve-with-conditions")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def approve_with_conditions(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "approve_with_conditions", body)


@blueprint.post("/approvals/<ref>/return")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def return_(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "return", body)


@blueprint.post("/approvals/<ref>/refuse")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def refuse(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "refuse", body)


@blueprint.post("/approvals/<ref>/note")
@policy("approval.note")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def note(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "note", body)
