"""What a request does when a date of its clocks moved, because its year of the calendar was published: an offer holds its capacity
as long as it may be accepted, so its end follows."""

from __future__ import annotations

from sqlalchemy import select

from app.access import clocks
from app.access.answers import lasts, show_offered
from app.access.models import AccessRequest
from app.access.service import holder_of, open_offer, touch
from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.deadlines import NOTHING, Deadline, Effect
from app.ledger import convert


def moved(work: UnitOfWork, clock: Deadline) -> Effect:
    """Move the end of the open offer, of its hold and of what may be seen for it. What would be over already stays: the clock
    passes, and ends it."""
    if clock.rule != clocks.ACCEPTANCE or clock.status != "running":
        return NOTHING
    request = work.session.scalars(select(AccessRequest).where(AccessRequest.ref == clock.subject_ref).with_for_update()).one()
    offer = open_offer(work, request)
    if offer is None or clock.due_at is None or clock.due_at <= work.now:
        return NOTHING
    was, expires_at = offer.expires_at, work.database_now + lasts(work, get_profile(request.profile), clock, offer.created_at)
    if expires_at == was or was <= work.database_now:
        return NOTHING
    convert(work, holder_of(request), "held", expires_at=expires_at)
    offer.expires_at = expires_at
    show_offered(work, request, offer)
    touch(work, request)
    return Effect({"expires_at": was.isoformat()}, {"expires_at": expires_at.isoformat()})
