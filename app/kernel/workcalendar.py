"""Working calendars: which days count, and the day on which a period ends, with every step of the count.

The day of the event is not counted (Civil Code of the PRC, Art. 201; Regulation 1182/71, Art. 3(1); 47 CFR 1.4(c)). Chinese days
come from the published arrangements, make-up workdays (调休) included; past the last published year they are worked out from
weekdays and known festivals and marked provisional.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Literal

from app.kernel.errors import declare, fail
from app.kernel.text import Text
from app.kernel.timewindow import Window

Unit = Literal["calendar_days", "working_days", "months"]
ONE_DAY = timedelta(days=1)

declare("unknown_calendar", HTTPStatus.UNPROCESSABLE_ENTITY, "There is no calendar “{calendar}”.", "没有名为“{calendar}”的日历。")


@dataclass(frozen=True, slots=True)
class DayRule:
    """Whether a calendar counts a day, and why."""

    counts: bool
    why: Text
    provisional: bool = False


Calendar = Callable[[date], DayRule]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which a clock stands, and why. An open window: it stands until further notice."""

    window: Window
    reason: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One day of a count. `number`: its place in the count, None when the day was passed over."""

    day: date
    number: int | None
    why: Text
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a due date was reached. `due` is None while a pause has no end."""

    start: date
    length: int
    unit: Unit
    calendar: str
    due: date | None
    provisional: bool
    steps: tuple[Step, ...]


WORKING_DAY = Text("working day", "工作日")
WEEKEND = Text("weekend", "周末")
CALENDAR_DAY = Text("calendar day", "日历日")
MAKE_UP = Text("make-up workday ({name})", "调休上班（{name}）")
HOLIDAY = Text("public holiday: {name}", "节假日：{name}")
ADJUSTED = Text("day off moved from a weekend ({name})", "调休放假（{name}）")

# Names that the packages give in English only; the rest keep the name of their own country.
_CHINESE_NAMES = {
    "New Year's Day": "元旦",
    "Day after New Year's Day": "元旦次日",
    "Waitangi Day": "怀唐伊日",
    "Good Friday": "耶稣受难日",
    "Easter Monday": "复活节星期一",
    "Anzac Day": "澳新军团日",
    "King's Birthday": "国王诞辰日",
    "Queen's Birthday": "女王诞辰日",
    "Matariki": "毛利新年",
    "Labour Day": "劳动节",
    "Labor Day": "劳动节",
    "Christmas Day": "圣诞节",
    "Boxing Day": "节礼日",
    "Memorial Day": "阵亡将士纪念日",
    "Juneteenth National Independence Day": "六月节",
    "Independence Day": "独立日",
    "Thanksgiving Day": "感恩节",
    "Martin Luther King Jr. Day": "马丁·路德·金纪念日",
    "Washington's Birthday": "华盛顿诞辰日",
    "Columbus Day": "哥伦布日",
    "Veterans Day": "退伍军人节",
}


@dataclass(frozen=True, slots=True)
class Year:
    """A year of a calendar: the days that differ from the plain week, each with its reason. `provisional`: not published, worked
    out from weekdays and known festivals."""

    days: Mapping[date, DayRule]
    provisional: bool = False

    def __call__(self, day: date) -> DayRule:
        found = self.days.get(day) or _weekdays(day)
        return DayRule(found.counts, found.why, self.provisional)


def _calendar_days(_: date) -> DayRule:
    return DayRule(True, CALENDAR_DAY)


def is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def _weekdays(day: date) -> DayRule:
    return DayRule(False, WEEKEND) if is_weekend(day) else DayRule(True, WORKING_DAY)


def days_of(year: int) -> tuple[date, ...]:
    first = date(year, 1, 1)
    return tuple(first + ONE_DAY * n for n in range((date(year + 1, 1, 1) - first).days))


def _holidays(country: str, year: int, language: str | None = None) -> dict[date, str]:
    from holidays import country_holidays  # here: the package is slow to import and many processes count no days

    return dict(country_holidays(country, years=year, language=language))


def _with_holidays_of(country: str) -> Callable[[int], Year]:
    def rule(name: str) -> DayRule:
        plain = name.removesuffix(" (observed)")
        observed = "（补假）" if plain != name else ""
        return DayRule(False, HOLIDAY.format(name=Text(name, _CHINESE_NAMES.get(plain, plain) + observed)))

    return lambda year: Year({day: rule(name) for day, name in _holidays(country, year).items() if day.year == year})


