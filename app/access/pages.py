"""Pages of access requests: the list, an application, one request with the owner's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.answers import AcceptRequest, CounterRequest, RefuseRequest, accept_request, counter_request, refuse_request
from app.access.prepare import preparation
from app.access.queries import RequestFilter, evidence_of, list_requests, request_detail, request_history
from app.access.rules import OFFER_STATUS, REQUEST
from app.access.service import CreateRequest, MoveRequest, create_request, submit_request, withdraw_request
from app.access.views import RequestView
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.money import Money
from app.kernel.quantity import decimal_of
from app.kernel.text import Text
from app.regions import region_code, region_name
from app.web.execute import ask, execute
from app.web.forms import day_typed, end_typed, field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("access", __name__, url_prefix="/requests")
TONES = {
    "draft": "out",
    "submitted": "warn",
    "accepted": "ok",
    "countered": "warn",
    "refused": "bad",
    "withdrawn": "out",
    "expired": "out",
    "agreed": "ok",
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"region_name": region_name, "request_states": REQUEST.states, "request_tones": TONES, "offer_states": OFFER_STATUS}


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
        _let_through(error)
        return _new_form(ask(preparation, typed("need"), typed("listing")), dict(request.form), _errors(error)), 422
    flash(_("The request is with the owner. Its clock runs.") if typed("do") == "submit" else _("The draft is kept."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


def _errors(error: DomainError) -> dict[str, str]:
    """Messages by field; the form asks for the last day of the period."""
    return field_errors(error, window_end="window_last")


def _new_form(sheet: Any, values: dict[str, Any], errors: dict[str, str]) -> str:
    return render_template("access/new.html", sheet=sheet, values=values, errors=errors)


@blueprint.get("/<ref>")
@policy("access.view")
def show(ref: str) -> str:
    view, rows = ask(request_detail, ref), ask(request_history, ref)
    ground = get_profile(view.profile).ground(view.refusal_ground) if view.refusal_ground else None
    return render_template("access/show.html", view=view, rows=rows, ground=ground, life=life_of(view))


def life_of(view: RequestView) -> list[dict[str, Any]]:
    """The life of a request as steps."""
    failed = view.status in ("refused", "withdrawn", "expired")
    answered = REQUEST.states[view.status] if view.status in ("accepted", "countered", "refused") else Text("answered", "已答复")
    place = {"draft": 0, "submitted": 1, "accepted": 2, "countered": 2, "refused": 2, "withdrawn": 2, "expired": 3, "agreed": 4}[
        view.status
    ]
    last = REQUEST.states[view.status] if view.status in ("withdrawn", "expired") else REQUEST.states["agreed"]
    labels = [REQUEST.states["draft"], REQUEST.states["submitted"], answered, last]
    marks = [
        "done" if n < place else "failed" if failed and n == place else "current" if n == place else "todo" for n in range(4)
    ]
    return [{"label": label.in_(current_locale()), "state": mark} for label, mark in zip(labels, marks, strict=True)]


def _let_through(error: DomainError) -> None:
    """What is no matter of what was typed is answered by the error page."""
    if int(error.type.status) not in (409, 412, 422):
        raise error


def _act(use_case: Callable[[UnitOfWork, Any], Any], command: Any, ref: str, message: str) -> Response:
    """Do it and go back to the request, with what was wrong if anything was."""
    try:
        execute(use_case, command)
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(message, "ok")
    return redirect(url_for("access.show", ref=ref), 303)


@blueprint.post("/<ref>/submit")
@policy("access.submit")
def submit(ref: str) -> Response:
    return _act(submit_request, MoveRequest(ref, version_typed()), ref, _("The request is with the owner. Its clock runs."))


@blueprint.post("/<ref>/withdraw")
@policy("access.withdraw")
def withdraw(ref: str) -> Response:
    return _act(withdraw_request, MoveRequest(ref, version_typed()), ref, _("The request is withdrawn."))


@blueprint.post("/<ref>/accept")
@policy("access.answer")
def accept(ref: str) -> Response:
    try:
        price = _price(typed("price"), ask(request_detail, ref).currency)
    except DomainError as error:
        flash(error.text.in_(current_locale()), "bad")
        return redirect(url_for("access.show", ref=ref), 303)
    command = AcceptRequest(ref, version_typed(), price, typed("message") or None)
    return _act(accept_request, command, ref, _("Accepted. The capacity is held until the offer ends."))


def _price(text: str, currency: str) -> int | None:
    return Money.of(text.replace(",", "").replace("，", ""), currency).minor if text else None


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
            _price(typed("price"), view.currency),
            day_typed("window_start"),
            end_typed("window_last"),
            typed("message") or None,
        )
        execute(counter_request, command)
    except DomainError as error:
        _let_through(error)
        return render_template("access/counter.html", view=view, values=dict(request.form), errors=_errors(error)), 422
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
        _let_through(error)
        return _refuse_form(ref, typed("ground"), dict(request.form), field_errors(error)), 422
    flash(_("The request is refused. The ground and its evidence are on record."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)
