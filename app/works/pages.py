"""Pages of works: the list, a new project, one project with its timeline, strip and answers, and what a regulator oversees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.catalogue.kinds import KINDS
from app.catalogue.works_terms import WORKS_KINDS
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError, fail
from app.regions import region_name
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed, typed_list, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy
from app.web.steps import LifeStep, life_steps
from app.works.announcing import AnnounceWorks, add_element, announce_works, draft_works, reserve_more
from app.works.changing import CloseWorks, SlipWorks, close_works, slip_works
from app.works.forms import dimensions_of, element_typed, required_day, reserve_typed, works_typed
from app.works.joining import (
    AnswerJoin,
    AskToJoin,
    PassOn,
    WithdrawJoin,
    answer_join,
    ask_to_join,
    pass_on,
    withdraw_join,
)
from app.works.queries import Found, WorksFilter, WorksView, list_works, overseen, works_detail
from app.works.rules import JOIN, LIFE, plannable

blueprint = Blueprint("works", __name__, url_prefix="/works")
TONES = {"draft": "out", "announced": "warn", "completed": "ok", "cancelled": "bad"}
JOIN_TONES = {
    "waiting": "warn",
    "accepted": "ok",
    "refused": "bad",
    "withdrawn": "out",
    "late": "warn",
    "too_late": "bad",
    "passed": "out",
}


def _words() -> dict[str, Any]:
    return {
        "kinds": WORKS_KINDS,
        "states": LIFE.states,
        "tones": TONES,
        "join_states": JOIN.states,
        "join_tones": JOIN_TONES,
        "region_name": region_name,
        "asset_kinds": KINDS,
    }


def _listed(template: str, found: Found, **more: Any) -> str:
    previous, following = links(Page(found.results, found.count, found.after, found.before))
    return render_template(template, found=found, previous=previous, following=following, **_words(), **more)


@blueprint.get("")
@policy("works.list")
def index() -> str:
    wanted = WorksFilter(
        mine=request.args.get("mine") == "1",
        kind=_among(request.args.get("kind"), WORKS_KINDS),
        status=_among(request.args.get("status"), LIFE.states),
    )
    paging = asked()
    return _listed("works/index.html", ask(list_works, wanted, paging.limit, paging.after, paging.before), wanted=wanted)


@blueprint.get("/overseen")
@policy("works.oversee")
def oversee() -> str:
    lacking = request.args.get("lacking") == "1"
    paging = asked()
    found = ask(overseen, lacking=lacking, limit=paging.limit, after=paging.after, before=paging.before)
    return _listed("works/oversee.html", found, lacking=lacking)


def _among(given: str | None, known: Any) -> str | None:
    return given if given in known else None


@blueprint.get("/new")
@policy("works.draft")
def new() -> str:
    return _form({"from_m": "0"}, {})


@blueprint.post("/new")
@policy("works.draft")
def create() -> Response | tuple[str, int]:
    try:
        ref = execute(draft_works, works_typed())
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _form(dict(request.form), field_errors(error, geometry="wkt")), 422
    flash(_("Drafted. Add what the works build, then announce them."), "ok")
    return redirect(url_for("works.show", ref=ref), 303)


def _form(values: dict[str, Any], errors: dict[str, str]) -> str:
    options = [(code, text.in_(current_locale())) for code, text in WORKS_KINDS.items()]
    return render_template("works/new.html", values=values, errors=errors, kind_options=options)


@blueprint.get("/<ref>")
@policy("works.view")
def show(ref: str) -> str:
    return _page(ref, "", {}, {})


def _page(ref: str, form: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    """`form`: the one that came back, with what was typed and what was wrong."""
    view = ask(works_detail, ref)
    return render_template(
        "works/show.html",
        view=view,
        life=life_of(view),
        form=form,
        values=values,
        errors=errors,
        element_kinds=[(code, KINDS[code].label.in_(current_locale())) for code in plannable()],
        dimensions={code: dimensions_of(code) for code in plannable()},
        **_words(),
    )


def life_of(view: WorksView) -> list[LifeStep]:
    """Draft, announced, completed; a cancelled project ended where it stood."""
    names = [LIFE.states[name] for name in ("draft", "announced", "completed")]
    if view.row.status == "cancelled":
        gone = names[: 2 if view.row.announced_on else 1]
        return life_steps([*gone, LIFE.states["cancelled"]], len(gone), failed=True)
    place = {"draft": 0, "announced": 1, "completed": 3}[view.row.status]
    return life_steps(names, place)


def _act(
    ref: str, form: str, use_case: Callable[[UnitOfWork, Any], Any], make: Callable[[], Any], message: str
) -> Response | tuple[str, int]:
    """Do it and show the page, or show the form with what was wrong at its fields."""
    try:
        execute(use_case, make())
    except DomainError as error:
        if int(error.type.status) not in (409, 412, 422):
            raise
        return _page(ref, form, dict(request.form), field_errors(error)), 422
    flash(message, "ok")
    return redirect(url_for("works.show", ref=ref), 303)


@blueprint.post("/<ref>/elements")
@policy("works.draft")
def element(ref: str) -> Response | tuple[str, int]:
    return _act(ref, "element", add_element, lambda: element_typed(ref), _("Added."))


@blueprint.post("/<ref>/announce")
@policy("works.announce")
def announce(ref: str) -> Response | tuple[str, int]:
    said = _("Announced. The window to join is open, and what is reserved stands in the ledger.")
    return _act(ref, "announce", announce_works, lambda: AnnounceWorks(ref, version_typed()), said)


@blueprint.post("/<ref>/elements/<int:number>/reserve")
@policy("works.reserve")
def reserve(ref: str, number: int) -> Response | tuple[str, int]:
    view = ask(works_detail, ref)
    kind = next((one.kind for one in view.elements if one.number == number), None)
    if kind is None:
        raise fail("not_found")
    return _act(ref, f"reserve-{number}", reserve_more, lambda: reserve_typed(ref, number, kind), _("Reserved."))


@blueprint.post("/<ref>/joins")
@policy("works.join")
def join(ref: str) -> Response | tuple[str, int]:
    def command() -> AskToJoin:
        return AskToJoin(ref, typed("what"), [int(part) for part in typed_list("elements") if part.isdigit()])

    return _act(ref, "join", ask_to_join, command, _("On record. The answer stands on this page."))


@blueprint.post("/<ref>/passes")
@policy("works.join")
def not_join(ref: str) -> Response | tuple[str, int]:
    return _act(ref, "pass", pass_on, lambda: PassOn(ref, typed("why")), _("On record: your organisation does not join."))


@blueprint.post("/<ref>/joins/<int:number>/answer")
@policy("works.answer")
def answer(ref: str, number: int) -> Response | tuple[str, int]:
    def command() -> AnswerJoin:
        return AnswerJoin(ref, number, typed("do") == "accept", typed("answer"), version_typed())

    return _act(ref, f"answer-{number}", answer_join, command, _("Answered."))


@blueprint.post("/<ref>/joins/<int:number>/withdraw")
@policy("works.join")
def withdraw(ref: str, number: int) -> Response | tuple[str, int]:
    return _act(ref, "withdraw", withdraw_join, lambda: WithdrawJoin(ref, number), _("Withdrawn."))


@blueprint.post("/<ref>/slip")
@policy("works.change")
def slip(ref: str) -> Response | tuple[str, int]:
    def command() -> SlipWorks:
        return SlipWorks(ref, required_day("starts_on"), required_day("completes_on"), typed("reason"), version_typed())

    return _act(ref, "slip", slip_works, command, _("The dates are moved; every holder of an affected claim is told."))


@blueprint.post("/<ref>/close")
@policy("works.change")
def close(ref: str) -> Response | tuple[str, int]:
    def command() -> CloseWorks:
        return CloseWorks(ref, typed("do"), typed("reason"), version_typed())

    return _act(ref, "close", close_works, command, _("Recorded."))
