"""The job of an allocation."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.matching.allocating.run import perform


def handlers(bus: Bus) -> dict[str, Handler]:
    def allocate(lease: Lease, args: dict[str, Any]) -> None:
        perform(bus, args["run_id"], lease.report)

    return {"match.allocate": allocate}
