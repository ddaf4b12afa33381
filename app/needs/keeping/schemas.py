"""What the API of keeping a list takes and answers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.needs.keeping.merging import MergeView
from app.needs.keeping.queries import CoverageRow, InvitedRow, MergeRow, Workspace
from app.needs.keeping.rules import ANSWERS, MERGE
from app.needs.keeping.twins import Twin
from app.web.inputs import id_field, text_field
from app.web.shapes import FLAG, MOMENT, NUMBER, PARTY, REF, TEXT, WHOLE, choice, many, maybe, named, record

MOST_INVITED = 1000


class ListInviteIn(Schema):
    organisations = fields.List(id_field(), required=True, validate=validate.Length(1, MOST_INVITED))


class DeclineListIn(Schema):
    note = text_field(1000, load_default=None, allow_none=True)


class MergeProposeIn(Schema):
    into = id_field(required=True)
    reason = text_field(1000, required=True)


class MergeAnswerIn(Schema):
    accept = fields.Boolean(required=True)
    answer = text_field(1000, load_default=None, allow_none=True)


class MergeUndoIn(Schema):
    reason = text_field(1000, load_default="")


COUNTED = named("Counted", record(count=WHOLE))
STATE = named("MergeState", record(status=choice(*MERGE.states)))
INVITED = record(
    organisation=PARTY,
    answer=choice(*ANSWERS),
    entries=WHOLE,
    invited_at=MOMENT,
    reminders=WHOLE,
    reminded_at=maybe(MOMENT),
    note=maybe(TEXT),
)
COVERED = record(region=TEXT, entries=WHOLE, organisations=WHOLE, matched=WHOLE, unserved=WHOLE, ended=WHOLE)
ENTRY = record(id=REF, title=TEXT, organisation=PARTY)
TWIN = record(
    leaves=ENTRY, kept=ENTRY, points=WHOLE, distance_m=NUMBER, shared=NUMBER, ratio=NUMBER, same_name=FLAG, covered=maybe(NUMBER)
)
MERGE_ROW = record(
    id=REF, status=choice(*MERGE.states), leaves=REF, kept=REF, reason=TEXT, answer=maybe(TEXT), proposed_at=MOMENT
)
WORKSPACE = named(
    "NeedsListWorkspace",
    record(id=REF, invited=many(INVITED), coverage=many(COVERED), duplicates=many(TWIN), merges=many(MERGE_ROW)),
)
MERGE_VIEW = named(
    "NeedMerge",
    record(
        id=REF,
        status=choice(*MERGE.states),
        reason=TEXT,
        need=REF,
        title=TEXT,
        kind=TEXT,
        distance_m=WHOLE,
        quantity=WHOLE,
        other_quantity=WHOLE,
        answer=maybe(TEXT),
    ),
)


def workspace_json(space: Workspace, locale: str) -> dict[str, Any]:
    return {
        "id": space.view.ref,
        "invited": [_invited(row, locale) for row in space.invited],
        "coverage": [_covered(row) for row in space.coverage],
        "duplicates": [_twin(twin, locale) for twin in space.twins],
        "merges": [_merge(row) for row in space.merges],
    }


def _invited(row: InvitedRow, locale: str) -> dict[str, Any]:
    return {
        "organisation": _party(row.organisation, locale),
        "answer": row.answer,
        "entries": row.entries,
        "invited_at": row.invited_at.isoformat(),
        "reminders": row.reminders,
        "reminded_at": row.reminded_at.isoformat() if row.reminded_at else None,
        "note": row.note,
    }


def _party(one: Any, locale: str) -> dict[str, str]:
    return {"id": one.ref, "name": one.in_(locale)}


def _covered(row: CoverageRow) -> dict[str, Any]:
    names = ("region", "entries", "organisations", "matched", "unserved", "ended")
    return {name: getattr(row, name) for name in names}


def _twin(twin: Twin, locale: str) -> dict[str, Any]:
    like = twin.like
    return {
        "leaves": {"id": twin.leaves.ref, "title": twin.leaves.title, "organisation": _party(twin.leaves_by, locale)},
        "kept": {"id": twin.kept.ref, "title": twin.kept.title, "organisation": _party(twin.kept_by, locale)},
        "points": like.points,
        "distance_m": round(like.distance_m, 1),
        "shared": round(like.shared, 3),
        "ratio": round(like.ratio, 3),
        "same_name": like.same_name,
        "covered": None if like.covered is None else round(like.covered, 3),
    }


def _merge(row: MergeRow) -> dict[str, Any]:
    return {
        "id": row.ref,
        "status": row.status,
        "leaves": row.leaves_ref,
        "kept": row.kept_ref,
        "reason": row.reason,
        "answer": row.answer,
        "proposed_at": row.proposed_at.isoformat(),
    }


def merge_json(view: MergeView) -> dict[str, Any]:
    names = ("status", "reason", "title", "kind", "distance_m", "quantity", "other_quantity", "answer")
    return {"id": view.ref, "need": view.need_ref, **{name: getattr(view, name) for name in names}}
