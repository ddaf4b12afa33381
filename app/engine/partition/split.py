"""The rule of partition: each listing lives in one part, a need is copied to every part that its widest search may reach.

Parts are strips of longitude with as many listings each. A strip is as wide as the places of its listings, so that a line or an
area that leaves it takes the needs beside it along. What is copied without need costs time, never an answer.
"""

from __future__ import annotations

import numpy as np

from app.engine.block import scale_mm
from app.engine.earth import LEAST_RADIUS_M, Floats
from app.engine.live.areas import rough_boxes
from app.engine.problem import MAX_RADIUS_MM, Ints, Problem
from app.engine.result import Params

EXTRA_M = 1000.0  # more than a place can lie beside the box that is drawn around it


def split(problem: Problem, parts: int, params: Params) -> list[Problem]:
    """At most `parts` problems on some of the rows; every listing in exactly one. O((listings + needs) log n)."""
    if parts < 1:
        raise ValueError("parts must be at least 1")
    listings, needs = np.arange(len(problem.listings)), np.arange(len(problem.needs))
    boxes, asked = rough_boxes(problem.listings.place, listings), _searched(problem, needs, params)
    order = np.lexsort((listings, boxes[:, 0]))
    strips = [strip for strip in np.array_split(order, parts) if len(strip)] or [order]
    covered = np.zeros(len(needs), bool)
    found: list[tuple[Ints, Ints]] = []
    for strip in strips:
        near = _touching(boxes[strip], asked)
        covered |= near
        found.append((np.flatnonzero(near).astype(np.int64), strip))
    left = np.flatnonzero(~covered).astype(np.int64)  # a need that reaches nothing still has an answer
    found[0] = (np.union1d(found[0][0], left), found[0][1])
    return [problem.take(rows, strip) for rows, strip in found]


def _searched(problem: Problem, needs: Ints, params: Params) -> Floats:
    """[n, 4] boxes of how far each need may look, near misses included."""
    radius = problem.needs.radius_mm
    widest = np.minimum(radius + (params.near_reach - 1) * scale_mm(problem, needs), MAX_RADIUS_MM) / 1000 + EXTRA_M
    boxes = rough_boxes(problem.needs.place, needs)
    up = np.degrees(widest / LEAST_RADIUS_M)
    south, north = boxes[:, 1] - up, boxes[:, 3] + up
    polar = (south <= -89.0) | (north >= 89.0)
    ratio = np.sin(widest / LEAST_RADIUS_M) / np.cos(np.radians(np.minimum(np.maximum(-boxes[:, 1], boxes[:, 3]), 89.0)))
    polar |= ratio >= 1
    aside = np.degrees(np.arcsin(np.minimum(ratio, 1.0))) * 1.001 + 1e-6
    west = np.where(polar, -720.0, boxes[:, 0] - aside)
    east = np.where(polar, 720.0, boxes[:, 2] + aside)
    return np.column_stack((west, south, east, north))


def _touching(boxes: Floats, asked: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which needs may look into the hull of the boxes, whichever turn of the earth either is written in."""
    if not len(boxes):
        return np.zeros(len(asked), bool)
    west, south = boxes[:, 0].min(), boxes[:, 1].min()
    east, north = boxes[:, 2].max(), boxes[:, 3].max()
    beside = np.zeros(len(asked), bool)
    for turn in (0.0, 360.0, -360.0):
        beside |= (asked[:, 0] <= east + turn) & (asked[:, 2] >= west + turn)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = beside & (asked[:, 1] <= north) & (asked[:, 3] >= south)
    return found
