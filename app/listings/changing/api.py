"""/api/v1/listing-changes."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, url_for
from flask_smorest import Blueprint

from app.db.work import UnitOfWork
from app.listings.changing.queries import ChangeView, change_detail, change_items, list_changes
from app.listings.changing.schemas import (
    BULK_CHANGE,
    BULK_ITEM,
    BulkChangeIn,
    ItemsQuery,
    MoveIn,
    change_json,
    command_from,
    item_json,
)
from app.listings.changing.service import (
    MoveChange,
    ProposeChange,
    begin_apply,
    discard_change,
    preview_again,
    propose_change,
    undo_change,
)
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.query import Paged
from app.web.shapes import answers, page

blueprint = Blueprint(
    "listing_changes_api",
    __name__,
    url_prefix="/api/v1/listing-changes",
    description="Many listings at once: preview, apply, undo",
)


@blueprint.get("")
@policy("bulk_change.list")
@answers(page(BULK_CHANGE))
@blueprint.arguments(Paged, location="query")
def list_all(query: dict[str, Any]) -> Response:
    """Your organisation's bulk changes, newest first."""
    paging = asked()
    found = ask(list_changes, after=paging.after, limit=paging.limit)
    return listed(Page(found.rows, found.count, found.after), change_json)


@blueprint.post("")
@policy("bulk_change.start")
@answers(BULK_CHANGE, 201)
@blueprint.arguments(BulkChangeIn)
def propose(body: dict[str, Any]) -> Response:
    """Choose listings and what is to change; nothing is changed yet. A large choice is previewed by a job: follow `status`."""

    def whole(work: UnitOfWork, command: ProposeChange) -> ChangeView:
        return change_detail(work, propose_change(work, command))

    return execute_once(whole, command_from(body), lambda view: _stands(view, 201))


@blueprint.get("/<ref>")
@policy("bulk_change.view")
@answers(BULK_CHANGE)
def show(ref: str) -> Response:
    return _stands(ask(change_detail, ref))


@blueprint.get("/<ref>/items")
@policy("bulk_change.view")
@answers(page(BULK_ITEM))
@blueprint.arguments(ItemsQuery, location="query")
def items(query: dict[str, Any], ref: str) -> Response:
    """Its listings: what would change or has changed, and why not."""
    paging = asked()
    found = ask(change_items, ref, verdict=query.get("verdict"), after=paging.after, before=paging.before, limit=paging.limit)
    return listed(Page(found.rows, found.count, found.after, found.before), item_json)


@blueprint.post("/<ref>/preview")
@policy("bulk_change.preview")
@answers(BULK_CHANGE)
def preview(ref: str) -> Response:
    """Look at every listing anew."""

    def whole(work: UnitOfWork, command: str) -> ChangeView:
        preview_again(work, command)
        return change_detail(work, command)

    return execute_once(whole, ref, _stands)


@blueprint.post("/<ref>/apply")
@policy("bulk_change.apply")
@answers(BULK_CHANGE, 200, 202)
@blueprint.arguments(MoveIn)
def apply(body: dict[str, Any], ref: str) -> Response:
    """Change all listings, or only those that can be, in one transaction; needs If-Match. A large change is applied by a job."""

    def whole(work: UnitOfWork, command: MoveChange) -> ChangeView:
        begin_apply(work, command)
        return change_detail(work, command.ref)

    command = MoveChange(ref, expected_version(), body["rows"])
    return execute_once(whole, command, lambda view: _stands(view, 202 if view.is_running else 200))


@blueprint.post("/<ref>/undo")
@policy("bulk_change.undo")
@answers(BULK_CHANGE)
@blueprint.arguments(MoveIn)
def undo(body: dict[str, Any], ref: str) -> Response:
    """Give the listings back what they had; needs If-Match. Refused, with names, for what was changed since."""

    def whole(work: UnitOfWork, command: MoveChange) -> ChangeView:
        undo_change(work, command)
        return change_detail(work, command.ref)

    return execute_once(whole, MoveChange(ref, expected_version(), body["rows"]), _stands)


@blueprint.post("/<ref>/discard")
@policy("bulk_change.discard")
@answers(BULK_CHANGE)
def discard(ref: str) -> Response:
    """Give up a change that was not applied; needs If-Match."""

    def whole(work: UnitOfWork, command: MoveChange) -> ChangeView:
        discard_change(work, command)
        return change_detail(work, command.ref)

    return execute_once(whole, MoveChange(ref, expected_version()), _stands)


def _stands(view: ChangeView, status: int = 200) -> Response:
    response = tagged(jsonify(change_json(view)), view.version)
    response.status_code = status
    if status in (201, 202):
        response.headers["Location"] = url_for("listing_changes_api.show", ref=view.ref)
    return response
