"""After listings were opened, closed or moved, the tiles' counts are counted again: where there are so many that it pays."""

from __future__ import annotations

from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.maps.jobs import DELAY_S, TALLY
from app.maps.tally import has_many

MOVES = frozenset({"asset.edited", "import.committed", "import.undone"})


def recount(work: UnitOfWork, event: Event) -> None:
    if (event.action.startswith("listing.") or event.action in MOVES) and has_many(work):
        work.enqueue(TALLY, {}, key=TALLY, delay_s=DELAY_S)


SUBSCRIBERS = [recount]
