"""Pages of approval: the regulator's inbox, one task with exactly what is decided, conditions, and who stands in for whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import is_fresh, prove_in_session
from app.agreements import RIGHTS, canonical
from app.approvals.conditions import MoveCondition, move_condition
from app.approvals.deciding import Confirm, Decide, SendBack, TakeCase, confirm, decide, send_back, take_case
from app.approvals.decisions import DECISIONS, OPEN, ConditionAsked
from app.approvals.delegating import (
    KINDS,
    Delegate,
    EndDelegation,
    colleagues,
    delegate,
    end_delegation,
    list_delegations,
)
from app.approvals.letters import decision_letter
from app.approvals.queries import TaskFilter, list_tasks, task_detail
from app.approvals.service import SubmitAgreement, submit_agreement
from app.approvals.standing import asset_names
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.regions import region_name
from app.web.execute import ask, bus, current_actor, execute
from app.web.forms import day_typed, end_typed, field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.links import safe_next
from app.web.pagination import Page, asked, links
from app.web.papers import as_file, base_url
from app.web.policy import policy

CONDITION_ROWS = 3
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


@blueprint.get("/<ref>/decision.pdf")
@policy("approval.view")
def letter(ref: str) -> Response:
    """The decision as a letter, in the language of the page or of `?lang=`."""
    return as_file(ask(decision_letter, ref, request.args.get("lang") or current_locale(), base_url()))


def _page(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(task_detail, ref)
    mine = view.row.mine
    return render_template(
        "approvals/show.html",
        view=view,
        values=values,
        errors=errors,
        fresh=is_fresh(current_actor(), bus().clock.now()),
        reading=canonical(view.ledger).decode() if view.ledger is not None else "",
        officers=ask(colleagues) if mine and view.row.status in OPEN else (),
        names=asset_names(view.ledger or {}),
        condition_rows=CONDITION_ROWS,
    )


@blueprint.post("/<ref>/decide")
@policy("approval.decide")
def act(ref: str) -> Response | tuple[str, int]:
    """Propose or make one of the four decisions, or note, on what the page showed, by its hashes."""
    action = typed("action")
    if action not in (*DECISIONS, "note"):
        raise fail("malformed")

    def run() -> None:
        command = Decide(
            ref,
            action,
            typed("content_hash"),
            typed("ledger_hash") or None,
            version_typed(),
            typed("reasons") or None,
            _conditions_typed(),
            _reading_typed(),
        )
        execute(decide, command)

    return _done(ref, run, _("It is on record."))


@blueprint.post("/<ref>/confirm")
@policy("approval.decide")
def confirm_proposal(ref: str) -> Response | tuple[str, int]:
    def run() -> None:
        execute(confirm, Confirm(ref, typed("content_hash"), typed("ledger_hash"), version_typed(), _reading_typed()))

    return _done(ref, run, _("Confirmed: the decision is made."))


@blueprint.post("/<ref>/send-back")
@policy("approval.decide")
def send_back_proposal(ref: str) -> Response | tuple[str, int]:
    return _done(
        ref,
        lambda: execute(send_back, SendBack(ref, typed("remark") or None, version_typed())),
        _("It waits for a proposal again."),
    )


@blueprint.post("/<ref>/take")
@policy("approval.decide")
def take(ref: str) -> Response | tuple[str, int]:
    return _done(
        ref, lambda: execute(take_case, TakeCase(ref, typed("officer") or None, version_typed())), _("The case is assigned.")
    )


def _done(ref: str, run: Callable[[], Any], said: str) -> Response | tuple[str, int]:
    """Do it with the password when one was typed; what is wrong comes back on the page, with what changed meanwhile."""
    try:
        password = request.form.get("password", "")
        if password:
            prove_in_session(password)
        run()
    except DomainError as error:
        if error.code not in ("wrong_password", "reauthentication_required", "four_eyes"):
            _let_through(error)
        return _page(ref, dict(request.form), _told(error)), 422
    flash(said, "ok")
    return redirect(url_for("approvals.show", ref=ref), 303)


def _told(error: DomainError) -> dict[str, str]:
    """The errors by field; where something changed meanwhile, first that it did."""
    first = {"form": error.text.in_(current_locale())} if error.code in ("ledger_changed", "version_changed") else {}
    return first | field_errors(error)


def _reading_typed() -> dict[str, Any] | None:
    try:
        found = json.loads(request.form.get("ledger") or "null")
    except ValueError:
        raise fail("malformed") from None
    return found if isinstance(found, dict) else None


def _conditions_typed() -> list[ConditionAsked]:
    """The rows in which something was typed."""
    found = []
    for number in range(CONDITION_ROWS):
        text, by = typed(f"conditions.{number}.text"), typed(f"conditions.{number}.by")
        due = day_typed(f"conditions.{number}.due_on")
        if text or due:
            found.append(ConditionAsked(text, by, due))
    return found


@blueprint.post("/conditions/<ref>/report")
@policy("condition.report")
def condition_report(ref: str) -> Response:
    return _move_condition(ref, "report")


@blueprint.post("/conditions/<ref>/accept")
@policy("condition.settle")
def condition_accept(ref: str) -> Response:
    return _move_condition(ref, "accept")


@blueprint.post("/conditions/<ref>/reject")
@policy("condition.settle")
def condition_reject(ref: str) -> Response:
    return _move_condition(ref, "reject")


def _move_condition(ref: str, action: str) -> Response:
    try:
        execute(move_condition, MoveCondition(ref, action, typed("note") or None, version_typed()))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(_("It is on record."), "ok")
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.get("/delegations")
@policy("delegation.list")
def delegations() -> str:
    return _delegations({}, {})


def _delegations(values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "approvals/delegations.html",
        rows=ask(list_delegations),
        officers=ask(colleagues),
        kinds=KINDS,
        kind_options=[(code, words.in_(current_locale())) for code, words in KINDS.items()],
        own=Subject(regulator_ids=frozenset({current_actor().organisation_id or 0})),
        values=values,
        errors=errors,
    )


@blueprint.post("/delegations")
@policy("delegation.make")
def delegation_make() -> Response | tuple[str, int]:
    try:
        starts, ends = day_typed("starts"), end_typed("last")
        if starts is None or ends is None:
            missing = Text("Give the first and the last day.", "请填写起止日期。")
            raise fail("invalid", [Problem("required", missing, pointer="/starts" if starts is None else "/last")])
        execute(
            delegate,
            Delegate(
                typed("delegate"), starts, ends, typed("kind") or "delegation", typed("reason") or None, typed("grantor") or None
            ),
        )
    except DomainError as error:
        _let_through(error)
        return _delegations(dict(request.form), field_errors(error, ends="last")), 422
    flash(_("It is on record."), "ok")
    return redirect(url_for("approvals.delegations"), 303)


@blueprint.post("/delegations/<ref>/end")
@policy("delegation.end")
def delegation_end(ref: str) -> Response:
    execute(end_delegation, EndDelegation(ref))
    flash(_("It has ended."), "ok")
    return redirect(url_for("approvals.delegations"), 303)
