"""One region tree with its boundaries: where a point lies, and simplified boundaries to draw.

Boundaries load on first use; containment is in memory. A tree without polygons locates nothing: there a record states its region.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import ArrayLike, NDArray

from app.catalogue.regions import LEVELS, RegionTree
from app.kernel.geometry import GEOD
from app.regions.shapes import Codes, Geometries, Shapes

BBox = tuple[float, float, float, float]
METRES_PER_DEGREE = 111_320.0


class Atlas:
    """`read` fetches the shapes when they are first needed."""

    def __init__(self, tree: RegionTree, read: Callable[[], Shapes]) -> None:
        self.tree = tree
        self._read = read
        self._lock = threading.Lock()  # GEOS builds a prepared polygon's index on first use, unguarded
        self.layer = lru_cache(maxsize=24)(self._layer)

    @cached_property
    def shapes(self) -> Shapes:
        return self._read()

    @cached_property
    def _leaves(self) -> tuple[Codes, Geometries, shapely.STRtree]:
        """The regions without regions below, prepared, with their index: together they cover the tree once."""
        kept = np.array([not self.tree.children(str(code)) for code in self.shapes.codes], dtype=bool)
        codes, polygons = self.shapes.codes[kept], self.shapes.polygons[kept]
        shapely.prepare(polygons)
        return codes, polygons, shapely.STRtree(polygons)

    def locate(self, lon: ArrayLike, lat: ArrayLike, near_m: float = 0.0) -> Codes:
        """The deepest region of each point, "" for none; on a shared border the smaller code.

        `near_m`: a point outside every region still belongs to one that near (piers, coasts of coarse boundaries)."""
        x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
        with self._lock:
            codes, polygons, index = self._leaves
            found = np.full(x.shape, "", dtype=codes.dtype if len(codes) else "U12")
            if len(codes):
                point, region = index.query(shapely.points(x, y))
                inside = shapely.intersects_xy(polygons[region], x[point], y[point])
                order = np.argsort(region[inside])[::-1]  # the smaller code is written last
                found[point[inside][order]] = codes[region[inside][order]]
                if near_m > 0:
                    self._fill_nearest(found, x, y, near_m)
        return found

    def _fill_nearest(self, found: Codes, x: NDArray[np.float64], y: NDArray[np.float64], near_m: float) -> None:
        codes, polygons, index = self._leaves
        lost = np.flatnonzero((found == "") & np.isfinite(x) & np.isfinite(y) & (np.abs(y) < 89))
        if not len(lost):
            return
        reach = near_m / METRES_PER_DEGREE / float(np.cos(np.radians(np.abs(y[lost]).max())))
        which, region = index.query_nearest(shapely.points(x[lost], y[lost]), max_distance=reach, all_matches=False)
        ways = shapely.get_coordinates(
            shapely.shortest_line(shapely.points(x[lost[which]], y[lost[which]]), polygons[region])
        ).reshape(-1, 4)
        gaps = GEOD.inv(ways[:, 0], ways[:, 1], ways[:, 2], ways[:, 3])[2]
        close = np.asarray(gaps) <= near_m
        found[lost[which[close]]] = codes[region[close]]

    def _layer(self, level: str, tolerance: float) -> tuple[Codes, Geometries]:
        """The regions that stand at `level`, with boundaries simplified to about `tolerance` degrees, without gaps between
        neighbours: those of that level, deeper ones directly under a higher one, higher ones with nothing below. Each layer
        covers the tree once."""
        kept = np.array([self._stands_at(str(code), level) for code in self.shapes.codes], dtype=bool)
        codes, polygons = self.shapes.codes[kept], self.shapes.polygons[kept]
        return codes, shapely.coverage_simplify(polygons, tolerance) if tolerance > 0 and len(codes) else polygons

    def _stands_at(self, code: str, level: str) -> bool:
        region, depth = self.tree[code], LEVELS.index(level)
        if LEVELS.index(region.level) <= depth:
            return region.level == level or not self.tree.children(code)
        return region.parent is None or LEVELS.index(self.tree[region.parent].level) < depth

    def boundaries(self, level: str, bbox: BBox | None = None, tolerance: float = 0.0) -> dict[str, Any]:
        """A GeoJSON FeatureCollection of the regions of `level` that meet `bbox` (west, south, east, north), with code and
        names; national boundary lines follow as features without a code."""
        codes, polygons = self.layer(level, tolerance)
        lines = shapely.simplify(self.shapes.lines, tolerance) if tolerance > 0 else self.shapes.lines
        features = [
            self._feature(str(code), geometry) for code, geometry in zip(codes, polygons, strict=True) if _meets(geometry, bbox)
        ]
        features += [_line(geometry) for geometry in lines if _meets(geometry, bbox)]
        return {"type": "FeatureCollection", "source": self.tree.source.en, "features": features}

    def _feature(self, code: str, geometry: Any) -> dict[str, Any]:
        region = self.tree[code]
        properties = {"code": code, "name_en": region.name.en, "name_zh": region.name.zh, "level": region.level}
        return {"type": "Feature", "id": code, "properties": properties, "geometry": orjson.loads(shapely.to_geojson(geometry))}


def _line(geometry: Any) -> dict[str, Any]:
    properties = {"code": None, "name_en": "Boundary line", "name_zh": "境界线", "level": "boundary_line"}
    return {"type": "Feature", "properties": properties, "geometry": orjson.loads(shapely.to_geojson(geometry))}


def _meets(geometry: Any, bbox: BBox | None) -> bool:
    return bbox is None or bool(shapely.intersects(geometry, shapely.box(*bbox)))
