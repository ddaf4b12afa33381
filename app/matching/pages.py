"""The page of a need with its matches, of one pair with its reasons, and the engine's runs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.matching.cards import card, facts, feature, life, need_mark, rough_mark, term
from app.matching.comparing import CHANGES, comparable_runs, compare_runs
from app.matching.need_page import need_page
from app.matching.queries import NeedMatches, Part, listing_face, listing_needs, match_pair, run_detail, run_list
from app.matching.queries import inside_need as inside
from app.matching.run import StartRun, start_run
from app.matching.side_by_side import MOST, side_by_side
from app.matching.what_if import what_if
from app.matching.what_if_form import PREFIX, movable, read_what_if, typed_values, what_if_labels
from app.needs import (
    ENTERED_STATES,
    NeedFilter,
    NeedView,
    need_detail,
    need_list,
    need_words,
)
from app.web.execute import ask, current_actor, execute
from app.web.forms import field_errors, typed
from app.web.policy import may, policy

blueprint = Blueprint("matching", __name__)
TABS = ("matches", "near")
TONES = {"appeared": "ok", "vanished": "bad", "rank": "warn", "score": "brand"}
PHASES = {
    "load": Text("reading the database", "读取数据库"),
    "prepare": Text("building the index", "建立索引"),
    "match": Text("matching", "匹配"),
    "assemble": Text("ranking", "排序汇总"),
    "split": Text("cutting into parts", "分片"),
    "merge": Text("merging the parts", "合并分片"),
    "store": Text("storing what changed", "保存变化"),
}
SHOWN = 20  # matches of a need on one page
LAST_PAGE = 50


@blueprint.context_processor
def words() -> dict[str, Any]:
    return need_words()


def request_address(need_ref: str, listing_ref: str) -> str | None:
    """Where access is asked for, when the feature that does it is there."""
    return url_for("access.new", need=need_ref, listing=listing_ref) if "access.new" in current_app.view_functions else None


@blueprint.get("/needs/<ref>")
@policy("need.view")
def need(ref: str) -> str | Response:
    """One need: the facts, where it stands, what matches it, what nearly does."""
    wanted, number = request.args.get("show"), _page_number()
    page = ask(need_page, ref, Part(0 if wanted == "near" else SHOWN, SHOWN * (number - 1), wanted == "near"))
    view, found = page.need, page.found
    shared = {"need": view, "kind": KINDS[view.kind], "facts": facts(view), "mark": need_mark(view)}
    if found is None:
        own = Subject(owner_id=current_actor().organisation_id)
        return render_template(
            "matching/need_outline.html", **shared, rough=rough_mark(view), may_list=may("listing.create", own)
        )
    if number > 1 and found.feasible and not found.matches and wanted != "near":
        return redirect(url_for("matching.need", ref=ref, show="matches"), 303)  # type: ignore[return-value]
    tab = wanted if wanted in TABS else "near" if found.near and not found.feasible else "matches"
    shown = found.matches if tab == "matches" else found.near
    chosen = request.args.get("listing")
    cards = [card(pair, view, selected=pair.listing.ref == chosen) for pair in shown]
    return render_template(
        "matching/need.html",
        **shared,
        found=found,
        tab=tab,
        pairs=list(zip(shown, cards, strict=True)),
        life=life(view),
        turn=_turn(found, number) if tab == "matches" and found.feasible > SHOWN else None,
        features=[feature(pair, "fits" if tab == "matches" else "near") for pair in shown],
        request_address=request_address,
        rounds=page.rounds,
        siblings=_siblings(view),
        bundled=page.bundled,
        rows=page.history,
        cobuild_groups=page.groups,
    )


def _siblings(view: NeedView) -> list[NeedView]:
    """The entries into which this one may be merged, for who may do that."""
    if not (view.status in ENTERED_STATES and may("need.outcome", view.subject)):
        return []
    found = ask(need_list, NeedFilter(round_ref=view.round_ref, kind=view.kind, status="open"), 100).results
    return [other for other in found if other.ref != view.ref and other.status != "draft"]


def _page_number() -> int:
    """Which page of matches is asked for, from 1."""
    raw = request.args.get("page", "1")
    return min(max(int(raw), 1), LAST_PAGE) if raw.isdecimal() and len(raw) < 4 else 1


def _turn(found: NeedMatches, number: int) -> dict[str, Any]:
    """What the macro `pagination` takes: which matches are shown, and where the others are."""

    def address(page: int) -> str:
        return url_for("matching.need", ref=found.need.ref, show="matches", page=page if page > 1 else None)

    first, last = SHOWN * (number - 1) + 1, SHOWN * (number - 1) + len(found.matches)
    return {
        "previous": address(number - 1) if number > 1 else None,
        "next": address(number + 1) if number < LAST_PAGE and last < found.feasible else None,
        "first": first,
        "last": last,
        "total": found.feasible,
    }


@blueprint.get("/needs/<ref>/listings/<listing_ref>")
@policy("need.view")
def pair(ref: str, listing_ref: str) -> str:
    """Why, or why not: every criterion of one pair."""
    view, found = ask(need_detail, ref), ask(match_pair, ref, listing_ref)
    return render_template(
        "matching/pair.html",
        need=view,
        pair=found,
        card=card(found, view),
        policy=[term(t) for t in found.terms if t.is_policy],
        kind=KINDS[view.kind],
        mark=need_mark(view),
        features=[feature(found, "fits" if found.matches else "near")],
        request_address=request_address,
    )


@blueprint.get("/needs/<ref>/compare")
@policy("need.view")
def beside(ref: str) -> str | Response:
    """Up to five listings beside one another: which ones stands in the address."""
    wanted = request.args.getlist("listing")
    try:
        found = ask(side_by_side, ref, wanted)
    except DomainError as error:
        if error.code != "invalid":
            raise
        flash(_("Compare at most five listings: the first five are shown."), "warn")
        return redirect(url_for("matching.beside", ref=ref, listing=list(dict.fromkeys(wanted))[:MOST]), 303)  # type: ignore[return-value]
    refs = [column.pair.listing.ref for column in found.columns]
    return render_template(
        "matching/beside.html",
        need=found.need,
        found=found,
        kind=KINDS[found.need.kind],
        cards=[card(column.pair, found.need) for column in found.columns],
        without={one: url_for("matching.beside", ref=ref, listing=[r for r in refs if r != one]) for one in refs},
        request_address=request_address,
    )


@blueprint.get("/needs/<ref>/why-not")
@policy("need.view")
def why_not(ref: str) -> Response:
    """Look one listing up by its reference and explain it."""
    wanted = request.args.get("listing", "").strip().lower()
    try:
        ask(match_pair, ref, wanted)
    except DomainError as error:
        if error.code != "not_found":
            raise
        flash(_("No listing of this kind that you may see has that reference."), "warn")
        return redirect(url_for("matching.need", ref=ref), 303)  # type: ignore[return-value]
    return redirect(url_for("matching.pair", ref=ref, listing_ref=wanted), 303)  # type: ignore[return-value]


@blueprint.get("/needs/<ref>/what-if")
@policy("need.view")
def otherwise(ref: str) -> str:
    """The need asked otherwise: what would fit then, and what no longer."""
    view = ask(inside, ref)
    found, errors = None, dict[str, str]()
    try:
        found = ask(what_if, ref, read_what_if(view, request.args))
    except DomainError as error:
        if error.code != "invalid":
            raise
        errors = field_errors(error, window_end="window_last")
        errors |= {name.replace("requirements.", PREFIX): words for name, words in errors.items()}
    return render_template(
        "matching/what_if.html",
        need=view,
        found=found,
        gained=[card(pair, view) for pair in found.gained] if found else [],
        lost=[card(pair, view) for pair in found.lost] if found else [],
        values=typed_values(view, request.args),
        movable=movable(KINDS[view.kind]),
        errors=errors,
        labels=what_if_labels(KINDS[view.kind]),
    )


@blueprint.get("/listings/<ref>/needs")
@policy("need.list")
def listing(ref: str) -> str:
    """The other direction, for its owner: the needs that a listing fits."""
    return render_template("matching/listing.html", listing=ask(listing_face, ref), found=ask(listing_needs, ref))


@blueprint.get("/match-runs")
@policy("match_run.list")
def runs() -> str:
    return render_template("matching/runs.html", runs=ask(run_list))


@blueprint.post("/match-runs")
@policy("match_run.start")
def start() -> Response:
    ref = execute(start_run, StartRun(typed("kind") or None))
    flash(_("The run has started."), "ok")
    return redirect(url_for("matching.run", ref=ref), 303)  # type: ignore[return-value]


@blueprint.get("/match-runs/<ref>")
@policy("match_run.list")
def run(ref: str) -> str:
    others = ask(comparable_runs, ref) if may("match_run.compare") else []
    return render_template("matching/run.html", run=ask(run_detail, ref), others=others, phases=PHASES)


@blueprint.get("/match-runs/<ref>/compare")
@policy("match_run.compare")
def compare(ref: str) -> str:
    """What changed between two runs."""
    change = request.args.get("change")
    found = ask(compare_runs, ref, request.args.get("with", ""), change)
    known = change if change in CHANGES else None
    return render_template("matching/compare.html", found=found, change=known, changes=CHANGES, tones=TONES)


@blueprint.get("/match-runs/<ref>/progress")
@policy("match_run.list")
def progress(ref: str) -> Response | str:
    """How far a run is, for its page to ask every two seconds; when it has ended the page is read anew."""
    found = ask(run_detail, ref)
    if found.status == "running":
        return render_template("matching/progress.html", run=found)
    return Response(headers={"HX-Refresh": "true"})
