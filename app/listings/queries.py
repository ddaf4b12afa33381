"""Reads of listings, every one through disclosure: rows of a list, the detail, what is only counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import LargeBinary, Select, func, select
from sqlalchemy.orm import joinedload

from app import ledger
from app.accounts import OrganisationName, names
from app.assets import AssetDetail, capacity_book, detail_of, facts_of
from app.audit import HistoryRow, history
from app.catalogue.declaration import AssetKind, Dimension, Sort
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.paging import seek
from app.db.work import Reader
from app.disclosure import AssetFace, AssetFacts, anchor, belongs_to, granted_tiers, shown, tier_for, tier_of
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.quantity import from_milli, to_milli
from app.kernel.timewindow import FAR, Window
from app.ledger import DimensionProfile
from app.listings.filters import ListingFilter, conditions, may_see, place_column
from app.listings.models import NO_PRICE, PRICE, Listing
from app.listings.pageful import by_ids, page_of
from app.listings.place import Near, distances, reaches

COUNTED = 1_000  # of what others open, pages count no further: a count of everything costs more than the page
SORTS: Mapping[str, tuple[Any, bool]] = {
    "created": (Listing.id, False),
    "-created": (Listing.id, True),
    "title": (Listing.title, False),
    "-title": (Listing.title, True),
    "price": (PRICE, False),
    "-price": (PRICE, True),
}
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """One dimension of an offer: what is open of it, of which total, and what is free of that now or over a window."""

    dimension: Dimension
    total: Decimal
    offered: Decimal
    free: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One line of a list, as the actor may see it. `distance_m`: from the point searched around, to what is shown."""

    id: int
    ref: str
    title: str
    kind: AssetKind
    owner: OrganisationName
    status: str
    face: AssetFace
    price_minor: int | None
    currency: str
    exclusivity: str
    window: Window
    opened: Sequence[Opened]
    provenance: str
    version: int
    is_own: bool
    distance_m: float | None = None

    @property
    def point(self) -> tuple[float, float]:
        return anchor(self.face.geometry)


@dataclass(frozen=True, slots=True)
class ListingDetail:
    """A listing for its page and for the API. `tier`: what the owner chose; `face_tier`: what others see of it after the
    grade."""

    id: int
    ref: str
    version: int
    title: str
    kind: AssetKind
    status: str
    asset: AssetDetail
    opened: Sequence[Opened]
    profile: Sequence[DimensionProfile]
    window: Window
    price_minor: int | None
    currency: str
    terms: str | None
    exclusivity: str
    tier: Tier
    face_tier: Tier
    provenance: str
    is_own: bool
    subject: Subject
    created_at: datetime
    updated_at: datetime | None

    @property
    def face(self) -> AssetFace:
        return self.asset.face

    @property
    def owner(self) -> OrganisationName:
        return self.asset.owner


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`uncounted`: there are more than `count`."""

    rows: Sequence[ListingRow]
    count: int
    after: Key | None = None
    before: Key | None = None
    uncounted: bool = False


def list_listings(
    reader: Reader,
    wanted: ListingFilter,
    *,
    after: Key | None = None,
    before: Key | None = None,
    limit: int = 50,
    count_to: int | None = None,
) -> ListingPage:
    """A page of the listings that the actor may see one by one. With `near`, nearest first. `count_to`: how far to count."""
    reader.permit("listing.list")
    if wanted.near is not None:
        return _nearest(reader, wanted, wanted.near, after, before, limit, count_to)
    base = select(Listing).where(*conditions(reader, wanted))
    if wanted.sort not in SORTS:
        raise fail("malformed")
    column, descending = SORTS[wanted.sort]
    order = [(column, descending)] if column is Listing.id else [(column, descending), (Listing.id, descending)]
    count = _count(reader, base, count_to)
    page = seek(base, order, after or before, limit, reverse=before is not None)
    found = page_of(reader, page, wanted.sort, count, after or before, descending != (before is not None), limit)
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    return ListingPage(
        _rows(reader, found),
        count if count_to is None else min(count, count_to),
        _key(wanted.sort, found[-1]) if found and has_next else None,
        _key(wanted.sort, found[0]) if found and has_previous else None,
        uncounted=count_to is not None and count > count_to,
    )


def _count(reader: Reader, base: Select[Any], count_to: int | None) -> int:
    """How many there are; with `count_to`, one more than it stands for all the rest."""
    some = base.with_only_columns(Listing.id, maintain_column_froms=True)
    some = some if count_to is None else some.limit(count_to + 1)
    return reader.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _key(sort: str, listing: Listing) -> Key:
    column = SORTS[sort][0]
    if column is Listing.id:
        return (listing.id,)
    return (
        listing.title if column is Listing.title else (NO_PRICE if listing.price_minor is None else listing.price_minor),
        listing.id,
    )


def _nearest(
    reader: Reader,
    wanted: ListingFilter,
    near: Near,
    after: Key | None,
    before: Key | None,
    limit: int,
    count_to: int | None,
) -> ListingPage:
    """The page behind (or before) the key (millimetres, id), by geodesic distances. Who counts only so far looks only so far: in
    growing reaches, until there is a page and a count."""
    keys: list[tuple[int, int]] = []
    for reach in reaches(near, before or after) if count_to is not None else [near.radius_m]:
        keys = _within(reader, wanted, Near(near.geometry, reach))
        behind = sum(key > tuple(after) for key in keys) if after is not None else len(keys)
        if count_to is not None and len(keys) > count_to and behind > limit:
            break
    if before is not None:
        earlier = [key for key in keys if key < tuple(before)]
        page, has_previous, has_next = earlier[-limit:], len(earlier) > limit, True
    else:
        later = [key for key in keys if after is None or key > tuple(after)]
        page, has_previous, has_next = later[:limit], after is not None, len(later) > limit
    shown = _rows(reader, by_ids(reader, [number for _mm, number in page]), {number: mm / 1000 for mm, number in page})
    return ListingPage(
        shown,
        len(keys) if count_to is None else min(len(keys), count_to),
        page[-1] if page and has_next else None,
        page[0] if page and has_previous else None,
        uncounted=count_to is not None and len(keys) > count_to,
    )


def _within(reader: Reader, wanted: ListingFilter, near: Near) -> list[tuple[int, int]]:
    """(millimetres, id) of everything within reach, nearest first."""
    wkb = func.ST_AsBinary(place_column(wanted), type_=LargeBinary())
    rows = reader.session.execute(select(Listing.id, wkb).where(*conditions(reader, replace(wanted, near=near)))).all()
    metres = distances(near, shapely.from_wkb([row[1] for row in rows]))
    return sorted((round(d * 1000), row[0]) for d, row in zip(metres, rows, strict=True) if d <= near.radius_m)


def _facts(reader: Reader, listings: Sequence[Listing]) -> list[AssetFacts]:
    """The facts of each listing's asset, where what everybody sees is what this listing shows."""
    public = [Tier[row.face_tier] if row.status == "published" else None for row in listings]
    return [
        replace(f, public_tier=tier)
        for f, tier in zip(facts_of(reader.session, [row.asset for row in listings]), public, strict=True)
    ]


