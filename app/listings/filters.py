"""What a list of listings may be narrowed by, and the conditions in SQL. Others than the owner search the public face, never the
exact place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select

from app import ledger
from app.accounts import organisation_by_ref, subtree_ids
from app.assets import Asset
from app.catalogue.tiers import Tier
from app.db.containment import region_within
from app.db.many import one_of
from app.db.spatial import bbox
from app.db.words import FEW, containing
from app.db.work import Reader
from app.disclosure import Columns, own, visible
from app.kernel.quantity import to_milli
from app.kernel.timewindow import FAR, Window
from app.listings.models import Listing
from app.listings.place import Bounds, Near

PUBLIC = case((Listing.status == "published", Listing.face_tier))
COLUMNS = Columns(Listing.asset_id, Listing.owner_id, Listing.operator_id, Listing.sector, Listing.kind, Listing.region, PUBLIC)


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """`owner`: "mine", or an organisation's reference (its subtree). `free`: dimension → least amount free over
    `free_from`..`free_until`. `height_m_min`: least height that is promised. `asset_status`: of the asset. `tier`: T1 or T2, as
    precisely as the viewer sees it (of one's own: as others do). `asset`: the listings of one asset."""

    q: str | None = None
    kind: str | None = None
    sector: str | None = None
    region: str | None = None
    status: str | None = None
    owner: str | None = None
    price_minor_min: int | None = None
    price_minor_max: int | None = None
    currency: str | None = None
    free: tuple[tuple[str, float], ...] = ()
    free_from: date | None = None
    free_until: date | None = None
    height_m_min: float | None = None
    asset_status: str | None = None
    tier: str | None = None
    bbox: Bounds | None = None
    near: Near | None = None
    asset: str | None = None
    sort: str = "-created"

    @property
    def is_mine(self) -> bool:
        return self.owner == "mine"


def may_see(reader: Reader, *, at_least: Tier = Tier.T1) -> ColumnElement[bool]:
    """The listings that the actor may see one by one: its own in every state, of others what is or was open."""
    shown = visible(reader.actor, COLUMNS, at_least=at_least)
    return or_(and_(Listing.status != "draft", shown), own(reader.actor, COLUMNS))


def conditions(reader: Reader, wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """Everything but `near`, which needs geodesic distances."""
    return [
        *_audience(reader, wanted),
        *_exact(wanted),
        *_place(wanted),
        *_words(reader, wanted),
        *_price(wanted),
        *_thing(wanted),
        *_precision(reader, wanted),
        *_free(reader, wanted),
    ]


def public_conditions(reader: Reader, wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """What tiles narrow by: the same for every viewer, of what everybody may know. Where in the world is left to the tile."""
    found = [*_exact(wanted), *_words(reader, wanted), *_price(wanted), *_thing(wanted), *_free(reader, wanted)]
    if wanted.region:
        found.append(region_within(Listing.face_region, wanted.region))
    if wanted.owner and not wanted.is_mine:
        found.append(_owned_by(reader, wanted.owner))
    if wanted.tier:
        found.append(Listing.face_tier == wanted.tier)
    return found


def _audience(reader: Reader, wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    yield own(reader.actor, COLUMNS) if wanted.is_mine else may_see(reader)
    if wanted.owner and not wanted.is_mine:
        yield _owned_by(reader, wanted.owner)
    if wanted.asset:
        yield Listing.asset_id.in_(select(Asset.id).where(Asset.ref == wanted.asset))


def _owned_by(reader: Reader, ref: str) -> ColumnElement[bool]:
    return Listing.owner_id.in_(subtree_ids(reader.session, organisation_by_ref(reader.session, ref).id))


def _exact(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    values: Mapping[Any, str | None] = {
        Listing.kind: wanted.kind,
        Listing.sector: wanted.sector,
        Listing.status: wanted.status,
        Listing.currency: wanted.currency,
    }
    yield from (column == value for column, value in values.items() if value)


def place_column(wanted: ListingFilter) -> Any:
    """The geometry that this search answers from."""
    return Listing.geom if wanted.is_mine else Listing.face_geom


def _place(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.region:
        yield region_within(Listing.region if wanted.is_mine else Listing.face_region, wanted.region)
    if wanted.bbox:
        yield bbox(place_column(wanted), *wanted.bbox)
    if wanted.near:
        yield bbox(place_column(wanted), *chain.from_iterable(wanted.near.boxes))


def _words(reader: Reader, wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    if not wanted.q or not wanted.q.strip():
        return
    found = containing(reader.session, Listing, wanted.q, ("title",))
    if wanted.is_mine:
        found = or_(found, _of_assets_named(reader, wanted.q))
    yield found


def _of_assets_named(reader: Reader, words: str) -> ColumnElement[bool]:
    """The listings of assets whose name or number contains the words. A few assets are looked up first: beside another condition
    the database uses its indexes for numbers that it is given, not for a selection of them."""
    named = select(Asset.id).where(containing(reader.session, Asset, words, ("name", "owner_ref")))
    ids = reader.session.scalars(named.limit(FEW + 1)).all()
    return one_of(reader.session, Listing.asset_id, ids) if len(ids) <= FEW else Listing.asset_id.in_(named)


def _price(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.price_minor_min is not None:
        yield Listing.price_minor >= wanted.price_minor_min
    if wanted.price_minor_max is not None:
        yield Listing.price_minor <= wanted.price_minor_max


def _thing(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    """Of the asset, what everybody who sees the listing sees."""
    if wanted.height_m_min is not None:
        yield Listing.height_m >= wanted.height_m_min
    if wanted.asset_status:
        yield exists().where(Asset.id == Listing.asset_id, Asset.status == wanted.asset_status)


def _precision(reader: Reader, wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    if not wanted.tier:
        return
    if wanted.is_mine:
        yield Listing.face_tier == wanted.tier
        return
    exact = may_see(reader, at_least=Tier.T2)
    yield case((exact, 2), else_=1) == int(wanted.tier[1])  # not its negation, which is unknown where there is no operator


def _free(reader: Reader, wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    """At least so much free in the whole period, as the ledger counts it, and open for it."""
    start = min(wanted.free_from or reader.today, FAR - timedelta(days=1))
    window = Window(start, wanted.free_until if wanted.free_until is not None and wanted.free_until > start else FAR)
    if wanted.free_from or wanted.free_until:
        end = wanted.free_until or window.start
        yield and_(Listing.window_start <= window.start, Listing.window_end >= end)
        window = window if wanted.free_until else Window.of_days(window.start, 1)
    for dimension, amount in wanted.free:
        offered = Listing.offered[dimension].as_float()
        yield or_(offered.is_(None), offered >= amount)
        yield ledger.has_free(Listing.asset_id, dimension, to_milli(amount), window)
