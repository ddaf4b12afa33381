"""Years of the working calendars as they are known here, for everybody whose dates they decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.db.work import Reader
from app.deadlines.models import CalendarYear, Deadline
from app.deadlines.service import WAITING
from app.kernel.errors import fail
from app.kernel.text import Text
from app.kernel.workcalendar import YEARLY

NAMES = {
    "working_days:CN": Text("China, working days", "中国工作日"),
    "working_days:US": Text("United States, working days", "美国工作日"),
    "working_days:NZ": Text("New Zealand, working days", "新西兰工作日"),
}
SOURCES = {
    "package": Text("published", "已公布"),
    "computed": Text("worked out, not published yet", "推算，尚未公布"),
    "file": Text("loaded from a file", "由文件载入"),
}


@dataclass(frozen=True, slots=True)
class DayView:
    day: date
    counts: bool
    why: Text


@dataclass(frozen=True, slots=True)
class YearView:
    """`number`: of the version that counts. `days`: those that differ from the plain week."""

    calendar: str
    name: Text
    year: int
    number: int
    source: str
    provisional: bool
    citation: str | None
    recorded_at: datetime
    days: Sequence[DayView]


def calendar_years(reader: Reader) -> list[YearView]:
    """Every year that was counted by or loaded, as it counts now: by calendar, the latest year first."""
    reader.permit("calendar.list")
    newest = select(func.max(CalendarYear.id)).group_by(CalendarYear.calendar, CalendarYear.year)
    rows = reader.session.scalars(
        select(CalendarYear).where(CalendarYear.id.in_(newest)).order_by(CalendarYear.calendar, CalendarYear.year.desc())
    )
    return [_view(row) for row in rows]


def calendar_year(reader: Reader, calendar: str, year: int) -> list[YearView]:
    """Every version of one year, the one that counts first. Raises `not_found`."""
    reader.permit("calendar.view")
    rows = reader.session.scalars(
        select(CalendarYear)
        .where(CalendarYear.calendar == calendar, CalendarYear.year == year)
        .order_by(CalendarYear.number.desc())
    ).all()
    if not rows or calendar not in YEARLY:
        raise fail("not_found")
    return [_view(row) for row in rows]


def provisional_count(reader: Reader) -> int:
    """How many dates that run are provisional."""
    found = select(func.count()).select_from(Deadline).where(Deadline.provisional, Deadline.status.in_(WAITING))
    return reader.session.scalar(found) or 0


def _view(row: CalendarYear) -> YearView:
    days = [DayView(date.fromisoformat(day), counts, Text(en, zh)) for day, (counts, en, zh) in sorted(row.days.items())]
    return YearView(
        row.calendar,
        NAMES[row.calendar],
        row.year,
        row.number,
        row.source,
        row.provisional,
        row.citation,
        row.recorded_at,
        tuple(days),
    )