def _rows(reader: Reader, listings: Sequence[Listing], distance: Mapping[int, float] | None = None) -> list[ListingRow]:
    facts = _facts(reader, listings)
    granted = granted_tiers(reader, [fact.id for fact in facts])
    totals = capacity_book().totals(reader.session, [row.asset_id for row in listings])
    owners = names(reader.session, {row.owner_id for row in listings})
    found = []
    for listing, fact in zip(listings, facts, strict=True):
        tier = tier_of(reader.actor, fact, granted.get(fact.id, ()))
        if tier is None or tier is Tier.T0:
            continue
        kind = KINDS[listing.kind]
        found.append(
            ListingRow(
                id=listing.id,
                ref=listing.ref,
                title=listing.title,
                kind=kind,
                owner=owners[listing.owner_id],
                status=listing.status,
                face=shown(reader, fact, tier, kind),
                price_minor=listing.price_minor,
                currency=listing.currency,
                exclusivity=listing.exclusivity,
                window=Window(listing.window_start, listing.window_end),
                opened=opened(kind, listing, totals.get(listing.asset_id, {})),
                provenance=listing.provenance,
                version=listing.version,
                is_own=belongs_to(reader.actor, fact),
                distance_m=None if distance is None else distance[listing.id],
            )
        )
    return found


def opened(
    kind: AssetKind,
    listing: Listing,
    totals: Mapping[str, Decimal],
    free: Mapping[str, ledger.Free] | None = None,
) -> list[Opened]:
    """The dimensions of an offer. An offer that names none opens all; `free` never passes what is offered."""
    found = []
    for dimension in kind.dimensions:
        total = totals.get(dimension.name)
        stated = listing.offered.get(dimension.name)
        if dimension.sort is Sort.LIMIT or total is None or (listing.offered and stated is None):
            continue
        offered = total if stated is None else min(total, from_milli(to_milli(stated)))
        left = None if free is None or dimension.name not in free else min(offered, from_milli(free[dimension.name].free_milli))
        found.append(Opened(dimension, total, offered, left))
    return found


