"""The numba kernels of candidate search and ranking. Each has a twin in `fallback.py` that answers the same to the bit.

No fastmath, no parallel loops: a caller runs them on disjoint ranges in threads (they release the lock), so that answers do not
depend
on the number of threads and a forked web server stays safe.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from app.engine.earth import A2, B2, LEAST_RADIUS_M, MEAN_RADIUS_MM, NEAR_MM
from app.engine.index import BAND_DEG, BANDS, STEP

# What makes no arrays counts no references to any: a count is an atomic addition, in one place for all threads.
UNCOUNTED: dict[str, Any] = {"_nrt": False}
jit: Any = nb.njit(nogil=True, cache=True, **UNCOUNTED)
inlined: Any = nb.njit(nogil=True, inline="always", **UNCOUNTED)


@jit
def first_at(values, low, high, wanted):
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@jit
def stretch_of(sparse, low, high, wanted):
    """Within what stretch of low..high, of `STEP` values at most, `first_at` of the index's longitudes is to be sought."""
    first, last = (low + STEP - 1) // STEP, (high + STEP - 1) // STEP
    at = first_at(sparse, first, last, wanted)
    return low if at == first else (at - 1) * STEP + 1, min(high, at * STEP)


@jit
def arc_of(dx, dy, dz, mx, my, mz):
    """`earth.arc_mm` for one chord."""
    square = dx * dx + dy * dy + dz * dz
    chord = math.sqrt(square) * 10.0
    if chord <= NEAR_MM:
        curve = 1.0 / MEAN_RADIUS_MM
    else:
        nx, ny, nz = mx / A2, my / A2, mz / B2
        bend = (dx * dx + dy * dy) / A2 + dz * dz / B2
        raised = math.sqrt((mx * nx + my * ny + mz * nz) / (nx * nx + ny * ny + nz * nz))
        curve = bend / square * raised / 10.0
    x = (chord * curve) * (chord * curve)
    return np.int64(math.floor(chord * (1.0 + x * (1.0 / 24.0 + x * (3.0 / 640.0 + x * (5.0 / 7168.0)))) + 0.5))


@jit
def foot_of(px, py, pz, sx, sy, sz, ex, ey, ez):
    """`earth.to_segment` for one point."""
    ax, ay, az = sx - px, sy - py, sz - pz
    bx, by, bz = ex - sx, ey - sy, ez - sz
    long = bx * bx + by * by + bz * bz
    along = -(ax * bx + ay * by + az * bz)
    t = 0.0
    if long > 0.0 and along > 0.0:
        t = 1.0 if along >= long else along / long
    return ax + t * bx, ay + t * by, az + t * bz


@jit
def nearer_of(v, f, best):
    """Keep the shorter of a vector v from foot f and the best so far (square, vector, middle)."""
    square = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
    if square < best[0]:
        return square, v[0], v[1], v[2], f[0] + v[0] * 0.5, f[1] + v[1] * 0.5, f[2] + v[2] * 0.5
    return best


@jit
def between_of(px, py, pz, qx, qy, qz, ax, ay, az, bx, by, bz):
    """`earth.between` for one pair of segments."""
    x, y, z = foot_of(px, py, pz, ax, ay, az, bx, by, bz)
    best = (x * x + y * y + z * z, x, y, z, px + x * 0.5, py + y * 0.5, pz + z * 0.5)
    best = nearer_of(foot_of(qx, qy, qz, ax, ay, az, bx, by, bz), (qx, qy, qz), best)
    best = nearer_of(foot_of(ax, ay, az, px, py, pz, qx, qy, qz), (ax, ay, az), best)
    best = nearer_of(foot_of(bx, by, bz, px, py, pz, qx, qy, qz), (bx, by, bz), best)
    ux, uy, uz = qx - px, qy - py, qz - pz
    wx, wy, wz = bx - ax, by - ay, bz - az
    rx, ry, rz = px - ax, py - ay, pz - az
    uu = ux * ux + uy * uy + uz * uz
    ww = wx * wx + wy * wy + wz * wz
    uw = ux * wx + uy * wy + uz * wz
    ur = ux * rx + uy * ry + uz * rz
    wr = wx * rx + wy * ry + wz * rz
    den = uu * ww - uw * uw
    if den > uu * ww * 1e-9:
        s = (uw * wr - ur * ww) / den
        t = (uw * s + wr) / ww
        if 0.0 < s < 1.0 and 0.0 < t < 1.0:
            fx, fy, fz = px + ux * s, py + uy * s, pz + uz * s
            best = nearer_of(((ax + wx * t) - fx, (ay + wy * t) - fy, (az + wz * t) - fz), (fx, fy, fz), best)
    return arc_of(best[1], best[2], best[3], best[4], best[5], best[6])


