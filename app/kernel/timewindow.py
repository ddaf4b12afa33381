"""Windows of time: days, half-open `[start, end)`.

Owns their algebra. Capacity, terms and rounds of needs are windows of days; instants are datetimes and live elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

FAR = date(9999, 12, 31)  # the end of a window that has none


def day_after(last: date) -> date:
    """The exclusive end of a window that is written with its last day; the last day there is stays itself: open."""
    return FAR if last >= FAR else last + timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days from `start` up to, not including, `end`; never empty. `FAR` as the end means open."""

    start: date
    end: date = FAR

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a window must end after it starts: {self.start} – {self.end}")

    @classmethod
    def of_days(cls, start: date, days: int) -> Window:
        """The window of `days` days from `start`."""
        return cls(start, start + timedelta(days=days))

    @property
    def last(self) -> date:
        """The last day in it, as people write the end of a period."""
        return self.end - timedelta(days=1)

    @property
    def is_open(self) -> bool:
        return self.end == FAR

    @property
    def length_days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def contains(self, other: Window) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Window) -> bool:
        return self.start < other.end and other.start < self.end

    def intersection(self, other: Window) -> Window | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def subtract(self, other: Window) -> tuple[Window, ...]:
        """What of this window lies outside `other`: none, one or two windows, in order."""
        pieces = ((self.start, min(self.end, other.start)), (max(self.start, other.end), self.end))
        return tuple(Window(start, end) for start, end in pieces if start < end)
