"""The engine's background work: runs that people start, and re-matching of what changed."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.engine.partition import solve_folder
from app.matching.partitions import PART
from app.matching.rematch import Markets
from app.matching.run import REMATCH, perform


def handlers(bus: Bus) -> dict[str, Handler]:
    """The handlers of one worker, which keeps what it has loaded for the next change."""
    markets = Markets()

    def run(lease: Lease, args: dict[str, Any]) -> None:
        perform(bus, args["run_id"], lease.report)

    def again(lease: Lease, args: dict[str, Any]) -> None:
        markets.rematch(bus, args["kind"], lease.report)

    def part(lease: Lease, args: dict[str, Any]) -> None:
        solve_folder(args["folder"])

    return {"match.run": run, REMATCH: again, PART: part}