@jit
def window_of(lon, lat, reach_m):
    """Bands and up to two intervals of longitude that hold everything within `reach_m`, of which callers add 0.1 m for what
    rounds: (first, last, n, west, east, west2, east2)."""
    angle = reach_m / LEAST_RADIUS_M
    south, north = lat - math.degrees(angle), lat + math.degrees(angle)
    first = max(0, int((south + 90.0) / BAND_DEG))
    last = min(BANDS - 1, int((north + 90.0) / BAND_DEG))
    if south <= -89.9999 or north >= 89.9999:
        return first, last, 1, -181.0, 181.0, 0.0, 0.0
    ratio = math.sin(angle) / math.cos(math.radians(lat))
    if ratio >= 1.0:
        return first, last, 1, -181.0, 181.0, 0.0, 0.0
    wide = math.degrees(math.asin(ratio)) * 1.000001 + 1e-7
    west, east = lon - wide, lon + wide
    if west < -180.0:
        return first, last, 2, -181.0, east, west + 360.0, 181.0
    if east > 180.0:
        return first, last, 2, west, 181.0, -181.0, east - 360.0
    return first, last, 1, west, east, 0.0, 0.0


@jit
def run_lengths(order, search_mm, index, probes, out):
    """An upper bound of the hits of each need, by bisection alone."""
    for o in range(len(order)):
        q = order[o]
        total = np.int64(0)
        kind = probes.kind[q]
        for p in range(probes.ptr[q], probes.ptr[q + 1]):
            reach = search_mm[q] / 1000.0 + probes.half_m[p] + index.reach_m[kind] + 0.1
            first, last, n, west, east, west2, east2 = window_of(probes.lon[p], probes.lat[p], reach)
            for band in range(first, last + 1):
                low, high = index.ptr[kind * BANDS + band], index.ptr[kind * BANDS + band + 1]
                if low < high:
                    total += first_at(index.lon, low, high, east + 1e-12) - first_at(index.lon, low, high, west)
                    if n == 2:
                        total += first_at(index.lon, low, high, east2 + 1e-12) - first_at(index.lon, low, high, west2)
        out[o] = total


@jit
def group(row, at, out):
    """The entries of each row in their order, one row behind the other; `at`: where each row begins."""
    for i in range(len(row)):
        out[at[row[i]]] = i
        at[row[i]] += 1


@jit
def best_of(ptr, key, k, taken, out):
    """Per CSR row the positions of the k smallest keys (negative: left out), ties by position. `taken[row]`: how many."""
    for row in range(len(ptr) - 1):
        base = row * k
        n = 0
        for i in range(ptr[row], ptr[row + 1]):
            value = key[i]
            if value < 0 or (n == k and value >= key[out[base + k - 1]]):
                continue
            at = n if n < k else k - 1
            while at > 0 and key[out[base + at - 1]] > value:
                out[base + at] = out[base + at - 1]
                at -= 1
            out[base + at] = i
            if n < k:
                n += 1
        taken[row] = n
