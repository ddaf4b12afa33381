"""A month of tasks: each day with what is due on it and whether it counts, by the working calendar of the organisation's jurisdiction."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.accounts import names
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.deadlines import days_of
from app.kernel.errors import fail
from app.kernel.text import Text
from app.kernel.workcalendar import is_weekend
from app.tasks.queries import Task, all_tasks, fits_whose

DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """`counts`: a working day, or a day that counts here; `why`: where that is not what the weekday says. `inside`: of this month."""

    day: date
    inside: bool
    counts: bool
    why: Text | None
    provisional: bool
    tasks: Sequence[Task]


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks`: from Monday to Sunday, whole. `late`: what is overdue and `undated` what has no day: no month holds it."""

    first: date
    calendar: str
    weeks: Sequence[Sequence[Day]]
    late: int
    undated: int

    @property
    def previous(self) -> str:
        return (self.first - timedelta(days=1)).strftime("%Y-%m")

    @property
    def following(self) -> str:
        return (self.first + timedelta(days=31)).strftime("%Y-%m")

    @property
    def provisional(self) -> bool:
        return any(day.provisional for week in self.weeks for day in week if day.inside)

    @property
    def days(self) -> list[Day]:
        """Of this month, those on which something is due."""
        return [day for week in self.weeks for day in week if day.inside and day.tasks]


def month_of(text: str, today: date) -> date:
    """The first day of a month, "2026-11"; this one when nothing is said. Raises `malformed`."""
    if not text:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise fail("malformed") from None
    if not 2000 <= found.year <= 2100:
        raise fail("malformed")
    return found


def task_month(reader: Reader, first: date, whose: str = "all") -> Month:
    tasks = [task for task in all_tasks(reader) if fits_whose(task, whose)]
    calendar = _calendar(reader)
    start = first - timedelta(days=first.weekday())
    last = first.replace(day=monthrange(first.year, first.month)[1])
    end = last + timedelta(days=DAYS - 1 - last.weekday())
    rules = days_of(reader, calendar, start, end)
    due: dict[date, list[Task]] = {}
    for task in tasks:
        if task.due_on is not None:
            due.setdefault(task.due_on, []).append(task)
    days = [
        Day(
            day,
            day.month == first.month,
            rule.counts,
            rule.why if rule.counts == is_weekend(day) else None,
            rule.provisional,
            due.get(day, []),
        )
        for day, rule in rules.items()
    ]
    weeks = [days[place : place + DAYS] for place in range(0, len(days), DAYS)]
    return Month(
        first,
        calendar,
        weeks,
        sum(task.state == "late" for task in tasks),
        sum(task.due_on is None for task in tasks),
    )


def _calendar(reader: Reader) -> str:
    """The working days that the clocks of the organisation's jurisdiction are counted by."""
    own = names(reader.session, [reader.actor.organisation_id]).get(reader.actor.organisation_id or 0)
    clocks = get_profile(own.profile).clocks if own is not None else ()
    return next((clock.calendar for clock in clocks if clock.calendar != "calendar_days"), "calendar_days")
