"""Count for the tiles what has changed, and let the database see how much there is now. Again changes nothing."""

from __future__ import annotations

from typing import Any

from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.maps.tally import changed, store

TALLY = "maps.tally"
DELAY_S = 20.0  # changes within it are counted together


def handlers(bus: Bus) -> dict[str, Handler]:
    def tally(lease: Lease, args: dict[str, Any]) -> None:
        count_for_tiles(bus)
        bus.database.take_statistics()

    return {TALLY: tally}


def count_for_tiles(bus: Bus) -> int:
    """Returns how many cells changed."""
    difference = bus.ask(changed, SYSTEM)
    return bus.execute(store, SYSTEM, difference) if any(difference) else 0
