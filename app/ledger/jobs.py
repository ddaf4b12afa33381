"""The sweep: ends holds whose time is over, even when nobody touches their asset. Queued with each hold for its last instant."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.ledger.book import SWEEP, expire_overdue


def handlers(bus: Bus) -> dict[str, Handler]:
    def sweep(lease: Lease, args: dict[str, Any]) -> None:
        def run(work: UnitOfWork, command: None) -> int:
            return expire_overdue(work)

        bus.execute(run, SYSTEM, None)

    return {SWEEP: sweep}
