"""Listings on the map: single marks when a tile holds few, counts per grid cell when it holds many. Every mark is at the viewer's tier.

Counts are taken of disclosed places, never of exact ones, so that no zoom narrows a hidden asset down.
"""

from __future__ import annotations

import shapely
from sqlalchemy import select

from app.assets import Asset, facts_of
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import CELL_M, AssetFacts, face, snapped, tiers_for
from app.listings import Listing
from app.maps.mvt import EXTENT, Feature, Property, Tile, layer, project

LAYER = "listings"
SINGLE = 400  # marks in one tile before they are counted
GRID = 16  # cells along a tile's side when they are
MOST = 20_000
CELL_DEG = 2 * CELL_M / 111_000


def listing_tile(reader: Reader, z: int, x: int, y: int, kind: str | None = None, sector: str | None = None) -> bytes:
    """One tile of published listings as the actor may see them; hidden ones (T0) add to their cell's count."""
    reader.permit("map.view")
    tile = Tile(z, x, y)
    features = _features(reader, tile, kind, sector)
    return layer(LAYER, features if len(features) <= SINGLE else counted(features, tile), tile)


def _features(reader: Reader, tile: Tile, kind: str | None, sector: str | None) -> list[Feature]:
    west, south, east, north = tile.bounds()
    box = (west - CELL_DEG, south - CELL_DEG, east + CELL_DEG, north + CELL_DEG)
    statement = select(Asset, Listing.ref).join(Listing, Listing.asset_id == Asset.id).where(
        Listing.status == "published", Listing.kind.in_([k.name for k in KINDS.all()]), bbox(Listing.geom, *box))
    if kind:
        statement = statement.where(Listing.kind == kind)
    if sector:
        statement = statement.where(Listing.sector == sector)
    rows = reader.session.execute(statement.order_by(Listing.id).limit(MOST)).all()
    facts = facts_of(reader.session, [asset for asset, _ref in rows])
    tiers = tiers_for(reader, facts)
    inside = shapely.box(west, south, east, north)
    hidden: dict[str, int] = {}
    found: list[Feature] = []
    for number, ((_asset, ref), known) in enumerate(zip(rows, facts, strict=True), 1):
        tier = tiers[known.id]
        if tier is Tier.T0:
            cell = snapped(known.geometry).representative_point()
            hidden[cell.wkt] = hidden.get(cell.wkt, 0) + 1
        elif tier is not None:
            feature = _mark(known, ref, tier, number)
            if shapely.intersects(feature.geometry, inside):
                found.append(feature)
    cells = ((shapely.from_wkt(cell), number) for cell, number in hidden.items())
    return found + [Feature(place, {"count": max(number, 2), "state": "cell"}) for place, number in cells if inside.contains(place)]


def _mark(known: AssetFacts, ref: str, tier: Tier, number: int) -> Feature:
    kind = KINDS[known.kind]
    seen = face(known, tier, kind)
    properties: dict[str, Property] = {"ref": ref, "kind": known.kind, "hue": kind.hue, "sector": known.owner_sector}
    if tier is Tier.T1:
        properties["state"] = "cell"
    return Feature(seen.geometry, properties, number)


def counted(features: list[Feature], tile: Tile) -> list[Feature]:
    """One mark with a count for each grid cell of the tile and kind."""
    counts: dict[tuple[int, int, str], tuple[int, shapely.Geometry]] = {}
    for feature in features:
        place = feature.geometry.representative_point()
        x, y = project(shapely.get_coordinates(place), tile)[0]
        key = (int(x) * GRID // EXTENT, int(y) * GRID // EXTENT, str(feature.properties.get("kind", "")))
        number, first = counts.get(key, (0, place))
        counts[key] = (number + int(feature.properties.get("count", 1)), first)
    found = []
    for (_x, _y, kind), (number, place) in counts.items():
        properties: dict[str, Property] = {"count": number}
        if kind:
            properties |= {"kind": kind, "hue": KINDS[kind].hue}
        found.append(Feature(place, properties))
    return found
