"""Boundaries and containment: where a point lies, what a region is called, what the basemap draws."""

from __future__ import annotations

from app.regions.library import (
    boundaries,
    get_atlas,
    keep_tree,
    known_trees,
    locate,
    locate_one,
    region_name,
    region_tree,
    register_tree,
    unregister_tree,
)

__all__ = [
    "boundaries",
    "get_atlas",
    "keep_tree",
    "known_trees",
    "locate",
    "locate_one",
    "region_name",
    "region_tree",
    "register_tree",
    "unregister_tree",
]
