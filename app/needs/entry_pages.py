"""Pages of needs: the list, the form, the needs lists of regions. The page of one need, with its matches, is in matching."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.drafts import KeptDraft, finishing, kept_draft
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.needs.blueprint import blueprint
from app.needs.bundles import DissolveBundle, MakeBundle, dissolve_bundle, make_bundle
from app.needs.checking import NeedFacts, fact_problems
from app.needs.forms import ON_FORM, PREFIX, SHAPE_IN_FORM, form_labels, read_need, stored_values, typed_errors
from app.needs.marks import listed_mark
from app.needs.outcomes import CarryOver, GiveOutcome, MergeNeed, carry_over, give_outcome, merge_need
from app.needs.queries import NeedFilter, collecting_rounds, need_detail, need_list, own_profile, round_detail
from app.needs.service import CreateNeed, EditNeed, MoveNeed, create_need, edit_need, submit_need, withdraw_need
from app.needs.terms import entry_problems
from app.needs.views import NeedView, RoundView
from app.regions import region_code
from app.web.execute import ask, bus, execute
from app.web.forms import field_errors, in_order, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import may, policy

REFUSALS = (
    "invalid",
    "alternative_missing",
    "outcome_reason_missing",
    "merge_target_unfit",
    "merge_needs_consent",
    "merge_standing",
    "round_not_collecting",
    "list_by_invitation",
    "conflict",
)


def back_to(ref: str) -> Response:
    return redirect(url_for("matching.need", ref=ref), 303)  # type: ignore[return-value]


def need_filter() -> NeedFilter:
    """The filters of a list of needs, from the query string."""
    args = request.args
    return NeedFilter(
        q=args.get("q"),
        kind=args.get("kind"),
        region=region_code(args.get("region", "")) or None,
        status=args.get("status"),
        outcome=args.get("outcome"),
        round_ref=args.get("needs_list"),
        priority=args.get("priority"),
        mine=args.get("mine") in ("1", "true", "on"),
        box=_box(args.get("bbox")),
        sort=args.get("sort") or "newest",
    )


def _box(raw: str | None) -> tuple[float, float, float, float] | None:
    if not raw:
        return None
    try:
        west, south, east, north = (float(part) for part in raw.split(","))
    except ValueError:
        raise fail("malformed") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise fail("malformed")
    return west, south, east, north


@blueprint.get("/")
@policy("need.list")
def index() -> str:
    """The entries that I may see; mine first when I ask for them."""
    wanted, paging = need_filter(), asked(25)
    found = ask(need_list, wanted, paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    for_listing = request.args.get("for_listing") or None
    return render_template(
        "needs/list.html",
        found=found,
        features=[listed_mark(need, for_listing) for need in found.results],
        chosen_ref=request.args.get("chosen", ""),
        typed=request.args,
        wanted=wanted,
        following=following,
        previous=previous,
        for_listing=for_listing,
    )


@blueprint.get("/new")
@policy("need.create")
def new() -> str | tuple[str, int]:
    kind = request.args.get("kind", "")
    rounds = ask(collecting_rounds)
    if kind not in KINDS or not any(one.terms.takes(kind) for one in rounds):
        chosen = request.args.get("needs_list", "")
        asked_of = [one for one in rounds if one.ref == chosen] or rounds
        taken = {one.name: one for one in KINDS.all() if any(row.terms.takes(one.name) for row in asked_of)}
        return render_template("needs/choose_kind.html", chosen_round=chosen, rounds=rounds, asked_of=asked_of, taken=taken)
    today = bus().today()
    start = date(today.year + 1, 1, 1)
    values: dict[str, Any] = {
        "window_start": start.isoformat(),
        "window_last": (date(start.year + 5, 1, 1) - timedelta(days=1)).isoformat(),
        "priority": "normal",
        "purpose": "general",
        "tier": "T0",
        "needs_list": request.args.get("needs_list", ""),
    }
    values |= {PREFIX + f.name: f.default for f in KINDS[kind].requirements if f.default is not None}
    kept = ask(kept_draft, f"need-{kind}")
    return _form(KINDS[kind], dict(kept.values) if kept else values, {}, kept=kept)


@blueprint.post("/new")
@policy("need.create")
def create() -> Response | tuple[str, int] | str:
    if typed("kind") not in KINDS:
        raise fail("malformed")
    kind = KINDS[typed("kind")]
    try:
        facts = _read(kind, _currency(), submit="submit" in request.form)
        ref = execute(
            finishing(f"need-{kind.name}", create_need), CreateNeed(typed("needs_list"), facts, submit="submit" in request.form)
        )
    except DomainError as error:
        return _form(kind, dict(request.form), _errors(error)), 422
    flash(_("The need is submitted.") if "submit" in request.form else _("The draft is saved."), "ok")
    return back_to(ref)


@blueprint.get("/<ref>/edit")
@policy("need.edit")
def edit(ref: str) -> str:
    need = _own(ref)
    kept = ask(kept_draft, f"need-{ref}")
    return _form(KINDS[need.kind], dict(kept.values) if kept else stored_values(need), {}, need, kept)


@blueprint.post("/<ref>/edit")
@policy("need.edit")
def change(ref: str) -> Response | tuple[str, int]:
    need = _own(ref)
    try:
        facts = _read(KINDS[need.kind], need.currency, of=need)
        execute(finishing(f"need-{ref}", edit_need), EditNeed(ref, facts, _seen(), need.bundle_ref))
    except DomainError as error:
        return _form(KINDS[need.kind], dict(request.form), _errors(error), need), 422
    flash(_("The draft is saved."), "ok")
    return back_to(ref)


def _own(ref: str) -> NeedView:
    need = ask(need_detail, ref)
    if not may("need.edit", need.subject):
        raise fail("not_found")
    return need


def _currency() -> str:
    return get_profile(ask(own_profile)).currency


def _read(kind: AssetKind, currency: str, *, submit: bool = False, of: NeedView | None = None) -> NeedFacts:
    """The facts typed into the form. Raises `invalid` with what cannot be read, what is missing and what breaks a rule, at once."""
    facts, problems = read_need(request.form, kind, currency)
    if of is None and not typed("needs_list"):
        problems.append(Problem("required", Text("Choose a needs list.", "请选择需求清单。"), pointer="/needs_list"))
    if problems:
        asked = _asked(facts, submit=submit) if of is None else []
        raise fail("invalid", [*problems, *fact_problems(facts, ask(own_profile), submit=submit), *asked])
    return facts


def _asked(facts: NeedFacts, *, submit: bool) -> list[Problem]:
    """What the chosen list asks for and the form lacks."""
    chosen = next((one for one in ask(collecting_rounds) if one.ref == typed("needs_list")), None)
    return entry_problems(chosen.terms, facts.kind, facts, submit=submit) if chosen is not None else []


def _errors(error: DomainError) -> dict[str, str]:
    if error.code not in REFUSALS and error.code != "stale_version":
        raise error
    return typed_errors(field_errors(error), request.form.get("shape", ""))


def _form(
    kind: AssetKind,
    values: dict[str, Any],
    errors: dict[str, str],
    need: NeedView | None = None,
    kept: KeptDraft | None = None,
) -> str:
    labels = form_labels(kind)
    rounds = (
        [ask(round_detail, need.round_ref)] if need else [one for one in ask(collecting_rounds) if one.terms.takes(kind.name)]
    )
    values = values | ({"version": need.version} if need is not None and "version" not in values else {})
    return render_template(
        "needs/form.html",
        kind=kind,
        values=values,
        errors=in_order(errors, labels),
        labels=labels,
        need=need,
        kept=kept,
        form=f"need-{need.ref if need else kind.name}",
        rounds=rounds,
        demanded=_demanded(rounds, values.get("needs_list"), kind),
        shapes=[SHAPE_IN_FORM[shape] for shape in kind.need_geometry],
        prefix=PREFIX,
        currency=need.currency if need else _currency(),
        requirement_values={f.name: values.get(PREFIX + f.name) for f in kind.requirements},
    )


def _demanded(rounds: list[RoundView], chosen: str | None, kind: AssetKind) -> set[str]:
    """The fields of the form that the chosen list asks every entry to state; the first one is chosen where none was."""
    ordered = sorted(rounds, key=lambda one: one.ref != chosen)
    return {ON_FORM.get(name, name) for one in ordered[:1] for name in one.terms.must_be_stated(kind.name)}


def _seen() -> int | None:
    return int(typed("version")) if typed("version").isdigit() else None


def _step(ref: str, use_case: Any, command: Any, message: str) -> Response:
    """One action of the need's page: what is refused is said there."""
    try:
        execute(use_case, command)
    except DomainError as error:
        if error.code not in (*REFUSALS, "stale_version", "illegal_transition"):
            raise
        said = field_errors(error).values() if error.code == "invalid" else [error.text.in_(current_locale())]
        flash(" ".join(said), "bad")
        return back_to(ref)
    flash(message, "ok")
    return back_to(ref)


