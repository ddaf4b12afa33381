"""The API's shapes of the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from marshmallow import RAISE, Schema, fields, validate

from app.accounts import OrganisationName
from app.assets.draft import NAME_LIMIT, AssetDraft
from app.assets.place import geojson, read_geojson
from app.assets.queries import AssetDetail, AssetFilter, AssetRow
from app.assets.rules import CONSENTS, GRADES, PROVENANCES, STATUSES
from app.catalogue.tiers import Tier
from app.disclosure import AssetFace
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.web.inputs import code_field, id_field, text_field
from app.web.kindschema import schema_ref
from app.web.query import BoundsField, Paged, plain_number, without_paging
from app.web.shapes import (
    DAY,
    FLAG,
    GEOMETRY,
    LINK,
    MOMENT,
    NUMBER,
    REF,
    TEXT,
    VALUES,
    WHOLE,
    by_name,
    choice,
    extended,
    many,
    maybe,
    named,
    record,
)


class Strict(Schema):
    class Meta:
        unknown = RAISE


class PlaceField(fields.Field[Any]):
    """A GeoJSON geometry; x and y are in the body's `declared_crs` (lon and lat for EPSG:4326 and EPSG:4490, whatever their axis
    order)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "object", "description": self.__doc__}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        found = read_geojson(value)
        if found is None:
            raise self.make_error("invalid")
        return found

    default_error_messages = {"invalid": "Give a GeoJSON geometry."}


def declared_values(union: str) -> fields.Dict:
    """Values by name, as the kind declares them."""
    return fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)), validate=validate.Length(max=200), metadata=schema_ref(union)
    )


def optional_text(limit: int, **options: Any) -> fields.String:
    return fields.String(allow_none=True, validate=validate.Length(max=limit), **options)


class AssetEditIn(Strict):
    """What is stated about an asset; what is left out stays. `attributes` and `capacity` merge by name; null takes a value
    away."""

    name = text_field(NAME_LIMIT)
    geometry = PlaceField()
    declared_crs = text_field(4000, metadata={"description": "EPSG code, GCJ-02 or BD-09; EPSG:4326 when left out"})
    attributes = declared_values("AssetAttributes")
    capacity = declared_values("AssetCapacity")
    operator = id_field(allow_none=True, metadata={"description": "id of the organisation that operates it"})
    owner_ref = optional_text(120, metadata={"description": "the owner's own number for it"})
    available_from = fields.Date(allow_none=True)
    address = optional_text(300)
    land_consent = fields.String(validate=validate.OneOf(tuple(CONSENTS)))
    host_consent = fields.String(validate=validate.OneOf(tuple(CONSENTS)))
    accuracy_m = fields.Float(allow_none=True, validate=validate.Range(0, 100_000))
    grade = fields.String(validate=validate.OneOf(tuple(GRADES)))
    hosted_by = fields.List(
        id_field(),
        validate=validate.Length(max=50),
        metadata={"description": "ids of the assets that it stands on, hangs from or lies in"},
    )
    region = code_field(allow_none=True, metadata={"description": "only where the region tree has no boundaries to locate by"})


class AssetIn(AssetEditIn):
    """A new asset. `kind` is one of /api/v1/kinds, which declare attributes and capacity."""

    kind = code_field(required=True)
    name = text_field(NAME_LIMIT, required=True)
    geometry = PlaceField(required=True)
    owner = id_field(allow_none=True, metadata={"description": "id of the organisation that owns it; your own when left out"})
    status = fields.String(validate=validate.OneOf(tuple(STATUSES)))
    provenance = fields.String(validate=validate.OneOf(("declared", "surveyed")))


class AssetQuery(Paged):
    """`owner`: mine, or an organisation's id."""

    q = text_field(200)
    kind = code_field()
    sector = code_field()
    region = code_field()
    status = code_field()
    owner = id_field()
    listed = fields.Boolean()
    bbox = BoundsField()
    sort = fields.String(validate=validate.OneOf(("name", "-name", "created", "-created")))


def filter_of(query: Mapping[str, Any]) -> AssetFilter:
    return AssetFilter(**without_paging(query))


def draft_from(body: Mapping[str, Any]) -> AssetDraft:
    """The draft in a request's body."""
    return AssetDraft(**{**body, "hosted_by": tuple(body.get("hosted_by", ()))})


