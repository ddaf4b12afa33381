"""The administration's gap map, a member's groups, one group with its gains and consents."""

from __future__ import annotations

from typing import Any

import shapely
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.matching.cobuilding.queries import GroupView, gap_map, group_detail, own_groups
from app.matching.cobuilding.rules import GROUP
from app.matching.cobuilding.service import Consent, Exempt, give_consent, record_exemption, start_reckoning, withdraw_consent
from app.needs import NeedView, need_words
from app.web.execute import ask, execute
from app.web.forms import typed
from app.web.geojson import geometry_json
from app.web.i18n import current_locale
from app.web.policy import may, policy

blueprint = Blueprint("cobuilding", __name__, url_prefix="/cobuilding")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {**need_words(), "group_states": GROUP.states}


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
    """Needs that nothing serves and the groups for them, of all lists or of one."""
    found = ask(gap_map, request.args.get("list") or None)
    grouped = {member.need_ref: group for group in found.groups for member in group.members}
    features = [_site_mark(group) for group in found.groups]
    features += [_need_mark(need) for need in found.needs if need.ref not in grouped]
    return render_template("cobuilding/gaps.html", found=found, grouped=grouped, features=features)


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
    if group.opened is None:
        features = [{"id": group.ref, "label": _("Your need is here"), "state": "cell", "geometry": _box(group)}]
    else:
        features = [_site_mark(group), *(_member_mark(group, place) for place in range(len(group.members)))]
    return render_template("cobuilding/group.html", group=group, kind=KINDS[group.kind], features=features)


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
    try:
        execute(record_exemption, Exempt(ref, typed("reason")))
    except DomainError as error:
        if error.code not in ("reason_missing", "exemption_not_needed"):
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(_("The exemption is recorded."), "ok")
    return _back(ref)


def _back(ref: str) -> Response:
    return redirect(url_for("cobuilding.show", ref=ref), 303)  # type: ignore[return-value]


def _box(group: GroupView) -> dict[str, Any]:
    return geometry_json(shapely.box(*group.cell))


def _site_mark(group: GroupView) -> dict[str, Any]:
    """Where the group would build, or its cell for who may not know."""
    mark: dict[str, Any] = {"id": group.ref, "label": _("Site of a group"), "hue": KINDS[group.kind].hue}
    if group.opened is None:
        return mark | {"state": "cell", "geometry": _box(group)}
    return mark | {"state": "fits", "lon": group.opened.lon, "lat": group.opened.lat}


def _member_mark(group: GroupView, place: int) -> dict[str, Any]:
    member = group.members[place]
    return {
        "id": member.need_ref,
        "label": member.title,
        "state": "mine" if member.own else "near",
        "hue": KINDS[group.kind].hue,
        "lon": member.lon,
        "lat": member.lat,
    }


def _need_mark(need: NeedView) -> dict[str, Any]:
    mark = {"id": need.ref, "label": need.title, "state": "near", "hue": KINDS[need.kind].hue}
    if need.geometry.geom_type == "Point":
        return mark | {"lon": need.geometry.x, "lat": need.geometry.y}
    return mark | {"geometry": geometry_json(need.geometry)}
