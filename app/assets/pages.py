"""Pages of the register: the list, one asset, its form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.assets.draft import check_draft
from app.assets.form_parts import SHOWN_AGAIN, asset_form_parts, form_labels
from app.assets.forms import place_errors, read_draft, stored_values
from app.assets.queries import AssetDetail, AssetFilter, asset_detail, asset_draft, asset_history, list_assets
from app.assets.rules import LIFE
from app.assets.schemas import AssetQuery
from app.assets.service import EditAsset, MoveAsset, edit_asset, move_asset, register_asset
from app.assets.words import register_words
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError, fail
from app.regions import region_code
from app.web.execute import ask, execute
from app.web.forms import field_errors, in_order, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import may, policy
from app.web.query import without_paging

blueprint = Blueprint("assets", __name__, url_prefix="/assets")
blueprint.context_processor(register_words)


@blueprint.get("/")
@policy("asset.list")
def index() -> str:
    """The register: one's own first, and what of others one sees exactly."""
    typed_in = {name: region_code(value) if name == "region" else value for name, value in request.args.items() if value}
    given = without_paging(AssetQuery().load(typed_in))
    owner = given.pop("owner", "mine")
    wanted = AssetFilter(**given, owner=None if owner == "all" else owner)
    paging = asked(25)
    rows, count, after, before = ask(list_assets, wanted, after=paging.after, before=paging.before, limit=paging.limit)
    following, previous = links(Page(rows, count, after, before))
    return render_template("assets/list.html", rows=rows, count=count, wanted=wanted, following=following, previous=previous)


@blueprint.get("/new")
@policy("asset.register")
def new() -> str:
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        return render_template("assets/choose_kind.html", target="assets.new", heading=_("Register an asset"))
    declared = KINDS[kind]
    return _form(
        declared, {f"attributes.{f.name}": f.default for f in declared.attributes if f.required and f.default is not None}, {}
    )


@blueprint.post("/new")
@policy("asset.register")
def register() -> Response | tuple[str, int]:
    if typed("kind") not in KINDS:
        raise fail("malformed")
    kind = KINDS[typed("kind")]
    draft, problems = read_draft(request.form, request.form.getlist("hosted_by"), kind)
    try:
        if problems:  # and all else that is wrong, at once
            raise fail("invalid", [*problems, *check_draft(draft)[1]])
        made = execute(register_asset, draft)
    except DomainError as error:
        return _form(kind, dict(request.form), _errors(error)), 422
    flash(_("The asset is on the register."), "ok")
    return _to(made.ref)


@blueprint.get("/<ref>")
@policy("asset.view")
def show(ref: str) -> str:
    detail = ask(asset_detail, ref)
    is_own = may("asset.edit", detail.subject)
    actions = (
        [(action, LIFE.labels[action]) for action in LIFE.actions(detail.face.status or "")]
        if may("asset.status", detail.subject)
        else []
    )
    rows = ask(asset_history, ref) if detail.face.is_internal else []
    return render_template("assets/show.html", detail=detail, is_own=is_own, actions=actions, rows=rows)


@blueprint.get("/<ref>/edit")
@policy("asset.edit")
def edit(ref: str) -> str:
    detail = _own(ref)
    return _form(detail.kind, stored_values(ask(asset_draft, ref)), {}, detail)


@blueprint.post("/<ref>/edit")
@policy("asset.edit")
def change(ref: str) -> Response | tuple[str, int]:
    detail = _own(ref)
    draft, problems = read_draft(request.form, request.form.getlist("hosted_by"), detail.kind)
    changed: dict[str, Any] = {
        name: getattr(draft, name)
        for name in (
            "name",
            "attributes",
            "capacity",
            "owner_ref",
            "available_from",
            "address",
            "land_consent",
            "host_consent",
            "accuracy_m",
            "grade",
            "hosted_by",
            "geometry",
            "declared_crs",
        )
    }
    try:
        if problems:
            raise fail("invalid", problems)
        execute(edit_asset, EditAsset(ref, _seen(), changed))
    except DomainError as error:
        return _form(detail.kind, dict(request.form), _errors(error), detail), 422
    flash(_("The asset is changed."), "ok")
    return _to(ref)


@blueprint.post("/<ref>/<any(plan, build, commission, deactivate, reactivate, retire):action>")
@policy("asset.status")
def act(ref: str, action: str) -> Response:
    try:
        execute(move_asset, MoveAsset(ref, _seen(), action))
    except DomainError as error:
        if error.code not in SHOWN_AGAIN:
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(_("The status is changed."), "ok")
    return _to(ref)


def _own(ref: str) -> AssetDetail:
    detail = ask(asset_detail, ref)
    if not may("asset.edit", detail.subject):
        raise fail("forbidden")
    return detail


def _to(ref: str) -> Response:
    return redirect(url_for("assets.show", ref=ref), 303)  # type: ignore[return-value]


def _seen() -> int | None:
    return int(typed("version")) if typed("version").isdigit() else None


def _errors(error: DomainError) -> dict[str, str]:
    if error.code not in SHOWN_AGAIN:
        raise error
    return place_errors(field_errors(error), request.form.get("shape", ""))


def _form(kind: AssetKind, values: dict[str, Any], errors: dict[str, str], asset: AssetDetail | None = None) -> str:
    values = values | ({"version": asset.version} if asset is not None and "version" not in values else {})
    labels = form_labels(kind)
    return render_template(
        "assets/form.html",
        values=values,
        errors=in_order(errors, labels),
        labels=labels,
        detail=asset,
        hosts=asset.hosts if asset else (),
        **asset_form_parts(kind, values),
    )