def listing_row(reader: Reader, ref: str) -> Listing:
    listing = reader.session.scalar(select(Listing).where(Listing.ref == ref).options(joinedload(Listing.asset)))
    if listing is None:
        raise fail("not_found")
    return listing


def listing_detail(reader: Reader, ref: str) -> ListingDetail:
    """One listing as the actor may see it: its own in every state, of others what is or was open; else `not_found`."""
    listing = listing_row(reader, ref)
    fact = _facts(reader, [listing])[0]
    tier = tier_for(reader, fact)
    is_own = reader.actor.is_system or belongs_to(reader.actor, fact)
    if tier is None or tier is Tier.T0 or (listing.status == "draft" and not is_own):
        raise fail("not_found")
    kind = KINDS[listing.kind]
    window = Window(listing.window_start, listing.window_end)
    ahead = window.intersection(Window(max(reader.today, listing.window_start), FAR)) or window
    totals = capacity_book().totals(reader.session, [listing.asset_id]).get(listing.asset_id, {})
    return ListingDetail(
        id=listing.id,
        ref=listing.ref,
        version=listing.version,
        title=listing.title,
        kind=kind,
        status=listing.status,
        asset=detail_of(reader, listing.asset, shown(reader, fact, tier, kind)),
        opened=opened(kind, listing, totals, ledger.free(reader.session, listing.asset_id, ahead)),
        profile=ledger.profile(reader.session, listing.asset_id, ahead),
        window=window,
        price_minor=listing.price_minor,
        currency=listing.currency,
        terms=listing.terms,
        exclusivity=listing.exclusivity,
        tier=Tier[listing.tier],
        face_tier=Tier[listing.face_tier],
        provenance=listing.provenance,
        is_own=is_own,
        subject=Subject(
            owner_id=listing.owner_id, region=listing.region, regions=frozenset({listing.region}), status=listing.status
        ),
        created_at=listing.created_at,
        updated_at=listing.updated_at,
    )


def listing_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """Every change of the listing, for its owner."""
    if not listing_detail(reader, ref).is_own:
        raise fail("not_found")
    return history(reader, "listing", ref)


def owner_currency(reader: Reader) -> str:
    """The currency of the jurisdiction of whom the actor acts for."""
    found = names(reader.session, [reader.actor.organisation_id]).get(reader.actor.organisation_id or 0)
    return get_profile(found.profile).currency if found else "CNY"


def listing_by_ref(reader: Reader, ref: str) -> ListingRow | None:
    """One line for a listing that the actor may see one by one, else None: it may have gone since the address was kept."""
    found = reader.session.scalars(
        select(Listing).where(Listing.ref == ref, may_see(reader)).options(joinedload(Listing.asset))
    ).all()
    return next(iter(_rows(reader, found)), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A listing that fits, as far as it matters to whether it is news."""

    id: int
    opened_at: datetime | None
    price_minor: int | None
    currency: str


def standing(reader: Reader, wanted: ListingFilter, *, since: datetime | None = None, most: int | None = None) -> list[Standing]:
    """What fits, as the actor may see it, the newest first; with `most`, that many at most, whichever. One's own is no news. `since`:
    only what was opened after it."""
    columns = (Listing.id, Listing.opened_at, Listing.price_minor, Listing.currency, place_column(wanted))
    statement = select(*columns).where(*conditions(reader, wanted))
    if since is not None:
        statement = statement.where(Listing.opened_at > since)
    if not wanted.is_mine:
        statement = statement.where(Listing.owner_id.not_in(reader.actor.subtree))
    rows = list(reader.session.execute(statement.limit(most)))  # ordered below: the database would sort all before it cuts
    if wanted.near is not None:
        metres = distances(wanted.near, [row[4] for row in rows])
        rows = [row for row, far in zip(rows, metres, strict=True) if far <= wanted.near.radius_m]
    found = [Standing(*row[:4]) for row in rows]
    return sorted(found, key=lambda one: (one.opened_at is not None, one.opened_at, one.id), reverse=True)


def rows_by_ids(reader: Reader, ids: Sequence[int]) -> list[ListingRow]:
    """One line for each, in the given order; what the actor may not see is left out."""
    found = reader.session.scalars(select(Listing).where(Listing.id.in_(ids), may_see(reader)).options(joinedload(Listing.asset)))
    by_id = {row.id: row for row in _rows(reader, found.all())}
    return [by_id[number] for number in ids if number in by_id]


def listings_of(reader: Reader, asset_ref: str) -> Sequence[ListingRow]:
    """The listings on one asset that the actor may see."""
    return list_listings(reader, ListingFilter(asset=asset_ref), limit=100).rows
