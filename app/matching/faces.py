"""Which listings a viewer may be matched with, and where they seem to stand to them. Nothing here knows a criterion.

What is found, and how near, follows from the disclosed face alone; the exact place is read only for who may see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from app.accounts import OrganisationName, names
from app.assets import Asset
from app.catalogue.declaration import AssetKind, Geometry
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, anchor, belongs_to, granted_tiers, saw, shown_attributes, tier_of
from app.listings import Listing, mark_of

METRES_PER_DEGREE = 111_000.0
MOST = 5_000  # listings compared with one need; beyond it the nearest
COARSE = 1024  # units of the world map (2 cm) in which distances are ordered: squares stay within 64 bits
Box = tuple[float, float, float, float]
COLUMNS = (
    Listing.id,
    Listing.ref,
    Listing.title,
    Listing.kind,
    Listing.sector,
    Listing.owner_id,
    Listing.operator_id,
    Listing.region,
    Listing.face_tier,
    Listing.face_geom,
    Listing.face_region,
    Listing.status,
    Listing.price_minor,
    Listing.currency,
    Listing.provenance,
    Listing.asset_id,
    Asset.assumed,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rule of disclosure asks of a listing's asset."""

    owner_id: int
    operator_id: int | None
    owner_sector: str
    kind: str
    region: str
    public_tier: Tier | None


@dataclass(frozen=True, slots=True)
class ListingFace:
    """A listing as one viewer sees it: `geometry` and `region` are approximate below T2. `assumed`: names of values that nobody
    stated."""

    id: int
    ref: str
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
    asset_id: int
    known: Known

    @property
    def is_exact(self) -> bool:
        return self.tier >= Tier.T2


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a place, by id. `beyond`: how many more there are, farther away, that were not compared."""

    faces: dict[int, ListingFace]
    beyond: int = 0


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


def faces_around(reader: Reader, kind: str, geometry: shapely.Geometry, metres: float) -> Around:
    """Published listings of `kind` that the viewer may see one by one and that seem to stand within `metres`: the nearest
    `MOST`."""
    conditions = [
        Listing.kind == kind,
        Listing.status == "published",
        _seems_in(KINDS[kind], box_around(geometry, metres + 2 * CELL_M)),
    ]
    count = reader.session.scalar(select(func.count()).select_from(Listing).where(*conditions)) or 0
    statement = select(*COLUMNS).join(Asset, Asset.id == Listing.asset_id).where(*conditions)
    if count > MOST:
        x, y = mark_of(shapely.Point(anchor(geometry)))
        aside, up = (Listing.mark_x - x) // COARSE, (Listing.mark_y - y) // COARSE
        statement = statement.order_by(aside * aside + up * up, Listing.id).limit(MOST)
    faces = _faces(reader, reader.session.execute(statement).all())
    seeming = shapely.box(*box_around(geometry, metres + 2 * CELL_M))  # what was found by more than it shows is not found by less
    shown = {number: face for number, face in faces.items() if shapely.intersects(face.geometry, seeming)}
    return Around(shown, max(count - MOST, 0))


def _seems_in(kind: AssetKind, box: Box) -> ColumnElement[bool]:
    """By the disclosed face, which of points and lines is within a cell of the place; an area's own bounds too, for who sees
    more."""
    face = bbox(Listing.face_geom, *box)
    if Geometry.AREA not in kind.geometry:
        return face
    return or_(face, and_(Listing.face_tier != Tier.T2.name, bbox(Listing.geom, *box)))


def faces_of(reader: Reader, listing_ids: list[int]) -> dict[int, ListingFace]:
    """The listings among `listing_ids` that the viewer may see, by id: others' as long as they are open, its own in every
    state."""
    statement = select(*COLUMNS).join(Asset, Asset.id == Listing.asset_id).where(Listing.id.in_(listing_ids))
    return _faces(reader, reader.session.execute(statement).all())


def _faces(reader: Reader, rows: Any) -> dict[int, ListingFace]:
    granted = granted_tiers(reader, [row.asset_id for row in rows])
    owners = names(reader.session, {row.owner_id for row in rows})
    tiers = {row.id: _tier(reader, row, granted.get(row.asset_id, [])) for row in rows}
    exact = _exact_places(reader, [row.id for row in rows if (tiers[row.id] or Tier.T0) >= Tier.T2 > Tier[row.face_tier]])
    return {
        row.id: _face(row, tier, owners[row.owner_id], exact.get(row.id, row.face_geom))
        for row in rows
        if (tier := tiers[row.id]) is not None and tier > Tier.T0
    }


def note(reader: Reader, face: ListingFace) -> None:
    """The pair is shown: the asset behind it counts as seen. What is only compared is not."""
    saw(reader, face.asset_id, face.known, face.tier)


def _tier(reader: Reader, row: Row[Any], granted: list[Tier]) -> Tier | None:
    known = _known(row)
    if row.status == "draft" and not (reader.actor.is_system or belongs_to(reader.actor, known)):
        return None
    return tier_of(reader.actor, known, granted)


def _known(row: Row[Any]) -> Known:
    public = Tier[row.face_tier] if row.status == "published" else None
    return Known(row.owner_id, row.operator_id, row.sector, row.kind, row.region, public)


def _exact_places(reader: Reader, ids: list[int]) -> dict[int, shapely.Geometry]:
    if not ids:
        return {}
    return dict(reader.session.execute(select(Listing.id, Listing.geom).where(Listing.id.in_(ids))).all())


def _face(row: Row[Any], tier: Tier, owner: OrganisationName, place: shapely.Geometry) -> ListingFace:
    return ListingFace(
        id=row.id,
        ref=row.ref,
        title=row.title,
        kind=row.kind,
        sector=row.sector,
        owner=owner,
        tier=tier,
        geometry=place,
        region=row.region if tier >= Tier.T2 else row.face_region,
        price_minor=row.price_minor,
        currency=row.currency,
        status=row.status,
        provenance=row.provenance,
        assumed=_assumed(KINDS[row.kind], row.assumed, tier),
        asset_id=row.asset_id,
        known=_known(row),
    )


def _assumed(kind: AssetKind, names_: list[str], tier: Tier) -> tuple[str, ...]:
    shown = shown_attributes(kind, dict.fromkeys(names_), tier)
    return tuple(name for name in names_ if name in shown)