@blueprint.post("/<ref>/submit")
@policy("need.submit")
def submit(ref: str) -> Response:
    return _step(ref, submit_need, MoveNeed(ref, _seen()), _("The need is submitted."))


@blueprint.post("/<ref>/withdraw")
@policy("need.withdraw")
def withdraw(ref: str) -> Response:
    return _step(ref, withdraw_need, MoveNeed(ref, _seen(), typed("reason") or None), _("The need is withdrawn."))


@blueprint.post("/<ref>/outcome")
@policy("need.outcome")
def outcome(ref: str) -> Response:
    return _step(
        ref, give_outcome, GiveOutcome(ref, typed("outcome"), typed("reason") or None, _seen()), _("The outcome is recorded.")
    )


@blueprint.post("/<ref>/merge")
@policy("need.outcome")
def merge(ref: str) -> Response:
    return _step(ref, merge_need, MergeNeed(ref, typed("into"), _seen()), _("The entries are merged."))


@blueprint.post("/<ref>/carry-over")
@policy("need.carry_over")
def carry(ref: str) -> Response:
    return _step(ref, carry_over, CarryOver(ref, typed("needs_list"), _seen()), _("The need is carried over."))


@blueprint.post("/bundles")
@policy("bundle.edit")
def bundle() -> Response:
    """Tie the ticked entries of my list together."""
    refs = tuple(request.form.getlist("need"))
    try:
        execute(make_bundle, MakeBundle(typed("name") or _("Bundle"), refs))
    except DomainError as error:
        flash(
            _("Choose at least two of your own open needs that are in no bundle yet.")
            if error.code == "conflict"
            else error.text.in_(current_locale()),
            "bad",
        )
    else:
        flash(ngettext("%(num)d need is tied together.", "%(num)d needs are tied together.", len(refs)), "ok")
    return redirect(url_for("needs.index", mine=1), 303)  # type: ignore[return-value]


@blueprint.post("/bundles/<ref>/dissolve")
@policy("bundle.edit")
def dissolve(ref: str) -> Response:
    execute(dissolve_bundle, DissolveBundle(ref))
    flash(_("The needs stand alone again."), "ok")
    return redirect(url_for("needs.index", mine=1), 303)  # type: ignore[return-value]
