"""The API's shapes of fulfilment."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.fulfilment.queries import EndingView, FulfilmentView, InstallationView, ItemView
from app.fulfilment.rules import CAUSES, PROPOSED_GROUNDS
from app.kernel.quantity import from_milli
from app.web.inputs import amounts_field, count_field, id_field, minor_field, text_field
from app.web.shapes import CURRENCY, DAY, MINOR, NUMBER, PARTY, TEXT, WHOLE, by_name, many, maybe, named, record


class Strict(Schema):
    class Meta:
        unknown = RAISE


class WeightIn(Strict):
    party = id_field(required=True, metadata={"description": "Id of a party."})
    weight = count_field(required=True)


class ItemIn(Strict):
    """`weights`: where several benefit. `violator`: of an earlier violation."""

    title = text_field(200, 1, required=True)
    cause = fields.String(required=True, validate=validate.OneOf(tuple(CAUSES)))
    amount_minor = minor_field(required=True)
    weights = fields.List(fields.Nested(WeightIn), load_default=list, validate=validate.Length(max=2))
    violator = text_field(120, load_default="")


class MakeReadyIn(Strict):
    items = fields.List(fields.Nested(ItemIn), required=True, validate=validate.Length(1, 50))
    due_on = fields.Date(load_default=None, allow_none=True)


class SettleIn(Strict):
    """Without `final_minor` the item is dropped."""

    done_on = fields.Date(load_default=None, allow_none=True)
    final_minor = minor_field(load_default=None, allow_none=True)
    note = text_field(2000, load_default=None, allow_none=True)


class BuiltIn(Strict):
    line = count_field(required=True, most=50)
    amounts = amounts_field(required=True)


class InstallIn(Strict):
    """`built`: of the lines where it differs from what was agreed."""

    installed_on = fields.Date(required=True)
    equipment = text_field(4000, 1, required=True)
    built = fields.List(fields.Nested(BuiltIn), load_default=list, validate=validate.Length(max=50))


class AsBuiltIn(Strict):
    accept = fields.Boolean(required=True)
    defects = text_field(4000, load_default=None, allow_none=True)


class EndIn(Strict):
    ground = fields.String(required=True, validate=validate.OneOf(PROPOSED_GROUNDS))
    reason = text_field(4000, 1, required=True)
    ends_on = fields.Date(required=True, metadata={"description": "The first day without it."})


class EndAnswerIn(Strict):
    agree = fields.Boolean(required=True)
    answer = text_field(4000, load_default=None, allow_none=True)


class RemovalIn(Strict):
    removed_on = fields.Date(required=True)


class AmendIn(Strict):
    reason = text_field(2000, load_default=None, allow_none=True)


ITEM = named(
    "MakeReadyItem",
    record(
        number=WHOLE,
        title=TEXT,
        cause=TEXT,
        amount_minor=MINOR,
        final_minor=maybe(MINOR),
        currency=CURRENCY,
        shares=many(record(party=maybe(PARTY), name=TEXT, minor=MINOR)),
        due_on=maybe(DAY),
        done_on=maybe(DAY),
        status=TEXT,
    ),
)
INSTALLATION = named(
    "Installation",
    record(
        number=WHOLE,
        installed_on=DAY,
        equipment=TEXT,
        built=many(record(line=WHOLE, amounts=by_name(NUMBER))),
        recorded_by=PARTY,
        status=TEXT,
        answered_by=maybe(PARTY),
        answered_on=maybe(DAY),
        defects=maybe(TEXT),
    ),
)
ENDING = named(
    "Ending",
    record(
        ground=TEXT,
        reason=TEXT,
        ends_on=DAY,
        proposed_by=maybe(PARTY),
        answered_by=maybe(PARTY),
        answer=maybe(TEXT),
        status=TEXT,
        removed_on=maybe(DAY),
        removal_by=maybe(PARTY),
        confirmed_by=maybe(PARTY),
    ),
)
FULFILMENT = named(
    "Fulfilment",
    record(
        status=TEXT,
        version=WHOLE,
        billing_from=maybe(DAY),
        ended_on=maybe(DAY),
        make_ready=many(ITEM),
        installations=many(INSTALLATION),
        endings=many(ENDING),
        amendment=maybe(TEXT),
        amends=maybe(TEXT),
    ),
)


def _party(organisation: Any) -> dict[str, str] | None:
    return {"id": organisation.ref, "name": organisation.name} if organisation else None


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def item_json(item: ItemView) -> dict[str, Any]:
    return {
        "number": item.number,
        "title": item.title,
        "cause": item.cause,
        "amount_minor": item.amount_minor,
        "final_minor": item.final_minor,
        "currency": item.currency,
        "shares": [{"party": _party(s.party), "name": s.name, "minor": s.minor} for s in item.shares],
        "due_on": _day(item.due_on),
        "done_on": _day(item.done_on),
        "status": item.status,
    }


def installation_json(one: InstallationView) -> dict[str, Any]:
    return {
        "number": one.number,
        "installed_on": _day(one.installed_on),
        "equipment": one.equipment,
        "built": [
            {"line": number, "amounts": {name: float(from_milli(amount)) for name, amount in amounts.items()}}
            for number, amounts in one.built.items()
        ],
        "recorded_by": _party(one.recorded_by),
        "status": one.status,
        "answered_by": _party(one.answered_by),
        "answered_on": _day(one.answered_on),
        "defects": one.defects,
    }


def ending_json(one: EndingView) -> dict[str, Any]:
    return {
        "ground": one.ground,
        "reason": one.reason,
        "ends_on": _day(one.ends_on),
        "proposed_by": _party(one.proposed_by),
        "answered_by": _party(one.answered_by),
        "answer": one.answer,
        "status": one.status,
        "removed_on": _day(one.removed_on),
        "removal_by": _party(one.removal_by),
        "confirmed_by": _party(one.confirmed_by),
    }


def fulfilment_json(view: FulfilmentView) -> dict[str, Any]:
    return {
        "status": view.status,
        "version": view.version,
        "billing_from": _day(view.billing_from),
        "ended_on": _day(view.ended_on),
        "make_ready": [item_json(item) for item in view.items],
        "installations": [installation_json(one) for one in view.installations],
        "endings": [ending_json(one) for one in view.endings],
        "amendment": view.amendment_ref,
        "amends": view.amends_ref,
    }
