"""The API's shapes of requests by route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from app.access.case_schemas import Strict
from app.access.routes.bundles import Chosen
from app.access.routes.choosing import Choice
from app.access.routes.views import LegRow, RouteRequestView, RouteRow
from app.access.schemas import OFFER, REQUEST_ROW, offer_json, row_json
from app.matching import MOST_MINOR
from app.web.inputs import code_field, id_field
from app.web.query import Paged
from app.web.shapes import CURRENCY, DAY, FLAG, MINOR, MOMENT, NUMBER, REF, TEXT, WHOLE, extended, many, maybe, named, record

MOST_SECTIONS = 200


class ListingsIn(Strict):
    listings = fields.List(
        id_field(required=True),
        required=True,
        validate=validate.Length(1, MOST_SECTIONS),
        metadata={"description": "Every section of the route, the requester's own among them, in any order."},
    )


class RouteRequestIn(ListingsIn):
    need = id_field(required=True)
    message = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))
    purpose = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))
    loss_budget_db = fields.Float(validate=validate.Range(0, 200))
    length_limit_m = fields.Float(validate=validate.Range(0, 20_000_000))
    handover_minor = fields.Integer(validate=validate.Range(0, MOST_MINOR))
    build_minor_m = fields.Integer(validate=validate.Range(0, MOST_MINOR))
    gap_m = fields.Float(validate=validate.Range(0, 300))


class PartIn(Strict):
    """One listing that matches, or every section of a route."""

    need = id_field(required=True)
    listings = fields.List(id_field(required=True), required=True, validate=validate.Length(1, MOST_SECTIONS))


class BundleRequestIn(Strict):
    parts = fields.List(fields.Nested(PartIn), required=True, validate=validate.Length(1, 50))
    message = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))
    purpose = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))


class RouteRequestQuery(Paged):
    status = code_field()
    need = id_field()


ROUTE_ROW = named(
    "RouteRequestRow",
    record(
        id=REF,
        status=TEXT,
        version=WHOLE,
        kind=TEXT,
        need=record(id=REF, title=TEXT),
        bundle=maybe(REF),
        legs=WHOLE,
        standing=WHOLE,
        window_start=DAY,
        window_end=DAY,
        created_at=MOMENT,
    ),
)
LEG = named(
    "RouteRequestLeg",
    record(
        request=REQUEST_ROW,
        status=TEXT,
        stands=FLAG,
        sections=many(record(id=REF, title=TEXT)),
        offer=maybe(OFFER),
        less_than_asked=FLAG,
    ),
)
FIGURES = record(
    length_m=NUMBER,
    price_minor=MINOR,
    currency=CURRENCY,
    loss_db=maybe(NUMBER),
    capacity=maybe(WHOLE),
    handovers=WHOLE,
    built_m=NUMBER,
    approximate=FLAG,
    listings=many(REF),
)
ROUTE_REQUEST = extended(
    ROUTE_ROW,
    "RouteRequest",
    quantity=WHOLE,
    round=WHOLE,
    route_legs=many(LEG),
    past_legs=many(LEG),
    figures=maybe(FIGURES),
    message=maybe(TEXT),
    purpose=maybe(TEXT),
)


OPTIONS = record(
    needs=many(
        record(
            need=record(id=REF, title=TEXT),
            options=many(record(listings=many(REF), titles=many(TEXT), owners=many(TEXT), score=maybe(NUMBER))),
        )
    )
)


def options_json(choices: Sequence[Choice], locale: str) -> dict[str, Any]:
    return {
        "needs": [
            {
                "need": {"id": choice.need.ref, "title": choice.need.title},
                "options": [
                    {
                        "listings": list(one.refs),
                        "titles": list(one.titles),
                        "owners": [owner.in_(locale) for owner in one.owners],
                        "score": one.score,
                    }
                    for one in choice.options
                ],
            }
            for choice in choices
        ]
    }


def chosen_in(part: dict[str, Any]) -> Chosen:
    return Chosen(part["need"], tuple(part["listings"]))


def route_row_json(row: RouteRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "status": row.status,
        "version": row.version,
        "kind": row.kind.name,
        "need": {"id": row.need_ref, "title": row.title},
        "bundle": row.bundle_ref,
        "legs": row.legs,
        "standing": row.standing,
        "window_start": row.window.start.isoformat(),
        "window_end": row.window.end.isoformat(),
        "created_at": row.created_at.isoformat(),
    }


def _leg(leg: LegRow) -> dict[str, Any]:
    return {
        "request": row_json(leg.request),
        "status": leg.state,
        "stands": leg.stands,
        "sections": [{"id": section.ref, "title": section.title} for section in leg.sections],
        "offer": None if leg.offer is None else offer_json(leg.offer),
        "less_than_asked": leg.less,
    }


def route_request_json(view: RouteRequestView) -> dict[str, Any]:
    return route_row_json(view.row) | {
        "quantity": view.units,
        "round": view.round,
        "route_legs": [_leg(leg) for leg in view.legs],
        "past_legs": [_leg(leg) for leg in view.past],
        "figures": dict(view.figures) or None,
        "message": view.message,
        "purpose": view.purpose,
    }
