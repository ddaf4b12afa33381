"""Use cases of listings: create (with its asset or on one), edit, publish, suspend, resume, withdraw. One event each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts import Organisation
from app.assets import (
    OPENABLE,
    STATUSES,
    Asset,
    AssetDraft,
    add_asset,
    capacity_book,
    check_draft,
    kind_named,
    set_public_tier,
    snapshot,
)
from app.assets import load as load_asset
from app.catalogue.declaration import AssetKind, Sort
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.catalogue.validation import is_empty, validate_amounts
from app.db.work import UnitOfWork
from app.disclosure import public_tier, snapped
from app.kernel.errors import Problem, fail
from app.kernel.event import Event, changes
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.kernel.version import check_version
from app.listings.height import height_m
from app.listings.models import Listing
from app.listings.queries import ListingDetail, listing_detail
from app.listings.rules import LIFE, PAST, offer_problems, term_problems

TERMS = ("title", "offered", "window_start", "window_end", "price_minor", "currency", "terms", "tier", "exclusivity")


@dataclass(frozen=True, slots=True)
class ListingTerms:
    """What an owner opens. `offered`: dimension → amount, empty = all that is free. `window_end` None = open end. `price_minor`
    None = on request; `currency` None = that of the owner's jurisdiction. `exclusivity`: none, listing or asset."""

    title: str = ""
    offered: Mapping[str, Any] = field(default_factory=dict)
    window_start: date | None = None
    window_end: date | None = None
    price_minor: int | None = None
    currency: str | None = None
    terms: str | None = None
    tier: str = "T2"
    exclusivity: str = "none"


@dataclass(frozen=True, slots=True)
class CreateListing:
    """On an asset that stands on the register (`asset_ref`), or with a new one (`asset`). `publish`: open it at once."""

    terms: ListingTerms
    asset_ref: str | None = None
    asset: AssetDraft | None = None
    publish: bool = False


@dataclass(frozen=True, slots=True)
class EditListing:
    """`changes`: fields of `ListingTerms` by name."""

    ref: str
    version: int | None
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MoveListing:
    """`action`: publish, suspend, resume or withdraw."""

    ref: str
    version: int | None
    action: str


def create_listing(work: UnitOfWork, command: CreateListing) -> ListingDetail:
    """Draft (or open) a listing. Owner's editors; opening takes a manager. Raises `invalid` with every problem."""
    return listing_detail(work, add_listing(work, command).ref)


def add_listing(work: UnitOfWork, command: CreateListing) -> Listing:
    """As `create_listing`, without reading the whole page of it."""
    if (command.asset is None) == (command.asset_ref is None):
        raise fail(
            "invalid",
            [Problem("required", Text("Name an asset, or describe a new one.", "请指定设施，或填写新设施。"), pointer="/asset")],
        )
    new = command.asset
    problems = _early_problems(command.terms, kind_named(new.kind) if new else None)
    if new is not None:
        problems = (*check_draft(new, pointer="/asset")[1], *problems)
        if problems:
            raise fail("invalid", problems)
        asset = add_asset(work, new, pointer="/asset")
    else:
        asset = load_asset(work, command.asset_ref or "", "asset.edit", None)
    work.permit("listing.create", Subject(owner_id=asset.owner_id, region=asset.region))
    listing = _new(work, asset)
    _state(work, listing, asset, command.terms, problems)
    work.session.add(listing)
    work.session.flush()
    after = {**record(listing), "status": listing.status}
    if new is not None:
        after["asset"] = snapshot(asset)
    if command.publish:
        work.permit("listing.publish", subject_of(listing))
        _open(work, listing, asset, "publish")
        after["status"] = listing.status
    announce(work, listing, "listing.published" if command.publish else "listing.created", {}, after)
    return listing


def new_problems(terms: ListingTerms, kind: AssetKind, new: AssetDraft | None) -> tuple[Problem, ...]:
    """Everything that can be said of a new listing without looking at the register, as `create_listing` says it."""
    found = check_draft(new, pointer="/asset")[1] if new is not None else ()
    return (*found, *_early_problems(terms, kind))


def edit_listing(work: UnitOfWork, command: EditListing) -> ListingDetail:
    """Change the terms. Editors while it is a draft, managers once it is open. Raises `stale_version`, `illegal_transition`,
    `invalid`."""
    return listing_detail(work, change_terms(work, command).ref)


