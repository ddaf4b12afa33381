"""Tells, after a merge between two organisations, the one whose entry is kept."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.needs.outcomes import JOINED, tell_kept


def handlers(bus: Bus) -> dict[str, Handler]:
    def joined(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(tell_kept, SYSTEM, str(args["merge"]))

    return {JOINED: joined}