def _china(year: int) -> Year:
    """The published arrangement; past the last published year, weekdays and known festivals, marked so."""
    import chinese_calendar

    try:
        details = {day: chinese_calendar.get_holiday_detail(day) for day in days_of(year)}
    except NotImplementedError:
        return _china_provisional(year)
    return Year({day: _china_day(day, free, festival) for day, (free, festival) in details.items() if festival is not None})


def _china_day(day: date, free: bool, festival: str) -> DayRule:
    import chinese_calendar

    name = Text(festival, chinese_calendar.Holiday(festival).chinese)
    if not free:
        return DayRule(True, MAKE_UP.format(name=name))
    return DayRule(False, (ADJUSTED if chinese_calendar.is_in_lieu(day) else HOLIDAY).format(name=name))


def _china_provisional(year: int) -> Year:
    english, chinese = _holidays("CN", year, "en_US"), _holidays("CN", year, "zh_CN")
    festivals = {
        day: DayRule(False, HOLIDAY.format(name=Text(english[day], chinese[day]))) for day in english if day.year == year
    }
    return Year(festivals, provisional=True)


# Calendars whose days are arranged year by year, and those that are the same in every year.
YEARLY: dict[str, Callable[[int], Year]] = {
    "working_days:CN": _china,
    "working_days:US": _with_holidays_of("US"),
    "working_days:NZ": _with_holidays_of("NZ"),
}
PLAIN: dict[str, Calendar] = {
    "calendar_days": _calendar_days,
    "working_days:EU": _weekdays,  # each Member State has its own holidays: a national profile names them
}
CALENDARS = (*PLAIN, *YEARLY)


@lru_cache(maxsize=64)
def year_of(calendar: str, year: int) -> Year:
    """The year as the maintained packages give it."""
    return YEARLY[calendar](year)


def get_calendar(code: str) -> Calendar:
    """The calendar named `code`, or `unknown_calendar`."""
    if code in YEARLY:
        return lambda day: year_of(code, day.year)(day)
    if code not in PLAIN:
        raise fail("unknown_calendar", calendar=code)
    return PLAIN[code]


def is_working_day(day: date, calendar: str) -> bool:
    return get_calendar(calendar)(day).counts


def derive(
    start: date, length: int, unit: Unit, calendar: str, pauses: Sequence[Pause] = (), days: Calendar | None = None
) -> Derivation:
    """Count `length` units from the day after `start`. `days`: the calendar's days as they were known, else as known now.

    Calendar days and months under a working-day calendar end on the next working day when their last day is none (Civil Code
    Art. 203; Regulation 1182/71 Art. 3(4)). A month ends on the day of the same number, or the month's last."""
    if length < 1:
        raise ValueError("a period is at least one unit long")
    span = (months_later(start, length) - start).days if unit == "months" else length
    rule = days or get_calendar(calendar)
    counted = rule if unit == "working_days" else _calendar_days
    steps, stopped = _count(start, span, counted, pauses)
    if not stopped and unit != "working_days":
        steps += _roll(steps[-1].day, rule)
    due = None if stopped else steps[-1].day
    return Derivation(start, length, unit, calendar, due, any(step.provisional for step in steps), tuple(steps))


def add_working_days(start: date, n: int, calendar: str, pauses: Sequence[Pause] = ()) -> Derivation:
    """The `n`-th day after `start` that `calendar` counts."""
    return derive(start, n, "working_days", calendar, pauses)


def _count(start: date, days: int, rule: Calendar, pauses: Sequence[Pause]) -> tuple[list[Step], bool]:
    """The steps of a count, and whether an open pause stopped it."""
    steps: list[Step] = []
    number, day = 0, start
    while number < days:
        day += ONE_DAY
        if pause := next((p for p in pauses if day in p.window), None):
            steps.append(Step(day, None, pause.reason))
            if pause.window.is_open:
                return steps, True
            continue
        verdict = rule(day)
        number += verdict.counts
        steps.append(Step(day, number if verdict.counts else None, verdict.why, verdict.provisional))
    return steps, False


def _roll(last: date, rule: Calendar) -> list[Step]:
    """The days after `last` up to the first working day, none when `last` is one.

    Whether the last counted day works is itself a step, so that its reason can be read."""
    verdict, day, steps = rule(last), last, list[Step]()
    while not verdict.counts:
        steps.append(Step(day, None, verdict.why, verdict.provisional))
        day += ONE_DAY
        verdict = rule(day)
    if steps:
        steps.append(Step(day, None, Text("first working day after", "顺延至首个工作日"), verdict.provisional))
    return steps


def months_later(start: date, n: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))
