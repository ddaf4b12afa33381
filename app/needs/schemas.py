"""The API's shapes of needs lists and entries."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.kernel.quantity import MOST_AMOUNT
from app.needs.checking import NeedFacts
from app.needs.queries import NeedFilter
from app.needs.rules import PURPOSES
from app.needs.terms import AUDIENCES, Terms, stateable
from app.needs.views import NeedView, RoundView
from app.web.geojson import GeometryField, geometry_json
from app.web.inputs import code_field, count_field, currency_field, id_field, minor_field, text_field
from app.web.query import BoundsField, Lenient, Paged, without_paging
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
    VALUES,
    WHOLE,
    by_name,
    choice,
    many,
    maybe,
    named,
    record,
)

MOST_ASKED = 4000


class Strict(Schema):
    class Meta:
        unknown = RAISE


class TermsIn(Strict):
    """What a list asks of its entries."""

    asks = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=MOST_ASKED))
    asks_zh = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=MOST_ASKED))
    publishes_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The day on which it is to be published; it is not published before it stops collecting then."},
    )
    kinds = fields.List(
        code_field(), load_default=[], validate=validate.Length(max=100), metadata={"description": "none: every kind"}
    )
    must_state = fields.List(
        text_field(120),
        load_default=[],
        validate=validate.Length(max=200),
        metadata={"description": "What an entry must state to be in the list: " + ", ".join(stateable())},
    )
    audience = fields.String(
        load_default="all",
        validate=validate.OneOf(tuple(AUDIENCES)),
        metadata={"description": "invited: only organisations that are invited, and those below them, may enter"},
    )


class RoundIn(TermsIn):
    organisations = fields.List(
        id_field(),
        load_default=[],
        validate=validate.Length(max=1000),
        metadata={"description": "companies that are invited at once; a list by invitation needs one"},
    )
    region = fields.String(required=True, validate=validate.Length(2, 12))
    name = fields.String(required=True, validate=validate.Length(1, 200))
    name_zh = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True, metadata={"description": "The first day that takes no more entries."})


class RoundEdit(RoundIn):
    class Meta:
        unknown = RAISE
        exclude = ("region", "organisations")


class RoundQuery(Lenient):
    region = code_field()
    status = code_field()


class NeedQuery(Paged):
    q = text_field(200)
    kind = code_field()
    region = code_field()
    status = code_field()
    outcome = code_field()
    needs_list = id_field()
    priority = code_field()
    mine = fields.Boolean(metadata={"description": "own entries only"})
    bbox = BoundsField()
    sort = code_field()


class Alternative(Strict):
    """What the requester would build alone: fixed at submission, the yardstick of every saving."""

    description = fields.String(required=True, validate=validate.Length(1, 2000))
    cost_minor = minor_field(load_default=None, allow_none=True)
    days = count_field(0, load_default=None, allow_none=True)


class NeedIn(Strict):
    """`requirements` holds the kind's declared requirements: see /api/v1/kinds."""

    kind = code_field(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 200))
    shape = fields.String(required=True, validate=validate.OneOf(("circle", "area", "route")))
    geometry = GeometryField("Point", "LineString", "Polygon", "MultiPolygon", required=True)
    radius_m = fields.Float(
        required=True,
        validate=validate.Range(-MOST_AMOUNT, MOST_AMOUNT),
        metadata={"description": "Radius of a circle, extra reach of an area, half width of a route's corridor."},
    )
    requirements = fields.Dict(
        keys=fields.String(validate=validate.Length(max=80)), required=True, validate=validate.Length(max=100)
    )
    window_start = fields.Date(required=True)
    window_end = fields.Date(required=True, metadata={"description": "The day after the last one."})
    latest_start = fields.Date(load_default=None, allow_none=True)
    minimum_term_months = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 1200))
    budget_minor = minor_field(load_default=None, allow_none=True)
    currency = currency_field(load_default="CNY")
    priority = fields.String(load_default="normal", validate=validate.OneOf(("high", "normal", "low")))
    purpose = fields.String(
        load_default="general",
        validate=validate.OneOf(tuple(PURPOSES)),
        metadata={"description": "others than general name the programme or order in the note"},
    )
    accepts_cobuild = fields.Boolean(load_default=False)
    divisible = fields.Boolean(load_default=False, metadata={"description": "Its quantity may come from several listings."})
    tier = fields.String(load_default="T0", validate=validate.OneOf(("T0", "T1", "T2")))
    alternative = fields.Nested(Alternative, load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))
    owner_ref = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=120))


class NeedCreate(NeedIn):
    needs_list = id_field(required=True)
    organisation = id_field(load_default=None, allow_none=True)
    bundle = id_field(load_default=None, allow_none=True)
    submit = fields.Boolean(load_default=False)


class NeedEdit(NeedIn):
    bundle = id_field(load_default=None, allow_none=True)


