"""Who is in reach of whom: exactly, through the index; areas by containment on top.

Complexity: per need, the parts inside the bands and longitudes of its reach. Places that contain one another or cross (an area
on either
side) are 0 mm apart; the plane of longitude and latitude decides that, as such places are drawn in it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from app.engine import fallback
from app.engine.backend import use_kernels
from app.engine.facts import Prepared
from app.engine.parts import flat_shape, turned
from app.engine.problem import AREA, POINT, Ints, Places, Problem

Found = tuple[Ints, Ints, Ints]  # CSR over the needs asked for: ptr, listing, distance_mm


class Work(NamedTuple):
    """Needs to search for, how far (by need of the problem), and how many candidates each of them can have at most."""

    order: Ints
    search_mm: Ints
    bound: Ints


def upper_bounds(prepared: Prepared, order: Ints, search_mm: Ints) -> Ints:
    """How many candidates each need can have at most; only to size the work."""
    if use_kernels():
        from app.engine import kernel

        out = np.zeros(len(order), np.int64)
        kernel.run_lengths(order, search_mm, prepared.listing_index, prepared.probes, out)
        return out
    return np.full(len(order), 64, np.int64)


def search(problem: Problem, prepared: Prepared, order: Ints, search_mm: Ints) -> Found:
    """Every listing within `search_mm[need]` of each need of `order` (no need twice), ascending by listing."""
    probing = _with_probes(problem, prepared, order, search_mm)
    ptr, listing, distance = fallback.search(probing, search_mm, prepared.listing_index, prepared.probes)
    extra = touching(problem, prepared, order)
    if len(probing) == len(order) and extra is None:
        return ptr, listing, distance
    place = np.full(len(problem.needs), -1, np.int64)
    place[order] = np.arange(len(order))
    row = place[np.repeat(probing, np.diff(ptr))]
    if extra is not None:
        row = np.concatenate((row, place[extra[0]]))
        listing = np.concatenate((listing, extra[1]))
        distance = np.concatenate((distance, np.zeros(len(extra[0]), np.int64)))
    return fallback.settle(row, listing, distance, len(order))


def _with_probes(problem: Problem, prepared: Prepared, order: Ints, search_mm: Ints) -> Ints:
    """An area that only asks for containment needs no search along its boundary."""
    return np.asarray(order[(problem.needs.place.form[order] != AREA) | (search_mm[order] > 0)])


def touching(problem: Problem, prepared: Prepared, order: Ints) -> tuple[Ints, Ints] | None:
    """(need, listing) pairs of one kind whose places meet, where at least one of the two is an area."""
    needs, listings, areas = problem.needs, problem.listings, prepared.areas
    asking = needs.place.form[order] == AREA
    pairs: list[NDArray[np.int64]] = []
    for kind in np.unique(np.concatenate((needs.kind[order[asking]], listings.kind[areas]))):
        asked = order[needs.kind[order] == kind]
        need_area = needs.place.form[asked] == AREA
        if need_area.any():
            offered = np.flatnonzero(listings.kind == kind).astype(np.int64)
            pairs.append(meeting(needs.place, asked[need_area], listings.place, offered))
        pairs.append(meeting(needs.place, asked[~need_area], listings.place, areas[listings.kind[areas] == kind]))
    found = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    return (found[0], found[1]) if found.shape[1] else None


def meeting(need_place: Places, needs: Ints, listing_place: Places, listings: Ints) -> Ints:
    """Intersections in the plane, tried also one turn east and west for places that cross the antimeridian."""
    if not len(needs) or not len(listings):
        return np.zeros((2, 0), np.int64)
    left, right = flatten(need_place, needs), flatten(listing_place, listings)
    tree = shapely.STRtree(right)
    found = [np.array(tree.query(turned(left, turn), predicate="intersects"), np.int64) for turn in (0.0, 360.0, -360.0)]
    i, j = np.unique(np.concatenate(found, axis=1), axis=1)
    return np.array((needs[i], listings[j]))


def flatten(place: Places, rows: Ints) -> NDArray[np.object_]:
    """The rows' geometries in the plane of longitude and latitude."""
    out = np.empty(len(rows), object)
    point = place.form[rows] == POINT
    lon = (place.lon[rows[point]] + 180) % 360 - 180
    out[point] = shapely.points(lon, place.lat[rows[point]])
    for at in np.flatnonzero(~point):
        out[at] = flat_shape(place.shape[rows[at]], int(place.form[rows[at]]))
    return out
