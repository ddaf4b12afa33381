"""Areas in a live index: which rows may meet a place, by boxes in longitude and latitude; `candidates.meeting` then decides.

A box may be larger than its place, never smaller: a line that crosses the antimeridian gets the whole turn, a route room for
the bulge of its geodesics.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from app.engine.candidates import flatten, meeting
from app.engine.earth import Floats
from app.engine.parts import wrap
from app.engine.problem import POINT, ROUTE, Ints, Places

MARGIN_DEG = 1e-6


def listings_met(needs: Places, need: int, listings: Places, rows: Ints) -> Ints:
    """Those of `rows` of the listings whose place meets that of a need; one of the two is an area."""
    picked = rows[_beside(flatten(needs, np.array([need]))[0].bounds, rough_boxes(listings, rows))]
    return np.asarray(meeting(needs, np.array([need], np.int64), listings, picked)[1])


def needs_met(listings: Places, listing: int, needs: Places, rows: Ints) -> Ints:
    """Those of `rows` of the needs whose place meets that of a listing."""
    picked = rows[_beside(flatten(listings, np.array([listing]))[0].bounds, rough_boxes(needs, rows))]
    return np.asarray(meeting(needs, picked, listings, np.array([listing], np.int64))[0])


def _beside(bounds: tuple[float, float, float, float], boxes: Floats) -> NDArray[np.bool_]:
    """Which boxes touch the bounds, whichever turn of the earth they are written in."""
    west, south, east, north = bounds
    beside = np.zeros(len(boxes), bool)
    for turn in (0.0, 360.0, -360.0):
        beside |= (boxes[:, 0] <= east + turn + MARGIN_DEG) & (boxes[:, 2] >= west + turn - MARGIN_DEG)
    found: NDArray[np.bool_] = beside & (boxes[:, 1] <= north + MARGIN_DEG) & (boxes[:, 3] >= south - MARGIN_DEG)
    return found


def rough_boxes(place: Places, rows: Ints) -> Floats:
    """[n, 4] west, south, east, north, with west in [−180, 180). O(n)."""
    boxes = np.empty((len(rows), 4))
    point = place.form[rows] == POINT
    at = rows[point]
    lon: NDArray[np.float64] = wrap(place.lon[at])
    boxes[point] = np.column_stack((lon, place.lat[at], lon, place.lat[at]))
    rest = rows[~point]
    if len(rest):
        bounds = shapely.bounds(place.shape[rest]).reshape(-1, 4)
        span = bounds[:, 2] - bounds[:, 0]
        bulge = np.where(place.form[rest] == ROUTE, span / 2, 0.0)
        west = wrap(bounds[:, 0])
        whole = (span > 180) | (place.form[rest] == ROUTE) & (span > 90)
        boxes[~point] = np.column_stack(
            (
                np.where(whole, -180.0, west),
                np.where(whole, -90.0, bounds[:, 1] - bulge),
                np.where(whole, 540.0, west + span),
                np.where(whole, 90.0, bounds[:, 3] + bulge),
            )
        )
    return boxes