class OutcomeIn(Strict):
    outcome = fields.String(
        required=True, validate=validate.OneOf(("served", "partly_served", "returned", "to_be_cobuilt", "own_build"))
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class BudgetIn(Strict):
    """What the acting organisation may spend a year on all its entries of the list; null: no bound."""

    limit_minor = minor_field(required=True, allow_none=True)
    currency = currency_field(load_default=None, allow_none=True)


class MergeIn(Strict):
    into = id_field(required=True)


class CarryIn(Strict):
    needs_list = id_field(required=True)


class ReasonIn(Strict):
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class BundleIn(Strict):
    name = fields.String(required=True, validate=validate.Length(1, 200))
    needs = fields.List(id_field(), required=True, validate=validate.Length(2, 50))


INTERNAL = {  # for the requester and the administrations
    "budget_minor": maybe(MINOR),
    "currency": CURRENCY,
    "accepts_cobuild": FLAG,
    "divisible": FLAG,
    "tier": TEXT,
    "alternative": maybe(record({"cost_minor": maybe(MINOR), "days": maybe(WHOLE)}, description=TEXT)),
    "note": maybe(TEXT),
    "owner_ref": maybe(TEXT),
    "outcome_reason": maybe(TEXT),
    "latest_start": maybe(DAY),
    "minimum_term_months": maybe(WHOLE),
    "merged_into": maybe(REF),
    "carried_from": maybe(REF),
    "bundle": maybe(REF),
    "provenance": TEXT,
    "declared_crs": TEXT,
    "assumed": many(TEXT),
}
NEED = named(
    "Need",
    record(
        INTERNAL,
        id=REF,
        title=TEXT,
        kind=TEXT,
        region=TEXT,
        shape=choice("circle", "area", "route"),
        geometry=GEOMETRY,
        radius_m=NUMBER,
        requirements=VALUES,
        quantity=WHOLE,
        quantity_outstanding=WHOLE,
        window_start=DAY,
        window_end=DAY,
        status=TEXT,
        outcome=maybe(TEXT),
        priority=TEXT,
        purpose=TEXT,
        submitted_on=maybe(DAY),
        tier_seen=TEXT,
        organisation=PARTY,
        needs_list=REF,
        version=WHOLE,
        created_at=MOMENT,
    ),
)
ROUND = named(
    "NeedsList",
    record(
        id=REF,
        name=TEXT,
        name_zh=maybe(TEXT),
        region=TEXT,
        opens_on=DAY,
        closes_on=DAY,
        publishes_on=maybe(DAY),
        asks=maybe(TEXT),
        asks_zh=maybe(TEXT),
        kinds=many(TEXT),
        must_state=many(TEXT),
        audience=choice(*AUDIENCES),
        open_to_you=FLAG,
        status=TEXT,
        collecting=FLAG,
        version=WHOLE,
        administration=PARTY,
        counts=by_name(WHOLE),
    ),
)
BUDGET = named("NeedsBudget", record(limit_minor=maybe(MINOR), currency=CURRENCY))
PUBLISHED = named("PublishedNeedsList", record(id=REF, published=WHOLE))


def filter_of(query: dict[str, Any]) -> NeedFilter:
    """The filter in a query string."""
    given: dict[str, Any] = {name: value or None for name, value in without_paging(query).items()}
    box, round_ref, sort = given.pop("bbox", None), given.pop("needs_list", None), given.pop("sort", None)
    return NeedFilter(**{**given, "mine": bool(given.get("mine"))}, box=box, round_ref=round_ref, sort=sort or "newest")


def facts_of(body: dict[str, Any]) -> NeedFacts:
    """The facts in a request's body."""
    own = {"needs_list", "organisation", "bundle", "submit"}
    return NeedFacts(**{name: value for name, value in body.items() if name not in own})


def terms_of(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a list in a request's body, its terms apart."""
    names = ("asks", "asks_zh", "publishes_on", "kinds", "must_state", "audience")
    rest = {name: value for name, value in body.items() if name not in names}
    if "organisations" in rest:
        rest["organisation_refs"] = rest.pop("organisations")
    return rest | {"terms": Terms(**{name: body[name] for name in names})}


def need_json(view: NeedView) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": view.ref,
        "title": view.title,
        "kind": view.kind,
        "region": view.region,
        "shape": view.shape,
        "geometry": geometry_json(view.geometry),
        "radius_m": view.radius_m,
        "requirements": dict(view.requirements),
        "quantity": view.quantity,
        "quantity_outstanding": view.quantity_outstanding,
        "window_start": view.window_start.isoformat(),
        "window_end": view.window_end.isoformat(),
        "status": view.status,
        "outcome": view.outcome,
        "priority": view.priority,
        "purpose": view.purpose,
        "submitted_on": view.submitted_on.isoformat() if view.submitted_on else None,
        "tier_seen": view.tier_seen,
        "organisation": {"id": view.organisation.ref, "name": view.organisation.name},
        "needs_list": view.round_ref,
        "version": view.version,
        "created_at": view.created_at.isoformat(),
    }
    if view.is_internal:
        found |= {
            "budget_minor": view.budget_minor,
            "currency": view.currency,
            "accepts_cobuild": view.accepts_cobuild,
            "divisible": view.divisible,
            "tier": view.tier,
            "alternative": view.alternative,
            "note": view.note,
            "owner_ref": view.owner_ref,
            "outcome_reason": view.outcome_reason,
            "latest_start": view.latest_start.isoformat() if view.latest_start else None,
            "minimum_term_months": view.minimum_term_months,
            "merged_into": view.merged_into_ref,
            "carried_from": view.carried_from_ref,
            "bundle": view.bundle_ref,
            "provenance": view.provenance,
            "declared_crs": view.declared_crs,
            "assumed": list(view.assumed),
        }
    return found


def round_json(view: RoundView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "name": view.name,
        "name_zh": view.name_zh,
        "region": view.region,
        "opens_on": view.opens_on.isoformat(),
        "closes_on": view.closes_on.isoformat(),
        "publishes_on": view.terms.publishes_on.isoformat() if view.terms.publishes_on else None,
        "asks": view.terms.asks,
        "asks_zh": view.terms.asks_zh,
        "kinds": list(view.terms.kinds),
        "must_state": list(view.terms.must_state),
        "audience": view.terms.audience,
        "open_to_you": view.open_to_reader,
        "status": view.status,
        "collecting": view.collecting,
        "version": view.version,
        "administration": {"id": view.administration.ref, "name": view.administration.name},
        "counts": dict(view.counts),
    }
