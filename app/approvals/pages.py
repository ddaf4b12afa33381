"""Pages of approval: the regulator's inbox, and one task with exactly what is decided."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.agreements import RIGHTS
from app.approvals.decisions import APPROVAL, DECISIONS
from app.approvals.queries import TaskFilter, list_tasks, task_detail
from app.approvals.service import Decide, SubmitAgreement, decide, submit_agreement
from app.kernel.errors import DomainError, fail
from app.regions import region_name
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"region_name": region_name, "rights": RIGHTS}


@blueprint.get("/")
@policy("approval.list")
def index() -> str:
    status = request.args.get("status", "waiting")
    paging = asked(25)
    found = ask(list_tasks, TaskFilter(None if status == "all" else status), paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    return render_template("approvals/inbox.html", found=found, status=status, following=following, previous=previous)


@blueprint.post("/of/<ref>")
@policy("agreement.submit")
def submit(ref: str) -> Response:
    """Put a signed agreement before its regulators."""
    try:
        execute(submit_agreement, SubmitAgreement(ref, version_typed()))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(_("Submitted. Each regulator decides by its own clock."), "ok")
    return redirect(url_for("agreements.show", ref=ref), 303)


def _let_through(error: DomainError) -> None:
    """What is no matter of what was typed is answered by the error page."""
    if int(error.type.status) not in (409, 412, 422):
        raise error


@blueprint.get("/<ref>")
@policy("approval.view")
def show(ref: str) -> str:
    return _page(ref, {}, {})


def _page(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("approvals/show.html", view=ask(task_detail, ref), values=values, errors=errors)


@blueprint.post("/<ref>/decide")
@policy("approval.decide")
def act(ref: str) -> Response | tuple[str, int]:
    """One of the four decisions, or a note, on the content whose hash the page showed."""
    action = typed("action")
    if action not in (*DECISIONS, "note"):
        raise fail("malformed")
    command = Decide(ref, action, typed("content_hash"), version_typed(), typed("reasons") or None, typed("conditions") or None)
    try:
        execute(decide, command)
    except DomainError as error:
        _let_through(error)
        return _page(ref, dict(request.form), field_errors(error)), 422
    flash(_("Recorded: %(what)s.", what=APPROVAL.states[APPROVAL.transitions[action][1]].in_(current_locale())), "ok")
    return redirect(url_for("approvals.show", ref=ref), 303)
