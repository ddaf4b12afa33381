"""The API's shapes of bulk changes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.kernel.errors import Problem, fail
from app.kernel.quantity import MOST_AMOUNT
from app.kernel.text import Text
from app.listings.changing.choosing import Choice
from app.listings.changing.queries import ChangeView, ItemView
from app.listings.changing.rules import ACTIONS, ALL_ROWS, MOST, OWN_TITLE, STATUSES, VALID_ROWS, VERDICTS, Wanted
from app.listings.changing.service import ProposeChange
from app.listings.rules import EXCLUSIVITIES, OFFERABLE_TIERS, TERMS_LIMIT, TITLE_LIMIT
from app.listings.schemas import ListingQuery, filter_of
from app.web.i18n import current_locale
from app.web.inputs import currency_field, id_field, minor_field, text_field
from app.web.query import Paged
from app.web.shapes import FREE, MOMENT, REF, TEXT, WHOLE, choice, maybe, named, record


class BulkFilterIn(ListingQuery):
    """As the query of GET /listings; always of your own listings."""

    class Meta:
        unknown = RAISE
        exclude = ("limit", "after", "before", "owner", "sort")


class BulkTermsIn(Schema):
    """Terms that all of the listings are to have; what is left out stays."""

    class Meta:
        unknown = RAISE

    title = text_field(TITLE_LIMIT, metadata={"description": f"{OWN_TITLE} in it stands for the title that each has now"})
    price_minor = minor_field(allow_none=True, metadata={"description": "null: on request"})
    currency = currency_field()
    window_start = fields.Date()
    window_end = fields.Date(allow_none=True, metadata={"description": "the first day that is not open any more; null: no end"})
    tier = fields.String(validate=validate.OneOf(tuple(tier.name for tier in OFFERABLE_TIERS)))
    exclusivity = fields.String(validate=validate.OneOf(tuple(EXCLUSIVITIES)))
    terms = text_field(TERMS_LIMIT, allow_none=True)


class BulkChangeIn(Schema):
    """Which listings (`listings`, or all of yours that `filter` finds), and what is to change about them."""

    class Meta:
        unknown = RAISE

    listings = fields.List(id_field(), validate=validate.Length(1, MOST), metadata={"description": "ids"})
    filter = fields.Nested(BulkFilterIn)
    set = fields.Nested(BulkTermsIn, load_default=dict)
    price_percent = fields.Float(
        validate=validate.Range(-100, 1000), metadata={"description": "raise stated prices by so many per cent"}
    )
    attributes = fields.Dict(
        keys=text_field(80),
        load_default=dict,
        validate=validate.Length(max=50),
        metadata={"description": "of the assets, those that all chosen kinds declare; null takes one away"},
    )
    offered = fields.Dict(
        keys=text_field(80),
        values=fields.Float(allow_none=True, validate=validate.Range(0, MOST_AMOUNT)),
        validate=validate.Length(max=50),
        metadata={"description": "amounts to open, of capacities that all chosen kinds have; null takes one away; {} opens all"},
    )
    action = fields.String(validate=validate.OneOf(ACTIONS), metadata={"description": "a step of each listing's life"})


class MoveIn(Schema):
    rows = fields.String(load_default=ALL_ROWS, validate=validate.OneOf((ALL_ROWS, VALID_ROWS)))


class ItemsQuery(Paged):
    verdict = fields.String(validate=validate.OneOf(tuple(VERDICTS)))


def command_from(body: Mapping[str, Any]) -> ProposeChange:
    if ("listings" in body) == ("filter" in body):
        either = Text("Name listings, or a filter: one of the two.", "请在 listings 与 filter 中任选其一。")
        raise fail("invalid", [Problem("required", either, pointer="/listings")])
    found = Choice(refs=tuple(body["listings"])) if "listings" in body else Choice(filter=_filter(body["filter"]))
    percent = None if body.get("price_percent") is None else Decimal(str(body["price_percent"]))
    return ProposeChange(found, Wanted(body["set"], percent, body["attributes"], body.get("action"), body.get("offered")))


def _filter(given: Mapping[str, Any]) -> Any:
    return filter_of({**given, "owner": "mine"})


COUNTS = record(dict.fromkeys(VERDICTS, WHOLE))
BULK_CHANGE = named(
    "BulkChange",
    record(
        id=REF,
        status=choice(*STATUSES),
        version=WHOLE,
        wanted=FREE,
        listings=WHOLE,
        counts=COUNTS,
        progress=maybe(WHOLE),
        message=maybe(TEXT),
        created_at=MOMENT,
        applied_at=maybe(MOMENT),
        undone_at=maybe(MOMENT),
    ),
)
BULK_ITEM = named(
    "BulkChangeItem",
    record(
        listing=record(id=REF, title=TEXT, kind=TEXT),
        verdict=choice(*VERDICTS),
        code=maybe(TEXT),
        reason=maybe(TEXT),
        before=FREE,
        after=FREE,
    ),
)


def change_json(view: ChangeView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "status": view.status,
        "version": view.version,
        "wanted": view.wanted.to_json(),
        "listings": view.count,
        "counts": dict(view.counts),
        "progress": view.job.progress if view.job is not None and view.is_running else None,
        "message": view.message.in_(current_locale()) if view.message else None,
        "created_at": view.created_at.isoformat(),
        "applied_at": view.applied_at.isoformat() if view.applied_at else None,
        "undone_at": view.undone_at.isoformat() if view.undone_at else None,
    }


def item_json(item: ItemView) -> dict[str, Any]:
    return {
        "listing": {"id": item.ref, "title": item.title, "kind": item.kind.name},
        "verdict": item.verdict,
        "code": item.code,
        "reason": item.reason.in_(current_locale()) if item.reason else None,
        "before": dict(item.before),
        "after": dict(item.after),
    }
