"""Which listings a viewer may be matched with, and where they seem to stand to them. Nothing here knows a criterion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

import shapely
from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.assets import Asset, facts_of
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, face, tiers_for
from app.listings import Listing

METRES_PER_DEGREE = 111_000.0
MOST = 5_000  # listings looked at around one need
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ListingFace:
    """A listing as one viewer sees it: `geometry` is generalised below T2."""

    id: int
    ref: str
    asset_ref: str | None
    title: str
    kind: str
    sector: str
    owner: OrganisationName
    tier: Tier
    geometry: shapely.Geometry
    region: str | None
    price_minor: int | None
    currency: str
    status: str
    provenance: str
    assumed: tuple[str, ...]
    asset_status: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        return self.tier >= Tier.T2


def box_around(geometry: shapely.Geometry, metres: float) -> Box:
    """A box in degrees that holds everything within `metres`; the whole turn near the poles and across the antimeridian."""
    west, south, east, north = geometry.bounds
    up = metres / METRES_PER_DEGREE
    south, north = max(south - up, -90.0), min(north + up, 90.0)
    widest = max(abs(south), abs(north))
    aside = 360.0 if widest > 89 else up / cos(radians(widest))
    if west - aside < -180 or east + aside > 180:
        return -180.0, south, 180.0, north
    return west - aside, south, east + aside, north


def faces_around(reader: Reader, kind: str, geometry: shapely.Geometry, metres: float) -> dict[int, ListingFace]:
    """Published listings of `kind` that the viewer may see one by one and that seem to stand within `metres`, by id.

    A cell's diagonal is added, so that what is snapped into reach is found wherever it really stands."""
    statement = (
        select(Listing, Asset).join(Asset, Asset.id == Listing.asset_id)
        .where(Listing.kind == kind, Listing.status == "published", bbox(Listing.geom, *box_around(geometry, metres + 2 * CELL_M)))
        .order_by(Listing.id).limit(MOST)
    )
    return _faces(reader, reader.session.execute(statement).all())


def faces_of(reader: Reader, listing_ids: list[int]) -> dict[int, ListingFace]:
    """The listings among `listing_ids` that the viewer may see, by id, whatever their status."""
    statement = select(Listing, Asset).join(Asset, Asset.id == Listing.asset_id).where(Listing.id.in_(listing_ids))
    return _faces(reader, reader.session.execute(statement).all())


def _faces(reader: Reader, rows: Any) -> dict[int, ListingFace]:
    facts = facts_of(reader.session, [asset for _listing, asset in rows])
    tiers = tiers_for(reader, facts)
    owners = names(reader.session, {listing.owner_id for listing, _asset in rows})
    found = {}
    for (listing, _asset), known in zip(rows, facts, strict=True):
        tier = tiers[known.id]
        if tier is None or tier is Tier.T0:
            continue
        seen = face(known, tier, KINDS[known.kind])
        found[listing.id] = ListingFace(
            id=listing.id, ref=listing.ref, asset_ref=seen.ref, title=listing.title if seen.is_exact else "", kind=listing.kind,
            sector=listing.sector, owner=owners[listing.owner_id], tier=tier, geometry=seen.geometry, region=seen.region,
            price_minor=listing.price_minor, currency=listing.currency, status=listing.status, provenance=listing.provenance,
            assumed=seen.assumed, asset_status=seen.status, attributes=seen.attributes,
        )
    return found
