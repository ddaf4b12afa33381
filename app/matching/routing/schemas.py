"""The API's shape of routes: what may be asked in the query string, and the answer."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.accounts import OrganisationName
from app.matching.routing.question import MOST_ALTERNATIVES, MOST_MINOR, MOST_UNITS
from app.matching.routing.risks import RiskView
from app.matching.routing.views import LegView, PairView, RouteAnswer, RouteView, SectionView
from app.web.geojson import geometry_json
from app.web.inputs import currency_field
from app.web.shapes import (
    CURRENCY,
    DAY,
    FLAG,
    GEOMETRY,
    MINOR,
    MOMENT,
    NUMBER,
    PARTY,
    REF,
    TEXT,
    WHOLE,
    Shape,
    choice,
    many,
    maybe,
    named,
    record,
)

ID = validate.Length(max=40)


class LonLatField(fields.Field[Any]):
    """lon,lat in degrees, WGS-84."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "maxLength": 60, "description": self.__doc__}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[float, float]:
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            raise ValidationError("Give lon,lat in degrees.") from None
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise ValidationError("Longitude must be within ±180 and latitude within ±90; longitude comes first.")
        return lon, lat


class RouteQuery(Schema):
    """Either `need`, or a kind with both ends (coordinates or a listing each) and a window."""

    class Meta:
        unknown = RAISE

    need = fields.String(validate=ID, metadata={"description": "an A–B need: its ends, quantity, window and requirements"})
    kind = fields.String(validate=ID)
    start = LonLatField(data_key="from")
    goal = LonLatField(data_key="to")
    from_listing = fields.String(validate=ID)
    to_listing = fields.String(validate=ID)
    quantity = fields.Integer(validate=validate.Range(1, MOST_UNITS))
    window_start = fields.Date()
    window_end = fields.Date()
    currency = currency_field()
    loss_budget_db = fields.Float(validate=validate.Range(0, 200))
    length_limit_m = fields.Float(validate=validate.Range(0, 20_000_000))
    alternatives = fields.Integer(validate=validate.Range(0, MOST_ALTERNATIVES))
    diversity = fields.String(validate=validate.OneOf(["none", "edge", "node", "risk"]))
    handover_minor = fields.Integer(validate=validate.Range(0, MOST_MINOR), metadata={"description": "paid once for a handover"})
    build_minor_m = fields.Integer(
        validate=validate.Range(0, MOST_MINOR), metadata={"description": "paid once for a metre built"}
    )
    gap_m = fields.Float(validate=validate.Range(0, 300))


SECTION: Shape = named(
    "RouteSection",
    record(
        listing=record(id=REF, title=maybe(TEXT), owner=PARTY, tier_seen=TEXT),
        free=WHOLE,
        price_minor=maybe(MINOR),
        price_on_request=FLAG,
        own=FLAG,
    ),
)
LEG: Shape = named(
    "RouteLeg",
    record(
        kind=choice("span", "handover", "build"),
        owner=maybe(PARTY),
        next_owner=maybe(PARTY),
        sections=many(SECTION),
        length_m=NUMBER,
        price_minor=MINOR,
        loss_db=maybe(NUMBER),
        geometry=GEOMETRY,
        approximate=FLAG,
    ),
)
ROUTE: Shape = named(
    "Route",
    record(
        legs=many(LEG),
        length_m=NUMBER,
        price_minor=MINOR,
        loss_db=maybe(NUMBER),
        capacity=maybe(WHOLE),
        within_limits=FLAG,
        approximate=FLAG,
    ),
)
RISK: Shape = named("SharedRisk", record(title=TEXT, kind=maybe(TEXT), owner=maybe(PARTY), geometry=maybe(GEOMETRY)))
PAIR: Shape = named(
    "RoutePair",
    record(
        first=ROUTE,
        second=maybe(ROUTE),
        diverse=FLAG,
        proven=FLAG,
        price_minor=MINOR,
        bound_minor=MINOR,
        shared=many(RISK),
        unavoidable=many(RISK),
    ),
)
ANSWER: Shape = named(
    "RouteAnswer",
    record(
        kind=TEXT,
        need=maybe(REF),
        quantity=WHOLE,
        window_start=DAY,
        window_end=DAY,
        currency=CURRENCY,
        results=many(ROUTE),
        complete=FLAG,
        pair=maybe(PAIR),
        obstacle=maybe(record(kind=TEXT, detail=TEXT, sections=many(SECTION), geometry=maybe(GEOMETRY))),
        compared=WHOLE,
        not_compared=WHOLE,
        engine_version=TEXT,
        computed_at=MOMENT,
    ),
)


def answer_json(found: RouteAnswer, locale: str) -> dict[str, Any]:
    question, obstacle = found.question, found.obstacle
    return {
        "kind": question.kind,
        "need": question.need_ref,
        "quantity": question.units,
        "window_start": question.window_start.isoformat(),
        "window_end": question.window_end.isoformat(),
        "currency": question.currency,
        "results": [route_json(route) for route in found.routes],
        "complete": found.complete,
        "pair": None if found.pair is None else _pair(found.pair, locale),
        "obstacle": None
        if obstacle is None
        else {
            "kind": obstacle.kind,
            "detail": obstacle.sentence.in_(locale),
            "sections": [_section(section) for section in obstacle.sections],
            "geometry": None if obstacle.geometry is None else geometry_json(obstacle.geometry),
        },
        "compared": found.compared,
        "not_compared": found.beyond,
        "engine_version": found.engine_version,
        "computed_at": found.computed_at.isoformat(),
    }


def route_json(route: RouteView) -> dict[str, Any]:
    return {
        "legs": [_leg(leg) for leg in route.legs],
        "length_m": round(route.length_m, 1),
        "price_minor": route.price_minor,
        "loss_db": None if route.loss_db is None else round(route.loss_db, 3),
        "capacity": route.capacity,
        "within_limits": route.within,
        "approximate": route.rough,
    }


def _leg(leg: LegView) -> dict[str, Any]:
    return {
        "kind": leg.kind,
        "owner": _party(leg.owner),
        "next_owner": _party(leg.next_owner),
        "sections": [_section(section) for section in leg.sections],
        "length_m": round(leg.length_m, 1),
        "price_minor": leg.price_minor,
        "loss_db": None if leg.loss_db is None else round(leg.loss_db, 3),
        "geometry": geometry_json(leg.geometry),
        "approximate": leg.rough,
    }


def _section(section: SectionView) -> dict[str, Any]:
    face = section.face
    return {
        "listing": {"id": face.ref, "title": face.title or None, "owner": _party(face.owner), "tier_seen": face.tier.name},
        "free": section.free,
        "price_minor": face.price_minor,
        "price_on_request": section.on_request,
        "own": section.own,
    }


def _party(owner: OrganisationName | None) -> dict[str, str] | None:
    return None if owner is None else {"id": owner.ref, "name": owner.name}


def _pair(pair: PairView, locale: str) -> dict[str, Any]:
    return {
        "first": route_json(pair.first),
        "second": None if pair.second is None else route_json(pair.second),
        "diverse": pair.diverse,
        "proven": pair.proven,
        "price_minor": pair.price_minor,
        "bound_minor": pair.bound_minor,
        "shared": [_risk(risk, locale) for risk in pair.shared],
        "unavoidable": [_risk(risk, locale) for risk in pair.unavoidable],
    }


def _risk(risk: RiskView, locale: str) -> dict[str, Any]:
    return {
        "title": risk.title.in_(locale),
        "kind": risk.kind,
        "owner": _party(risk.owner),
        "geometry": None if risk.geometry is None else geometry_json(risk.geometry),
    }
