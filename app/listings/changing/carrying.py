"""One listing of a bulk change: carried out by the very use cases of a single change, tried without effect, put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from app.assets import Asset, EditAsset, change_asset
from app.catalogue.kinds import KINDS
from app.catalogue.validation import is_empty, validate_values
from app.db.base import Base
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.timewindow import FAR
from app.kernel.version import check_version
from app.listings.changing.models import BulkChangeItem
from app.listings.changing.rules import DAYS, OWN_TITLE, Wanted, opened_after, raised
from app.listings.models import Listing
from app.listings.rules import LIFE
from app.listings.service import EditListing, MoveListing, change_terms, put_back, take_step, terms_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one listing: the facts that the change is about, before and after, and the versions it left."""

    before: dict[str, Any]
    after: dict[str, Any]
    version: int
    asset_version: int

    @property
    def is_change(self) -> bool:
        return self.before != self.after


def tried(work: UnitOfWork, item: BulkChangeItem, wanted: Wanted) -> Outcome:
    """What carrying it out would do; nothing of it remains, nobody is told. Raises what carrying it out would raise."""
    silent = UnitOfWork(work.session, work.actor, work.now, work.zone)
    trial = work.session.begin_nested()
    try:
        return carry_out(silent, item, wanted, item.asset_version)
    finally:
        trial.rollback()


def carry_out(work: UnitOfWork, item: BulkChangeItem, wanted: Wanted, asset_version: int) -> Outcome:
    """Change the listing and its asset as if by hand. Raises `stale_version` and whatever a single change raises."""
    listing = work.session.scalars(select(Listing).where(Listing.id == item.listing_id).with_for_update()).one()
    asset = listing.asset
    check_version(item.version, listing.version)
    attributes = _attributes(asset, wanted.attributes)
    if attributes:
        check_version(asset_version, asset.version)
    before = facts(listing, wanted)
    if attributes:
        change_asset(work, EditAsset(asset.ref, asset.version, {"attributes": attributes}))
    terms = _terms(listing, wanted)
    if terms:
        change_terms(work, EditListing(listing.ref, listing.version, terms))
    if wanted.action is not None and LIFE.transitions[wanted.action][1] != listing.status:
        take_step(work, MoveListing(listing.ref, listing.version, wanted.action))
    return Outcome(before, facts(listing, wanted), listing.version, asset.version)


def _attributes(asset: Asset, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Those that differ from what is stated, as they are stored; None takes one away. Raises `invalid`."""
    if not typed:
        return {}
    declared = [f for f in KINDS[asset.kind].attributes if f.name in typed]
    values, problems = validate_values(declared, typed, "/attributes", need_all=False)
    if problems:
        raise fail("invalid", problems)
    wanted = {name: None if is_empty(given) else values[name] for name, given in typed.items()}
    return {name: value for name, value in wanted.items() if asset.attributes.get(name) != value}


def _terms(listing: Listing, wanted: Wanted) -> dict[str, Any]:
    """The terms that differ from those of the listing."""
    asked = dict(wanted.terms)
    if wanted.price_percent is not None:
        asked["price_minor"] = raised(listing.price_minor, wanted.price_percent)
    current = terms_of(listing)
    if "title" in asked:
        asked["title"] = str(asked["title"]).replace(OWN_TITLE, listing.title)
    if wanted.offered is not None:
        asked["offered"] = opened_after(current.offered, wanted.offered)
    return {name: value for name, value in asked.items() if getattr(current, name) != value}


def facts(listing: Listing, wanted: Wanted) -> dict[str, Any]:
    """What the change is about, JSON-ready. `assumed`: which of the asset's values were, so that it can be put back."""
    names = [*wanted.terms, *(["price_minor", "currency"] if wanted.price_percent is not None else [])]
    found: dict[str, Any] = {name: getattr(listing, name) for name in names}
    found |= {name: found[name].isoformat() for name in DAYS if name in found}
    if wanted.offered is not None:
        found["offered"] = dict(listing.offered)
    if wanted.action is not None:
        found["status"] = listing.status
    if wanted.attributes:
        found["attributes"] = {name: listing.asset.attributes.get(name) for name in wanted.attributes}
        found["assumed"] = sorted(listing.asset.assumed)
    return found


def take_back(work: UnitOfWork, item: BulkChangeItem) -> None:
    """Give one listing and its asset back what they had. Raises `stale_version` when somebody changed them since, `listing_in_use`."""
    listing = work.session.scalars(select(Listing).where(Listing.id == item.listing_id).with_for_update()).one()
    before, after, asset = item.before, item.after, listing.asset
    check_version(item.version, listing.version)
    if before.get("status") == "draft" and listing.status != "draft" and is_referred_to(work.session, listing):
        raise fail("listing_in_use")
    if before.get("status") != after.get("status") and "status" in before:
        put_back(work, listing, before["status"])
    if before.get("attributes") != after.get("attributes"):
        check_version(item.asset_version, asset.version)
        change_asset(work, EditAsset(asset.ref, asset.version, {"attributes": before["attributes"]}))
        asset.assumed = before["assumed"]
    terms = {name: _revived(name, value) for name, value in before.items() if name in _OF_TERMS and value != after[name]}
    if terms:
        change_terms(work, EditListing(listing.ref, listing.version, terms))


_OF_TERMS = frozenset(
    {"title", "offered", "price_minor", "currency", "window_start", "window_end", "tier", "exclusivity", "terms"}
)


def _revived(name: str, value: Any) -> Any:
    if name not in DAYS:
        return value
    day = date.fromisoformat(value)
    return None if name == "window_end" and day == FAR else day


def is_referred_to(session: Session, listing: Listing) -> bool:
    """Whether a request or an agreement stands on the listing: any row that would not go with it."""
    own: Table = Listing.__table__  # type: ignore[assignment]
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table is own and (key.ondelete or "").upper() != "CASCADE":
                column = next(iter(key.columns))
                if session.scalar(select(column).where(column == listing.id).limit(1)) is not None:
                    return True
    return False
