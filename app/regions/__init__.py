"""Boundaries and containment: where a point lies, what a region is called, what the basemap draws."""

from __future__ import annotations

from app.regions.choosing import Choice, region_choices, region_code
from app.regions.library import (
    boundaries,
    get_atlas,
    keep_tree,
    known_trees,
    locate,
    locate_one,
    region_below,
    region_name,
    region_tree,
    register_tree,
    unregister_tree,
)

__all__ = [
    "Choice",
    "boundaries",
    "get_atlas",
    "keep_tree",
    "known_trees",
    "locate",
    "locate_one",
    "region_below",
    "region_choices",
    "region_code",
    "region_name",
    "region_tree",
    "register_tree",
    "unregister_tree",
]
