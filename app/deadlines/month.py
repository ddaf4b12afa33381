"""The days of a stretch of a calendar as they are known now: which count, and why. For calendars that people look at."""

from __future__ import annotations

from datetime import date, timedelta

from app.db.work import Reader
from app.deadlines.years import from_days, latest
from app.kernel.workcalendar import YEARLY, Calendar, DayRule, get_calendar, year_of


def days_of(reader: Reader, calendar: str, first: date, last: date) -> dict[date, DayRule]:
    """Every day from `first` to `last`, both included. A year that nothing was counted by yet is as the packages give it."""
    rules = {year: _year(reader, calendar, year) for year in range(first.year, last.year + 1)}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day: rules[day.year](day) for day in days}


def _year(reader: Reader, calendar: str, year: int) -> Calendar:
    if calendar not in YEARLY:
        return get_calendar(calendar)
    row = latest(reader.session, calendar, year)
    return from_days(row.days, row.provisional) if row is not None else year_of(calendar, year)
