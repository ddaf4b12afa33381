"""The API's shapes of listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from marshmallow import RAISE, Schema, fields, validate

from app.assets import (
    ASSET,
    FACE_WITH_ATTRIBUTES,
    ORGANISATION_NAME,
    AssetIn,
    asset_json,
    draft_from,
    face_json,
    organisation_json,
)
from app.assets import STATUSES as ASSET_STATUSES
from app.catalogue.tiers import Tier
from app.kernel.errors import Problem, fail
from app.kernel.money import MOST_MINOR
from app.kernel.timewindow import FAR, Window
from app.listings.filters import ListingFilter
from app.listings.place import MOST_RADIUS_M
from app.listings.queries import ListingDetail, ListingRow, Opened
from app.listings.queryfields import SYSTEMS, FreeField, ShapeField, near_of
from app.listings.rules import EXCLUSIVITIES, OFFERABLE_TIERS, STATUSES, TERMS_LIMIT, TITLE_LIMIT
from app.listings.service import CreateListing, ListingTerms
from app.web.fieldwords import both
from app.web.inputs import code_field, currency_field, id_field, minor_field, text_field
from app.web.kindschema import schema_ref
from app.web.query import BoundsField, Paged, plain_number, without_paging
from app.web.shapes import CURRENCY, DAY, LINK, MINOR, MOMENT, NUMBER, REF, TEXT, WHOLE, by_name, choice, maybe, named, record

TIERS = tuple(tier.name for tier in OFFERABLE_TIERS)


class TermsIn(Schema):
    """What is open of the asset, when, and on what terms; what is left out stays."""

    class Meta:
        unknown = RAISE

    title = text_field(TITLE_LIMIT, metadata={"description": "public wherever the listing is: no address of a hidden place"})
    offered = fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)),
        validate=validate.Length(max=50),
        metadata={**schema_ref("AssetCapacity"), "description": "by dimension; empty: all that is free"},
    )
    window_start = fields.Date()
    window_end = fields.Date(allow_none=True, metadata={"description": "the first day that is not open any more; null: no end"})
    price_minor = minor_field(
        allow_none=True, metadata={"description": "a year for one counted thing, in minor units; null: on request"}
    )
    currency = currency_field(allow_none=True)
    terms = text_field(TERMS_LIMIT, allow_none=True)
    tier = fields.String(validate=validate.OneOf(TIERS), metadata={"description": "what others see without a grant"})
    exclusivity = fields.String(
        validate=validate.OneOf(tuple(EXCLUSIVITIES)),
        metadata={"description": "listing: one organisation only may use it; asset: one only for all listings of the asset"},
    )


class ListingIn(TermsIn):
    """A new listing on an `asset` of the register (its id), or with a new asset (an object)."""

    title = text_field(TITLE_LIMIT, required=True)
    window_start = fields.Date(required=True)
    asset = fields.Raw(required=True, metadata={"description": "id of an asset, or a new asset as for POST /assets"})
    publish = fields.Boolean(load_default=False)


class ListingQuery(Paged):
    """`owner`: mine, or an organisation's id. With lon, lat and radius_m: nearest first, measured to what you may see."""

    q = text_field(200)
    kind = code_field()
    sector = code_field()
    region = code_field()
    status = fields.String(validate=validate.OneOf(tuple(STATUSES)))
    owner = id_field()
    asset = id_field()
    price_minor_min = fields.Integer(validate=validate.Range(0, MOST_MINOR))
    price_minor_max = fields.Integer(validate=validate.Range(0, MOST_MINOR))
    currency = code_field()
    free = fields.List(
        FreeField(),
        validate=validate.Length(max=20),
        metadata={"description": "dimension:amount, repeated: at least so much free in the whole period"},
    )
    free_from = fields.Date()
    free_until = fields.Date(metadata={"description": "the day after the last one"})
    height_m_min = fields.Float(
        validate=validate.Range(0, 1000),
        metadata={
            "description": "least height promised, by what is public of the asset: on a high-voltage tower under the conductors"
        },
    )
    asset_status = fields.String(validate=validate.OneOf(tuple(ASSET_STATUSES)))
    tier = fields.String(
        validate=validate.OneOf(("T1", "T2")), metadata={"description": "T2: those that you see exactly; T1: the others"}
    )
    bbox = BoundsField()
    lon = fields.Float(validate=validate.Range(-180, 180))
    lat = fields.Float(validate=validate.Range(-90, 90))
    radius_m = fields.Float(validate=validate.Range(0, MOST_RADIUS_M))
    wkt = ShapeField(
        metadata={"description": "a line or an area, WGS-84: what lies within radius_m of it, of an area also in it"}
    )
    crs = fields.String(
        validate=validate.OneOf(tuple(SYSTEMS)), metadata={"description": "of lon, lat and wkt; WGS-84 when left out"}
    )
    sort = fields.String(validate=validate.OneOf(("created", "-created", "title", "-title", "price", "-price")))


