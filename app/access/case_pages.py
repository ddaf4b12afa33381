"""Pages of what is done about a request beside its answers: completeness, survey, quote, dispute and its decision."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.blueprint import act_on, blueprint, errors_of, let_through, price_typed
from app.access.completeness import FindComplete, NameMissing, SupplyMissing, find_complete, name_missing, supply_missing
from app.access.disputes import DecideDispute, OpenDispute, decide_dispute, open_dispute
from app.access.queries import documents_of, request_detail
from app.access.quotes import GiveQuote, QuoteItem, give_quote
from app.access.surveys import AskSurvey, DateSurvey, RecordSurvey, ask_survey, date_survey, record_survey
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.web.execute import ask, execute
from app.web.forms import day_typed, end_typed, typed, typed_list, version_typed
from app.web.policy import policy

QUOTE_LINES = 6


@blueprint.post("/<ref>/complete")
@policy("access.answer")
def complete(ref: str) -> Response:
    return act_on(find_complete, FindComplete(ref, version_typed()), ref, _("The request is complete. The time to answer runs."))


@blueprint.post("/<ref>/missing")
@policy("access.answer")
def missing(ref: str) -> Response:
    command = NameMissing(ref, typed("missing"), version_typed())
    return act_on(name_missing, command, ref, _("The requester is told what is missing. The clock stands meanwhile."))


@blueprint.post("/<ref>/supply")
@policy("access.supply")
def supply(ref: str) -> Response:
    command = SupplyMissing(ref, typed("message"), version_typed())
    return act_on(supply_missing, command, ref, _("Supplied. The check of completeness goes on."))


@blueprint.post("/<ref>/survey")
@policy("access.survey")
def survey(ref: str) -> Response:
    try:
        command = AskSurvey(ref, typed("reason"), day_typed("held_on"), version_typed())
    except DomainError as error:
        return _back(ref, error)
    return act_on(ask_survey, command, ref, _("The survey is asked for."))


@blueprint.post("/<ref>/survey/date")
@policy("access.survey")
def survey_date(ref: str) -> Response:
    try:
        day = day_typed("held_on")
        if day is None:
            raise fail("invalid", [Problem("required", Text("Choose the day.", "请选择日期。"), pointer="/held_on")])
    except DomainError as error:
        return _back(ref, error)
    return act_on(date_survey, DateSurvey(ref, day, version_typed()), ref, _("The day of the survey is set."))


@blueprint.post("/<ref>/survey/result")
@policy("access.survey")
def survey_result(ref: str) -> Response:
    command = RecordSurvey(ref, typed("result"), typed("report"), None, version_typed())
    return act_on(record_survey, command, ref, _("The result is recorded. The clocks go on."))


@blueprint.get("/<ref>/quote")
@policy("access.answer")
def quote_form(ref: str) -> str:
    return _quote_form(ref, {}, {})


def _quote_form(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(request_detail, ref)
    if not view.answering:
        raise fail("not_found")
    return render_template("access/quote.html", view=view, values=values, errors=errors, lines=range(QUOTE_LINES))


@blueprint.post("/<ref>/quote")
@policy("access.answer")
def quote(ref: str) -> Response | tuple[str, int]:
    view = ask(request_detail, ref)
    try:
        valid_until = day_typed("valid_until")
        if valid_until is None:
            raise fail("invalid", [Problem("required", Text("Choose the day.", "请选择日期。"), pointer="/valid_until")])
        items = tuple(_item(n, view.currency) for n in range(QUOTE_LINES) if typed(f"label.{n}") or typed(f"amount.{n}"))
        execute(give_quote, GiveQuote(ref, items, valid_until, typed("message") or None, version_typed()))
    except DomainError as error:
        let_through(error)
        return _quote_form(ref, dict(request.form), errors_of(error)), 422
    flash(_("The quote is given."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


def _item(number: int, currency: str) -> QuoteItem:
    return QuoteItem(typed(f"label.{number}"), typed(f"basis.{number}"), price_typed(typed(f"amount.{number}"), currency) or 0)


@blueprint.get("/<ref>/dispute")
@policy("access.dispute")
def dispute_form(ref: str) -> str:
    return _dispute_form(ref, {}, {})


def _dispute_form(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(request_detail, ref)
    if not view.asking:
        raise fail("not_found")
    return render_template("access/dispute.html", view=view, values=values, errors=errors)


@blueprint.post("/<ref>/dispute")
@policy("access.dispute")
def dispute(ref: str) -> Response | tuple[str, int]:
    try:
        execute(open_dispute, OpenDispute(ref, typed("claim"), version_typed()))
    except DomainError as error:
        let_through(error)
        return _dispute_form(ref, dict(request.form), errors_of(error)), 422
    flash(_("The dispute is before the regulator. Its clock runs."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


@blueprint.get("/<ref>/decide")
@policy("access.settle")
def decide_form(ref: str) -> str:
    return _decide_form(ref, {}, {})


def _decide_form(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(request_detail, ref)
    if not view.settling or view.open_dispute is None:
        raise fail("not_found")
    there = ask(documents_of, ref, "decision")
    return render_template("access/decide.html", view=view, values=values, errors=errors, documents_there=there)


@blueprint.post("/<ref>/decide")
@policy("access.settle")
def decide(ref: str) -> Response | tuple[str, int]:
    try:
        command = DecideDispute(
            ref,
            typed("decision"),
            typed("reasons"),
            price_typed(typed("price"), ask(request_detail, ref).currency),
            day_typed("window_start"),
            end_typed("window_last"),
            [one for one in typed_list("documents") if one],
            version_typed(),
        )
        execute(decide_dispute, command)
    except DomainError as error:
        let_through(error)
        return _decide_form(ref, dict(request.form), errors_of(error)), 422
    flash(_("The decision is made and carried out."), "ok")
    return redirect(url_for("access.show", ref=ref), 303)


def _back(ref: str, error: DomainError) -> Response:
    let_through(error)
    flash(" ".join(errors_of(error).values()), "bad")
    return redirect(url_for("access.show", ref=ref), 303)
