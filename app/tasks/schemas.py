"""What the API of tasks takes and answers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.kernel.text import Text
from app.tasks.digest import EVERY, WHOSE, DigestView
from app.tasks.doing import MOST
from app.tasks.month import Day, Month
from app.tasks.queries import Task
from app.tasks.rules import STATES
from app.web.inputs import code_field, count_field, id_field, text_field
from app.web.query import Lenient, Paged
from app.web.shapes import DAY, FLAG, MOMENT, PARTY, REF, TEXT, WHOLE, choice, many, maybe, named, record


class TaskQuery(Paged):
    whose = fields.String(validate=validate.OneOf(("all", "mine", "free")), load_default="all")
    kind = code_field(load_default="", metadata={"description": "a kind of task, such as access.answer"})
    state = fields.String(validate=validate.OneOf(("", *STATES)), load_default="")
    region = code_field(load_default="")
    organisation = id_field(load_default="", metadata={"description": "for which organisation it waits"})
    q = text_field(200, load_default="")


class MonthQuery(Lenient):
    month = fields.String(validate=validate.Regexp(r"^\d{4}-\d{2}$"), metadata={"description": "2026-11; this one when left out"})
    whose = fields.String(validate=validate.OneOf(("all", "mine", "free")), load_default="all")


class AssignIn(Schema):
    person = id_field(required=True)


class ChosenIn(Schema):
    kind = code_field(required=True)
    id = id_field(required=True)
    version = count_field(load_default=None, allow_none=True)
    content_hash = text_field(64, load_default="")


class TogetherIn(Schema):
    tasks = fields.List(fields.Nested(ChosenIn), required=True, validate=validate.Length(1, MOST))
    remark = text_field(4000, load_default=None, allow_none=True)


class DigestIn(Schema):
    every = fields.String(required=True, validate=validate.OneOf(tuple(EVERY)))
    whose = fields.String(load_default="all", validate=validate.OneOf(tuple(WHOSE)))


TASK = named(
    "Task",
    record(
        {"counted": TEXT, "steps": many(TEXT), "consequence": TEXT, "source": TEXT},
        kind=TEXT,
        id=REF,
        label=TEXT,
        title=TEXT,
        subject_type=TEXT,
        state=choice(*STATES),
        due_on=maybe(DAY),
        provisional=FLAG,
        why=maybe(TEXT),
        since=MOMENT,
        region=maybe(TEXT),
        organisation=maybe(PARTY),
        other=maybe(PARTY),
        holder=maybe(TEXT),
        stand_in=maybe(TEXT),
        mine=FLAG,
        can_do=FLAG,
        together=FLAG,
        version=maybe(WHOLE),
        content_hash=maybe(TEXT),
    ),
)
DAY_OF_TASKS = record(day=DAY, counts=FLAG, why=maybe(TEXT), provisional=FLAG, tasks=many(TASK))
MONTH = named("TaskMonth", record(calendar=TEXT, late=WHOLE, undated=WHOLE, days=many(DAY_OF_TASKS)))
# the id as it was sent
DONE = named("TasksDone", record(results=many(record(kind=TEXT, id=TEXT, done=FLAG, code=maybe(TEXT), detail=maybe(TEXT)))))
DIGEST = named("TaskDigest", record(every=choice(*EVERY), whose=choice(*WHOSE), sent_on=maybe(DAY), reaches=FLAG))
FEED = named("TaskFeed", record(address=TEXT))


def task_json(task: Task, locale: str) -> dict[str, Any]:
    one, clock = task.waiting, task.clock

    def said(words: Text | None) -> str | None:
        return words.in_(locale) if words is not None else None

    body: dict[str, Any] = {
        "kind": task.kind.code,
        "id": task.ref,
        "label": task.kind.label.in_(locale),
        "title": one.title,
        "subject_type": one.subject_type,
        "state": task.state,
        "due_on": task.due_on.isoformat() if task.due_on else None,
        "provisional": task.provisional,
        "why": said(clock.label if clock else one.why),
        "since": one.since.isoformat(),
        "region": one.region,
        "organisation": _party(task.organisation, locale),
        "other": _party(task.other, locale),
        "holder": task.holder,
        "stand_in": task.stand_in,
        "mine": task.mine,
        "can_do": task.can_do,
        "together": task.together,
        "version": one.version,
        "content_hash": one.content_hash,
    }
    if clock is not None:
        body |= {
            "counted": clock.counted.in_(locale),
            "steps": [step.in_(locale) for step in clock.steps],
            "consequence": clock.consequence.in_(locale),
            "source": clock.source.text.in_(locale),
        }
    return body


def _party(one: Any, locale: str) -> dict[str, str] | None:
    return {"id": one.ref, "name": one.in_(locale)} if one is not None else None


def month_json(month: Month, locale: str) -> dict[str, Any]:
    def day_json(day: Day) -> dict[str, Any]:
        return {
            "day": day.day.isoformat(),
            "counts": day.counts,
            "why": day.why.in_(locale) if day.why else None,
            "provisional": day.provisional,
            "tasks": [task_json(task, locale) for task in day.tasks],
        }

    days = [day_json(day) for week in month.weeks for day in week if day.inside]
    return {"calendar": month.calendar, "late": month.late, "undated": month.undated, "days": days}


def digest_json(view: DigestView) -> dict[str, Any]:
    sent = view.sent_on.isoformat() if view.sent_on else None
    return {"every": view.every, "whose": view.whose, "sent_on": sent, "reaches": view.reaches}