def filter_of(query: Mapping[str, Any]) -> ListingFilter:
    """The filter in a query string. Without a status: what is open, and of one's own everything."""
    given = without_paging(query)
    place = {name: given.pop(name, None) for name in ("lon", "lat", "radius_m", "wkt", "crs")}
    if any(place[name] is not None for name in ("lon", "lat", "radius_m", "wkt")):
        given["near"] = near_of(**place)
    given["free"] = tuple(given.get("free", ()))
    if "status" not in given and given.get("owner") != "mine" and "asset" not in given:
        given["status"] = "published"
    return ListingFilter(**given)


def command_from(body: Mapping[str, Any]) -> CreateListing:
    """The use case's command in a request's body."""
    asset = body["asset"]
    terms = ListingTerms(**{name: value for name, value in body.items() if name not in ("asset", "publish")})
    if isinstance(asset, str):
        return CreateListing(terms, asset_ref=asset, publish=body["publish"])
    wrong = AssetIn().validate(asset) if isinstance(asset, Mapping) else {"": ["Give the id of an asset, or a new asset."]}
    if wrong:
        raise fail("invalid", list(_problems(wrong, "/asset")))
    return CreateListing(terms, asset=draft_from(AssetIn().load(asset)), publish=body["publish"])


def _problems(messages: Mapping[str, Any], pointer: str) -> Sequence[Problem]:
    return [
        Problem("invalid", both(str(words)), pointer=f"{pointer}/{name}".rstrip("/"))
        for name, found in messages.items()
        for words in (found if isinstance(found, list) else [found])
    ]


OPENED = by_name(record({"free": NUMBER}, unit=TEXT, total=NUMBER, offered=NUMBER))
OPEN = {
    "id": REF,
    "title": TEXT,
    "kind": TEXT,
    "status": choice(*STATUSES),
    "owner": ORGANISATION_NAME,
    "window_start": DAY,
    "window_end": maybe(DAY),
    "price_minor": maybe(MINOR),
    "currency": CURRENCY,
    "exclusivity": choice(*EXCLUSIVITIES),
    "opened": OPENED,
    "provenance": TEXT,
    "version": WHOLE,
}
LISTING_ROW = named("ListingRow", record({"distance_m": NUMBER}, **OPEN, asset=FACE_WITH_ATTRIBUTES))
LISTING = named(
    "Listing",
    record(
        {"tier": choice(*TIERS), "public_tier": choice(*Tier.__members__)},  # for its owner
        **OPEN,
        asset=ASSET,
        terms=maybe(TEXT),
        created_at=MOMENT,
        updated_at=maybe(MOMENT),
        url=LINK,
    ),
)


def window_json(window: Window) -> dict[str, Any]:
    return {"window_start": window.start.isoformat(), "window_end": None if window.end == FAR else window.end.isoformat()}


def opened_json(opened: Sequence[Opened]) -> dict[str, Any]:
    return {
        item.dimension.name: {
            "unit": item.dimension.unit,
            "total": plain_number(item.total),
            "offered": plain_number(item.offered),
            **({} if item.free is None else {"free": plain_number(item.free)}),
        }
        for item in opened
    }


def row_json(row: ListingRow) -> dict[str, Any]:
    found = {
        "id": row.ref,
        "title": row.title,
        "kind": row.kind.name,
        "status": row.status,
        "owner": organisation_json(row.owner),
        **window_json(row.window),
        "price_minor": row.price_minor,
        "currency": row.currency,
        "exclusivity": row.exclusivity,
        "opened": opened_json(row.opened),
        "asset": {**face_json(row.face), "attributes": dict(row.face.attributes)},
        "provenance": row.provenance,
        "version": row.version,
    }
    return found if row.distance_m is None else {**found, "distance_m": round(row.distance_m, 1)}


def listing_json(detail: ListingDetail) -> dict[str, Any]:
    found = {
        "id": detail.ref,
        "title": detail.title,
        "kind": detail.kind.name,
        "status": detail.status,
        "owner": organisation_json(detail.owner),
        **window_json(detail.window),
        "price_minor": detail.price_minor,
        "currency": detail.currency,
        "exclusivity": detail.exclusivity,
        "terms": detail.terms,
        "opened": opened_json(detail.opened),
        "asset": asset_json(detail.asset),
        "provenance": detail.provenance,
        "version": detail.version,
        "created_at": detail.created_at.isoformat(),
        "updated_at": detail.updated_at.isoformat() if detail.updated_at else None,
        "url": url_for("listings_api.show_listing", ref=detail.ref),
    }
    return {**found, "tier": detail.tier.name, "public_tier": detail.face_tier.name} if detail.is_own else found
