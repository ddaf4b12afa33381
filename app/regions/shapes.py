"""Boundaries of one region tree as aligned arrays, and their file: one `.npz` of well-known binary beside one `.json` of names.

The files under `var/regions` are a cache of packaged data, or what `flask regions load` has put there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from app.catalogue.regions import Region, RegionTree
from app.kernel.text import Text

Codes = NDArray[np.str_]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Shapes:
    """`polygons[k]` bounds the region `codes[k]`, sorted by code. `lines`: boundary lines that belong to no region alone."""

    codes: Codes
    polygons: Geometries
    lines: Geometries

    @classmethod
    def of(cls, polygons: dict[str, Any], lines: list[Any] | None = None) -> Shapes:
        """From geometries by code; an invalid polygon is repaired."""
        codes = sorted(polygons)
        return cls(np.array(codes, dtype=np.str_), _array([_repaired(polygons[code]) for code in codes]), _array(lines or []))


def _array(geometries: list[Any]) -> Geometries:
    made = np.empty(len(geometries), dtype=object)
    made[:] = geometries
    return made


def _repaired(geometry: Any) -> Any:
    """The same area without self-intersections; parts that are no area fall away."""
    if shapely.is_valid(geometry):
        return geometry
    parts = shapely.get_parts(shapely.make_valid(geometry))
    return shapely.union_all([part for part in parts if part.geom_type in ("Polygon", "MultiPolygon")])


EMPTY = Shapes.of({})


def save(folder: Path, stem: str, tree: RegionTree, shapes: Shapes) -> None:
    """Write both files whole or not at all; readers in other processes never see half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    blobs = [*shapely.to_wkb(shapes.polygons), *shapely.to_wkb(shapes.lines)]
    draft = folder / f"{stem}.{os.getpid()}.npz"
    np.savez(
        draft,
        codes=shapes.codes,
        ends=np.cumsum([len(b) for b in blobs], dtype=np.int64),
        wkb=np.frombuffer(b"".join(blobs), dtype=np.uint8),
    )
    draft.replace(folder / f"{stem}.npz")
    rows = [[r.code, r.name.en, r.name.zh, r.level, r.parent] for r in tree.regions.values()]
    names = folder / f"{stem}.{os.getpid()}.json"
    names.write_bytes(orjson.dumps({"source": [tree.source.en, tree.source.zh], "regions": rows}))
    names.replace(folder / f"{stem}.json")


def is_saved(folder: Path, stem: str) -> bool:
    return (folder / f"{stem}.json").exists()  # written last


def load_tree(folder: Path, stem: str, code: str) -> RegionTree:
    table = orjson.loads((folder / f"{stem}.json").read_bytes())
    regions = [Region(row[0], Text(row[1], row[2]), row[3], row[4]) for row in table["regions"]]
    return RegionTree.of(code, regions, Text(*table["source"]))


def load_shapes(folder: Path, stem: str) -> Shapes:
    with np.load(folder / f"{stem}.npz") as stored:
        codes, wkb, ends = stored["codes"], stored["wkb"].tobytes(), stored["ends"].tolist()
    starts = [0, *ends[:-1]] if ends else []
    geometries = shapely.from_wkb([wkb[a:b] for a, b in zip(starts, ends, strict=True)])
    return Shapes(codes, _array(list(geometries[: len(codes)])), _array(list(geometries[len(codes) :])))
