"""Pages of listings: the list with its map, one listing, its form."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.assets import (
    SHOWN_AGAIN,
    amount_fields,
    asset_detail,
    asset_form_parts,
    form_labels,
    part_values,
    place_errors,
    read_draft,
    register_words,
)
from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import all_profiles
from app.drafts import KeptDraft, finishing, kept_draft
from app.kernel.errors import DomainError, fail
from app.kernel.text import Text
from app.listings.chart import horizon, segments
from app.listings.explore import chips, place_mark, tile_address
from app.listings.forms import read_terms, stored_terms, typed_errors
from app.listings.queries import (
    COUNTED,
    ListingDetail,
    ListingRow,
    list_listings,
    listing_by_ref,
    listing_detail,
    listing_history,
    owner_currency,
)
from app.listings.queryfields import SYSTEMS
from app.listings.rules import EXCLUSIVITIES, LIFE, STATUSES
from app.listings.search import kept_query, read_search
from app.listings.service import (
    CreateListing,
    EditListing,
    ListingTerms,
    MoveListing,
    create_listing,
    edit_listing,
    move_listing,
    new_problems,
)
from app.web.execute import ask, bus, execute
from app.web.formatting import text
from app.web.forms import field_errors, in_order, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import may, policy
from app.web.steps import LifeStep, life_steps

blueprint = Blueprint("listings", __name__, url_prefix="/listings")
blueprint.context_processor(register_words)
OPEN = Text("Open to others", "对外开放")
TONES = {"draft": "out", "published": "ok", "suspended": "warn", "withdrawn": "bad"}
REFUSED = (*SHOWN_AGAIN, "asset_not_openable", "nothing_offered", "unknown_currency")
ASSET = "asset."


def exclusivity_options() -> list[tuple[str, str]]:
    return [(name, text(words)) for name, words in EXCLUSIVITIES.items()]


@blueprint.context_processor
def listing_words() -> dict[str, Any]:
    return {
        "listing_statuses": STATUSES,
        "listing_tones": TONES,
        "listing_life": LIFE,
        "exclusivities": EXCLUSIVITIES,
        "exclusivities_in_words": exclusivity_options,
    }


@blueprint.get("/")
@policy("listing.list")
def index() -> str:
    """What is open, or all of ours: the list, and the map of the same things."""
    currency = ask(owner_currency)
    search = read_search(request.args, currency)
    wanted, paging = search.wanted, asked(20)
    found = ask(
        list_listings,
        wanted,
        after=paging.after,
        before=paging.before,
        limit=paging.limit,
        count_to=None if wanted.is_mine else COUNTED,
    )
    following, previous = links(Page(found.rows, found.count, found.after, found.before))
    chosen_ref = request.args.get("chosen", "")
    listed = any(row.ref == chosen_ref for row in found.rows)
    chosen = None if listed or not chosen_ref else ask(listing_by_ref, chosen_ref)
    rows = [*found.rows, *([chosen] if chosen else [])]
    return render_template(
        "listings/list.html",
        found=found,
        wanted=wanted,
        wrong=search.wrong,
        following=following,
        previous=previous,
        chosen=chosen,
        chosen_ref=chosen_ref,
        features=[_feature(row) for row in rows],
        place=None if wanted.near is None else place_mark(wanted.near),
        chips=chips(wanted, currency),
        tiles=None if wanted.is_mine else tile_address(wanted),
        typed=request.args,
        currencies=sorted({profile.currency for profile in all_profiles()} | ({wanted.currency} if wanted.currency else set())),
        systems=[name for name in SYSTEMS if name != "WGS-84"],
        wkt_example="LINESTRING (114.02 22.65, 114.03 22.66)",
        dimensions=KINDS[wanted.kind].dimensions if wanted.kind and wanted.kind in KINDS else (),
        free=dict(wanted.free),
        query=kept_query(request.args),
    )


def _feature(row: ListingRow) -> dict[str, Any]:
    lon, lat = row.point
    mark = {
        "id": row.ref,
        "lon": lon,
        "lat": lat,
        "label": row.title,
        "hue": row.kind.hue,
        "href": url_for("listings.show", ref=row.ref),
    }
    return {**mark, "state": "mine" if row.is_own else "fits" if row.face.is_exact else "cell"}


@blueprint.get("/new")
@policy("listing.create")
def new() -> str:
    """On an asset of the register (`asset`), or with a new one of a `kind`."""
    asset_ref, kind = request.args.get("asset", ""), request.args.get("kind", "")
    terms = {"window_start": bus().today().isoformat(), "tier": "T2"}
    if asset_ref:
        detail = ask(asset_detail, asset_ref)
        return _begun(detail.kind, {**terms, "title": detail.face.name or ""}, asset_ref)
    if kind not in KINDS:
        return render_template("assets/choose_kind.html", target="listings.new", heading=_("Open an asset to others"))
    defaults = {f"{ASSET}attributes.{f.name}": f.default for f in KINDS[kind].attributes if f.required and f.default is not None}
    return _begun(KINDS[kind], {**terms, **defaults})


def _begun(kind: AssetKind, values: dict[str, Any], asset_ref: str = "") -> str:
    """A new listing's form, as it was left or with `values`."""
    kept = ask(kept_draft, _name(kind, asset_ref))
    return _form(kind, dict(kept.values) if kept else values, {}, asset_ref=asset_ref, kept=kept)


