"""The reckoning as background work."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.matching.cobuilding.reckon import reckon


def handlers(bus: Bus) -> dict[str, Handler]:
    def again(lease: Lease, args: dict[str, Any]) -> None:
        reckon(bus, args["match_run"], lease.report)

    return {"cobuild.reckon": again}
