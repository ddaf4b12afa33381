"""What a requester sees before it applies: the need, the listing as it may see it, and what would be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.access.queries import seen
from app.access.sections import standing_request
from app.accounts import OrganisationName, names
from app.catalogue.declaration import AssetKind
from app.catalogue.demand import demand
from app.catalogue.kinds import KINDS
from app.db.work import Reader
from app.disclosure import AssetFace
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.timewindow import Window
from app.listings import Listing
from app.matching import Match
from app.needs import Need


@dataclass(frozen=True, slots=True)
class Preparation:
    """`standing`: ref of an open request of this need on this listing."""

    need_ref: str
    need_title: str
    listing_ref: str
    listing_title: str
    kind: AssetKind
    owner: OrganisationName
    outstanding: int
    amounts: Mapping[str, int]
    window: Window
    listing_window: Window
    price_minor: int | None
    currency: str
    face: AssetFace | None
    standing: str | None


def preparation(reader: Reader, need_ref: str, listing_ref: str) -> Preparation:
    """The sheet of an application. Raises `not_found` where either may not be seen by the actor."""
    need = reader.session.scalar(select(Need).where(Need.ref == need_ref))
    listing = reader.session.scalar(select(Listing).where(Listing.ref == listing_ref, Listing.status == "published"))
    if need is None or listing is None or need.organisation_id not in reader.actor.subtree:
        raise fail("not_found")
    reader.permit("access.create", Subject(requester_id=need.organisation_id))
    face = seen(reader, [listing])[listing.id]
    if face is None and reader.session.get(Match, (need.id, listing.id)) is None:
        raise fail("not_found")
    kind, listing_window = KINDS[listing.kind], Window(listing.window_start, listing.window_end)
    wanted = Window(need.window_start, need.window_end)
    standing = standing_request(reader.session, need.id, listing.id)
    return Preparation(
        need.ref,
        need.title,
        listing.ref,
        listing.title,
        kind,
        names(reader.session, [listing.owner_id])[listing.owner_id],
        need.quantity_outstanding,
        demand(kind, {**need.requirements, kind.quantity: need.quantity_outstanding}),
        wanted.intersection(listing_window) or wanted,
        listing_window,
        listing.price_minor,
        listing.currency,
        face,
        standing,
    )