def _name(kind: AssetKind, asset_ref: str = "", listing: ListingDetail | None = None) -> str:
    """What a form is called while it is not finished."""
    return f"listing-{listing.ref if listing else asset_ref or kind.name}"


@blueprint.post("/new")
@policy("listing.create")
def create() -> Response | tuple[str, int]:
    if typed("kind") not in KINDS:
        raise fail("malformed")
    kind, asset_ref = KINDS[typed("kind")], typed("asset_ref")
    terms, problems = read_terms(request.form, kind, ask(owner_currency))
    draft = None
    if not asset_ref:
        draft, wrong = read_draft(request.form, request.form.getlist("hosted_by"), kind, ASSET)
        problems += wrong
    try:
        if problems:  # and all else that is wrong, at once
            raise fail("invalid", [*problems, *new_problems(terms, kind, draft)])
        wanted = CreateListing(terms, asset_ref or None, draft, publish="publish" in request.form)
        made = execute(finishing(_name(kind, asset_ref), create_listing), wanted)
    except DomainError as error:
        return _form(kind, dict(request.form), _errors(error), asset_ref=asset_ref), 422
    flash(_("The listing is open.") if made.status == "published" else _("The draft is saved."), "ok")
    return _to(made.ref)


@blueprint.get("/<ref>")
@policy("listing.view")
def show(ref: str) -> str:
    detail = ask(listing_detail, ref)
    shown = horizon(detail.window, detail.profile, bus().today())
    actions = [
        (action, LIFE.labels[action]) for action in LIFE.actions(detail.status) if may(f"listing.{action}", detail.subject)
    ]
    editable = detail.status != "withdrawn" and may(
        "listing.edit" if detail.status == "draft" else "listing.edit_open", detail.subject
    )
    return render_template(
        "listings/show.html",
        listing=detail,
        actions=actions,
        editable=editable,
        shown=shown,
        life=_life(detail),
        chart={profile.dimension: segments(profile, shown) for profile in detail.profile},
        rows=ask(listing_history, ref) if detail.is_own else [],
    )


@blueprint.get("/<ref>/edit")
@policy("listing.edit")
def edit(ref: str) -> str:
    detail = _own(ref)
    kept = ask(kept_draft, _name(detail.kind, listing=detail))
    return _form(detail.kind, dict(kept.values) if kept else stored_terms(detail), {}, listing=detail, kept=kept)


