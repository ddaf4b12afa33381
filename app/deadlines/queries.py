"""Clocks as a person sees them: what is due, when, counted how; and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.clock_words import OUTCOMES
from app.catalogue.profiles import Source
from app.db.work import Reader
from app.deadlines.models import Deadline
from app.deadlines.rules import NEGOTIATED, explain, from_json, summary
from app.deadlines.terms import clock_from
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ClockView:
    """`status`: running, paused, met, passed, ended. `is_late`: over its time, done or not. `steps`: the count, line by line."""

    rule: str
    label: Text
    subject_type: str
    subject_ref: str
    organisation_id: int
    status: str
    started_at: datetime
    due_on: date | None
    due_at: datetime | None
    met_at: datetime | None
    is_late: bool
    provisional: bool
    counted: Text
    steps: tuple[Text, ...]
    consequence: Text
    source: Source
    outcome: Text
    profile_version: str
    pauses_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class WaitingClock:
    """A clock that still waits, as lists and calendars need it. `status`: running, paused, passed."""

    id: int
    rule: str
    label: Text
    subject_type: str
    subject_ref: str
    organisation_id: int
    status: str
    started_at: datetime
    due_on: date | None
    due_at: datetime | None
    provisional: bool


def view(row: Deadline, now: datetime) -> ClockView:
    clock = clock_from(row.terms)
    derivation = from_json(row.derivation) if row.derivation else None
    until = row.updated_at if row.status == "ended" else row.met_at
    return ClockView(
        rule=row.rule,
        label=clock.label,
        subject_type=row.subject_type,
        subject_ref=row.subject_ref,
        organisation_id=row.organisation_id,
        status=row.status,
        started_at=row.started_at,
        due_on=row.due_on,
        due_at=row.due_at,
        met_at=row.met_at,
        is_late=row.due_at is not None and (until or now) >= row.due_at,
        provisional=row.provisional,
        counted=summary(clock, derivation, row.units),
        steps=explain(clock, derivation) if derivation else (NEGOTIATED,),
        consequence=Text(row.consequence_en, row.consequence_zh),
        source=clock.source,
        outcome=OUTCOMES[clock.outcome],
        profile_version=row.profile_version,
        pauses_for=frozenset(reason.code for reason in clock.pauses),
    )


def clocks_of(reader: Reader, subject_type: str, subject_ref: str) -> tuple[ClockView, ...]:
    """Every clock on a subject, in the order of their start."""
    found = select(Deadline).where(Deadline.subject_type == subject_type, Deadline.subject_ref == subject_ref)
    return tuple(view(row, reader.now) for row in reader.session.scalars(found.order_by(Deadline.started_at, Deadline.id)))


def due_dates_of(session: Session, subject_type: str, refs: Iterable[str]) -> dict[str, date]:
    """The nearest due date that each subject still waits for; subjects without one are left out. For lists."""
    found = (
        select(Deadline.subject_ref, func.min(Deadline.due_on))
        .where(
            Deadline.subject_type == subject_type,
            Deadline.subject_ref.in_(list(refs)),
            Deadline.status.in_(("running", "passed")),
        )
        .group_by(Deadline.subject_ref)
    )
    return {ref: day for ref, day in session.execute(found) if day is not None}


def clocks_waiting(reader: Reader, organisation_ids: Iterable[int]) -> tuple[ClockView, ...]:
    """What these organisations must still do, the most urgent first; without a date last."""
    found = (
        select(Deadline)
        .where(
            Deadline.organisation_id.in_(list(organisation_ids)),
            Deadline.status.in_(("running", "paused", "passed")),
        )
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
    )
    return tuple(view(row, reader.now) for row in reader.session.scalars(found))


def waiting_clocks(reader: Reader, organisation_ids: Iterable[int]) -> list[WaitingClock]:
    """What these organisations must still do, without the derivations."""
    found = select(
        Deadline.id,
        Deadline.rule,
        Deadline.terms["label"],
        Deadline.subject_type,
        Deadline.subject_ref,
        Deadline.organisation_id,
        Deadline.status,
        Deadline.started_at,
        Deadline.due_on,
        Deadline.due_at,
        Deadline.provisional,
    ).where(Deadline.organisation_id.in_(list(organisation_ids)), Deadline.status.in_(("running", "paused", "passed")))
    return [
        WaitingClock(number, rule, Text(label["en"], label["zh"]), *facts)
        for number, rule, label, *facts in reader.session.execute(found)
    ]


def clocks_by_id(reader: Reader, ids: Iterable[int]) -> dict[int, ClockView]:
    """Whole, with their derivations."""
    rows = reader.session.scalars(select(Deadline).where(Deadline.id.in_(list(ids))))
    return {row.id: view(row, reader.now) for row in rows}


def overdue(reader: Reader, organisation_ids: Iterable[int] | None = None) -> tuple[ClockView, ...]:
    """Clocks whose time is over and whose act is not done, the oldest first; of some organisations, or of all."""
    found = select(Deadline).where(Deadline.status.in_(("running", "passed")), Deadline.due_at <= reader.now)
    if organisation_ids is not None:
        found = found.where(Deadline.organisation_id.in_(list(organisation_ids)))
    return tuple(view(row, reader.now) for row in reader.session.scalars(found.order_by(Deadline.due_at, Deadline.id)))
