"""The listings that one access request asks for: one, or the sections of a route's leg, all of the same owner."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.models import AccessRequest
from app.access.routes.models import RequestSection
from app.access.rules import OPEN
from app.listings import Listing


def listings_of(session: Session, request: AccessRequest) -> list[Listing]:
    """In the order of the route, the first first."""
    further = (
        select(Listing)
        .join(RequestSection, RequestSection.listing_id == Listing.id)
        .where(RequestSection.request_id == request.id)
        .order_by(RequestSection.position)
    )
    return [session.get_one(Listing, request.listing_id), *session.scalars(further)]


def add_sections(session: Session, request: AccessRequest, further: Sequence[Listing]) -> None:
    """Ask for these listings too."""
    for position, listing in enumerate(further, start=1):
        session.add(RequestSection(request_id=request.id, listing_id=listing.id, position=position))
    session.flush()


def standing_request(session: Session, need_id: int, listing_id: int) -> str | None:
    """The ref of an open request of the need that asks for the listing, as its first or as a further section."""
    sections = select(RequestSection.request_id).where(RequestSection.listing_id == listing_id)
    return session.scalar(
        select(AccessRequest.ref).where(
            AccessRequest.need_id == need_id,
            AccessRequest.status.in_(OPEN),
            or_(AccessRequest.listing_id == listing_id, AccessRequest.id.in_(sections)),
        )
    )
