"""Use cases of working calendars: load a year from a file, take over a year that was published, count provisional dates again.

A year is never rewritten: each of these keeps a newer version and announces it once. Dates that were firm stay."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.db.work import Reader, UnitOfWork
from app.deadlines.arrangement import ListedDay, check_year
from app.deadlines.models import CalendarYear, Deadline
from app.deadlines.service import WAITING
from app.deadlines.years import DAILY_S, PUBLISH, as_days, keep_next, latest
from app.kernel.event import Event
from app.kernel.workcalendar import year_of

RECOUNT = "deadlines.recount"


@dataclass(frozen=True, slots=True)
class LoadYear:
    """`days`: every day off on a weekday and every make-up workday on a weekend; days off on weekends may be listed too."""

    calendar: str
    year: int
    days: tuple[ListedDay, ...]
    citation: str


def load_year(work: UnitOfWork, command: LoadYear) -> int:
    """Keep the year as the file gives it, and have every provisional date counted again. Returns the number of the version.

    Who may: the administrator of the platform. Raises `unknown_calendar`, `invalid` with every line that is wrong."""
    work.permit("calendar.load")
    days = check_year(command.calendar, command.year, command.days, command.citation)
    before = latest(work.session, command.calendar, command.year)
    row = keep_next(work, command.calendar, command.year, days, "file", command.citation.strip())
    _announce(work, "calendar.loaded", row, before)
    return int(row.number)


def publish_years(work: UnitOfWork, command: None = None) -> int:
    """Take over every year that was worked out before its publication and is published now; returns how many. Asks again
    tomorrow while one is left."""
    newer = aliased(CalendarYear)
    last = select(func.max(newer.number)).where(newer.calendar == CalendarYear.calendar, newer.year == CalendarYear.year)
    rows = work.session.scalars(
        select(CalendarYear)
        .where(CalendarYear.provisional, CalendarYear.number == last.scalar_subquery())
        .order_by(CalendarYear.id)
    ).all()
    known = {row.id: year_of(row.calendar, row.year) for row in rows}
    published = [row for row in rows if not known[row.id].provisional]
    for row in published:
        made = keep_next(work, row.calendar, row.year, as_days(known[row.id]), "package", None)
        _announce(work, "calendar.published", made, row)
    if len(published) < len(rows):
        work.enqueue(PUBLISH, {}, key=PUBLISH, delay_s=DAILY_S)
    return len(published)


def recompute_provisional(work: UnitOfWork, command: None = None) -> int:
    """Have every provisional date counted again, each in a transaction of its own; returns how many wait for it."""
    refs = provisional_refs(work)
    if refs:
        work.enqueue(RECOUNT, {}, key=RECOUNT)
    return len(refs)


def provisional_refs(reader: Reader) -> list[str]:
    found = select(Deadline.ref).where(Deadline.provisional, Deadline.status.in_(WAITING)).order_by(Deadline.id)
    return list(reader.session.scalars(found))


def _announce(work: UnitOfWork, action: str, row: CalendarYear, before: CalendarYear | None) -> None:
    after = {
        "calendar": row.calendar,
        "year": row.year,
        "number": row.number,
        "source": row.source,
        "citation": row.citation,
        "days": row.days,
        "dates_counted_again": recompute_provisional(work),
    }
    was = {"number": before.number, "source": before.source, "days": before.days} if before else {}
    work.emit(Event(action, "calendar_year", row.ref, (), was, after))
