"""When something was opened, became cheaper or was freed, who wants to know at once is told soon after."""

from __future__ import annotations

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.searches.jobs import AT_ONCE, GATHER_S, SEVERAL_S
from app.searches.models import SavedSearch

OPENS = frozenset({"listing.published", "listing.resumed", "import.committed"})
CHANGES = frozenset(
    {"listing", "asset", "bulk_change", "access_request", "offer", "agreement", "approval", "works_project", "match_run"}
)


def wake(work: UnitOfWork, event: Event) -> None:
    """An opening soon; what may have changed a price or freed capacity, once in a while."""
    opens = event.action in OPENS
    if not opens and event.subject_type not in CHANGES:
        return
    if work.session.scalar(select(SavedSearch.id).where(SavedSearch.alert == "instant").limit(1)) is not None:
        key, delay_s = (AT_ONCE, GATHER_S) if opens else (f"{AT_ONCE}:changes", SEVERAL_S)
        work.enqueue(AT_ONCE, {}, key=key, delay_s=delay_s)


SUBSCRIBERS = [wake]
