"""A changed listing, need or claim re-matches by itself: its kind is queued once, however many changes wait."""

from __future__ import annotations

from app.db.work import UnitOfWork
from app.kernel.event import Event


def rematch(work: UnitOfWork, event: Event) -> None:
    """Queue the kinds that an event names in `data["rematch"]`: a tuple of kind names, put there by whoever changed matching input."""
    for kind in sorted(set(event.data.get("rematch", ()))):
        work.enqueue("match.kind", {"kind": kind}, key=f"match.kind:{kind}")


SUBSCRIBERS = (rematch,)