def changes_from(body: Mapping[str, Any]) -> dict[str, Any]:
    """The changed fields in a request's body."""
    if not body:
        raise fail("invalid", [Problem("required", Text("Nothing is changed.", "没有任何修改。"), pointer="")])
    changed = dict(body)
    if "hosted_by" in changed:
        changed["hosted_by"] = tuple(changed["hosted_by"])
    return changed


ORGANISATION_NAME = named("OrganisationName", record(id=REF, name=TEXT, name_zh=maybe(TEXT), sector=TEXT))
EXACT = {  # what only those see who see the asset exactly
    "name": TEXT,
    "owner_ref": maybe(TEXT),
    "address": maybe(TEXT),
    "land_consent": choice(*CONSENTS),
    "host_consent": choice(*CONSENTS),
    "declared_crs": TEXT,
    "grade": choice(*GRADES),
}
FACE = named(
    "AssetFace",
    record(
        EXACT,
        id=maybe(REF),
        kind=TEXT,
        tier_seen=choice(*Tier.__members__),
        region=maybe(TEXT),
        geometry=GEOMETRY,
        status=maybe(choice(*STATUSES)),
        available_from=maybe(DAY),
        provenance=maybe(choice(*PROVENANCES)),
        accuracy_m=maybe(NUMBER),
        assumed=many(TEXT),
    ),
)
FACE_WITH_ATTRIBUTES = extended(FACE, "AssetFaceWithAttributes", attributes=VALUES)
ASSET_ROW = extended(FACE_WITH_ATTRIBUTES, "AssetRow", owner=maybe(ORGANISATION_NAME), listed=FLAG, version=maybe(WHOLE))
BESIDE = many(record(id=REF, name=TEXT, kind=TEXT))
ASSET = extended(
    FACE_WITH_ATTRIBUTES,
    "Asset",
    owner=maybe(ORGANISATION_NAME),
    operator=maybe(ORGANISATION_NAME),
    derived=many(TEXT),
    capacity=by_name(NUMBER),
    hosted_by=BESIDE,
    hosts=BESIDE,
    version=WHOLE,
    created_at=MOMENT,
    updated_at=maybe(MOMENT),
    url=LINK,
)


def organisation_json(organisation: OrganisationName | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    return {"id": organisation.ref, "name": organisation.name, "name_zh": organisation.name_zh, "sector": organisation.sector}


def face_json(face: AssetFace) -> dict[str, Any]:
    """What of an asset is seen, at the viewer's tier."""
    found: dict[str, Any] = {
        "id": face.ref,
        "kind": face.kind,
        "tier_seen": face.tier.name,
        "region": face.region,
        "geometry": geojson(face.geometry),
        "status": face.status,
        "available_from": face.available_from.isoformat() if face.available_from else None,
        "provenance": face.provenance,
        "accuracy_m": face.accuracy_m,
        "assumed": list(face.assumed),
    }
    if face.is_exact:
        exact = ("name", "owner_ref", "address", "land_consent", "host_consent", "declared_crs", "grade")
        found |= {name: getattr(face, name) for name in exact}
    return found


def row_json(row: AssetRow) -> dict[str, Any]:
    return {
        **face_json(row.face),
        "owner": organisation_json(row.owner),
        "attributes": dict(row.face.attributes),
        "listed": row.is_listed,
        "version": row.face.version,
    }


def asset_json(detail: AssetDetail) -> dict[str, Any]:
    return {
        **face_json(detail.face),
        "owner": organisation_json(detail.owner),
        "operator": organisation_json(detail.operator),
        "attributes": dict(detail.attributes),
        "derived": sorted(detail.derived),
        "capacity": {name: plain_number(total) for name, total in detail.capacity.items()},
        "hosted_by": [{"id": host.ref, "name": host.name, "kind": host.kind.name} for host in detail.hosts],
        "hosts": [{"id": guest.ref, "name": guest.name, "kind": guest.kind.name} for guest in detail.hosted],
        "version": detail.version,
        "created_at": detail.created_at.isoformat(),
        "updated_at": detail.updated_at.isoformat() if detail.updated_at else None,
        "url": url_for("assets_api.show_asset", ref=detail.ref),
    }
