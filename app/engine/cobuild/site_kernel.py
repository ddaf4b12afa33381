"""Where circles on the ellipsoid meet: the corners of two reaches, and a point that lies within several.

A set of discs that have a point in common has one at a corner of two of their circles or at the centre of one of them (the
smallest, where it lies within all others): the whole of the search for sites is over these points. No projection: a corner is
the point of the ellipsoid with the given chords to both centres, by Newton's method along the circle in which their spheres meet.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import math

import numba as nb
import numpy as np

from app.engine.earth import A2, B2

jit = nb.njit(nogil=True, cache=True)
STEPS = 8
ON_GROUND = 1e-11  # of the ellipsoid's equation: 0.03 mm


@jit
def corners(xyz, chord, i, j, out):
    """The points of the ellipsoid at `chord[i]` of i and `chord[j]` of j into `out[0..1]` (cm); how many there are: 0 or 2."""
    ex, ey, ez = xyz[j, 0] - xyz[i, 0], xyz[j, 1] - xyz[i, 1], xyz[j, 2] - xyz[i, 2]
    d2 = ex * ex + ey * ey + ez * ez
    if d2 <= 0.0:
        return 0
    d = math.sqrt(d2)
    ex, ey, ez = ex / d, ey / d, ez / d
    t = (chord[i] * chord[i] - chord[j] * chord[j] + d2) / (2.0 * d)
    rho2 = chord[i] * chord[i] - t * t
    if rho2 <= 0.0:
        return 0
    rho = math.sqrt(rho2)
    cx, cy, cz = xyz[i, 0] + t * ex, xyz[i, 1] + t * ey, xyz[i, 2] + t * ez
    ux, uy, uz = cx / A2, cy / A2, cz / B2
    along = ux * ex + uy * ey + uz * ez
    ux, uy, uz = ux - along * ex, uy - along * ey, uz - along * ez
    size = math.sqrt(ux * ux + uy * uy + uz * uz)
    ux, uy, uz = ux / size, uy / size, uz / size
    sx, sy, sz = ey * uz - ez * uy, ez * ux - ex * uz, ex * uy - ey * ux
    for side in range(2):
        sign = 1.0 if side == 0 else -1.0
        angle = 0.0
        for _ in range(STEPS):
            c, s = math.cos(angle) * sign, math.sin(angle)
            px, py, pz = cx + rho * (c * sx + s * ux), cy + rho * (c * sy + s * uy), cz + rho * (c * sz + s * uz)
            off = px * px / A2 + py * py / A2 + pz * pz / B2 - 1.0
            if abs(off) <= ON_GROUND:
                break
            c, s = -math.sin(angle) * sign, math.cos(angle)
            vx, vy, vz = c * sx + s * ux, c * sy + s * uy, c * sz + s * uz
            slope = 2.0 * rho * (px * vx / A2 + py * vy / A2 + pz * vz / B2)
            if slope == 0.0:
                break
            angle -= off / slope
        if abs(off) > ON_GROUND or abs(angle) > 1.5:
            return 0
        out[side, 0], out[side, 1], out[side, 2] = px, py, pz
    return 2


@jit
def within(px, py, pz, xyz, cover, k):
    """True when the point surely serves need k."""
    dx, dy, dz = px - xyz[k, 0], py - xyz[k, 1], pz - xyz[k, 2]
    return dx * dx + dy * dy + dz * dz <= cover[k] * cover[k]


@jit
def edge_corners(xyz, chord, left, right, corner, has):
    """The corners of every pair of near needs: `corner[pair, side]`, `has[pair]`."""
    for e in range(len(left)):
        has[e] = corners(xyz, chord, left[e], right[e], corner[e]) == 2


@jit
def common_points(xyz, inset, cover, members, out):
    """Centres and corners of `members` that serve them all, into `out` (cm); how many. O(members³)."""
    found, pair, m = 0, np.empty((2, 3)), len(members)
    for a in range(m):
        for b in range(a, m):
            n = 1
            if a == b:
                pair[0] = xyz[members[a]]
            else:
                n = corners(xyz, inset, members[a], members[b], pair)
            for side in range(n):
                if found == len(out):
                    return found
                good = True
                for k in range(m):
                    if not within(pair[side, 0], pair[side, 1], pair[side, 2], xyz, cover, members[k]):
                        good = False
                        break
                if good:
                    out[found] = pair[side]
                    found += 1
    return found


@jit
def middle_points(xyz, inset, cover, ptr, need, out):
    """By group the mean of the points that serve all its members, in cm."""
    points = np.empty((1024, 3))
    for g in range(len(ptr) - 1):
        n = common_points(xyz, inset, cover, need[ptr[g] : ptr[g + 1]], points)
        out[g] = xyz[need[ptr[g]]]
        if n > 0:
            for axis in range(3):
                out[g, axis] = points[:n, axis].mean()
