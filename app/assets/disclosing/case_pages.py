"""Pages of disclosure: who asks, who was let in, by whom, until when; the forms and the cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.assets.disclosing.exempting import AskExemption, DecideExemption, ask_exemption, decide_exemption, withdraw_exemption
from app.assets.disclosing.queries import (
    case_history,
    exemption_detail,
    exemption_list,
    grant_detail,
    grant_list,
    look_detail,
    look_list,
    organisation_choices,
)
from app.assets.disclosing.rules import DUTIES, EXEMPTION, GRANT_STATES, LOOK, SOURCES, TIERS
from app.assets.disclosing.service import (
    AnswerLook,
    AskLook,
    Open,
    Revoke,
    Terms,
    answer_look,
    ask_look,
    open_asset,
    revoke_grant,
    withdraw_look,
)
from app.assets.queries import asset_detail
from app.assets.words import register_words
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import TIERS as TIER_WORDS
from app.catalogue.tiers import Tier
from app.disclosure import PURPOSES
from app.kernel.errors import DomainError
from app.regions import region_code
from app.web.execute import ask, current_actor, execute
from app.web.formatting import text
from app.web.forms import day_typed, field_errors, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import may, policy

blueprint = Blueprint("disclosing", __name__, url_prefix="/disclosure")
blueprint.context_processor(register_words)
SHOWN = ("looks", "given", "held", "ordered", "exemptions")
TONES = {
    "open": "warn",
    "asked": "warn",
    "granted": "ok",
    "refused": "bad",
    "withdrawn": "out",
    "ended": "out",
    "active": "ok",
    "coming": "warn",
    "expired": "out",
    "revoked": "bad",
}
SAID = ("illegal_transition", "grant_bound", "exempt_from_disclosure", "look_not_needed")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "look_states": LOOK.states,
        "exemption_states": EXEMPTION.states,
        "grant_states": GRANT_STATES,
        "grant_sources": SOURCES,
        "duties": DUTIES,
        "purposes": PURPOSES,
        "tier_words": {tier.name: TIER_WORDS[tier] for tier in Tier},
        "tones": TONES,
    }


@blueprint.get("/")
@policy("disclosure.list")
def index() -> str:
    """Everything that concerns oneself, one sort at a time."""
    show, state, paging = request.args.get("show", "looks"), request.args.get("state") or None, asked(25)
    show = show if show in SHOWN else "looks"
    if show == "looks":
        found: Any = ask(look_list, state if state in LOOK.states else None, paging.after, paging.before, paging.limit)
    elif show == "exemptions":
        found = ask(exemption_list, state if state in EXEMPTION.states else None, paging.after, paging.before, paging.limit)
    else:
        found = ask(grant_list, show, state if state in GRANT_STATES else None, paging.after, paging.before, paging.limit)
    following, previous = links(Page(found.rows, found.count, found.after, found.before))
    sorts = ["looks", "given", "held", *(["ordered"] if current_actor().competences else []), "exemptions"]
    return render_template(
        "disclosure/list.html", found=found, show=show, state=state, sorts=sorts, following=following, previous=previous
    )


@blueprint.get("/ask")
@policy("closer_look.ask")
def ask_form() -> str:
    """Ask for a closer look at one asset (`asset`), or at what stands in a region."""
    return _ask_form({"asset": request.args.get("asset", ""), "region": request.args.get("region", ""), "tier": "T2"}, {})


@blueprint.post("/ask")
@policy("closer_look.ask")
def ask_for() -> Response | tuple[str, int]:
    def send() -> str:
        area = (typed("owner") or None, region_code(typed("region")) or None, typed("kind") or None)
        return execute(ask_look, AskLook(_terms(), typed("asset") or None, *area))

    made = _tried(send)
    if isinstance(made, dict):
        return _ask_form(dict(request.form), made), 422
    flash(_("The request is sent."), "ok")
    return _to("look", made)


def _ask_form(values: dict[str, Any], errors: dict[str, str]) -> str:
    asset = ask(asset_detail, values["asset"]) if values.get("asset") else None
    return render_template("disclosure/ask.html", values=values, errors=errors, detail=asset, **_choices())


@blueprint.get("/requests/<ref>")
@policy("disclosure.list")
def look(ref: str) -> str:
    return _look(ref, {}, {})


def _look(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(look_detail, ref)
    return render_template(
        "disclosure/look.html", view=view, values=values, errors=errors, rows=ask(case_history, "closer_look", ref), **_choices()
    )


@blueprint.post("/requests/<ref>/grant")
@policy("closer_look.answer")
def grant_look(ref: str) -> Response | tuple[str, int]:
    made = _tried(lambda: execute(answer_look, AnswerLook(ref, _terms(), typed("answer"))))
    if isinstance(made, dict):
        return _look(ref, dict(request.form), made), 422
    flash(_("The closer look is granted; it ends by itself."), "ok")
    return _to("look", ref)


@blueprint.post("/requests/<ref>/refuse")
@policy("closer_look.refuse")
def refuse_look(ref: str) -> Response | tuple[str, int]:
    made = _tried(lambda: execute(answer_look, AnswerLook(ref, None, typed("answer"))))
    if isinstance(made, dict):
        return _look(ref, dict(request.form), made), 422
    flash(_("The request is refused."), "ok")
    return _to("look", ref)


@blueprint.post("/requests/<ref>/withdraw")
@policy("closer_look.withdraw")
def take_look_back(ref: str) -> Response:
    return _done(lambda: execute(withdraw_look, ref), _("The request is withdrawn."), "look", ref)


@blueprint.get("/grants/new")
@policy("grant.open")
def open_form() -> str:
    """Let an organisation see an asset, or an area; for an officer, order it."""
    values = {name: request.args.get(name, "") for name in ("asset", "region", "kind", "organisation", "purpose_code", "purpose")}
    return _open_form({**values, "tier": request.args.get("tier") or "T2"}, {})


@blueprint.post("/grants/new")
@policy("grant.open")
def open_to() -> Response | tuple[str, int]:
    def send() -> str:
        area = (typed("owner") or None, region_code(typed("region")) or None, typed("kind") or None)
        ground = typed("ground") if "ground" in request.form else None
        return execute(open_asset, Open(typed("organisation"), _terms(), typed("asset") or None, *area, ground))

    made = _tried(send)
    if isinstance(made, dict):
        return _open_form(dict(request.form), made), 422
    flash(_("It is open to them now, and ends by itself."), "ok")
    return _to("grant", made)


def _open_form(values: dict[str, Any], errors: dict[str, str]) -> str:
    asset = ask(asset_detail, values["asset"]) if values.get("asset") else None
    is_order = not (may("grant.give", asset.subject) if asset else not current_actor().competences)
    return render_template("disclosure/open.html", values=values, errors=errors, detail=asset, is_order=is_order, **_choices())


@blueprint.get("/grants/<ref>")
@policy("disclosure.list")
def grant(ref: str) -> str:
    return _grant(ref, {}, {})


def _grant(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view = ask(grant_detail, ref)
    mine = may("grant.lift" if view.source == "order" else "grant.revoke", view.subject) and view.source != "agreement"
    rows = ask(case_history, "grant", ref)
    return render_template("disclosure/grant.html", view=view, values=values, errors=errors, revocable=mine, rows=rows)


@blueprint.post("/grants/<ref>/revoke")
@policy("grant.end")
def end_grant(ref: str) -> Response | tuple[str, int]:
    made = _tried(lambda: execute(revoke_grant, Revoke(ref, typed("reason"))))
    if isinstance(made, dict):
        return _grant(ref, dict(request.form), made), 422
    flash(_("The grant is revoked; it shows nothing any more."), "ok")
    return _to("grant", ref)


@blueprint.get("/exemptions/new")
@policy("exemption.ask")
def exempt_form() -> str:
    return _exempt_form({"asset": request.args.get("asset", ""), "duty": "disclosure"}, {})


@blueprint.post("/exemptions/new")
@policy("exemption.ask")
def exempt() -> Response | tuple[str, int]:
    made = _tried(lambda: execute(ask_exemption, AskExemption(typed("asset"), typed("duty"), typed("reason"))))
    if isinstance(made, dict):
        return _exempt_form(dict(request.form), made), 422
    flash(_("The case is with the competent authorities."), "ok")
    return _to("exemption", made)


def _exempt_form(values: dict[str, Any], errors: dict[str, str]) -> str:
    detail = ask(asset_detail, values["asset"])
    return render_template("disclosure/exempt.html", values=values, errors=errors, detail=detail)


@blueprint.get("/exemptions/<ref>")
@policy("disclosure.list")
def exemption(ref: str) -> str:
    return _exemption(ref, {}, {})


def _exemption(ref: str, values: dict[str, Any], errors: dict[str, str]) -> str:
    view, rows = ask(exemption_detail, ref), ask(case_history, "exemption", ref)
    return render_template("disclosure/exemption.html", view=view, values=values, errors=errors, rows=rows)


@blueprint.post("/exemptions/<ref>/<any(grant, refuse, end):action>")
@policy("exemption.decide")
def decide(ref: str, action: str) -> Response | tuple[str, int]:
    made = _tried(lambda: execute(decide_exemption, DecideExemption(ref, action, typed("decision"), day_typed("ends_on"))))
    if isinstance(made, dict):
        return _exemption(ref, dict(request.form), made), 422
    flash(_("The decision is recorded."), "ok")
    return _to("exemption", ref)


@blueprint.post("/exemptions/<ref>/withdraw")
@policy("exemption.withdraw")
def take_exemption_back(ref: str) -> Response:
    return _done(lambda: execute(withdraw_exemption, ref), _("The case is withdrawn."), "exemption", ref)


def _tried(act: Callable[[], str]) -> str | dict[str, str]:
    """What the use case returns, or what is wrong by field; said on top where no field is."""
    try:
        return act()
    except DomainError as error:
        if error.code != "invalid" and error.code not in SAID:
            raise
        return field_errors(error)


def _done(act: Callable[[], str], said: str, page: str, ref: str) -> Response:
    try:
        act()
    except DomainError as error:
        if error.code not in SAID:
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(said, "ok")
    return _to(page, ref)


def _terms() -> Terms:
    return Terms(typed("tier"), typed("purpose_code"), typed("purpose"), day_typed("ends_on"), day_typed("starts_on"))


def _to(page: str, ref: str) -> Response:
    return redirect(url_for(f"disclosing.{page}", ref=ref), 303)  # type: ignore[return-value]


def _choices() -> dict[str, Any]:
    organisations = ask(organisation_choices)
    return {
        "organisation_options": [(one.ref, one.in_(current_locale())) for one in organisations],
        "purpose_options": [(code, text(label)) for code, label in PURPOSES.items()],
        "tier_options": [
            (name, f"{text(TIER_WORDS[Tier[name]].label)}: {text(TIER_WORDS[Tier[name]].description)}") for name in TIERS
        ],
        "kind_choices": [(kind.name, text(kind.label)) for kind in KINDS.all()],
    }
