"""The region trees in use, each read once per process: China's from its package, listed ones, loaded ones, and those that tests
register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from app.catalogue.regions import Region, RegionTree
from app.config import var_folder
from app.kernel.errors import fail
from app.kernel.text import Text
from app.regions import china, lists
from app.regions.atlas import Atlas, BBox
from app.regions.shapes import Codes, Shapes, is_saved, load_shapes, load_tree, save

_REGISTERED: dict[str, Atlas] = {}


def folder() -> Path:
    """Where boundary files are kept: `regions` under the variable data of this installation."""
    return var_folder() / "regions"


def get_atlas(tree: str) -> Atlas:
    """The atlas of a tree, or `unknown_region_tree`."""
    found = _REGISTERED.get(tree) or _read(tree, folder())
    if found is None:
        raise fail("unknown_region_tree", tree=tree)
    return found


@cache
def _read(tree: str, where: Path) -> Atlas | None:
    if is_saved(where, tree):  # loaded by hand: it takes precedence over what is packaged
        return _saved(where, tree, tree)
    if tree == china.CODE:
        stem = china.stem()
        if not is_saved(where, stem):
            save(where, stem, *china.build())
        return _saved(where, stem, tree)
    if tree in lists.LISTED:
        return _listed(lists.LISTED[tree], where)
    return None


def _listed(listed: lists.Listed, where: Path) -> Atlas:
    """Decoded once: later processes read the saved shapes without loading GDAL."""
    if not listed.file.exists():
        return Atlas(listed.tree, listed.shapes)
    stem = f"{listed.tree.code}-{listed.file.stat().st_size}"

    def shapes() -> Shapes:
        if not is_saved(where, stem):
            save(where, stem, listed.tree, listed.shapes())
        return load_shapes(where, stem)

    return Atlas(listed.tree, shapes)


def _saved(where: Path, stem: str, tree: str) -> Atlas:
    return Atlas(load_tree(where, stem, tree), partial(load_shapes, where, stem))


def region_tree(tree: str) -> RegionTree:
    """Codes, names and containment of a tree."""
    return get_atlas(tree).tree


def locate(lon: ArrayLike, lat: ArrayLike, tree: str, near_m: float = 0.0) -> Codes:
    """The deepest region of each point, "" for none (see `Atlas.locate`). About 0.15 s for 100,000 points."""
    return get_atlas(tree).locate(lon, lat, near_m)


def locate_one(lon: float, lat: float, tree: str, near_m: float = 0.0) -> str | None:
    """The deepest region of one point, or None."""
    return str(locate([lon], [lat], tree, near_m)[0]) or None


def boundaries(tree: str, level: str, bbox: BBox | None = None, tolerance: float = 0.0) -> dict[str, Any]:
    """GeoJSON of the regions of one level, simplified to about `tolerance` degrees (see `Atlas.boundaries`)."""
    return get_atlas(tree).boundaries(level, bbox, tolerance)


def known_trees() -> tuple[str, ...]:
    """Every tree that can be asked for."""
    packaged = tuple(f"{code}-" for code in (china.CODE, *lists.LISTED))
    loaded = (path.stem for path in folder().glob("*.json") if not path.stem.startswith(packaged))
    return tuple(dict.fromkeys([*_REGISTERED, china.CODE, *lists.LISTED, *sorted(loaded)]))


def region_name(code: str) -> Text:
    """The full name of a region of whichever tree has it; the code itself when none has."""
    for tree in known_trees():
        regions = region_tree(tree)
        if code in regions:
            return regions.full_name(code)
    return Text(code, code)


def register_tree(tree: RegionTree, polygons: Mapping[str, Any] | None = None) -> Atlas:
    """Add a tree for this process, with shapely polygons by code (tests; a tree without them locates nothing)."""
    shapes = Shapes.of(dict(polygons or {}))
    _REGISTERED[tree.code] = Atlas(tree, lambda: shapes)
    return _REGISTERED[tree.code]


def unregister_tree(tree: str) -> None:
    _REGISTERED.pop(tree, None)


def keep_tree(code: str, regions: Iterable[Region], polygons: Mapping[str, Any], source: Text) -> RegionTree:
    """Store a tree for every process of this installation, replacing the one of that code."""
    tree = RegionTree.of(code, regions, source)
    save(folder(), code, tree, Shapes.of(dict(polygons)))
    _read.cache_clear()
    return tree


def region_below(code: str, within: str) -> Text:
    """A region's name where the region that it lies in is said already."""
    name, above = region_name(code), region_name(within)
    return Text(name.en.removesuffix(f", {above.en}") or name.en, name.zh.removeprefix(above.zh) or name.zh)
