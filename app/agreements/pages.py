"""Pages of agreements: the list, one agreement with its versions, the form of its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.agreements import whole_routes
from app.agreements.amend import AmendAgreement, amend_agreement
from app.agreements.queries import AgreementFilter, agreement_detail, agreement_history, list_agreements
from app.agreements.rules import AGREEMENT, RIGHTS
from app.agreements.service import (
    AcceptOffer,
    EditAgreement,
    MoveAgreement,
    SignAgreement,
    accept_offer,
    edit_agreement,
    sign_agreement,
    withdraw_agreement,
)
from app.agreements.sheet import LineSheet, Sheet, edit_sheet, line_inputs, typed_sheets
from app.agreements.showing import life_of
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError
from app.regions import region_name
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("agreements", __name__, url_prefix="/agreements")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"region_name": region_name, "rights": RIGHTS}


@blueprint.get("/")
@policy("agreement.list")
def index() -> str:
    args, paging = request.args, asked(25)
    wanted = AgreementFilter(args.get("status") or None, args.get("side") or None, args.get("q") or None)
    found = ask(list_agreements, wanted, paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    options = [(name, text.in_(current_locale())) for name, text in AGREEMENT.states.items()]
    return render_template(
        "agreements/list.html", found=found, wanted=wanted, following=following, previous=previous, state_options=options
    )


@blueprint.post("/from/<ref>")
@policy("access.agree")
def take_offer(ref: str) -> Response:
    """Take the open offer of a request: the agreement is drafted from it."""
    try:
        made = execute(accept_offer, AcceptOffer(ref, version_typed()))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
        return redirect(url_for("access.show", ref=ref), 303)
    flash(_("The agreement is drafted from the offer. Read it, then sign."), "ok")
    return redirect(url_for("agreements.show", ref=made.ref), 303)


@blueprint.post("/from-route/<ref>")
@policy("route_request.move")
def take_route(ref: str) -> Response:
    """Take the offers of every leg of a route: an agreement is drafted with each owner."""
    try:
        made = execute(whole_routes.take_route, whole_routes.TakeRoute(ref, version_typed()))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        count = len(made)
        said = ngettext(
            "%(num)d agreement is drafted. Read it, then sign.", "%(num)d agreements are drafted. Read each, then sign.", count
        )
        flash(said, "ok")
    return redirect(url_for("route_requests.show", ref=ref), 303)


def _let_through(error: DomainError) -> None:
    """What is no matter of what was typed is answered by the error page."""
    if int(error.type.status) not in (409, 412, 422):
        raise error


@blueprint.get("/<ref>")
@policy("agreement.view")
def show(ref: str) -> str:
    view, rows = ask(agreement_detail, ref), ask(agreement_history, ref)
    return render_template("agreements/show.html", view=view, rows=rows, life=life_of(view))


def act(use_case: Callable[[UnitOfWork, Any], Any], command: Any, ref: str, message: str) -> Response:
    """Do it and go back to the agreement, with what was wrong if anything was."""
    try:
        execute(use_case, command)
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(message, "ok")
    return redirect(url_for("agreements.show", ref=ref), 303)


@blueprint.post("/<ref>/sign")
@policy("agreement.sign")
def sign(ref: str) -> Response:
    return act(
        sign_agreement,
        SignAgreement(ref, typed("content_hash"), version_typed()),
        ref,
        _("Signed. Both parties sign the same version."),
    )


@blueprint.post("/<ref>/withdraw")
@policy("agreement.withdraw")
def withdraw(ref: str) -> Response:
    command = MoveAgreement(ref, version_typed(), typed("reason") or None)
    return act(withdraw_agreement, command, ref, _("The agreement is withdrawn. Its capacity is free again."))


@blueprint.post("/<ref>/amend")
@policy("agreement.amend")
def amend(ref: str) -> Response:
    try:
        made = execute(amend_agreement, AmendAgreement(ref, typed("reason") or None, version_typed()))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
        return redirect(url_for("agreements.show", ref=ref), 303)
    flash(_("The amendment is drafted with the lines as they stand. Change them, then sign."), "ok")
    return redirect(url_for("agreements.edit_form", ref=made.ref), 303)


@blueprint.get("/<ref>/edit")
@policy("agreement.edit")
def edit_form(ref: str) -> str:
    sheet = ask(edit_sheet, ref)
    return _form(sheet, sheet.lines, sheet.view.version, sheet.view.current.content.get("terms", ""), "", {})


def _form(sheet: Sheet, lines: Sequence[LineSheet], version: int, terms: str, reason: str, errors: dict[str, str]) -> str:
    return render_template(
        "agreements/edit.html",
        sheet=sheet,
        view=sheet.view,
        lines=lines,
        version=version,
        terms=terms,
        reason=reason,
        errors=errors,
        may_share=bool(get_profile(sheet.view.profile).rent.discounts),
        rights_options=[(code, text.in_(current_locale())) for code, text in RIGHTS.items()],
        own_options=[(choice.ref, choice.name) for choice in sheet.own],
    )


@blueprint.post("/<ref>/edit")
@policy("agreement.edit")
def edit(ref: str) -> Response | str | tuple[str, int]:
    sheet = ask(edit_sheet, ref)
    lines, version = typed_sheets(sheet, request.form), version_typed()
    if typed("do") == "add":
        if typed("add_asset"):
            lines.append(LineSheet(sheet.with_line(typed("add_asset")), _empty_line(sheet)))
        return _form(sheet, lines, version, typed("terms"), typed("reason"), {})
    try:
        execute(edit_agreement, EditAgreement(ref, line_inputs(lines), typed("terms"), typed("reason") or None, version))
    except DomainError as error:
        _let_through(error)
        return _form(sheet, lines, version, typed("terms"), typed("reason"), _at_fields(field_errors(error))), 422
    flash(_("This is a new version. Both parties sign it anew."), "ok")
    return redirect(url_for("agreements.show", ref=ref), 303)


def _empty_line(sheet: Sheet) -> dict[str, str]:
    """A further line begins with the period and currency of the first."""
    first = sheet.view.lines[0]
    return {
        "right": "swap",
        "starts": first.window.start.isoformat(),
        "last": first.window.last.isoformat(),
        "currency": first.currency,
    }


def _at_fields(errors: dict[str, str]) -> dict[str, str]:
    """Errors of a line at the fields of the form: `lines.0.ends` is `l1.last`."""
    names = {
        "ends": "last",
        "price_minor": "price",
        "index_percent": "index",
        "against_line": "against",
        "amounts": "price",
        "supplier": "price",
        "asset": "price",
    }
    found = {}
    for name, message in errors.items():
        parts = name.split(".")
        if parts[0] == "lines" and len(parts) == 3 and parts[1].isdigit():
            name = f"l{int(parts[1]) + 1}.{names.get(parts[2], parts[2])}"
        found[name] = message
    return found
