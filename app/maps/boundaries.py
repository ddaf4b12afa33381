"""The basemap: administrative boundaries as vector tiles, simplified by zoom, names as points that are drawn once."""

from __future__ import annotations

from functools import lru_cache

import shapely

from app.maps.mvt import Feature, Tile, layer
from app.regions import get_atlas, known_trees

LAYER = "boundaries"
LEVELS = ((0, "province", 0.02), (5, "prefecture", 0.008), (8, "district", 0.001))


def level_at(zoom: int) -> tuple[str, float]:
    """The level drawn at a zoom, and how far its boundaries are simplified (degrees)."""
    _, level, tolerance = next(row for row in reversed(LEVELS) if zoom >= row[0])
    return level, tolerance


@lru_cache(maxsize=2048)
def boundary_tile(z: int, x: int, y: int) -> bytes:
    """One tile of boundaries of every known region tree. Boundaries change with a release only, so tiles are kept in memory."""
    tile = Tile(z, x, y)
    box = shapely.box(*tile.bounds())
    features: list[Feature] = []
    for tree in known_trees():
        features += _of_tree(tree, tile, box)
    return layer(LAYER, features, tile)


def _of_tree(tree: str, tile: Tile, box: shapely.Polygon) -> list[Feature]:
    atlas = get_atlas(tree)
    wanted, tolerance = level_at(tile.z)
    found: list[Feature] = []
    for level in dict.fromkeys(("province", wanted)):
        codes, polygons = atlas.layer(level, tolerance)
        for code, polygon in zip(codes, polygons, strict=True):
            if not shapely.intersects(polygon, box):
                continue
            region = atlas.tree[str(code)]
            found.append(Feature(polygon, {"code": region.code, "level": region.level}))
            place = polygon.representative_point()
            if level == wanted and box.contains(place):
                found.append(
                    Feature(
                        place, {"code": region.code, "level": region.level, "name": region.name.zh, "name_en": region.name.en}
                    )
                )
    lines = shapely.simplify(atlas.shapes.lines, tolerance)
    found += [Feature(line, {"level": "province"}) for line in lines[shapely.intersects(lines, box)]]
    return found
