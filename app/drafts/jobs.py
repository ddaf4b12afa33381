"""Unfinished forms are forgotten in time."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.drafts.service import FORGET, forget_drafts
from app.kernel.actor import SYSTEM


def handlers(bus: Bus) -> dict[str, Handler]:
    def forget(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(forget_drafts, SYSTEM, None)

    return {FORGET: forget}
