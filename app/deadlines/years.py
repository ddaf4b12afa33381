"""The years of the working calendars as this database knows them. Reading a year for the first time keeps it as the packages
give it, so that what was counted by it can be counted again after they change. It announces nothing: loading and publication
are in calendars.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.db.work import Reader, UnitOfWork
from app.deadlines.models import CalendarYear
from app.kernel.ids import new_ref
from app.kernel.text import Text
from app.kernel.workcalendar import YEARLY, DayRule, Year, get_calendar, year_of

PUBLISH = "deadlines.publish"
DAILY_S = 24 * 3600.0


def as_days(year: Year) -> dict[str, Any]:
    return {day.isoformat(): [rule.counts, rule.why.en, rule.why.zh] for day, rule in sorted(year.days.items())}


def from_days(days: Mapping[str, Any], provisional: bool) -> Year:
    return Year({date.fromisoformat(day): DayRule(counts, Text(en, zh)) for day, (counts, en, zh) in days.items()}, provisional)


def latest(session: Session, calendar: str, year: int) -> CalendarYear | None:
    found = select(CalendarYear).where(CalendarYear.calendar == calendar, CalendarYear.year == year)
    return session.scalar(found.order_by(CalendarYear.number.desc()).limit(1))


def numbered(session: Session, calendar: str, year: int, number: int) -> CalendarYear:
    return session.scalars(
        select(CalendarYear).where(CalendarYear.calendar == calendar, CalendarYear.year == year, CalendarYear.number == number)
    ).one()


class KnownDays:
    """The days of a calendar for one count. `used`: year → number of what was counted by. `fixed`: count by these numbers, as
    then; else by what is known now."""

    def __init__(self, reader: Reader, calendar: str, fixed: Mapping[str, int] | None = None) -> None:
        self._reader, self._calendar, self._fixed = reader, calendar, fixed
        self._years: dict[int, Year] = {}
        self.used: dict[str, int] = {}

    def __call__(self, day: date) -> DayRule:
        if self._calendar not in YEARLY:
            return get_calendar(self._calendar)(day)
        if day.year not in self._years:
            row = self._row(day.year)
            self.used[str(day.year)] = row.number
            self._years[day.year] = from_days(row.days, row.provisional)
        return self._years[day.year](day)

    def _row(self, year: int) -> CalendarYear:
        if self._fixed is not None:
            return numbered(self._reader.session, self._calendar, year, self._fixed[str(year)])
        found = latest(self._reader.session, self._calendar, year)
        if found is None and isinstance(self._reader, UnitOfWork):
            return keep_first(self._reader, self._calendar, year)
        if found is None:
            raise LookupError(f"{self._calendar} {year} was never counted by")
        return found


def keep_first(work: UnitOfWork, calendar: str, year: int) -> CalendarYear:
    """Keep a year as the packages give it; whoever comes second in a race finds the first's. One that is not published is asked
    for again daily."""
    known = year_of(calendar, year)
    _insert(work.session, _values(calendar, year, 1, known, "computed" if known.provisional else "package", work.now))
    if known.provisional:
        work.enqueue(PUBLISH, {}, key=PUBLISH, delay_s=DAILY_S)
    found = latest(work.session, calendar, year)
    assert found is not None
    return found


def keep_next(
    work: UnitOfWork, calendar: str, year: int, days: Mapping[str, Any], source: str, citation: str | None
) -> CalendarYear:
    """Keep a newer version of a year."""
    last = work.session.scalar(
        select(func.max(CalendarYear.number)).where(CalendarYear.calendar == calendar, CalendarYear.year == year)
    )
    row = CalendarYear(
        calendar=calendar,
        year=year,
        number=(last or 0) + 1,
        source=source,
        provisional=False,
        days=dict(days),
        citation=citation,
        recorded_at=work.now,
        recorded_by=work.actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _values(calendar: str, year: int, number: int, known: Year, source: str, now: datetime) -> dict[str, Any]:
    return {
        "ref": new_ref(),
        "calendar": calendar,
        "year": year,
        "number": number,
        "source": source,
        "provisional": known.provisional,
        "days": as_days(known),
        "recorded_at": now,
    }


def _insert(session: Session, values: dict[str, Any]) -> None:
    """`ON CONFLICT DO NOTHING`, in the words of either engine."""
    keys = ["calendar", "year", "number"]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(CalendarYear).values(values).on_conflict_do_nothing(index_elements=keys))
    else:
        session.execute(sqlite.insert(CalendarYear).values(values).on_conflict_do_nothing(index_elements=keys))
