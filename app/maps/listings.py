"""Listings on the map: single marks where a tile holds few, counts per grid cell where it holds many.

Counts are taken of the marks that everybody may know (`listing.mark_x`, `mark_y`: of the disclosed face), the same for every
viewer, so that no zoom narrows a hidden asset down. Single marks stand where the viewer may see them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import atan, degrees, pi, sinh
from typing import Any

import shapely
from sqlalchemy import ColumnElement, func, select

from app.assets import Asset, facts_of
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, AssetFacts, shown, tiers_for
from app.listings import WORLD, Listing
from app.maps.mvt import BUFFER, EXTENT, Feature, Property, Tile, layer

LAYER = "listings"
SINGLE = 400  # marks in one tile before they are counted
DRAWN = 1_000  # lines that only cross a tile come on top of its marks
GRID = 16  # cells along a tile's side when they are counted
CELL_DEG = 2 * CELL_M / 111_000


def listing_tile(reader: Reader, z: int, x: int, y: int, kind: str | None = None, sector: str | None = None) -> bytes:
    """One tile of published listings as the actor may see them; hidden ones (T0) add to their cell's count."""
    reader.permit("map.view")
    tile = Tile(z, x, y)
    wanted = _wanted(kind, sector)
    few = _is_few(reader, tile, wanted)
    return layer(LAYER, list(_marks(reader, tile, wanted) if few else _counts(reader, tile, wanted)), tile)


def _wanted(kind: str | None, sector: str | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Listing.status == "published",
        Listing.kind.in_([kind] if kind else [k.name for k in KINDS.all()]),
    ]
    return [*found, Listing.sector == sector] if sector else found


def _span(tile: Tile, buffer: int = 0) -> tuple[int, int, int, int]:
    """First x, last x, first y, last y of a tile in units of the world map; `buffer` in units of the tile."""
    side = WORLD >> tile.z
    more = side * buffer // EXTENT
    return tile.x * side - more, (tile.x + 1) * side + more - 1, tile.y * side - more, (tile.y + 1) * side + more - 1


def _in(tile: Tile) -> ColumnElement[bool]:
    west, east, north, south = _span(tile)
    return Listing.mark_x.between(west, east) & Listing.mark_y.between(north, south)


def _is_few(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]]) -> bool:
    some = select(Listing.mark_x).where(*wanted, _in(tile)).limit(SINGLE + 1).subquery()
    return (reader.session.scalar(select(func.count()).select_from(some)) or 0) <= SINGLE


def _counts(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]]) -> Iterator[Feature]:
    """One mark for each grid cell of the tile and kind, at the middle of the marks it stands for."""
    side = max((WORLD >> tile.z) // GRID, 1)
    column, row = (Listing.mark_x // side).label("gx"), (Listing.mark_y // side).label("gy")
    number = func.count().label("number")
    statement = select(Listing.kind, number, func.sum(Listing.mark_x), func.sum(Listing.mark_y)).where(*wanted, _in(tile))
    for kind, count, sum_x, sum_y in reader.session.execute(
        statement.group_by(Listing.kind, column, row).order_by(Listing.kind, column, row)
    ):
        place = shapely.Point(lon_lat(int(sum_x) / count, int(sum_y) / count))
        yield Feature(place, {"count": int(count), "kind": kind, "hue": KINDS[kind].hue})


def lon_lat(x: float, y: float) -> tuple[float, float]:
    """Units of the world map back to degrees."""
    return x / WORLD * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y / WORLD))))


def _marks(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]]) -> Iterator[Feature]:
    west, south, east, north = tile.bounds()
    around = (west - CELL_DEG, south - CELL_DEG, east + CELL_DEG, north + CELL_DEG)
    statement = select(Asset, Listing.ref, Listing.face_tier, Listing.face_geom, Listing.mark_x, Listing.mark_y).join(
        Asset, Asset.id == Listing.asset_id
    )
    rows = reader.session.execute(
        statement.where(*wanted, bbox(Listing.face_geom, *around)).order_by(Listing.id).limit(DRAWN)
    ).all()
    known = [
        replace(f, public_tier=Tier[row.face_tier])
        for f, row in zip(facts_of(reader.session, [row[0] for row in rows]), rows, strict=True)
    ]
    tiers = tiers_for(reader, known)
    inside = shapely.box(west, south, east, north)
    hidden: Counter[tuple[str, Any]] = Counter()
    for number, (row, facts) in enumerate(zip(rows, known, strict=True), 1):
        tier = tiers[facts.id]
        if tier is Tier.T0:
            hidden[facts.kind, row.face_geom.wkb] += _holds(tile, row.mark_x, row.mark_y)
        elif tier is not None:
            feature = _mark(reader, facts, row.ref, tier, number)
            if shapely.intersects(feature.geometry, inside):
                yield feature
    for (kind, place), count in hidden.items():
        if count:
            yield Feature(shapely.from_wkb(place), {"count": count, "state": "cell", "kind": kind, "hue": KINDS[kind].hue})


def _holds(tile: Tile, x: int, y: int) -> bool:
    west, east, north, south = _span(tile, BUFFER)
    return west <= x <= east and north <= y <= south


def _mark(reader: Reader, known: AssetFacts, ref: str, tier: Tier, number: int) -> Feature:
    kind = KINDS[known.kind]
    seen = shown(reader, known, tier, kind)
    properties: dict[str, Property] = {"ref": ref, "kind": known.kind, "hue": kind.hue, "sector": known.owner_sector}
    if tier is Tier.T1:
        properties["state"] = "cell"
    return Feature(seen.geometry, properties, number)
