"""The look once a day: queued by who wants a daily or weekly alert, by each look for the next, and when the server starts."""

from __future__ import annotations

from app.db.work import UnitOfWork
from app.searches.rules import seconds_to_next_look

DAILY = "search.daily"


def queue_daily(work: UnitOfWork, command: None = None) -> None:
    """See to it that the next look waits; one that waits already is not doubled."""
    work.enqueue(DAILY, {}, key=DAILY, delay_s=seconds_to_next_look(work.now.astimezone(work.zone)))
