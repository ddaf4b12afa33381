"""The earth in integers: WGS-84 earth-centred coordinates in centimetres, and the arc above a chord.

No projection, so no poles, no antimeridian, no zone borders. Rounding to a centimetre moves a distance by at most 1.8 cm. The
arc is the
chord's, on the circle that curves as the ellipsoid does below the chord's middle, in its direction (Euler's theorem on normal
sections): within 1 mm of Karney's geodesic up to 500 km. `arc_mm` exists twice, here for arrays and in `kernel.py` for scalars;
both use
only + − × ÷ and square root in the same order, and so agree to the bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.problem import MAX_RADIUS_MM

Floats = NDArray[np.float64]

A = 6378137.0
F = 1 / 298.257223563
E2 = F * (2 - F)
A2 = (A * 100) ** 2  # cm²
B2 = A2 * (1 - E2)
MEAN_RADIUS_MM = 6371008771.4
NEAR_MM = 1e7  # below it the mean curvature is good to 0.01 mm
LEAST_RADIUS_M = 6335000.0  # no direction anywhere curves on a smaller circle: safe for pruning
GEODESIC_MM = float(MAX_RADIUS_MM) * 1.02  # beyond, `far_mm` takes over where a distance is shown


def ecef_cm(lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.int64]:
    """Earth-centred x, y, z in whole centimetres, shape (n, 3)."""
    lo, la = np.radians(lon), np.radians(lat)
    across = A / np.sqrt(1 - E2 * np.sin(la) ** 2)
    xyz = (across * np.cos(la) * np.cos(lo), across * np.cos(la) * np.sin(lo), across * (1 - E2) * np.sin(la))
    return np.asarray(np.rint(np.stack(xyz, axis=-1) * 100), np.int64)


def arc_mm(dx: Floats, dy: Floats, dz: Floats, mx: Floats, my: Floats, mz: Floats) -> NDArray[np.int64]:
    """Geodesic millimetres along a chord (dx, dy, dz) with its middle at (mx, my, mz), all in cm."""
    square = dx * dx + dy * dy + dz * dz
    chord = np.sqrt(square) * 10.0
    nx, ny, nz = mx / A2, my / A2, mz / B2
    bend = (dx * dx + dy * dy) / A2 + dz * dz / B2
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.sqrt((mx * nx + my * ny + mz * nz) / (nx * nx + ny * ny + nz * nz))  # the middle, lifted onto the ellipsoid
        curve = bend / square * raised / 10.0
        curve = np.where(chord <= NEAR_MM, 1.0 / MEAN_RADIUS_MM, curve)
    x = (chord * curve) * (chord * curve)
    arc = chord * (1.0 + x * (1.0 / 24.0 + x * (3.0 / 640.0 + x * (5.0 / 7168.0))))
    return np.asarray(np.floor(arc + 0.5), np.int64)


def to_segment(p: Floats, a: Floats, b: Floats) -> Floats:
    """The vector from each point to the nearest of its segment, shape (n, 3); floats of whole centimetres in, mirrored in
    kernel.py."""
    ax, ay, az = a[:, 0] - p[:, 0], a[:, 1] - p[:, 1], a[:, 2] - p[:, 2]
    bx, by, bz = b[:, 0] - a[:, 0], b[:, 1] - a[:, 1], b[:, 2] - a[:, 2]
    long = bx * bx + by * by + bz * bz
    along = -(ax * bx + ay * by + az * bz)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(along <= 0.0, 0.0, np.where(along >= long, 1.0, along / long))
    t = np.where(long <= 0.0, 0.0, t)
    return np.stack((ax + t * bx, ay + t * by, az + t * bz), axis=-1)


def between(p: Floats, q: Floats, a: Floats, b: Floats) -> NDArray[np.int64]:
    """Millimetres between segments p–q and a–b (either may be a point): the least of four end-to-segment distances and, where
    both
    feet lie inside, of the common perpendicular."""
    chord = to_segment(p, a, b)
    middle = p + chord * 0.5
    if not (np.array_equal(p, q) and np.array_equal(a, b)):
        square = _square(chord)
        for other, foot in (
            (to_segment(q, a, b), q),
            (to_segment(a, p, q), a),
            (to_segment(b, p, q), b),
            _perpendicular(p, q, a, b),
        ):
            found = _square(other)
            nearer = found < square
            square = np.where(nearer, found, square)
            chord = np.where(nearer[:, None], other, chord)
            middle = np.where(nearer[:, None], foot + other * 0.5, middle)
    return arc_mm(chord[:, 0], chord[:, 1], chord[:, 2], middle[:, 0], middle[:, 1], middle[:, 2])


def _square(v: Floats) -> Floats:
    return v[:, 0] * v[:, 0] + v[:, 1] * v[:, 1] + v[:, 2] * v[:, 2]


def _dot(v: Floats, w: Floats) -> Floats:
    return v[:, 0] * w[:, 0] + v[:, 1] * w[:, 1] + v[:, 2] * w[:, 2]


def _perpendicular(p: Floats, q: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The common perpendicular as (vector, foot); infinite where it does not meet both segments inside."""
    u, w, r = q - p, b - a, p - a
    uu, ww, uw, ur, wr = _dot(u, u), _dot(w, w), _dot(u, w), _dot(u, r), _dot(w, r)
    den = uu * ww - uw * uw
    with np.errstate(divide="ignore", invalid="ignore"):
        s = (uw * wr - ur * ww) / den
        t = (uw * s + wr) / ww
        inside = (den > uu * ww * 1e-9) & (s > 0.0) & (s < 1.0) & (t > 0.0) & (t < 1.0)
    s, t = np.where(inside, s, 0.0), np.where(inside, t, 0.0)
    foot = p + u * s[:, None]
    vector = (a + w * t[:, None]) - foot
    return np.where(inside[:, None], vector, np.inf), foot
