"""Counting again what was counted: every state of a deadline, by the rule it was made by and the calendar as it was known then,
gives what was stored. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.db.work import Reader
from app.deadlines.models import Deadline, DeadlineEntry
from app.deadlines.rules import as_json, count, end_of, local_day, pauses_of
from app.deadlines.terms import clock_from
from app.deadlines.years import KnownDays
from app.kernel.workcalendar import YEARLY

AFTER = {"started": "running", "paused": "paused", "resumed": "running", "met": "met", "passed": "passed", "ended": "ended"}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A deadline as it stood from `at` on, counted again. `differs`: the fields that did not come out as they were stored."""

    deadline: str
    subject_type: str
    subject_ref: str
    rule: str
    number: int
    act: str
    at: datetime
    status: str
    due_on: date | None
    provisional: bool
    differs: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differs


def replay(reader: Reader, subject: tuple[str, str] | None = None, at: datetime | None = None) -> list[Replayed]:
    """Every state of every deadline (of one subject, or all) counted again; with `at`, the state each was in at that instant."""
    found = select(Deadline, DeadlineEntry).join(DeadlineEntry, DeadlineEntry.deadline_id == Deadline.id)
    if subject is not None:
        found = found.where(Deadline.subject_type == subject[0], Deadline.subject_ref == subject[1])
    if at is not None:
        found = found.where(DeadlineEntry.at <= at)
    rows = reader.session.execute(found.order_by(Deadline.id, DeadlineEntry.number)).all()
    last = {deadline.id: entry.number for deadline, entry in rows}
    states, before = list[Replayed](), dict[int, DeadlineEntry]()
    for deadline, entry in rows:
        differs = [*_count_differs(reader, deadline, entry), *_life_differs(before.get(deadline.id), entry)]
        if at is None and entry.number == last[deadline.id]:
            differs += _present_differs(deadline, entry)
        before[deadline.id] = entry
        if at is None or entry.number == last[deadline.id]:
            states.append(_state(deadline, entry, differs))
    return states


def _count_differs(reader: Reader, deadline: Deadline, entry: DeadlineEntry) -> list[str]:
    """The count of one state, from the start, with its pauses and the years it knew."""
    clock, zone = clock_from(deadline.terms), deadline.terms["time_zone"]
    if not entry.years and clock.calendar in YEARLY and entry.derivation:
        return []  # kept before years were: its steps are all that is known of it
    days = KnownDays(reader, clock.calendar, entry.years)
    try:
        derivation = count(clock, local_day(deadline.started_at, zone), deadline.units, pauses_of(clock, entry.pauses), days)
    except KeyError:
        return ["years"]
    due_on = derivation.due if derivation else None
    again = {
        "due_on": due_on,
        "due_at": end_of(due_on, zone) if due_on else None,
        "provisional": bool(derivation and derivation.provisional),
        "derivation": as_json(derivation) if derivation else {},
        "years": days.used,
    }
    return [name for name, value in again.items() if getattr(entry, name) != value]


def _life_differs(before: DeadlineEntry | None, entry: DeadlineEntry) -> list[str]:
    """The state follows from the act, and entries from one another."""
    status = AFTER.get(entry.act) or (before.status if before else entry.status)
    wrong = ["status"] if entry.status != status else []
    if entry.number != (before.number + 1 if before else 1) or (before and before.at > entry.at):
        wrong.append("order")
    return wrong


def _present_differs(deadline: Deadline, entry: DeadlineEntry) -> list[str]:
    names = ("status", "due_on", "due_at", "provisional", "derivation", "pauses", "years")
    return [f"now:{name}" for name in names if getattr(deadline, name) != getattr(entry, name)]


def _state(deadline: Deadline, entry: DeadlineEntry, differs: list[str]) -> Replayed:
    return Replayed(
        deadline.ref,
        deadline.subject_type,
        deadline.subject_ref,
        deadline.rule,
        entry.number,
        entry.act,
        entry.at,
        entry.status,
        entry.due_on,
        entry.provisional,
        tuple(differs),
    )
