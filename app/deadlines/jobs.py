"""The check of a clock at the instant it is due."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.deadlines.service import CHECK, check_deadline
from app.kernel.actor import SYSTEM


def handlers(bus: Bus) -> dict[str, Handler]:
    def check(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(check_deadline, SYSTEM, str(args["ref"]))

    return {CHECK: check}
