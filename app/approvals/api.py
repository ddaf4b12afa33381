"""/api/v1/approvals: the regulator's tasks and decisions, its conditions and delegations; and the submission of an agreement."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.approvals.conditions import MoveCondition, move_condition
from app.approvals.deciding import Confirm, Decide, SendBack, TakeCase, confirm, decide, send_back, take_case
from app.approvals.decisions import ConditionAsked
from app.approvals.delegating import (
    Delegate,
    EndDelegation,
    colleagues,
    delegate,
    end_delegation,
    list_delegations,
)
from app.approvals.letters import decision_letter
from app.approvals.queries import TaskFilter, TaskRow, list_tasks, task_detail
from app.approvals.schemas import (
    DELEGATIONS,
    TASK,
    TASK_ROW,
    CaseIn,
    ConditionalIn,
    ConditionNoteIn,
    DecisionIn,
    DelegationIn,
    NoteIn,
    ReadIn,
    RemarkIn,
    TaskQuery,
    delegation_json,
    row_json,
    task_json,
)
from app.approvals.service import SubmitAgreement, submit_agreement
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.formatting import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.papers import LanguageQuery, as_file, base_url
from app.web.policy import policy
from app.web.shapes import BYTES, MADE, MOVED, answers, page

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


@blueprint.get("/approvals/<ref>/decision")
@policy("approval.view")
@answers(BYTES, media="application/pdf")
@blueprint.arguments(LanguageQuery, location="query")
def letter(query: dict[str, Any], ref: str) -> Response:
    """The decision as a letter, once it is made; the same bytes whenever it is asked for."""
    return as_file(ask(decision_letter, ref, query["lang"] or current_locale(), base_url()))


def _decide(ref: str, action: str, body: dict[str, Any]) -> Response:
    command = Decide(
        ref,
        action,
        body["content_hash"],
        body.get("ledger_hash"),
        expected_version(),
        body["reasons"],
        [ConditionAsked(**one) for one in body.get("conditions", ())],
        body.get("ledger"),
    )
    return execute_once(decide, command, lambda version: _moved(ref, version))


@blueprint.post("/approvals/<ref>/approve")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(DecisionIn)
def approve(body: dict[str, Any], ref: str) -> Response:
    """Approve; where the regulator has four eyes, propose it. With the header `Reauthentication`."""
    return _decide(ref, "approve", body)


@blueprint.post("/approvals/<ref>/approve-with-conditions")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(ConditionalIn)
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
@blueprint.arguments(NoteIn)
def note(body: dict[str, Any], ref: str) -> Response:
    return _decide(ref, "note", body)


@blueprint.post("/approvals/<ref>/confirm")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(ReadIn)
def confirm_proposal(body: dict[str, Any], ref: str) -> Response:
    """Confirm what a colleague proposed: with it the decision is made. With the header `Reauthentication`."""
    command = Confirm(ref, body["content_hash"], body["ledger_hash"], expected_version(), body["ledger"])
    return execute_once(confirm, command, lambda version: _moved(ref, version))


@blueprint.post("/approvals/<ref>/send-back")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(RemarkIn)
def send_back_proposal(body: dict[str, Any], ref: str) -> Response:
    """Give a proposal back, or take one's own back."""
    return execute_once(send_back, SendBack(ref, body["remark"], expected_version()), lambda version: _moved(ref, version))


@blueprint.post("/approvals/<ref>/take")
@policy("approval.decide")
@answers(MOVED)
@blueprint.arguments(CaseIn)
def take(body: dict[str, Any], ref: str) -> Response:
    """Make it one's own case, or a colleague's."""
    command = TakeCase(ref, body.get("officer"), expected_version())
    return execute_once(take_case, command, lambda version: _moved(ref, version))


@blueprint.post("/conditions/<ref>/report")
@policy("condition.report")
@answers(MOVED)
@blueprint.arguments(ConditionNoteIn)
def condition_report(body: dict[str, Any], ref: str) -> Response:
    return _move_condition(ref, "report", body)


@blueprint.post("/conditions/<ref>/accept")
@policy("condition.settle")
@answers(MOVED)
@blueprint.arguments(ConditionNoteIn)
def condition_accept(body: dict[str, Any], ref: str) -> Response:
    return _move_condition(ref, "accept", body)


@blueprint.post("/conditions/<ref>/reject")
@policy("condition.settle")
@answers(MOVED)
@blueprint.arguments(ConditionNoteIn)
def condition_reject(body: dict[str, Any], ref: str) -> Response:
    return _move_condition(ref, "reject", body)


def _move_condition(ref: str, action: str, body: dict[str, Any]) -> Response:
    command = MoveCondition(ref, action, body["note"], expected_version())
    return execute_once(move_condition, command, lambda version: _moved(ref, version))


@blueprint.get("/delegations")
@policy("delegation.list")
@answers(DELEGATIONS)
def delegations() -> Response:
    """Who stands in for whom in one's own regulator, now and to come, and who its officers are."""
    found = {
        "results": [delegation_json(row) for row in ask(list_delegations)],
        "officers": [{"id": officer.ref, "name": officer.name} for officer in ask(colleagues)],
    }
    return jsonify(found)


@blueprint.post("/delegations")
@policy("delegation.make")
@answers(MADE, 201)
@blueprint.arguments(DelegationIn)
def delegation_make(body: dict[str, Any]) -> Response:
    def render(ref: str) -> Response:
        answer = jsonify({"id": ref})
        answer.status_code = 201
        return answer

    command = Delegate(body["delegate"], body["starts"], body["ends"], body["kind"], body["reason"], body.get("grantor"))
    return execute_once(delegate, command, render)


@blueprint.post("/delegations/<ref>/end")
@policy("delegation.end")
@answers(None, 204)
def delegation_end(ref: str) -> Response:
    return execute_once(end_delegation, EndDelegation(ref), lambda done: Response(status=204))
