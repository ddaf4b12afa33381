"""The listings that one access request asks for: one, or the sections of a route's leg, all of the same owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.models import AccessRequest
from app.access.routes.models import RequestSection
from app.access.rules import OPEN
from app.catalogue.declaration import MILLI
from app.catalogue.kinds import KINDS
from app.catalogue.passage import cable_mm, passable, shared_out
from app.db.work import UnitOfWork
from app.kernel.timewindow import Window
from app.ledger import free
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


def amounts_through(
    work: UnitOfWork,
    listing: Listing,
    amounts: Mapping[str, int],
    asked: Mapping[str, Any],
    window: Window,
    limits: Mapping[str, int],
) -> dict[str, int]:
    """What to hold of a listing for these amounts: a way for a cable is taken wherever it fits, through a subduct where no hole is
    left. Where it fits nowhere the amounts stay as they are, and holding them says what is missing."""
    kind = KINDS[listing.kind]
    diameter = cable_mm(kind, asked)
    first = kind.passage.ways[0].dimension if kind.passage is not None else ""
    if diameter is None or amounts.get(first, 0) <= 0:
        return dict(amounts)
    known = free(work.session, listing.asset_id, window)
    left = {
        name: min(len(one.free_slots), limits.get(name, len(one.free_slots) * MILLI) // MILLI) - amounts.get(name, 0) // MILLI
        for name, one in known.items()
        if name != first
    }
    if first in known:
        count = len(known[first].free_slots)
        left[first] = min(count, limits.get(first, count * MILLI) // MILLI)
    through = shared_out(amounts[first] // MILLI, left, passable(kind, listing.asset.attributes, diameter))
    if through is None:
        return dict(amounts)
    rest = {name: amount for name, amount in amounts.items() if name != first}
    return {name: milli for name in (*through, *rest) if (milli := rest.get(name, 0) + through.get(name, 0) * MILLI)}
