"""Clocks: from a profile's rule and an event to an instant, with the count as a person reads it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from app.catalogue.clock_words import EVENTS
from app.catalogue.profiles import Clock
from app.kernel.errors import declare
from app.kernel.text import Text, written_day
from app.kernel.timewindow import FAR, Window
from app.kernel.workcalendar import ONE_DAY, Calendar, Derivation, Pause, Step, derive

declare(
    "no_such_clock", HTTPStatus.UNPROCESSABLE_ENTITY, "This jurisdiction has no clock “{rule}”.", "本辖区没有“{rule}”时限规则。"
)
declare("clock_running", HTTPStatus.CONFLICT, "The clock “{clock}” is already running.", "“{clock}”时限已在计算中。")
declare("clock_not_running", HTTPStatus.CONFLICT, "The clock “{clock}” is not running.", "“{clock}”时限未在计算中。")
declare(
    "pause_not_allowed",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The clock “{clock}” cannot be paused for “{reason}”.",
    "“{clock}”时限不能因“{reason}”暂停。",
)

COUNTED = Text("{days}: counted, {numbers} ({why})", "{days}：计入，{numbers}（{why}）")
DAYS = Text("{first} – {last}", "{first}至{last}")
PASSED_OVER = Text("{days}: not counted ({why})", "{days}：不计（{why}）")
STARTED = Text("{day}: {event}; the day itself is not counted", "{day}：{event}，当日不计")
ENDS = Text("{day}: the time ends with this day", "{day}：期限于当日届满")
ASKED = Text("{reason}, asked for by {who}", "{reason}（{who}提出）")
PROVISIONAL = Text(
    "Provisional: the working days of that year are not published yet; the date is worked out again when they are.",
    "暂定：该年度的工作日安排尚未公布，公布后重新计算。",
)
SIZED = Text("{counted} ({tier}, {units} units)", "{counted}（{tier}，共 {units} 个单元）")
NEGOTIATED = Text("No set time for an order of this size: the parties agree on one.", "此规模的申请没有固定时限，由双方商定。")


def local_day(instant: datetime, time_zone: str) -> date:
    """The calendar day of an instant, where the clock runs."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def end_of(day: date, time_zone: str) -> datetime:
    """The instant at which `day` is over, in UTC."""
    return datetime.combine(day + ONE_DAY, time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def count(
    clock: Clock, started_on: date, units: int, pauses: Iterable[Pause] = (), days: Calendar | None = None
) -> Derivation | None:
    """The derivation of a clock, by `days` as they were known; None when an order of `units` has no set time."""
    length = clock.length_for(units)
    return None if length is None else derive(started_on, length, clock.unit, clock.calendar, tuple(pauses), days)


def pauses_of(clock: Clock, stored: Sequence[Mapping[str, Any]]) -> tuple[Pause, ...]:
    """The stored pauses with their reasons in words, and who asked. A pause that began and ended on one day stops nothing."""
    words = {reason.code: reason.text for reason in clock.pauses}
    spans = [(date.fromisoformat(row["from"]), date.fromisoformat(row["to"]) if row["to"] else FAR, row) for row in stored]
    return tuple(Pause(Window(start, end), _why(words[row["reason"]], row.get("by"))) for start, end, row in spans if start < end)


def _why(reason: Text, by: Mapping[str, str] | None) -> Text:
    return reason if by is None else ASKED.format(reason=reason, who=Text(by["en"], by["zh"]))


def explain(clock: Clock, derivation: Derivation) -> tuple[Text, ...]:
    """The count in lines, neighbours with the same fate together: the event, each day counted or passed over and why, the end."""
    lines = [STARTED.format(day=derivation.start, event=EVENTS[clock.event])]
    lines += [_line(tuple(group)) for _, group in groupby(derivation.steps, key=lambda step: (step.number is not None, step.why))]
    if derivation.due is not None:
        lines.append(ENDS.format(day=derivation.due))
    return (*lines, PROVISIONAL) if derivation.provisional else tuple(lines)


def _line(steps: tuple[Step, ...]) -> Text:
    first, last = steps[0], steps[-1]
    days = DAYS.format(first=first.day, last=last.day) if len(steps) > 1 else written_day(first.day)
    if first.number is None:
        return PASSED_OVER.format(days=days, why=first.why)
    if len(steps) == 1:
        numbers = Text(f"day {first.number}", f"第 {first.number} 天")
    else:
        numbers = Text(f"days {first.number}–{last.number}", f"第 {first.number}–{last.number} 天")
    return COUNTED.format(days=days, numbers=numbers, why=first.why)


def as_json(derivation: Derivation) -> dict[str, Any]:
    """The derivation as it is stored: what was counted then, whatever the calendars say later."""
    return {
        "start": derivation.start.isoformat(),
        "length": derivation.length,
        "unit": derivation.unit,
        "calendar": derivation.calendar,
        "due": derivation.due.isoformat() if derivation.due else None,
        "provisional": derivation.provisional,
        "steps": [[step.day.isoformat(), step.number, step.why.en, step.why.zh, step.provisional] for step in derivation.steps],
    }


def from_json(stored: Mapping[str, Any]) -> Derivation:
    steps = tuple(Step(date.fromisoformat(day), number, Text(en, zh), loose) for day, number, en, zh, loose in stored["steps"])
    due = date.fromisoformat(stored["due"]) if stored["due"] else None
    return Derivation(
        date.fromisoformat(stored["start"]),
        stored["length"],
        stored["unit"],
        stored["calendar"],
        due,
        stored["provisional"],
        steps,
    )


def summary(clock: Clock, derivation: Derivation | None, units: int = 1) -> Text:
    """ "15 working days from the day after 2026-03-02" in both languages; with the size of the order where that decides."""
    if derivation is None:
        return NEGOTIATED
    tier = clock.tier_for(units)
    counted = _counted(clock, derivation)
    return SIZED.format(counted=counted, tier=tier.name, units=units) if tier and tier.name else counted


def _counted(clock: Clock, derivation: Derivation) -> Text:
    units = {
        "working_days": Text("working day" if derivation.length == 1 else "working days", "个工作日"),
        "calendar_days": Text("calendar day" if derivation.length == 1 else "calendar days", "个日历日"),
        "months": Text("month" if derivation.length == 1 else "months", "个月"),
    }
    return Text("{n} {unit} from the day after {start}", "自{start}次日起 {n} {unit}").format(
        n=derivation.length,
        unit=units[clock.unit],
        start=derivation.start,
    )
