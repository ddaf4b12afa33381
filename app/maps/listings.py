"""Listings on the map: single marks where a tile holds few, counts per grid cell where it holds many.

Counts are taken of the marks that everybody may know (`listing.mark_x`, `mark_y`: of the disclosed face), the same for every
viewer, so that no zoom narrows a hidden asset down. Single marks stand where the viewer may see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import atan, degrees, pi, sinh

import shapely
from sqlalchemy import ColumnElement, func, select

from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.work import Reader
from app.listings import WORLD, Listing, ListingFilter, public_conditions
from app.maps import tally
from app.maps.marks import Span, marks
from app.maps.mvt import BUFFER, EXTENT, Feature, Tile, layer

LAYER = "listings"
SINGLE = 400  # marks in one tile before they are counted
GRID = 16  # cells along a tile's side when they are counted


def listing_tile(reader: Reader, z: int, x: int, y: int, asked: ListingFilter = ListingFilter()) -> bytes:
    """One tile of published listings as the actor may see them; hidden ones (T0) add to their cell's count, by kind and sector
    alone: of a search by anything more they are no part, here as in the list."""
    reader.permit("map.view")
    tile = Tile(z, x, y)
    wanted = _wanted(reader, asked)
    few = _is_few(reader, tile, wanted, SINGLE)
    if few:
        return layer(LAYER, list(marks(reader, tile, wanted, Span(*_span(tile, BUFFER)))), tile)
    return layer(LAYER, list(_counts(reader, tile, wanted, asked)), tile)


def _says_more(asked: ListingFilter) -> bool:
    """Whether anything but kind and sector is asked for."""
    return replace(asked, kind=None, sector=None, status=None, sort="-created", bbox=None, near=None) != ListingFilter()


def _wanted(reader: Reader, asked: ListingFilter) -> list[ColumnElement[bool]]:
    kinds = [asked.kind] if asked.kind else [k.name for k in KINDS.all()]
    found: list[ColumnElement[bool]] = [Listing.status == "published", Listing.kind.in_(kinds)]
    if not _says_more(asked):
        return [*found, Listing.sector == asked.sector] if asked.sector else found
    return [*found, *public_conditions(reader, replace(asked, status=None)), Listing.face_tier != Tier.T0.name]


def _span(tile: Tile, buffer: int = 0) -> tuple[int, int, int, int]:
    """First x, last x, first y, last y of a tile in units of the world map; `buffer` in units of the tile."""
    side = WORLD >> tile.z
    more = side * buffer // EXTENT
    return tile.x * side - more, (tile.x + 1) * side + more - 1, tile.y * side - more, (tile.y + 1) * side + more - 1


def _in(tile: Tile) -> ColumnElement[bool]:
    west, east, north, south = _span(tile)
    return Listing.mark_x.between(west, east) & Listing.mark_y.between(north, south)


def _is_few(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]], most: int) -> bool:
    some = select(Listing.mark_x).where(*wanted, _in(tile)).limit(most + 1).subquery()
    return (reader.session.scalar(select(func.count()).select_from(some)) or 0) <= most


def _counts(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]], asked: ListingFilter) -> Iterator[Feature]:
    """One mark for each grid cell of the tile and kind, at the middle of the marks it stands for. Where that is many, and nothing
    but kind and sector is asked, as they were counted beforehand."""
    found = None
    if not _says_more(asked) and tile.z <= tally.DEEPEST and not _is_few(reader, tile, wanted, tally.MANY):
        found = tally.tally_of(reader, tile.z, tile.x, tile.y, GRID, asked.kind, asked.sector)
    for kind, count, sum_x, sum_y in _counted(reader, tile, wanted) if found is None else found:
        place = shapely.Point(lon_lat(sum_x / count, sum_y / count))
        yield Feature(place, {"count": count, "kind": kind, "hue": KINDS[kind].hue})


def _counted(reader: Reader, tile: Tile, wanted: list[ColumnElement[bool]]) -> Iterator[tuple[str, int, int, int]]:
    side = max((WORLD >> tile.z) // GRID, 1)
    column, row = (Listing.mark_x // side).label("gx"), (Listing.mark_y // side).label("gy")
    statement = select(Listing.kind, func.count(), func.sum(Listing.mark_x), func.sum(Listing.mark_y)).where(*wanted, _in(tile))
    for kind, count, sum_x, sum_y in reader.session.execute(
        statement.group_by(Listing.kind, column, row).order_by(Listing.kind, column, row)
    ):
        yield kind, int(count), int(sum_x), int(sum_y)


def lon_lat(x: float, y: float) -> tuple[float, float]:
    """Units of the world map back to degrees."""
    return x / WORLD * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y / WORLD))))
