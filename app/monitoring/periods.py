"""The months of a board: which, what falls into which, and middles of what took how long. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median
from typing import TypeVar

from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.kernel.timewindow import Window

LENGTHS = (6, 12, 24, 36)  # months that a board may show
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Period:
    """The last months up to `today`, the present one among them. `zone`: whose midnight ends a day."""

    months: tuple[date, ...]
    today: date
    zone: tzinfo

    @property
    def start(self) -> date:
        return self.months[0]

    @property
    def names(self) -> tuple[Text, ...]:
        return tuple(month_name(month) for month in self.months)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Each month up to and with today."""
        ends = [*self.months[1:], self.today + timedelta(days=1)]
        return tuple(Window(start, end) for start, end in zip(self.months, ends, strict=True))

    def place(self, when: datetime | date | None) -> int | None:
        """The month that a moment or a day falls into, by its place; None outside."""
        if when is None:
            return None
        day = when.astimezone(self.zone).date() if isinstance(when, datetime) else when
        if not self.start <= day <= self.today:
            return None
        return (day.year - self.start.year) * 12 + day.month - self.start.month


def period(today: date, months: int, zone: tzinfo) -> Period:
    """The last `months` months. Raises `invalid` for a length that no board shows."""
    if months not in LENGTHS:
        said = ", ".join(map(str, LENGTHS))
        problem = Problem(
            "invalid", Text("A board shows {said} months.", "可选 {said} 个月。").format(said=said), pointer="/months"
        )
        raise fail("invalid", [problem])
    found = [today.replace(day=1)]
    while len(found) < months:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return Period(tuple(reversed(found)), today, zone)


def month_name(month: date) -> Text:
    return Text(f"{month:%Y-%m}", f"{month.year}年{month.month}月")


def by_month(span: Period, moments: Iterable[tuple[K, datetime | date | None]], keys: Sequence[K]) -> Mapping[K, tuple[int, ...]]:
    """How many of each key fall into each month."""
    counts = {key: [0] * len(span.months) for key in keys}
    for key, when in moments:
        place = span.place(when)
        if place is not None and key in counts:
            counts[key][place] += 1
    return {key: tuple(found) for key, found in counts.items()}


def middles(
    span: Period, spells: Iterable[tuple[datetime | date | None, float]]
) -> tuple[tuple[float | None, ...], tuple[int, ...]]:
    """For each month the median of the days that ended in it, to one decimal, and how many ended."""
    found: list[list[float]] = [[] for _ in span.months]
    for ended, days in spells:
        place = span.place(ended)
        if place is not None:
            found[place].append(days)
    return tuple(round(median(days), 1) if days else None for days in found), tuple(map(len, found))


def days_between(start: datetime | date, end: datetime | date, zone: tzinfo) -> float:
    """Days from one to the other: by the hour between instants, whole where one is a day."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return (end - start).total_seconds() / 86_400
    first, last = (when.astimezone(zone).date() if isinstance(when, datetime) else when for when in (start, end))
    return float((last - first).days)
