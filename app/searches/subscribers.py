"""When something was opened, who wants to know at once is told soon after."""

from __future__ import annotations

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.searches.jobs import AT_ONCE, GATHER_S
from app.searches.models import SavedSearch

OPENS = frozenset({"listing.published", "listing.resumed", "import.committed"})


def wake(work: UnitOfWork, event: Event) -> None:
    if event.action not in OPENS:
        return
    if work.session.scalar(select(SavedSearch.id).where(SavedSearch.alert == "instant").limit(1)) is not None:
        work.enqueue(AT_ONCE, {}, key=AT_ONCE, delay_s=GATHER_S)


SUBSCRIBERS = [wake]
