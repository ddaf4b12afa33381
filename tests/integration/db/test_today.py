"""What day it is depends on where the marketplace is, not on where its clock was set."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock

LATE = datetime(2026, 3, 7, 17, 30, tzinfo=UTC)  # half past one at night of the eighth in China


def test_today_is_the_day_in_the_jurisdiction(bus: Bus, clock: FixedClock) -> None:
    clock.instant = LATE
    assert bus.today() == date(2026, 3, 8)
    assert bus.ask(lambda reader: reader.today, SYSTEM) == date(2026, 3, 8)
    assert bus.execute(lambda work, _: work.today, SYSTEM, None) == date(2026, 3, 8)
