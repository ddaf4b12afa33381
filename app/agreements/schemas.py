"""The API's shapes of agreements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.agreements.lines import LineInput
from app.agreements.rules import RIGHTS
from app.agreements.views import AgreementRow, AgreementView, LineView, VersionView
from app.catalogue.rent_terms import MOST_INDEX
from app.kernel.quantity import from_milli
from app.web.inputs import amounts_field, code_field, count_field, currency_field, id_field, minor_field, text_field
from app.web.query import Paged
from app.web.shapes import (
    ANYTHING,
    CURRENCY,
    DAY,
    FLAG,
    FREE,
    HASH,
    MINOR,
    MOMENT,
    NUMBER,
    PARTY,
    REF,
    TEXT,
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


class LineIn(Strict):
    """Who supplies what to whom, by which right, for money or for another line that runs the other way."""

    asset = id_field(required=True)
    supplier = id_field(required=True, metadata={"description": "Id of the organisation."})
    beneficiary = id_field(required=True)
    amounts = amounts_field(
        required=True,
        metadata={"description": "Dimension → amount in its unit."},
    )
    starts = fields.Date(required=True)
    ends = fields.Date(required=True, metadata={"description": "The day after the last one."})
    right = fields.String(load_default="lease", validate=validate.OneOf(tuple(RIGHTS)))
    price_minor = minor_field(load_default=None, allow_none=True, metadata={"description": "A year, for a tenant alone."})
    site_minor = minor_field(load_default=0, metadata={"description": "Of the price: for the site."})
    power_minor = minor_field(load_default=0, metadata={"description": "Of the price: for the power intake."})
    index_percent = fields.Float(
        load_default=0.0,
        validate=validate.Range(0, int(MOST_INDEX)),
        metadata={"description": "It rises by so much on each anniversary of the line's first day."},
    )
    shared = fields.Boolean(load_default=False, metadata={"description": "The price follows the profile's ladder of tenants."})
    currency = currency_field(load_default="CNY")
    against_line = count_field(load_default=None, allow_none=True, most=50)
    listing = id_field(load_default=None, allow_none=True)


class LinesIn(Strict):
    lines = fields.List(fields.Nested(LineIn), required=True, validate=validate.Length(1, 50))
    terms = fields.String(load_default="", validate=validate.Length(max=20_000))
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


class AgreementQuery(Paged):
    status = code_field()
    side = code_field()
    q = text_field(200)


class SignIn(Strict):
    content_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class WithdrawIn(Strict):
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


def line_input(body: dict[str, Any]) -> LineInput:
    refs = {f"{name}_ref": body[name] for name in ("asset", "supplier", "beneficiary", "listing")}
    exact = {"index_percent": Decimal(f"{body['index_percent']:g}")}
    return LineInput(**{name: value for name, value in body.items() if f"{name}_ref" not in refs} | refs | exact)


AGREEMENT_ROW = named(
    "AgreementRow",
    record(
        id=REF,
        title=TEXT,
        status=TEXT,
        version=WHOLE,
        number=WHOLE,
        owner=PARTY,
        requester=PARTY,
        region=TEXT,
        held_until=maybe(MOMENT),
        in_force_at=maybe(MOMENT),
        created_at=MOMENT,
    ),
)
LINE = named(
    "CapacityLine",
    record(
        number=WHOLE,
        asset=record(id=REF, name=TEXT, kind=TEXT),
        listing=maybe(REF),
        supplier=PARTY,
        beneficiary=PARTY,
        right=choice(*RIGHTS),
        amounts=by_name(NUMBER),
        slots=by_name(many(WHOLE)),
        starts=DAY,
        ends=DAY,
        price_minor=maybe(MINOR),
        site_minor=MINOR,
        power_minor=MINOR,
        index_percent=TEXT,
        shared=FLAG,
        currency=CURRENCY,
        against_line=maybe(WHOLE),
    ),
)
SIGNATURES = many(record(party=PARTY, signed_at=MOMENT, content_hash=HASH))
VERSION = named(
    "AgreementVersion",
    record(
        number=WHOLE,
        content_hash=HASH,
        reason=maybe(TEXT),
        created_at=MOMENT,
        signatures=SIGNATURES,
        changes=many(record(path=TEXT, before=ANYTHING, after=ANYTHING)),
    ),
)
VERSION_WHOLE = extended(VERSION, "AgreementVersionWhole", content=FREE)
AGREEMENT = extended(
    AGREEMENT_ROW,
    "Agreement",
    access_request=maybe(REF),
    need=maybe(REF),
    profile=TEXT,
    lines=many(LINE),
    terms=TEXT,
    content_hash=HASH,
    signatures=SIGNATURES,
)


def _party(organisation: Any) -> dict[str, str]:
    return {"id": organisation.ref, "name": organisation.name}


def row_json(row: AgreementRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "title": row.title,
        "status": row.status,
        "version": row.version,
        "number": row.number,
        "owner": _party(row.owner),
        "requester": _party(row.requester),
        "region": row.region,
        "held_until": row.held_until.isoformat() if row.held_until else None,
        "in_force_at": row.in_force_at.isoformat() if row.in_force_at else None,
        "created_at": row.created_at.isoformat(),
    }


def line_json(line: LineView) -> dict[str, Any]:
    return {
        "number": line.number,
        "asset": {"id": line.asset_ref, "name": line.asset_name, "kind": line.kind.name},
        "listing": line.listing_ref,
        "supplier": _party(line.supplier),
        "beneficiary": _party(line.beneficiary),
        "right": line.right,
        "amounts": {name: float(from_milli(amount)) for name, amount in line.amounts.items()},
        "slots": {name: list(slots) for name, slots in line.slots.items()},
        "starts": line.window.start.isoformat(),
        "ends": line.window.end.isoformat(),
        "price_minor": line.price_minor,
        "site_minor": line.rent.site_minor if line.rent else 0,
        "power_minor": line.rent.power_minor if line.rent else 0,
        "index_percent": str(line.rent.index_percent) if line.rent else "0",
        "shared": bool(line.rent and line.rent.ladder),
        "currency": line.currency,
        "against_line": line.against_line,
    }


def version_json(version: VersionView) -> dict[str, Any]:
    return {
        "number": version.number,
        "content_hash": version.content_hash,
        "reason": version.reason,
        "created_at": version.created_at.isoformat(),
        "signatures": [
            {"party": _party(s.party), "signed_at": s.signed_at.isoformat(), "content_hash": s.content_hash}
            for s in version.signatures
        ],
        "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in version.changes],
    }


def agreement_json(view: AgreementView) -> dict[str, Any]:
    return row_json(view.row) | {
        "access_request": view.request_ref,
        "need": view.need_ref,
        "profile": view.profile,
        "lines": [line_json(line) for line in view.lines],
        "terms": view.current.content.get("terms", ""),
        "content_hash": view.current.content_hash,
        "signatures": version_json(view.current)["signatures"],
    }
