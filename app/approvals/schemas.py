"""The API's shapes of approvals."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.agreements import AGREEMENT_ROW, LINE, agreement_row_json, line_json
from app.approvals.queries import TaskRow, TaskView
from app.kernel.quantity import from_milli
from app.web.inputs import code_field, id_field
from app.web.query import Paged
from app.web.shapes import DAY, FLAG, FREE, HASH, MOMENT, NUMBER, PARTY, REF, TEXT, WHOLE, extended, many, maybe, named, record


class DecisionIn(Schema):
    """`content_hash`: of the agreement version that was read; a decision on anything else is refused."""

    class Meta:
        unknown = RAISE

    content_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    reasons = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8000))
    conditions = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8000))


TASK_ROW = named(
    "ApprovalRow",
    record(
        id=REF,
        status=TEXT,
        version=WHOLE,
        mode=TEXT,
        authority=TEXT,
        region=TEXT,
        regulator=PARTY,
        reason=TEXT,
        content_hash=HASH,
        agreement=AGREEMENT_ROW,
        created_at=MOMENT,
        due_on=maybe(DAY),
        decided_at=maybe(MOMENT),
        reasons=maybe(TEXT),
        conditions=maybe(TEXT),
        mine=FLAG,
    ),
)
TAKEN = record(line=WHOLE, dimension=TEXT, amount=NUMBER, slots=many(WHOLE), total=NUMBER, free_after=NUMBER)
TASK = extended(
    TASK_ROW,
    "Approval",
    number=WHOLE,
    is_current=FLAG,
    content=FREE,
    lines=many(LINE),
    takes=many(TAKEN),
    others=many(record(regulator=PARTY, mode=TEXT, status=TEXT)),
)


class TaskQuery(Paged):
    status = code_field(load_default="waiting", metadata={"description": "a status, or all"})
    agreement = id_field()


def row_json(row: TaskRow, locale: str = "en") -> dict[str, Any]:
    return {
        "id": row.ref,
        "status": row.status,
        "version": row.version,
        "mode": row.mode,
        "authority": row.authority,
        "region": row.region,
        "regulator": {"id": row.regulator.ref, "name": row.regulator.name},
        "reason": row.reason.in_(locale),
        "content_hash": row.content_hash,
        "agreement": agreement_row_json(row.agreement),
        "created_at": row.created_at.isoformat(),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "reasons": row.reasons,
        "conditions": row.conditions,
        "mine": row.mine,
    }


def task_json(view: TaskView, locale: str = "en") -> dict[str, Any]:
    return row_json(view.row, locale) | {
        "number": view.number,
        "is_current": view.is_current,
        "content": view.content,
        "lines": [line_json(line) for line in view.lines],
        "takes": [
            {
                "line": t.line.number,
                "dimension": t.dimension,
                "amount": float(from_milli(t.amount_milli)),
                "slots": list(t.slots),
                "total": float(from_milli(t.total_milli)),
                "free_after": float(from_milli(t.free_after_milli)),
            }
            for t in view.taken
        ],
        "others": [
            {"regulator": {"id": o.regulator.ref, "name": o.regulator.name}, "mode": o.mode, "status": o.status}
            for o in view.others
        ],
    }
