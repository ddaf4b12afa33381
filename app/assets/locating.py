"""In which region an asset stands, by the region tree of its owner's profile."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from app.catalogue.profiles import get_profile
from app.disclosure import anchor, snapped
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.regions import get_atlas, locate

NEAR_M = 2_000.0  # piers and bridges off a coarsely drawn coast belong to the region they are nearest to


def regions_of(geometries: Sequence[shapely.Geometry], profile: str) -> list[str]:
    """The deepest region of each geometry's anchor, "" where it is outside the tree."""
    points = [anchor(geometry) for geometry in geometries]
    return [
        str(code)
        for code in locate([p[0] for p in points], [p[1] for p in points], get_profile(profile).region_tree, near_m=NEAR_M)
    ]


def cell_regions_of(geometries: Sequence[shapely.Geometry], profile: str) -> list[str | None]:
    """The region of each geometry's approximate face: the same for every place that has the same face."""
    points = [anchor(snapped(geometry)) for geometry in geometries]
    wanted = sorted(set(points))
    found = locate([p[0] for p in wanted], [p[1] for p in wanted], get_profile(profile).region_tree, near_m=NEAR_M)
    by_point = {point: str(code) or None for point, code in zip(wanted, found, strict=True)}
    return [by_point[point] for point in points]


def region_of(geometry: shapely.Geometry, profile: str, stated: str | None = None, *, pointer: str = "/geometry") -> str:
    """The region of one geometry; a stated one serves where the tree has no boundaries. Raises `invalid` at `pointer`."""
    found = regions_of([geometry], profile)[0]
    if found:
        return found
    atlas = get_atlas(get_profile(profile).region_tree)
    if stated is not None and stated in atlas.tree and not len(atlas.shapes.codes):
        return stated
    raise fail("invalid", [outside(profile, pointer)])


def outside(profile: str, pointer: str = "/geometry") -> Problem:
    name = get_profile(profile).name
    words = Text("This place is outside the regions of {profile}.", "该位置不在{profile}的行政区划范围内。").format(profile=name)
    return Problem("outside_regions", words, pointer=pointer)
