"""/api/v1: the workspace of a needs list, its invitations, merges with consent, and the workbook for ministries."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.needs.keeping.inviting import DeclineList, Invite, Remind, decline_list, invite, remind
from app.needs.keeping.merging import (
    AnswerMerge,
    ProposeMerge,
    UndoMerge,
    answer_merge,
    merge_view,
    propose_merge,
    undo_merge,
)
from app.needs.keeping.queries import workspace
from app.needs.keeping.schemas import (
    COUNTED,
    MERGE_VIEW,
    STATE,
    WORKSPACE,
    DeclineListIn,
    ListInviteIn,
    MergeAnswerIn,
    MergeProposeIn,
    MergeUndoIn,
    merge_json,
    workspace_json,
)
from app.needs.keeping.sheet import WriteBook, write_book
from app.web.execute import ask, execute
from app.web.formatting import current_locale
from app.web.idempotency import execute_once
from app.web.papers import as_workbook
from app.web.policy import policy
from app.web.shapes import BYTES, answers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
blueprint = Blueprint("needs_keeping_api", __name__, url_prefix="/api/v1", description="How an administration keeps a needs list")


@blueprint.get("/needs-lists/<ref>/workspace")
@policy("needs_list.keep")
@answers(WORKSPACE)
def show(ref: str) -> Response:
    """Who answered, what is covered where, which entries look like duplicates, every merge."""
    return jsonify(workspace_json(ask(workspace, ref), current_locale()))


def _count(number: int) -> Response:
    return jsonify({"count": number})


@blueprint.post("/needs-lists/<ref>/invitations")
@policy("needs_list.invite")
@answers(COUNTED)
@blueprint.arguments(ListInviteIn)
def invite_to(body: dict[str, Any], ref: str) -> Response:
    """Invite companies; who is invited already stays so."""
    return execute_once(invite, Invite(ref, body["organisations"]), _count)


@blueprint.post("/needs-lists/<ref>/reminders")
@policy("needs_list.invite")
@answers(COUNTED)
def remind_of(ref: str) -> Response:
    """Remind those who have not answered."""
    return execute_once(remind, Remind(ref), _count)


@blueprint.post("/needs-lists/<ref>/decline")
@policy("needs_list.answer")
@answers(None, 204)
@blueprint.arguments(DeclineListIn)
def decline(body: dict[str, Any], ref: str) -> tuple[str, int]:
    """Say that one's organisation has nothing to enter."""
    execute(decline_list, DeclineList(ref, body["note"]))
    return "", 204


@blueprint.post("/needs-lists/<ref>/workbook")
@policy("needs_list.export")
@answers(BYTES, media=XLSX)
def workbook(ref: str) -> Response:
    """The list as ministries get it (XLSX); whose copy it is stands in it, and is recorded."""
    return as_workbook(execute(write_book, WriteBook(ref)))


def _state(status: str) -> Response:
    return jsonify({"status": status})


@blueprint.post("/needs/<ref>/merges")
@policy("need.merge")
@answers(STATE)
@blueprint.arguments(MergeProposeIn)
def propose(body: dict[str, Any], ref: str) -> Response:
    """Merge it into another entry of the same organisation, or ask for the consent of who asked for it."""
    return execute_once(propose_merge, ProposeMerge(ref, body["into"], body["reason"]), _state)


@blueprint.get("/need-merges/<ref>")
@policy("need_merge.view")
@answers(MERGE_VIEW)
def show_merge(ref: str) -> Response:
    return jsonify(merge_json(ask(merge_view, ref)))


@blueprint.post("/need-merges/<ref>/answer")
@policy("need_merge.answer")
@answers(STATE)
@blueprint.arguments(MergeAnswerIn)
def answer(body: dict[str, Any], ref: str) -> Response:
    return execute_once(answer_merge, AnswerMerge(ref, body["accept"], body["answer"]), _state)


@blueprint.post("/need-merges/<ref>/undo")
@policy("need.merge")
@answers(STATE)
@blueprint.arguments(MergeUndoIn)
def undo(body: dict[str, Any], ref: str) -> Response:
    """Put a merged entry back as it was, or withdraw what was only proposed."""
    return execute_once(undo_merge, UndoMerge(ref, body["reason"]), _state)