@blueprint.post("/<ref>/edit")
@policy("listing.edit")
def change(ref: str) -> Response | tuple[str, int]:
    detail = _own(ref)
    terms, problems = read_terms(request.form, detail.kind, detail.currency)
    try:
        if problems:
            raise fail("invalid", [*problems, *new_problems(terms, detail.kind, None)])
        wanted = EditListing(ref, _seen(), {item.name: getattr(terms, item.name) for item in fields(ListingTerms)})
        execute(finishing(_name(detail.kind, listing=detail), edit_listing), wanted)
    except DomainError as error:
        return _form(detail.kind, dict(request.form), _errors(error), listing=detail), 422
    flash(_("The listing is changed."), "ok")
    return _to(ref)


@blueprint.post("/<ref>/publish")
@policy("listing.publish")
def publish(ref: str) -> Response:
    return _step(ref, "publish", _("The listing is open."))


@blueprint.post("/<ref>/suspend")
@policy("listing.suspend")
def suspend(ref: str) -> Response:
    return _step(ref, "suspend", _("The listing is suspended."))


@blueprint.post("/<ref>/resume")
@policy("listing.resume")
def resume(ref: str) -> Response:
    return _step(ref, "resume", _("The listing is open again."))


@blueprint.post("/<ref>/withdraw")
@policy("listing.withdraw")
def withdraw(ref: str) -> Response:
    return _step(ref, "withdraw", _("The listing is withdrawn."))


def _step(ref: str, action: str, message: str) -> Response:
    """One action of the listing's page: what is refused is said there."""
    try:
        execute(move_listing, MoveListing(ref, _seen(), action))
    except DomainError as error:
        if error.code not in REFUSED:
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(message, "ok")
    return _to(ref)


def _life(detail: ListingDetail) -> list[LifeStep]:
    """Where the listing stands between draft and withdrawal."""
    order = ["draft", "suspended" if detail.status == "suspended" else "published", "withdrawn"]
    place = order.index(detail.status)
    return life_steps([STATUSES[state] for state in order], place)


def _own(ref: str) -> ListingDetail:
    detail = ask(listing_detail, ref)
    if not detail.is_own or not may("listing.edit", detail.subject):
        raise fail("forbidden")
    return detail


def _to(ref: str) -> Response:
    return redirect(url_for("listings.show", ref=ref), 303)  # type: ignore[return-value]


def _seen() -> int | None:
    return int(typed("version")) if typed("version").isdigit() else None


def _errors(error: DomainError) -> dict[str, str]:
    if error.code not in REFUSED:
        raise error
    return typed_errors(place_errors(field_errors(error), request.form.get(f"{ASSET}shape", ""), ASSET))


def _form(
    kind: AssetKind,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    listing: ListingDetail | None = None,
    asset_ref: str = "",
    kept: KeptDraft | None = None,
) -> str:
    with_asset = listing is None and not asset_ref
    labels = form_labels(kind, ASSET) if with_asset else {}
    labels |= {f"offered.{d.name}": text(d.label) for d in kind.dimensions} | {
        "title": _("Title"),
        "window_start": _("First day"),
        "window_last": _("Last day"),
        "price": _("Price a year"),
        "tier": _("Disclosure"),
        "exclusivity": _("Who may use it"),
        "terms": _("Terms"),
    }
    parts = asset_form_parts(kind, values, ASSET) if with_asset else {"kind": kind}
    return render_template(
        "listings/form.html",
        values=values,
        errors=in_order(errors, labels),
        labels=labels,
        listing=listing,
        asset_ref=asset_ref,
        with_asset=with_asset,
        kept=kept,
        form=_name(kind, asset_ref, listing),
        currency=listing.currency if listing else ask(owner_currency),
        offered_fields=amount_fields(kind.dimensions, OPEN),
        offered_values=part_values(values, "offered."),
        **parts,
    )
