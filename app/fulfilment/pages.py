"""The page of what follows an agreement's entry into force, and its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.agreements import AgreementView, agreement_detail, life_of
from app.db.work import UnitOfWork
from app.fulfilment.building import (
    AnswerInstallation,
    Install,
    SettleItem,
    StartMakeReady,
    answer_installation,
    install,
    settle_item,
    start_make_ready,
)
from app.fulfilment.ending import (
    AnswerEnd,
    ProposeEnd,
    Removal,
    answer_end,
    confirm_removal,
    declare_removal,
    propose_end,
)
from app.fulfilment.forms import built_typed, item_rows, items_typed, money_typed, required_day
from app.fulfilment.queries import fulfilment
from app.fulfilment.rules import CAUSES, END_GROUNDS, PROPOSED_GROUNDS, WHO_PAYS
from app.kernel.errors import DomainError
from app.web.execute import ask, execute
from app.web.forms import day_typed, field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("fulfilment", __name__, url_prefix="/agreements")
ITEM_ROWS = 3


@blueprint.get("/<ref>/fulfilment")
@policy("agreement.view")
def show(ref: str) -> str:
    return _page(ref, "", {}, {})


def _page(ref: str, form: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    """`form`: the one that came back, with what was typed and what was wrong."""
    agreement = ask(agreement_detail, ref)
    locale = current_locale()
    return render_template(
        "fulfilment/show.html",
        agreement=agreement,
        view=ask(fulfilment, ref),
        life=life_of(agreement),
        form=form,
        values=values,
        errors=errors,
        rows=item_rows(values, ITEM_ROWS),
        cause_options=[(code, text.in_(locale)) for code, text in CAUSES.items()],
        ground_options=[(code, END_GROUNDS[code].in_(locale)) for code in PROPOSED_GROUNDS],
        causes=CAUSES,
        who_pays=WHO_PAYS,
        grounds=END_GROUNDS,
    )


def _act(
    ref: str, form: str, use_case: Callable[[UnitOfWork, Any], Any], make: Callable[[], Any], message: str, **boxes: str
) -> Response | tuple[str, int]:
    """Do it and show the page, or show the form with what was wrong at its fields."""
    try:
        execute(use_case, make())
    except DomainError as error:
        if int(error.type.status) not in (409, 412, 422):
            raise
        return _page(ref, form, dict(request.form), field_errors(error, **boxes)), 422
    flash(message, "ok")
    return redirect(url_for("fulfilment.show", ref=ref), 303)


def _view(ref: str) -> AgreementView:
    return ask(agreement_detail, ref)


@blueprint.post("/<ref>/make-ready")
@policy("fulfilment.prepare")
def make_ready(ref: str) -> Response | tuple[str, int]:
    view = _view(ref)

    def command() -> StartMakeReady:
        return StartMakeReady(ref, items_typed(view), day_typed("due_on"), version_typed())

    return _act(ref, "make_ready", start_make_ready, command, _("Make-ready is under way. Each payer sees its share."))


@blueprint.post("/<ref>/make-ready/<int:number>")
@policy("fulfilment.prepare")
def settle(ref: str, number: int) -> Response | tuple[str, int]:
    view = _view(ref)

    def command() -> SettleItem:
        final = None if typed("do") == "drop" else money_typed("final", view)
        return SettleItem(ref, number, day_typed("done_on"), final, typed("note") or None, version_typed())

    return _act(ref, f"settle-{number}", settle_item, command, _("Recorded."), final_minor="final")


@blueprint.post("/<ref>/installation")
@policy("fulfilment.install")
def record_installation(ref: str) -> Response | tuple[str, int]:
    view = _view(ref)

    def command() -> Install:
        return Install(ref, required_day("installed_on"), typed("equipment"), built_typed(view), version_typed())

    return _act(ref, "install", install, command, _("Recorded. The other party accepts it as built, or says what to correct."))


@blueprint.post("/<ref>/as-built")
@policy("fulfilment.accept")
def as_built(ref: str) -> Response | tuple[str, int]:
    accept = typed("do") == "accept"

    def command() -> AnswerInstallation:
        return AnswerInstallation(ref, accept, typed("defects") or None, version_typed())

    message = _("Accepted as built. Rent runs from today.") if accept else _("Returned. The defects are on record.")
    return _act(ref, "as_built", answer_installation, command, message)


@blueprint.post("/<ref>/end")
@policy("fulfilment.end")
def end(ref: str) -> Response | tuple[str, int]:
    def command() -> ProposeEnd:
        return ProposeEnd(ref, typed("ground"), typed("reason"), required_day("ends_on"), version_typed())

    return _act(ref, "end", propose_end, command, _("Proposed. The agreement holds until the other party agrees."))


@blueprint.post("/<ref>/end/answer")
@policy("fulfilment.end")
def end_answer(ref: str) -> Response | tuple[str, int]:
    agree = typed("do") == "agree"

    def command() -> AnswerEnd:
        return AnswerEnd(ref, agree, typed("answer") or None, version_typed())

    message = _("Agreed. The removal is due.") if agree else _("Declined. The agreement holds as it is.")
    return _act(ref, "end_answer", answer_end, command, message)


@blueprint.post("/<ref>/removal")
@policy("fulfilment.remove")
def removal(ref: str) -> Response | tuple[str, int]:
    def command() -> Removal:
        return Removal(ref, required_day("removed_on"), version_typed())

    return _act(ref, "removal", declare_removal, command, _("Declared. The other party confirms that nothing is left."))


@blueprint.post("/<ref>/removal/confirm")
@policy("fulfilment.remove")
def removal_confirm(ref: str) -> Response | tuple[str, int]:
    return _act(
        ref,
        "removal_confirm",
        confirm_removal,
        lambda: Removal(ref, None, version_typed()),
        _("Confirmed. The capacity is free again."),
    )
