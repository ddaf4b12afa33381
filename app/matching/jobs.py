"""The engine's background work: runs that people start, and re-matching of what changed."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.matching.run import perform, run_now


def handlers(bus: Bus) -> dict[str, Handler]:
    def run(lease: Lease, args: dict[str, Any]) -> None:
        perform(bus, args["run_id"], lease.report)

    def again(lease: Lease, args: dict[str, Any]) -> None:
        run_now(bus, args["kind"], lease.report)

    return {"match.run": run, "match.kind": again}
