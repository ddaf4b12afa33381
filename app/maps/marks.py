"""Single marks of a tile, each where the viewer may see it. Reads the columns that a mark is made of, no whole rows: a tile has
hundreds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import ColumnElement, select

from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, granted_tiers, saw, tier_of
from app.listings import Listing
from app.maps.mvt import Feature, Property, Tile

DRAWN = 1_000  # lines that only cross a tile come on top of its marks
CELL_DEG = 2 * CELL_M / 111_000
COLUMNS = (
    Listing.id,
    Listing.ref,
    Listing.kind,
    Listing.sector,
    Listing.owner_id,
    Listing.operator_id,
    Listing.region,
    Listing.face_tier,
    Listing.face_geom,
    Listing.mark_x,
    Listing.mark_y,
    Listing.asset_id,
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
class Span:
    """First and last x and y of a tile in units of the world map."""

    west: int
    east: int
    north: int
    south: int

    def holds(self, x: int, y: int) -> bool:
        return self.west <= x <= self.east and self.north <= y <= self.south


def marks(reader: Reader, tile: Tile, wanted: Sequence[ColumnElement[bool]], span: Span) -> Iterator[Feature]:
    """What the viewer may only count (T0) adds to the count of its cell."""
    west, south, east, north = tile.bounds()
    around = (west - CELL_DEG, south - CELL_DEG, east + CELL_DEG, north + CELL_DEG)
    statement = select(*COLUMNS).where(*wanted, bbox(Listing.face_geom, *around)).order_by(Listing.id).limit(DRAWN)
    rows = reader.session.execute(statement).all()
    granted = granted_tiers(reader, [row.asset_id for row in rows])
    facts = [Known(r.owner_id, r.operator_id, r.sector, r.kind, r.region, Tier[r.face_tier]) for r in rows]
    tiers = [tier_of(reader.actor, known, granted.get(row.asset_id, ())) for row, known in zip(rows, facts, strict=True)]
    exact = _exact_places(
        reader, [row.id for row, tier in zip(rows, tiers, strict=True) if (tier or Tier.T0) >= Tier.T2 > Tier[row.face_tier]]
    )
    places = [exact.get(row.id, row.face_geom) for row in rows]
    inside = shapely.intersects(places, shapely.box(west, south, east, north)) if places else []
    hidden: Counter[tuple[str, Any]] = Counter()
    for number, (row, known, tier, place, meets) in enumerate(zip(rows, facts, tiers, places, inside, strict=True), 1):
        if tier is Tier.T0:
            hidden[row.kind, row.face_geom.wkb] += span.holds(row.mark_x, row.mark_y)
        elif tier is not None and meets:
            saw(reader, row.asset_id, known, tier)
            yield _mark(row, tier, place, number)
    for (kind, wkb), count in hidden.items():
        if count:
            yield Feature(shapely.from_wkb(wkb), {"count": count, "state": "cell", "kind": kind, "hue": KINDS[kind].hue})


def _exact_places(reader: Reader, ids: list[int]) -> dict[int, shapely.Geometry]:
    """Where they stand, of those that the viewer sees more exactly than everybody."""
    if not ids:
        return {}
    return dict(reader.session.execute(select(Listing.id, Listing.geom).where(Listing.id.in_(ids))).all())


def _mark(row: Any, tier: Tier, place: shapely.Geometry, number: int) -> Feature:
    properties: dict[str, Property] = {"ref": row.ref, "kind": row.kind, "hue": KINDS[row.kind].hue, "sector": row.sector}
    if tier is Tier.T1:
        properties["state"] = "cell"
    return Feature(place, properties, number)
