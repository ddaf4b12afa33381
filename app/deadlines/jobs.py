"""The check of a clock at the instant it is due; the daily look for years that were published; the count of provisional dates
again, each in its own transaction."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.deadlines.calendars import RECOUNT, provisional_refs, publish_years
from app.deadlines.service import CHECK, check_deadline, recount_deadline
from app.deadlines.years import PUBLISH
from app.kernel.actor import SYSTEM


def handlers(bus: Bus) -> dict[str, Handler]:
    def check(lease: Lease, args: dict[str, Any]) -> None:
        ref = str(args["ref"])
        if ref in bus.ask(provisional_refs, SYSTEM):  # nobody's time ends by a year that is published meanwhile
            bus.execute(publish_years, SYSTEM, None)
            bus.execute(recount_deadline, SYSTEM, ref)
        bus.execute(check_deadline, SYSTEM, ref)

    def publish(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(publish_years, SYSTEM, None)

    def recount(lease: Lease, args: dict[str, Any]) -> None:
        recount_all(bus)

    return {CHECK: check, PUBLISH: publish, RECOUNT: recount}


def recount_all(bus: Bus) -> dict[str, int]:
    """Count every provisional date again; how many became firm, how many moved and are provisional still."""
    done = {"deadline.confirmed": 0, "deadline.recounted": 0}
    for ref in bus.ask(provisional_refs, SYSTEM):
        if action := bus.execute(recount_deadline, SYSTEM, ref):
            done[action] += 1
    return done
