"""The administration's gap map, a member's groups, one group with its gains and consents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.kernel.text import Text
from app.matching.allocating.queries import RunView, run_list
from app.matching.cobuilding.exempting import DecideExemption, RequestExemption, decide_exemption, request_exemption
from app.matching.cobuilding.gap_queries import (
    MOST_MARKS,
    GroupFilter,
    gap_groups,
    group_marks,
    groups_by_need,
    last_reckoning,
    unserved,
)
from app.matching.cobuilding.marks import detail_features, group_features, need_feature
from app.matching.cobuilding.queries import group_detail, own_groups
from app.matching.cobuilding.rules import EXEMPTION, GROUP
from app.matching.cobuilding.service import Consent, give_consent, start_reckoning, withdraw_consent
from app.needs import NeedFilter, need_words
from app.web.execute import ask, execute
from app.web.forms import typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import may, policy

blueprint = Blueprint("cobuilding", __name__, url_prefix="/cobuilding")
ROWS, LOOKED_AT = 20, 20
FORMS, STANDING = ("site", "trench"), ("proposed", "agreed")
NEED_ORDERS = ("newest", "title", "-title", "start", "-start")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {**need_words(), "group_states": GROUP.states, "exemption_states": exemption_words()}


def exemption_words() -> dict[str, tuple[Text, str]]:
    tones = {"requested": "warn", "granted": "ok", "refused": "bad"}
    return {name: (words, tones[name]) for name, words in EXEMPTION.states.items()}


@blueprint.get("")
@policy("cobuild.list")
def index() -> str | Response:
    """An administration's gap map; for everybody else the groups that its own needs are in."""
    if may("cobuild.gaps"):
        return redirect(url_for("cobuilding.gaps"), 303)  # type: ignore[return-value]
    return render_template("cobuilding/own.html", groups=ask(own_groups))


@blueprint.get("/gaps")
@policy("cobuild.gaps")
def gaps() -> str:
    """Needs that nothing serves and the groups for them, of all lists or of one; beside them the allocation with its bound."""
    args = request.args
    list_ref, tab = args.get("list") or None, "needs" if args.get("show") == "needs" else "groups"
    page = min(max(args.get("page", 1, type=int) or 1, 1), 10**6)
    wanted = GroupFilter(
        list_ref, _one_of("form", FORMS), _one_of("status", STANDING), args.get("q") or None, args.get("sort") or "-saved"
    )
    needs = NeedFilter(
        q=wanted.q if tab == "needs" else None, kind=_one_of("kind", KINDS.as_mapping()), status="published", round_ref=list_ref,
        sort=_one_of("sort", NEED_ORDERS) or "newest",
    )  # fmt: skip
    groups, count = ask(
        gap_groups, wanted if tab == "groups" else GroupFilter(list_ref), ROWS, ROWS * (page - 1) if tab == "groups" else 0
    )
    paging = asked(ROWS)
    found = ask(unserved, needs, paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    grouped = ask(groups_by_need, [need.ref for need in found.results])
    features = [mark for group in ask(group_marks, wanted) for mark in group_features(group)]
    features += [need_feature(need) for need in ask(unserved, replace(needs, sort="newest"), MOST_MARKS).results]
    return render_template(
        "cobuilding/gaps.html", reckoned=ask(last_reckoning), tab=tab, wanted=wanted, needs=needs, groups=groups, count=count,
        page=page, size=ROWS, found=found, following=following, previous=previous, grouped=grouped, features=features,
        allocation=_allocation(list_ref), list_ref=list_ref, filtered=bool(wanted.q or wanted.form or wanted.status or needs.kind),
        kind_options=[(kind.name, kind.plural.in_(current_locale())) for kind in KINDS.all()],
    )  # fmt: skip


def _one_of(name: str, known: Collection[str]) -> str | None:
    """What the query says, where it is one of what there is."""
    said = request.args.get(name)
    return said if said in known else None


def _allocation(list_ref: str | None) -> RunView | None:
    """The newest allocation that has ended, that the reader may see whole and that is no scenario of another."""
    return next((run for run in ask(run_list, list_ref, LOOKED_AT, False) if run.status == "done" and run.whole), None)


@blueprint.post("/gaps")
@policy("cobuild.start")
def start() -> Response:
    execute(start_reckoning, None)
    flash(_("The groups are being reckoned."), "ok")
    return redirect(url_for("cobuilding.gaps"), 303)  # type: ignore[return-value]


@blueprint.get("/<ref>")
@policy("cobuild.list")
def show(ref: str) -> str:
    """One group: what each member gains; where, how high and with whom only once all consented."""
    group = ask(group_detail, ref)
    return render_template("cobuilding/group.html", group=group, kind=KINDS[group.kind], features=detail_features(group))


@blueprint.post("/<ref>/consent")
@policy("cobuild.consent")
def consent(ref: str) -> Response:
    try:
        status = execute(give_consent, Consent(ref))
    except DomainError as error:
        if error.code != "cobuild_stale":
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        agreed = status == "agreed"
        flash(_("All have consented. Names and site are open to you now.") if agreed else _("Your consent is recorded."), "ok")
    return _back(ref)


@blueprint.post("/<ref>/withdraw")
@policy("cobuild.consent")
def withdraw(ref: str) -> Response:
    execute(withdraw_consent, Consent(ref))
    flash(_("Your consent is withdrawn."), "ok")
    return _back(ref)


@blueprint.post("/<ref>/exemption")
@policy("cobuild.exempt")
def exempt(ref: str) -> Response:
    return _exempting(
        decide_exemption, DecideExemption(ref, typed("reason"), typed("decision") != "refused"), _("The decision is recorded.")
    )


@blueprint.post("/<ref>/exemption-request")
@policy("cobuild.request_exemption")
def ask_exemption(ref: str) -> Response:
    return _exempting(request_exemption, RequestExemption(ref, typed("grounds")), _("The administration will decide on it."))


def _exempting(use_case: Any, command: Any, done: str) -> Response:
    try:
        execute(use_case, command)
    except DomainError as error:
        if error.code not in ("reason_missing", "exemption_not_needed", "exemption_pending", "exemption_not_asked"):
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(done, "ok")
    return _back(command.ref)


def _back(ref: str) -> Response:
    return redirect(url_for("cobuilding.show", ref=ref), 303)  # type: ignore[return-value]
