"""The end of a term, on its day."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.fulfilment.ending import TERM, end_term
from app.kernel.actor import SYSTEM


def handlers(bus: Bus) -> dict[str, Handler]:
    def term(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(end_term, SYSTEM, str(args["ref"]))

    return {TERM: term}
