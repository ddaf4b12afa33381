"""The site of a group: a point well inside every member's reach, and out of the way of towers that could serve, where there is one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.problem import INSET_MM, Floats, TowerProblem, chord_cm
from app.engine.cobuild.site_kernel import common_points
from app.engine.earth import A2, B2, E2, arc_mm, ecef_cm
from app.engine.problem import Ints

DIGITS = 9  # of a degree: a tenth of a millimetre


class Standing(NamedTuple):
    """Existing towers and how far from each a new one needs an exemption."""

    lon: Floats
    lat: Floats
    keep_mm: Ints


NOTHING = Standing(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))


class Site(NamedTuple):
    """`near`: rows of `Standing` that are nearer than they should be, wherever the group builds."""

    lon: float
    lat: float
    near: tuple[int, ...]


def site_of(problem: TowerProblem, members: Ints, standing: Standing = NOTHING) -> Site | None:
    """A site for `members` (indices of needs), or None: their reaches have no point in common. O((m + s)³).

    The middle of where they meet, unless that is too near to what stands: then the corner of the permitted region that is
    farthest inside, exact because a region bounded by circles has its extremes where two of them meet."""
    points = _corners(problem, members, standing)
    shared = points[_served(problem, members, points)]
    if not len(shared):
        return None
    chosen = on_ground(np.concatenate((shared.mean(axis=0, keepdims=True), shared)))
    lon, lat = lon_lat_of(chosen)
    slack = (problem.needs.radius_mm[members] - distances_mm(problem, members, lon, lat)).min(axis=1)
    free = too_near(standing, lon, lat)
    order = sorted(range(len(lon)), key=lambda k: (slack[k] < 0, len(free[k]), k > 0, -int(slack[k]), k))
    best = order[0]
    return Site(float(lon[best]), float(lat[best]), free[best]) if slack[best] >= 0 else None


def _corners(problem: TowerProblem, members: Ints, standing: Standing) -> Floats:
    """Centres, and where any two circles (of members, of what stands) meet."""
    xyz = np.concatenate((problem.xyz[members], ecef_cm(standing.lon, standing.lat).astype(np.float64).reshape(-1, 3)))
    chord = np.concatenate((problem.inset_cm[members], chord_cm(standing.keep_mm + INSET_MM)))
    everywhere = np.full(len(xyz), 1e12)
    out = np.empty((len(xyz) * len(xyz), 3))
    n = common_points(xyz, chord, everywhere, np.arange(len(xyz)), out)
    return np.asarray(out[:n])


def _served(problem: TowerProblem, members: Ints, points: Floats) -> NDArray[np.bool_]:
    gap = points[:, None, :] - problem.xyz[members][None]
    return np.asarray((np.einsum("pki,pki->pk", gap, gap) <= problem.cover_cm[members] ** 2).all(axis=1))


def distances_mm(problem: TowerProblem, members: Ints, lon: Floats, lat: Floats) -> Ints:
    """Geodesic millimetres from every point to every member, (points, members)."""
    at, to = ecef_cm(lon, lat).astype(np.float64)[:, None, :], problem.xyz[members][None]
    chord, middle = to - at, (to + at) * 0.5
    return arc_mm(*(chord[..., k] for k in range(3)), *(middle[..., k] for k in range(3)))


def site_distances_mm(problem: TowerProblem, need: Ints, lon: Floats, lat: Floats) -> Ints:
    """Geodesic millimetres from each need to its own point."""
    at, to = ecef_cm(lon, lat).astype(np.float64), problem.xyz[need]
    chord, middle = to - at, (to + at) * 0.5
    return arc_mm(*(chord[:, k] for k in range(3)), *(middle[:, k] for k in range(3)))


def too_near(standing: Standing, lon: Floats, lat: Floats) -> list[tuple[int, ...]]:
    """By point the rows of `standing` within their distance."""
    if not len(standing.lon):
        return [()] * len(lon)
    at, to = ecef_cm(lon, lat).astype(np.float64)[:, None, :], ecef_cm(standing.lon, standing.lat).astype(np.float64)[None]
    chord, middle = to - at, (to + at) * 0.5
    far = arc_mm(*(chord[..., k] for k in range(3)), *(middle[..., k] for k in range(3)))
    return [tuple(np.flatnonzero(row < standing.keep_mm).tolist()) for row in far]


def on_ground(points: Floats) -> Floats:
    """Points lifted onto the ellipsoid."""
    size = points[:, 0] ** 2 / A2 + points[:, 1] ** 2 / A2 + points[:, 2] ** 2 / B2
    return np.asarray(points / np.sqrt(size)[:, None], np.float64)


def lon_lat_of(points: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees of points (cm) on the ellipsoid."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    lat = np.arctan2(z, np.hypot(x, y) * (1 - E2))
    degrees = np.round(np.degrees(np.stack((np.arctan2(y, x), lat))), DIGITS).astype(np.float64)
    return degrees[0], degrees[1]
