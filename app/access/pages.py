"""Pages of access requests: the list, an application, one request with the owner's answers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access import case_pages as case_pages
from app.access.answers import AcceptRequest, CounterRequest, RefuseRequest, accept_request, counter_request, refuse_request
from app.access.blueprint import act_on, blueprint, errors_of, let_through, price_typed
from app.access.prepare import preparation
from app.access.queries import RequestFilter, documents_of, evidence_of, list_requests, request_detail, request_history
from app.access.rules import REQUEST
from app.access.service import CreateRequest, MoveRequest, create_request, submit_request, withdraw_request
from app.access.views import RequestView
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.quantity import decimal_of
from app.kernel.text import Text
from app.regions import region_code
from app.web.execute import ask, execute
from app.web.forms import day_typed, end_typed, field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy
from app.web.steps import LifeStep, life_steps

ANSWERED = ("accepted", "countered", "refused", "disputed")
PLACES = {
    "draft": 0,
    "submitted": 1,
    "incomplete": 1,
    "complete": 2,
    "accepted": 2,
    "countered": 2,
    "refused": 2,
    "disputed": 2,
    "withdrawn": 2,
    "expired": 3,
    "agreed": 4,
}


@blueprint.get("/")
@policy("access.list")
def index() -> str:
    args, paging = request.args, asked(25)
    wanted = RequestFilter(
        side=args.get("side") or None,
        status=args.get("status") or None,
        kind=args.get("kind") or None,
        region=region_code(args.get("region", "")) or None,
        q=args.get("q") or None,
    )
    found = ask(list_requests, wanted, paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    return render_template(
        "access/list.html",
        found=found,
        wanted=wanted,
        following=following,
        previous=previous,
        kind_options=[(kind.name, kind.label.in_(current_locale())) for kind in KINDS.all()],
        state_options=[(name, text.in_(current_locale())) for name, text in REQUEST.states.items()],
    )


@blueprint.get("/new")
@policy("access.create")
def new() -> str | Response:
    sheet = ask(preparation, request.args.get("need", ""), request.args.get("listing", ""))
    if sheet.standing:
        return redirect(url_for("access.show", ref=sheet.standing), 303)
    return _new_form(sheet, {}, {})


@blueprint.post("/new")
@policy("access.create")
def create() -> Response | tuple[str, int]:
    try:
        quantity = int(typed("quantity")) if typed("quantity").isdigit() else None
        command = CreateRequest(
            typed("need"),
            typed("listing"),
            typed("message") or None,
            typed("purpose") or None,
            quantity,
            day_typed("window_start"),
            end_typed("window_last"),
            submit=typed("do") == "submit",
        )
        ref = execute(create_request, command)
    except DomainError as error:
        let_through(error)
        return _new_form(ask(preparation, typed("need"), typed("listing")), dict(request.form), errors_of(error)), 422
    flash(_("The request is with the owner. Its clock runs.") if typed("do") == "submit" else _("The draft is kept."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


def _new_form(sheet: Any, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("access/new.html", sheet=sheet, values=values, errors=errors)


@blueprint.get("/<ref>")
@policy("access.view")
def show(ref: str) -> str:
    view, rows = ask(request_detail, ref), ask(request_history, ref)
    ground = get_profile(view.profile).ground(view.refusal_ground) if view.refusal_ground else None
    return render_template(
        "access/show.html",
        view=view,
        rows=rows,
        ground=ground,
        life=life_of(view),
        documents_there=dict(ask(documents_of, ref)),
    )


def life_of(view: RequestView) -> list[LifeStep]:
    """The life of a request as steps; a dispute stands where the answer would."""
    failed = view.status in ("refused", "withdrawn", "expired")
    checked = REQUEST.states["incomplete"] if view.status == "incomplete" else Text("completeness", "完整性核查")
    answered = REQUEST.states[view.status] if view.status in ANSWERED else Text("answered", "已答复")
    last = REQUEST.states[view.status] if view.status in ("withdrawn", "expired") else REQUEST.states["agreed"]
    labels = [REQUEST.states["draft"], checked, answered, last]
    return life_steps(labels, PLACES[view.status], failed=failed)


@blueprint.post("/<ref>/submit")
@policy("access.submit")
def submit(ref: str) -> Response:
    return act_on(submit_request, MoveRequest(ref, version_typed()), ref, _("The request is with the owner. Its clock runs."))


@blueprint.post("/<ref>/withdraw")
@policy("access.withdraw")
def withdraw(ref: str) -> Response:
    return act_on(withdraw_request, MoveRequest(ref, version_typed()), ref, _("The request is withdrawn."))


@blueprint.post("/<ref>/accept")
@policy("access.answer")
def accept(ref: str) -> Response:
    currency = ask(request_detail, ref).currency
    try:
        price = price_typed(typed("price"), currency)
    except DomainError as error:
        flash(error.text.in_(current_locale()), "bad")
        return redirect(url_for("access.show", ref=ref), 303)
    command = AcceptRequest(ref, version_typed(), price, typed("message") or None)
    return act_on(accept_request, command, ref, _("Accepted. The capacity is held until the offer ends."))


@blueprint.get("/<ref>/counter")
@policy("access.answer")
def counter_form(ref: str) -> str:
    view = ask(request_detail, ref)
    if not view.answering:
        raise fail("not_found")
    return render_template("access/counter.html", view=view, values={}, errors={})


@blueprint.post("/<ref>/counter")
@policy("access.answer")
def counter(ref: str) -> Response | tuple[str, int]:
    view = ask(request_detail, ref)
    try:
        amounts, problems = {}, []
        for dimension in view.row.kind.dimensions:
            raw = typed(f"amounts.{dimension.name}")
            try:
                amounts[dimension.name] = float(decimal_of(raw.replace(",", ""))) if raw else 0.0
            except DomainError as error:
                problems.append(Problem(error.code, error.text, pointer=f"/amounts.{dimension.name}"))
        if problems:
            raise fail("invalid", problems)
        command = CounterRequest(
            ref,
            version_typed(),
            amounts,
            price_typed(typed("price"), view.currency),
            day_typed("window_start"),
            end_typed("window_last"),
            typed("message") or None,
            {limit.field.name: value for limit in view.limits if (value := typed(f"terms.{limit.field.name}"))},
        )
        execute(counter_request, command)
    except DomainError as error:
        let_through(error)
        return render_template("access/counter.html", view=view, values=dict(request.form), errors=errors_of(error)), 422
    flash(_("The counter-offer is made. Its capacity is held until it ends."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


@blueprint.get("/<ref>/refuse")
@policy("access.answer")
def refuse_form(ref: str) -> str:
    return _refuse_form(ref, request.args.get("ground", ""), {}, {})


def _refuse_form(ref: str, code: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(request_detail, ref)
    if not view.answering:
        raise fail("not_found")
    profile = get_profile(view.profile)
    chosen = next((ground for ground in profile.refusal_grounds if ground.code == code), None)
    return render_template(
        "access/refuse.html",
        view=view,
        grounds=[(ground.code, ground.text.in_(current_locale())) for ground in profile.refusal_grounds],
        chosen=chosen,
        documents_there=ask(evidence_of, ref),
        values=values,
        errors=errors,
    )


@blueprint.post("/<ref>/refuse")
@policy("access.answer")
def refuse(ref: str) -> Response | tuple[str, int]:
    evidence = {
        name.removeprefix("evidence."): value for name, value in request.form.items() if name.startswith("evidence.") and value
    }
    try:
        execute(refuse_request, RefuseRequest(ref, typed("ground"), typed("reason"), evidence, version_typed()))
    except DomainError as error:
        let_through(error)
        return _refuse_form(ref, typed("ground"), dict(request.form), field_errors(error)), 422
    flash(_("The request is refused. The ground and its evidence are on record."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)
