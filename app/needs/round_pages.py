"""Pages of needs lists: the rounds of every region, one round with its entries, opening, publishing, closing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.money import exponent
from app.kernel.text import Text
from app.needs.blueprint import blueprint as needs
from app.needs.budgets import SetBudget, own_budget, set_budget
from app.needs.forms import Reading
from app.needs.paper import PrintRound, print_round
from app.needs.queries import NeedFilter, companies, need_list, round_detail, round_list
from app.needs.rounds import EditRound, MoveRound, OpenRound, close_round, edit_round, open_round, publish_round
from app.needs.schemas import MOST_ASKED
from app.needs.terms import AUDIENCES, Terms, stateable
from app.regions import region_name
from app.web.execute import ask, current_actor, execute
from app.web.forms import field_errors, in_order, ticked, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.papers import as_file, base_url
from app.web.policy import policy


def _back(ref: str) -> Response:
    return redirect(url_for("needs.show_list", ref=ref), 303)  # type: ignore[return-value]


@needs.get("/lists")
@policy("needs_list.list")
def lists() -> str:
    return render_template("needs/rounds.html", rounds=ask(round_list))


@needs.get("/lists/new")
@policy("needs_list.open")
def new_list() -> str:
    return _form({"audience": "all", "kinds": list(KINDS.as_mapping())}, {})


@needs.post("/lists/new")
@policy("needs_list.open")
def create_list() -> Response | tuple[str, int]:
    try:
        given = _typed_round()
        ref = execute(open_round, OpenRound(region=typed("region"), **given, organisation_refs=ticked("organisations")))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _form(_typed_values(), field_errors(error)), 422
    everybody = given["terms"].audience == "all"
    flash(
        _("The needs list is open. Every organisation has been told.")
        if everybody
        else _("The needs list is open. Those invited have been told."),
        "ok",
    )
    return _back(ref)


@needs.get("/lists/<ref>/edit")
@policy("needs_list.edit")
def edit_list(ref: str) -> str:
    view = ask(round_detail, ref)
    terms = view.terms
    values = {
        "name": view.name,
        "name_zh": view.name_zh,
        "opens_on": view.opens_on,
        "closes_on": view.closes_on,
        "region": view.region,
        "asks": terms.asks,
        "asks_zh": terms.asks_zh,
        "publishes_on": terms.publishes_on,
        "kinds": terms.kinds or list(KINDS.as_mapping()),
        "must_state": terms.must_state,
        "audience": terms.audience,
    }
    return _form(values, {}, ref, view.version)


@needs.post("/lists/<ref>/edit")
@policy("needs_list.edit")
def change_list(ref: str) -> Response | tuple[str, int]:
    seen = int(typed("version")) if typed("version").isdigit() else None
    try:
        execute(edit_round, EditRound(ref=ref, seen_version=seen, **_typed_round()))
    except DomainError as error:
        if error.code not in ("invalid", "stale_version"):
            raise
        return _form(_typed_values(), field_errors(error), ref, seen), 422
    flash(_("The needs list is saved."), "ok")
    return _back(ref)


def in_units(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def _typed_values() -> dict[str, Any]:
    """The form as it came, to be shown again."""
    return dict(request.form) | {name: ticked(name) for name in ("kinds", "must_state", "organisations")}


def _typed_round() -> dict[str, Any]:
    problems: list[Problem] = []
    days: dict[str, date] = {}
    for name in ("opens_on", "closes_on", "publishes_on"):
        try:
            if typed(name) or name != "publishes_on":
                days[name] = date.fromisoformat(typed(name))
        except ValueError:
            problems.append(Problem("invalid", Text("Give a date.", "请填写日期。"), pointer=f"/{name}"))
    if not typed("name"):
        problems.append(Problem("required", Text("Give it a name.", "请填写名称。"), pointer="/name"))
    for name in ("asks", "asks_zh"):
        if len(typed(name)) > MOST_ASKED:
            said = Text(f"At most {MOST_ASKED} characters.", f"最多 {MOST_ASKED} 个字符。")
            problems.append(Problem("too_long", said, pointer=f"/{name}"))
    kinds = ticked("kinds")
    if not kinds:
        problems.append(Problem("required", Text("Choose at least one kind.", "请至少选择一个类别。"), pointer="/kinds"))
    if problems:
        raise fail("invalid", problems)
    terms = Terms(
        typed("asks") or None,
        typed("asks_zh") or None,
        days.pop("publishes_on", None),
        [] if set(kinds) == set(KINDS.as_mapping()) else kinds,
        ticked("must_state"),
        typed("audience") or "all",
    )
    return {"name": typed("name"), "name_zh": typed("name_zh") or None, **days, "terms": terms}


def _form(values: dict[str, Any], errors: dict[str, str], ref: str | None = None, version: int | None = None) -> str:
    regions = sorted({region for c in current_actor().competences if c.authority == "communications" for region in c.regions})
    locale = current_locale()
    options = [(code, region_name(code).in_(locale)) for code in regions]
    labels = {
        "name": _("Name"),
        "name_zh": _("Name in Chinese"),
        "asks": _("What is asked for, and why"),
        "asks_zh": _("The same in Chinese"),
        "opens_on": _("Opens on"),
        "closes_on": _("Takes entries until before"),
        "publishes_on": _("Is published on"),
        "kinds": _("Kinds that it takes"),
        "must_state": _("What every entry must state"),
        "audience": _("Who may enter"),
        "organisations": _("Whom it invites"),
    }
    return render_template(
        "needs/round_form.html",
        values=values,
        errors=in_order(errors, labels),
        ref=ref,
        version=version,
        regions=options,
        labels=labels,
        statable=[(name, words.in_(locale)) for name, words in stateable().items()],
        audiences=[(name, words.in_(locale)) for name, words in AUDIENCES.items()],
        companies=[] if ref else [(one.ref, one.in_(locale)) for one in ask(companies)],
    )


@needs.get("/lists/<ref>")
@policy("needs_list.view")
def show_list(ref: str) -> str:
    view, paging = ask(round_detail, ref), asked(50)
    status = request.args.get("status")
    found = ask(
        need_list, NeedFilter(round_ref=ref, status=status, q=request.args.get("q")), paging.limit, paging.after, paging.before
    )
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    return render_template(
        "needs/round.html",
        view=view,
        found=found,
        following=following,
        previous=previous,
        status=status,
        budget=ask(own_budget, ref),
        in_units=in_units,
    )


@needs.post("/lists/<ref>/print")
@policy("needs_list.print")
def print_list(ref: str) -> Response:
    """The list as a paper; whose copy it is stands in it, and is recorded."""
    return as_file(execute(print_round, PrintRound(ref, current_locale(), base_url())))


@needs.post("/lists/<ref>/budget")
@policy("needs_list.budget")
def change_budget(ref: str) -> Response:
    currency = ask(own_budget, ref).currency
    reading = Reading(request.form)
    limit = reading.minor("limit", currency)
    if reading.problems:
        flash(reading.problems[0].detail.in_(current_locale()), "bad")
        return _back(ref)
    execute(set_budget, SetBudget(ref, limit, currency))
    flash(_("The budget is saved.") if limit is not None else _("The list has no budget of yours any more."), "ok")
    return _back(ref)


@needs.post("/lists/<ref>/publish")
@policy("needs_list.publish")
def publish_list(ref: str) -> Response:
    try:
        count = execute(publish_round, MoveRound(ref))
    except DomainError as error:
        if error.code != "round_collects_still":
            raise
        flash(error.text.in_(current_locale()), "bad")
        return _back(ref)
    flash(
        ngettext("%(num)d entry is published and being matched.", "%(num)d entries are published and being matched.", count), "ok"
    )
    return _back(ref)


@needs.post("/lists/<ref>/close")
@policy("needs_list.close")
def close_list(ref: str) -> Response:
    try:
        execute(close_round, MoveRound(ref))
    except DomainError as error:
        if error.code != "round_has_open_entries":
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(_("The needs list is closed."), "ok")
    return _back(ref)
