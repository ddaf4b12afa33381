"""The API's shapes of approvals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from app.agreements import AGREEMENT_ROW, LINE, Change, agreement_row_json, line_json
from app.approvals.conditions import ConditionView
from app.approvals.delegating import KINDS, DelegationRow
from app.approvals.queries import TaskRow, TaskView
from app.kernel.quantity import from_milli
from app.web.inputs import code_field, id_field
from app.web.query import Paged
from app.web.shapes import (
    ANYTHING,
    DAY,
    FLAG,
    FREE,
    HASH,
    MOMENT,
    NUMBER,
    PARTY,
    REF,
    TEXT,
    WHOLE,
    extended,
    many,
    maybe,
    named,
    record,
)

SHA_256 = validate.Regexp(r"^[0-9a-f]{64}$")


class ReadIn(Schema):
    """What was read: `content_hash` of the agreement version, `ledger_hash` of the register and the ledger. A decision on anything else
    is refused. `ledger`: what was read of it, so that the refusal can say what changed since."""

    class Meta:
        unknown = RAISE

    content_hash = fields.String(required=True, validate=SHA_256)
    ledger_hash = fields.String(required=True, validate=SHA_256)
    ledger = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class ConditionIn(Schema):
    """`by`: id of the party that fulfils it; `due_on`: by when."""

    text = fields.String(required=True, validate=validate.Length(1, 2000))
    by = id_field(required=True)
    due_on = fields.Date(required=True)


class DecisionIn(ReadIn):
    reasons = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8000))


class ConditionalIn(DecisionIn):
    conditions = fields.List(fields.Nested(ConditionIn), required=True, validate=validate.Length(1, 20))


class NoteIn(Schema):
    class Meta:
        unknown = RAISE

    content_hash = fields.String(required=True, validate=SHA_256)
    reasons = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8000))


class RemarkIn(Schema):
    remark = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


class CaseIn(Schema):
    """`officer`: id of the officer whose case it becomes; one's own when left out."""

    officer = id_field()


class ConditionNoteIn(Schema):
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=2000))


class DelegationIn(Schema):
    """`ends` is exclusive. `grantor`: an absent colleague; oneself when left out."""

    delegate = id_field(required=True)
    grantor = id_field()
    kind = fields.String(load_default="delegation", validate=validate.OneOf(list(KINDS)))
    starts = fields.Date(required=True)
    ends = fields.Date(required=True)
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


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
        four_eyes=FLAG,
        deemed=FLAG,
        officer=maybe(TEXT),
        stand_in=maybe(TEXT),
        proposal=maybe(
            record(
                action=TEXT,
                by=TEXT,
                at=MOMENT,
                mine=FLAG,
                conditions=many(record(text=TEXT, by=REF, due_on=maybe(DAY))),
            )
        ),
        void_reason=maybe(TEXT),
    ),
)
CONDITION = named(
    "ApprovalCondition",
    record(
        id=REF,
        version=WHOLE,
        number=WHOLE,
        text=TEXT,
        by=PARTY,
        due_on=DAY,
        status=TEXT,
        note=maybe(TEXT),
        overdue=FLAG,
        approval=REF,
    ),
)
CHANGE = record(path=TEXT, before=ANYTHING, after=ANYTHING)
DELEGATION = named(
    "Delegation",
    record(id=REF, kind=TEXT, grantor=TEXT, delegate=TEXT, starts=DAY, ends=DAY, reason=maybe(TEXT), made_by=TEXT, active=FLAG),
)
OFFICER = record(id=REF, name=TEXT)
DELEGATIONS = record(results=many(DELEGATION), officers=many(OFFICER))
TAKEN = record(line=WHOLE, dimension=TEXT, amount=NUMBER, slots=many(WHOLE), total=NUMBER, free_after=NUMBER)
TASK = extended(
    TASK_ROW,
    "Approval",
    number=WHOLE,
    is_current=FLAG,
    content=FREE,
    lines=many(LINE),
    takes=many(TAKEN),
    ledger=maybe(FREE),
    ledger_hash=HASH,
    ledger_salt=maybe(TEXT),
    changed=many(CHANGE),
    content_changed=many(CHANGE),
    conditions_on_it=many(CONDITION),
    remark=maybe(TEXT),
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
        "four_eyes": row.four_eyes,
        "deemed": row.deemed,
        "officer": row.officer,
        "stand_in": row.stand_in,
        "proposal": row.proposal
        and {
            "action": row.proposal.action,
            "by": row.proposal.by,
            "at": row.proposal.at.isoformat(),
            "mine": row.proposal.mine,
            "conditions": list(row.proposal.conditions),
        },
        "void_reason": row.void_reason.in_(locale) if row.void_reason else None,
    }


def condition_json(view: ConditionView) -> dict[str, Any]:
    return {
        "id": view.ref,
        "version": view.version,
        "number": view.number,
        "text": view.text,
        "by": {"id": view.obliged.ref, "name": view.obliged.name},
        "due_on": view.due_on.isoformat(),
        "status": view.status,
        "note": view.note,
        "overdue": view.overdue,
        "approval": view.approval_ref,
    }


def delegation_json(row: DelegationRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "kind": row.kind,
        "grantor": row.grantor,
        "delegate": row.delegate,
        "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat(),
        "reason": row.reason,
        "made_by": row.made_by,
        "active": row.active,
    }


def _changes(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"path": c.path, "before": c.before, "after": c.after} for c in changes]


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
        "ledger": view.ledger,
        "ledger_hash": view.ledger_hash,
        "ledger_salt": view.ledger_salt,
        "changed": _changes(view.changed),
        "content_changed": _changes(view.content_changed),
        "conditions_on_it": [condition_json(one) for one in view.conditions],
        "remark": view.remark,
        "others": [
            {"regulator": {"id": o.regulator.ref, "name": o.regulator.name}, "mode": o.mode, "status": o.status}
            for o in view.others
        ],
    }
