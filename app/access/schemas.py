"""The API's shapes of access requests."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from app.access.case_schemas import (
    CLOCK,
    DISPUTE,
    ITEM,
    QUOTE,
    SURVEY,
    Strict,
    clock_json,
    dispute_json,
    moment,
    party,
    quote_json,
    survey_json,
)
from app.access.views import OfferView, RequestRow, RequestView
from app.catalogue.tiers import Tier
from app.kernel.quantity import from_milli
from app.web.inputs import amounts_field, code_field, count_field, id_field, minor_field, text_field
from app.web.query import Paged
from app.web.shapes import (
    CURRENCY,
    DAY,
    MINOR,
    MOMENT,
    NUMBER,
    PARTY,
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


class RequestEdit(Strict):
    message = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))
    purpose = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    quantity = count_field(load_default=None, allow_none=True)
    window_start = fields.Date(load_default=None, allow_none=True)
    window_end = fields.Date(load_default=None, allow_none=True, metadata={"description": "The day after the last one."})


class RequestIn(RequestEdit):
    need = id_field(required=True)
    listing = id_field(required=True)
    submit = fields.Boolean(load_default=False, metadata={"description": "Submit at once; else it stays a draft."})


class RequestQuery(Paged):
    side = fields.String(
        metadata={"description": "owner or requester: whose side of it is yours"}, validate=validate.Length(max=80)
    )
    status = code_field()
    kind = code_field()
    region = code_field()
    need = id_field()
    listing = id_field()
    q = text_field(200)


class AcceptIn(Strict):
    price_minor = minor_field(
        load_default=None,
        allow_none=True,
        metadata={"description": "A year, for all that is asked. Left out: the listing's price times the quantity."},
    )
    message = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class CounterIn(AcceptIn):
    amounts = amounts_field(
        load_default=None,
        allow_none=True,
        metadata={"description": "Dimension → amount in its unit. Left out: as asked."},
    )
    window_start = fields.Date(load_default=None, allow_none=True)
    window_end = fields.Date(load_default=None, allow_none=True)
    terms = amounts_field(
        load_default=None,
        allow_none=True,
        metadata={"description": "Requirement → the value offered instead of the one asked for: a lower height_m."},
    )


class RefuseIn(Strict):
    ground = code_field(required=True, metadata={"description": "A code of the profile's closed list."})
    reason = fields.String(required=True, validate=validate.Length(1, 4000))
    evidence = fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)),
        values=id_field(),
        validate=validate.Length(max=20),
        load_default=dict,
        metadata={"description": "Code of the evidence that the ground needs → id of the attachment that is it."},
    )


REQUEST_ROW = named(
    "AccessRequestRow",
    record(
        id=REF,
        status=TEXT,
        version=WHOLE,
        kind=TEXT,
        need=record(id=REF, title=TEXT),
        listing=record(id=REF, title=maybe(TEXT)),
        requester=PARTY,
        owner=PARTY,
        region=TEXT,
        window_start=DAY,
        window_end=DAY,
        created_at=MOMENT,
        submitted_at=maybe(MOMENT),
        due_on=maybe(DAY),
    ),
)
OFFER = named(
    "Offer",
    record(
        number=WHOLE,
        origin=TEXT,
        status=TEXT,
        amounts=by_name(NUMBER),
        slots=by_name(many(WHOLE)),
        price_minor=MINOR,
        currency=CURRENCY,
        window_start=DAY,
        window_end=DAY,
        message=maybe(TEXT),
        expires_at=MOMENT,
        created_at=MOMENT,
        terms=VALUES,
        quote=maybe(WHOLE),
        once=many(ITEM),
    ),
)
REQUEST = extended(
    REQUEST_ROW,
    "AccessRequest",
    asked=VALUES,
    amounts=by_name(NUMBER),
    message=maybe(TEXT),
    purpose=maybe(TEXT),
    profile=TEXT,
    answered_at=maybe(MOMENT),
    refusal=maybe(record(ground=TEXT, reason=maybe(TEXT), evidence=by_name(TEXT))),
    offers=many(OFFER),
    missing=maybe(TEXT),
    completeness=maybe(TEXT),
    complete_at=maybe(MOMENT),
    escalated_at=maybe(MOMENT),
    surveys=many(SURVEY),
    quotes=many(QUOTE),
    disputes=many(DISPUTE),
    clocks=many(CLOCK),
    disclosure=record(tier=choice(*Tier.__members__)),
)


def amounts_json(amounts: Any) -> dict[str, float]:
    """Amounts in the unit of their dimension."""
    return {name: float(from_milli(amount)) for name, amount in amounts.items()}


def row_json(row: RequestRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "status": row.status,
        "version": row.version,
        "kind": row.kind.name,
        "need": {"id": row.need_ref, "title": row.title},
        "listing": {"id": row.listing_ref, "title": row.listing_title},
        "requester": party(row.requester),
        "owner": party(row.owner),
        "region": row.region,
        "window_start": row.window.start.isoformat(),
        "window_end": row.window.end.isoformat(),
        "created_at": row.created_at.isoformat(),
        "submitted_at": row.submitted_at.isoformat() if row.submitted_at else None,
        "due_on": row.due_on.isoformat() if row.due_on else None,
    }


def offer_json(offer: OfferView) -> dict[str, Any]:
    return {
        "number": offer.number,
        "origin": offer.origin,
        "status": offer.status,
        "amounts": amounts_json(offer.amounts),
        "slots": {name: list(slots) for name, slots in offer.slots.items()},
        "price_minor": offer.price_minor,
        "currency": offer.currency,
        "window_start": offer.window.start.isoformat(),
        "window_end": offer.window.end.isoformat(),
        "message": offer.message,
        "expires_at": offer.expires_at.isoformat(),
        "created_at": offer.created_at.isoformat(),
        "terms": dict(offer.terms),
        "quote": offer.quote_number,
        "once": [dict(item) for item in offer.once_items],
    }


def request_json(view: RequestView) -> dict[str, Any]:
    return row_json(view.row) | {
        "asked": dict(view.asked),
        "amounts": amounts_json(view.amounts),
        "message": view.message,
        "purpose": view.purpose,
        "profile": view.profile,
        "answered_at": view.answered_at.isoformat() if view.answered_at else None,
        "refusal": None
        if view.refusal_ground is None
        else {"ground": view.refusal_ground, "reason": view.refusal_reason, "evidence": dict(view.refusal_evidence)},
        "offers": [offer_json(offer) for offer in view.offers],
        "missing": view.missing,
        "completeness": view.completeness,
        "complete_at": moment(view.complete_at),
        "escalated_at": moment(view.escalated_at),
        "surveys": [survey_json(survey) for survey in view.surveys],
        "quotes": [quote_json(quote) for quote in view.quotes],
        "disputes": [dispute_json(dispute) for dispute in view.disputes],
        "clocks": [clock_json(clock) for clock in view.clocks],
        "disclosure": {"tier": view.face.tier.name} if view.face else {"tier": "T0"},
    }
