"""Which listings a viewer may be matched with, and where they seem to stand to them. Nothing here knows a criterion.

What is found, and how near, follows from the disclosed face alone; the exact place is read only for who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

import shapely
from sqlalchemy import ColumnElement, LargeBinary, Row, and_, func, or_, select

from app.accounts import OrganisationName, names
from app.assets import Asset
from app.catalogue.declaration import AssetKind, Geometry
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.many import one_of
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, anchor, belongs_to, granted_tiers, saw, shown_attributes, tier_of
from app.listings import Listing, mark_of

METRES_PER_DEGREE = 111_000.0
MOST = 5_000  # listings compared with one need; beyond it the nearest
COARSE = 1024  # units of the world map (2 cm) in which distances are ordered: squares stay within 64 bits
Box = tuple[float, float, float, float]
ASKED = 3  # the columns from here on are what the rule of disclosure asks of a listing
COLUMNS = (
    Listing.id,
    Listing.asset_id,
    func.ST_AsBinary(Listing.face_geom, type_=LargeBinary()).label("face_wkb"),
    Listing.owner_id,
    Listing.operator_id,
    Listing.sector,
    Listing.kind,
    Listing.region,
    Listing.face_tier,
    Listing.status,
)
TOLD = (
    Listing.id,
    Listing.ref,
    Listing.title,
    Listing.face_region,
    Listing.price_minor,
    Listing.currency,
    Listing.provenance,
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


class Faces(Mapping[int, ListingFace]):
    """Listings by id: where each seems to stand, and the whole of those that are told. Of the hundreds that are compared with a
    need few are shown: only these are read in full, by `tell`."""

    def __init__(
        self,
        reader: Reader,
        rows: Mapping[int, Row[Any]],
        tiers: Mapping[int, Tier],
        places: Mapping[int, shapely.Geometry],
    ) -> None:
        self._reader, self._rows, self._tiers, self._places = reader, rows, tiers, places
        self._told: dict[int, ListingFace] = {}

    def tell(self, numbers: Iterable[int] | None = None) -> Faces:
        """Read these in full, at once; None: all."""
        wanted = [n for n in (self._rows if numbers is None else numbers) if n not in self._told]
        if wanted:
            session = self._reader.session
            statement = select(*TOLD).join(Asset, Asset.id == Listing.asset_id).where(one_of(session, Listing.id, wanted))
            owners = names(session, {self._rows[n].owner_id for n in wanted})
            for told in session.execute(statement):
                row = self._rows[told.id]
                self._told[told.id] = _face(row, told, self._tiers[told.id], owners[row.owner_id], self._places[told.id])
        return self

    def __getitem__(self, number: int) -> ListingFace:
        if number not in self._told and number in self._rows:
            self.tell([number])
        return self._told[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, number: object) -> bool:
        return number in self._rows

    def seen(self, number: int) -> tuple[shapely.Geometry, Tier]:
        """Where it stands to the viewer, and how precisely it is seen."""
        return self._places[number], self._tiers[number]

    def within(self, area: shapely.Geometry) -> Faces:
        """Those that seem to meet the area."""
        numbers = list(self._rows)
        meets = shapely.intersects([self._places[number] for number in numbers], area) if numbers else []
        met = {n: self._rows[n] for n, is_met in zip(numbers, meets, strict=True) if is_met}
        return Faces(self._reader, met, self._tiers, self._places)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a place, by id. `beyond`: how many more there are, farther away, that were not compared."""

    faces: Faces
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
    statement = select(*COLUMNS).where(*conditions)
    rows, beyond = list[Row[Any]](reader.session.execute(statement.limit(MOST + 1))), 0
    if len(rows) > MOST:
        x, y = mark_of(shapely.Point(anchor(geometry)))
        aside, up = (Listing.mark_x - x) // COARSE, (Listing.mark_y - y) // COARSE
        rows = list(reader.session.execute(statement.order_by(aside * aside + up * up, Listing.id).limit(MOST)))
        beyond = (reader.session.scalar(select(func.count()).select_from(Listing).where(*conditions)) or MOST) - MOST
    seeming = shapely.box(*box_around(geometry, metres + 2 * CELL_M))  # what was found by more than it shows is not found by less
    return Around(_faces(reader, rows).within(seeming), beyond)


def _seems_in(kind: AssetKind, box: Box) -> ColumnElement[bool]:
    """By the disclosed face, which of points and lines is within a cell of the place; an area's own bounds too, for who sees
    more."""
    face = bbox(Listing.face_geom, *box)
    if Geometry.AREA not in kind.geometry:
        return face
    return or_(face, and_(Listing.face_tier != Tier.T2.name, bbox(Listing.geom, *box)))


def faces_of(reader: Reader, listing_ids: list[int]) -> Faces:
    """The listings among `listing_ids` that the viewer may see, by id: others' as long as they are open, its own in every
    state."""
    statement = select(*COLUMNS).where(one_of(reader.session, Listing.id, listing_ids))
    return _faces(reader, list(reader.session.execute(statement))).tell()


def _faces(reader: Reader, rows: Sequence[Row[Any]]) -> Faces:
    granted = granted_tiers(reader, [row.asset_id for row in rows])
    tiers = _tiers(reader, rows, granted)
    shown = {row.id: row for row in rows if row.id in tiers}
    exact = _exact_places(reader, [n for n, row in shown.items() if tiers[n] >= Tier.T2 > Tier[row.face_tier]])
    disclosed = shapely.from_wkb([row.face_wkb for row in shown.values()])
    places = dict(zip(shown, disclosed, strict=True)) | exact
    return Faces(reader, shown, tiers, places)


def note(reader: Reader, face: ListingFace) -> None:
    """The pair is shown: the asset behind it counts as seen. What is only compared is not."""
    saw(reader, face.asset_id, face.known, face.tier)


def _tiers(reader: Reader, rows: Sequence[Row[Any]], granted: Mapping[int, list[Tier]]) -> dict[int, Tier]:
    """How precisely each is seen, of those that are seen one by one. The rule is asked once for all that are alike to it."""
    asked: dict[tuple[Any, ...], Tier | None] = {}
    found = {}
    for row in rows:
        held = granted.get(row.asset_id, [])
        alike = (row[ASKED:], *held)
        if alike not in asked:
            asked[alike] = _tier(reader, row, held)
        tier = asked[alike]
        if tier is not None and tier > Tier.T0:
            found[row.id] = tier
    return found


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


def _face(row: Row[Any], told: Row[Any], tier: Tier, owner: OrganisationName, place: shapely.Geometry) -> ListingFace:
    return ListingFace(
        id=row.id,
        ref=told.ref,
        title=told.title,
        kind=row.kind,
        sector=row.sector,
        owner=owner,
        tier=tier,
        geometry=place,
        region=row.region if tier >= Tier.T2 else told.face_region,
        price_minor=told.price_minor,
        currency=told.currency,
        status=row.status,
        provenance=told.provenance,
        assumed=_assumed(KINDS[row.kind], told.assumed, tier),
        asset_id=row.asset_id,
        known=_known(row),
    )


def _assumed(kind: AssetKind, names_: list[str], tier: Tier) -> tuple[str, ...]:
    shown = shown_attributes(kind, dict.fromkeys(names_), tier)
    return tuple(name for name in names_ if name in shown)
