"""The API's shapes of what is done about a request beside its answers, and of its clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.access.views import DisputeView, QuoteView, SurveyView
from app.deadlines import ClockView
from app.web.i18n import current_locale
from app.web.inputs import id_field, minor_field, text_field
from app.web.shapes import CURRENCY, DAY, FLAG, MINOR, MOMENT, PARTY, TEXT, WHOLE, many, maybe, named, record


class Strict(Schema):
    class Meta:
        unknown = RAISE


def _words(**options: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 4000), **options)


class MissingIn(Strict):
    missing = _words(metadata={"description": "Everything that is missing: it is named once."})


class SupplyIn(Strict):
    message = _words(metadata={"description": "What is supplied; documents are attached to the request."})


class SurveyIn(Strict):
    reason = _words()
    held_on = fields.Date(load_default=None, allow_none=True)


class SurveyDateIn(Strict):
    held_on = fields.Date(required=True)


class SurveyResultIn(Strict):
    result = _words()
    report = id_field(required=True, metadata={"description": "The id of the attachment that is the report, of purpose survey."})
    held_on = fields.Date(load_default=None, allow_none=True)


class QuoteItemIn(Strict):
    label = text_field(200, 1, required=True)
    basis = fields.String(required=True, validate=validate.OneOf(["yearly", "once"]))
    amount_minor = minor_field(required=True)


class QuoteIn(Strict):
    items = fields.List(fields.Nested(QuoteItemIn), required=True, validate=validate.Length(1, 50))
    valid_until = fields.Date(required=True, metadata={"description": "The last day on which the quote holds."})
    message = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class DisputeIn(Strict):
    claim = _words()


class DisputeDecisionIn(Strict):
    decision = fields.String(required=True, validate=validate.OneOf(["uphold", "order", "price"]))
    reasons = _words()
    price_minor = minor_field(load_default=None, allow_none=True)
    window_start = fields.Date(load_default=None, allow_none=True)
    window_end = fields.Date(load_default=None, allow_none=True)
    documents = fields.List(id_field(), load_default=list, validate=validate.Length(max=20))


ITEM = named("QuoteItem", record(label=TEXT, basis=TEXT, amount_minor=MINOR))
SURVEY = named(
    "AccessSurvey",
    record(
        status=TEXT, asked_by=PARTY, reason=TEXT, held_on=maybe(DAY), result=maybe(TEXT), report=maybe(TEXT), created_at=MOMENT
    ),
)
QUOTE = named(
    "AccessQuote",
    record(
        number=WHOLE,
        status=TEXT,
        items=many(ITEM),
        currency=CURRENCY,
        valid_until=DAY,
        is_valid=FLAG,
        message=maybe(TEXT),
        created_at=MOMENT,
    ),
)
DISPUTE = named(
    "AccessDispute",
    record(
        number=WHOLE,
        status=TEXT,
        regulator=PARTY,
        about=TEXT,
        claim=TEXT,
        decision=maybe(TEXT),
        reasons=maybe(TEXT),
        documents=many(TEXT),
        created_at=MOMENT,
        decided_at=maybe(MOMENT),
    ),
)
CLOCK = named(
    "Clock",
    record(
        rule=TEXT,
        label=TEXT,
        status=TEXT,
        started_at=MOMENT,
        due_on=maybe(DAY),
        due_at=maybe(MOMENT),
        provisional=FLAG,
        counted=TEXT,
        steps=many(TEXT),
        consequence=TEXT,
        outcome=TEXT,
        source=TEXT,
        profile_version=TEXT,
    ),
)


def party(organisation: Any) -> dict[str, str]:
    return {"id": organisation.ref, "name": organisation.name}


def survey_json(survey: SurveyView) -> dict[str, Any]:
    return {
        "status": survey.status,
        "asked_by": party(survey.asked_by),
        "reason": survey.reason,
        "held_on": survey.held_on.isoformat() if survey.held_on else None,
        "result": survey.result,
        "report": survey.attachment_ref,
        "created_at": survey.created_at.isoformat(),
    }


def quote_json(quote: QuoteView) -> dict[str, Any]:
    return {
        "number": quote.number,
        "status": quote.status,
        "items": [dict(item) for item in quote.items],
        "currency": quote.currency,
        "valid_until": quote.valid_until.isoformat(),
        "is_valid": quote.is_valid,
        "message": quote.message,
        "created_at": quote.created_at.isoformat(),
    }


def dispute_json(dispute: DisputeView) -> dict[str, Any]:
    return {
        "number": dispute.number,
        "status": dispute.status,
        "regulator": party(dispute.regulator),
        "about": dispute.about,
        "claim": dispute.claim,
        "decision": dispute.decision,
        "reasons": dispute.reasons,
        "documents": list(dispute.documents),
        "created_at": dispute.created_at.isoformat(),
        "decided_at": moment(dispute.decided_at),
    }


def clock_json(clock: ClockView) -> dict[str, Any]:
    """A clock with its derivation in the language of the reader."""
    locale = current_locale()
    return {
        "rule": clock.rule,
        "label": clock.label.in_(locale),
        "status": clock.status,
        "started_at": clock.started_at.isoformat(),
        "due_on": clock.due_on.isoformat() if clock.due_on else None,
        "due_at": moment(clock.due_at),
        "provisional": clock.provisional,
        "counted": clock.counted.in_(locale),
        "steps": [step.in_(locale) for step in clock.steps],
        "consequence": clock.consequence.in_(locale),
        "outcome": clock.outcome.in_(locale),
        "source": clock.source.text.in_(locale),
        "profile_version": clock.profile_version,
    }


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