def change_terms(work: UnitOfWork, command: EditListing) -> Listing:
    """As `edit_listing`, without reading the whole page of it again."""
    listing = load(
        work, command.ref, lambda row: "listing.edit" if row.status == "draft" else "listing.edit_open", command.version
    )
    if listing.status == "withdrawn":
        raise fail("illegal_transition", subject=LIFE.subject, state=LIFE.states[listing.status], action=Text("Edit", "修改"))
    unknown = [name for name in command.changes if name not in TERMS]
    if unknown:
        raise fail(
            "invalid",
            [Problem("unknown_field", Text("This cannot be changed here.", "此处不能修改该字段。"), pointer=f"/{unknown[0]}")],
        )
    before = record(listing)
    _state(work, listing, listing.asset, replace(terms_of(listing), **command.changes), ())
    _touch(work, listing)
    work.session.flush()
    _show(work, listing.asset)
    announce(work, listing, "listing.edited", before, record(listing))
    return listing


def move_listing(work: UnitOfWork, command: MoveListing) -> ListingDetail:
    """Publish, suspend, resume or withdraw. Owner's managers. Raises `illegal_transition`, `stale_version`,
    `asset_not_openable`."""
    return listing_detail(work, take_step(work, command).ref)


def take_step(work: UnitOfWork, command: MoveListing) -> Listing:
    """As `move_listing`, without reading the whole page of it again."""
    if command.action not in LIFE.transitions:
        raise fail("not_found")
    listing = load(work, command.ref, lambda row: f"listing.{command.action}", command.version)
    before = listing.status
    _open(work, listing, listing.asset, command.action)
    _touch(work, listing)
    announce(work, listing, f"listing.{PAST[command.action]}", {"status": before}, {"status": listing.status})
    return listing


def put_back(work: UnitOfWork, listing: Listing, status: str) -> None:
    """Give a listing the state again that it had before a step that is taken back. Owner's managers. Raises `asset_not_openable`.

    Against the life: the caller has made sure that nothing has happened to the listing since."""
    work.permit("listing.publish", subject_of(listing))
    before, listing.status = listing.status, status
    _check_openable(work, listing, listing.asset)
    work.session.flush()
    _show(work, listing.asset)
    _touch(work, listing)
    announce(work, listing, "listing.put_back", {"status": before}, {"status": status})


def load(work: UnitOfWork, ref: str, action: Callable[[Listing], str], version: int | None) -> Listing:
    """The listing for a change, in the version that was seen, by somebody who may do `action` to it."""
    listing = work.session.scalar(select(Listing).where(Listing.ref == ref).with_for_update())
    if listing is None:
        raise fail("not_found")
    if listing.owner_id not in work.actor.subtree:
        listing_detail(work, ref)  # not_found for those who cannot see it
    work.permit(action(listing), subject_of(listing))
    check_version(version, listing.version)
    return listing


def subject_of(listing: Listing) -> Subject:
    return Subject(owner_id=listing.owner_id, region=listing.region, regions=frozenset({listing.region}), status=listing.status)


def terms_of(listing: Listing) -> ListingTerms:
    end = None if listing.window_end == FAR else listing.window_end
    return ListingTerms(
        listing.title,
        dict(listing.offered),
        listing.window_start,
        end,
        listing.price_minor,
        listing.currency,
        listing.terms,
        listing.tier,
        listing.exclusivity,
    )


def record(listing: Listing) -> dict[str, Any]:
    """The terms for the record, JSON-ready."""
    days = {"window_start": listing.window_start.isoformat(), "window_end": listing.window_end.isoformat()}
    return {**{name: getattr(listing, name) for name in TERMS}, **days, "offered": dict(listing.offered)}


