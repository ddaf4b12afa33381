"""The time in which the demo's story is told: many lives side by side, each act on its day, in the order of the days up to today.

A life is a generator: it acts, says how many days before today it goes on, and acts again. Between the days clocks pass by
themselves, as they do for everybody.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush

from sqlalchemy import select

from app.db.work import Bus, UnitOfWork
from app.deadlines import Deadline
from app.deadlines.service import check_deadline
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock

Life = Generator[int, None, None]
OPENS, APART = time(9, 10), timedelta(minutes=7)  # the first act of a day, and how far apart the others are
SATURDAY, WEEK = 5, 7


class Telling:
    """`bus` is the story's own: it runs on the clock that is moved here, and ends at the present."""

    def __init__(self, bus: Bus) -> None:
        self.present = bus.clock.now()
        self.clock = FixedClock(self.present)
        self.bus = replace(bus, clock=self.clock)
        self.today = bus.today()
        self._waiting: list[tuple[date, int, Life]] = []
        self._begun = 0

    def day(self, days_ago: int) -> date:
        """That day, or the Monday after it: nobody works at weekends. Never after today."""
        day = self.today - timedelta(days=max(0, days_ago))
        rest = WEEK - day.weekday() if day.weekday() >= SATURDAY else 0
        return min(self.today, day + timedelta(days=rest))

    def begin(self, days_ago: int, life: Life) -> None:
        self._begun += 1
        heappush(self._waiting, (self.day(days_ago), self._begun, life))

    def tell(self) -> None:
        """All lives, to their ends or to today."""
        while self._waiting:
            day, number, life = heappop(self._waiting)
            self._move(day)
            following = next(life, None)
            if following is not None:
                heappush(self._waiting, (max(day, self.day(following)), number, life))
        self._move(self.today)

    def _move(self, day: date) -> None:
        before = self.bus.today()
        if day == self.today:
            self.clock.instant = self.present
        elif day != before or self.clock.instant == self.present:
            self.clock.instant = datetime.combine(day, OPENS, self.bus.zone)
        else:
            self.clock.instant = min(self.clock.instant + APART, datetime.combine(day, time.max, self.bus.zone))
        if day != before:
            self._pass_clocks()

    def _pass_clocks(self) -> None:
        for ref in self.bus.execute(_due, SYSTEM, None):
            self.bus.execute(check_deadline, SYSTEM, ref)


def _due(work: UnitOfWork, _: None) -> list[str]:
    rows = select(Deadline.ref).where(Deadline.status == "running", Deadline.due_at <= work.now).order_by(Deadline.due_at)
    return list(work.session.scalars(rows))
