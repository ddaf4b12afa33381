"""The API's shapes of rent. Shares and percentages are exact, as text; money in minor units."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from app.rent.queries import RentLine, RentView, StatementLineView, StatementRow, StatementView
from app.rent.rules import Segment
from app.web.shapes import (
    CURRENCY,
    DAY,
    FLAG,
    MINOR,
    MOMENT,
    PARTY,
    REF,
    TEXT,
    WHOLE,
    by_name,
    extended,
    many,
    maybe,
    named,
    record,
)


class IssueIn(Schema):
    class Meta:
        unknown = RAISE

    until = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The first day that is not billed; null: the months that are over."},
    )


SEGMENT = named(
    "RentSegment",
    record(
        starts=DAY,
        ends=DAY,
        tenants=WHOLE,
        anchor=FLAG,
        base_minor=MINOR,
        base_discount=TEXT,
        shared_minor=MINOR,
        shared_discount=TEXT,
        index=TEXT,
        annual_minor=MINOR,
        days=WHOLE,
        year_days=WHOLE,
        amount_minor=MINOR,
    ),
)
STATEMENT_ROW = named(
    "StatementRow",
    record(
        id=REF,
        number=WHOLE,
        supplier=PARTY,
        beneficiary=PARTY,
        until=DAY,
        currency=CURRENCY,
        total_minor=MINOR,
        created_at=MOMENT,
    ),
)
RENT = named(
    "Rent",
    record(
        agreement=REF,
        version=WHOLE,
        billing_from=maybe(DAY),
        lines=many(
            record(
                number=WHOLE,
                supplier=PARTY,
                beneficiary=PARTY,
                currency=CURRENCY,
                today=maybe(SEGMENT),
                segments=many(SEGMENT),
            )
        ),
        unbilled_minor=by_name(MINOR),
        statements=many(STATEMENT_ROW),
    ),
)
STATEMENT = extended(
    STATEMENT_ROW,
    "Statement",
    agreement=REF,
    lines=many(
        record(
            number=WHOLE,
            kind=TEXT,
            line=maybe(WHOLE),
            starts=maybe(DAY),
            last=maybe(DAY),
            days=maybe(WHOLE),
            tenants=maybe(WHOLE),
            anchor=maybe(FLAG),
            base_minor=maybe(MINOR),
            base_discount=maybe(TEXT),
            shared_minor=maybe(MINOR),
            shared_discount=maybe(TEXT),
            index=maybe(TEXT),
            amount_minor=MINOR,
            text=TEXT,
            of_statement=maybe(WHOLE),
        )
    ),
)
ISSUED = named("IssuedStatements", record(statements=many(REF), version=WHOLE))


def _party(organisation: Any) -> dict[str, str]:
    return {"id": organisation.ref, "name": organisation.name}


def segment_json(one: Segment) -> dict[str, Any]:
    return {
        "starts": one.window.start.isoformat(),
        "ends": one.window.end.isoformat(),
        "tenants": one.tenants,
        "anchor": one.anchor,
        "base_minor": one.base_minor,
        "base_discount": str(one.base_discount),
        "shared_minor": one.shared_minor,
        "shared_discount": str(one.shared_discount),
        "index": str(one.index),
        "annual_minor": round(one.annual),
        "days": one.days,
        "year_days": one.year_days,
        "amount_minor": one.amount_minor,
    }


def row_json(row: StatementRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "number": row.number,
        "supplier": _party(row.supplier),
        "beneficiary": _party(row.beneficiary),
        "until": row.until.isoformat(),
        "currency": row.currency,
        "total_minor": row.total_minor,
        "created_at": row.created_at.isoformat(),
    }


def _line(line: RentLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "supplier": _party(line.supplier),
        "beneficiary": _party(line.beneficiary),
        "currency": line.currency,
        "today": segment_json(line.today) if line.today else None,
        "segments": [segment_json(one) for one in line.stretches],
    }


def rent_json(view: RentView) -> dict[str, Any]:
    return {
        "agreement": view.ref,
        "version": view.version,
        "billing_from": view.billing_from.isoformat() if view.billing_from else None,
        "lines": [_line(line) for line in view.lines],
        "unbilled_minor": dict(view.unbilled_minor),
        "statements": [row_json(row) for row in view.statements],
    }


def _statement_line(line: StatementLineView) -> dict[str, Any]:
    return {
        "number": line.number,
        "kind": line.kind,
        "line": line.line_number,
        "starts": line.starts.isoformat() if line.starts else None,
        "last": line.last.isoformat() if line.last else None,
        "days": line.days,
        "tenants": line.tenants,
        "anchor": line.anchor,
        "base_minor": line.base_minor,
        "base_discount": line.base_discount,
        "shared_minor": line.shared_minor,
        "shared_discount": line.shared_discount,
        "index": line.index_factor,
        "amount_minor": line.amount_minor,
        "text": line.text,
        "of_statement": line.reverses,
    }


def statement_json(view: StatementView) -> dict[str, Any]:
    return row_json(view.row) | {"agreement": view.agreement_ref, "lines": [_statement_line(line) for line in view.lines]}