def announce(work: UnitOfWork, listing: Listing, action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    was, now = changes(before, after)
    work.emit(
        Event(
            action,
            "listing",
            listing.ref,
            (listing.owner_id,),
            was,
            now,
            listing.region,
            {"listing_id": listing.id, "kind": listing.kind},
        )
    )


def follow_asset(work: UnitOfWork, asset: Asset) -> None:
    """Bring what listings repeat of their asset back in step: place, region, grade."""
    for listing in work.session.scalars(select(Listing).where(Listing.asset_id == asset.id)):
        repeat(work, listing, asset)
    work.session.flush()
    _show(work, asset)


def repeat(work: UnitOfWork, listing: Listing, asset: Asset) -> None:
    """Copy the asset's place and height, and make the face that others search."""
    shown = public_tier(Tier[listing.tier], asset.grade)
    listing.kind, listing.owner_id, listing.operator_id = asset.kind, asset.owner_id, asset.operator_id
    listing.region, listing.geom = asset.region, asset.geom
    listing.face_tier = shown.name
    exact = shown >= Tier.T2
    listing.face_geom = asset.geom if exact else snapped(asset.geom)
    listing.face_region = asset.region if exact else asset.cell_region
    profile = work.session.get_one(Organisation, asset.owner_id).profile
    listing.height_m = height_m(KINDS[asset.kind], asset.attributes, profile)


def _new(work: UnitOfWork, asset: Asset) -> Listing:
    owner = work.session.get_one(Organisation, asset.owner_id)
    return Listing(
        asset_id=asset.id,
        asset=asset,
        owner_id=owner.id,
        sector=owner.sector,
        status=LIFE.initial,
        provenance=asset.provenance,
        created_at=work.now,
        currency=get_profile(owner.profile).currency,
    )


def _consumable_problems(kind: AssetKind, offered: Mapping[str, Any]) -> tuple[dict[str, float], tuple[Problem, ...]]:
    stated = {name: amount for name, amount in offered.items() if not is_empty(amount)}
    return validate_amounts([d for d in kind.dimensions if d.sort is not Sort.LIMIT], stated, "/offered")


def _early_problems(terms: ListingTerms, kind: AssetKind | None) -> tuple[Problem, ...]:
    """What can be said before the asset is there."""
    found = term_problems(
        terms.title,
        terms.window_start,
        terms.window_end,
        terms.price_minor,
        terms.currency or "CNY",
        terms.tier,
        terms.terms,
        terms.exclusivity,
    )
    return (*found, *(_consumable_problems(kind, terms.offered)[1] if kind else ()))


def _state(work: UnitOfWork, listing: Listing, asset: Asset, terms: ListingTerms, early: tuple[Problem, ...]) -> None:
    """Write the terms, or raise `invalid` with everything that is wrong with them."""
    kind = KINDS[asset.kind]
    problems = list(early) or list(_early_problems(terms, None))
    offered, wrong = _consumable_problems(kind, terms.offered)
    totals = capacity_book().totals(work.session, [asset.id]).get(asset.id, {})
    problems += [p for p in (*wrong, *offer_problems(kind, offered, totals)) if p not in problems]
    if problems:
        raise fail("invalid", problems)
    assert terms.window_start is not None
    listing.title, listing.offered, listing.terms, listing.tier = terms.title.strip(), offered, terms.terms or None, terms.tier
    listing.window_start, listing.window_end = terms.window_start, terms.window_end or FAR
    listing.price_minor, listing.currency = terms.price_minor, terms.currency or listing.currency
    listing.exclusivity = terms.exclusivity
    repeat(work, listing, asset)


def _open(work: UnitOfWork, listing: Listing, asset: Asset, action: str) -> None:
    """Move the listing and show the asset accordingly; opening needs an asset that can be open, with capacity."""
    listing.status = LIFE.move(listing.status, action)
    _check_openable(work, listing, asset)
    if listing.status == "published":
        listing.opened_at = work.now
    work.session.flush()
    _show(work, asset)


def _check_openable(work: UnitOfWork, listing: Listing, asset: Asset) -> None:
    if listing.status == "published":
        if asset.status not in OPENABLE:
            raise fail("asset_not_openable", status=STATUSES[asset.status])
        if not capacity_book().totals(work.session, [asset.id]).get(asset.id):
            raise fail(
                "nothing_offered",
                [
                    Problem(
                        "nothing_offered", Text("State the capacity of the asset.", "请填写设施容量。"), pointer="/asset/capacity"
                    )
                ],
            )


def _show(work: UnitOfWork, asset: Asset) -> None:
    """What everybody sees of the asset is what its most open published listing shows."""
    tiers = work.session.scalars(select(Listing.face_tier).where(Listing.asset_id == asset.id, Listing.status == "published"))
    set_public_tier(work, asset.id, max((Tier[name] for name in tiers), default=None))
    work.session.refresh(asset, ["public_tier"])


def _touch(work: UnitOfWork, listing: Listing) -> None:
    listing.version += 1
    listing.updated_at = work.now
