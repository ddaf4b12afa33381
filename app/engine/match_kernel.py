"""The numba kernel of a full match: a need's candidates, their verdicts and its best, in one pass over rows that lie side by
side.

It answers to the bit what `fallback.search`, `judge.judge_arrays` and `csr.best` answer in three; the rules are stated
there. Memory is waited for as seldom as can be: what a need asks is one row, its bands and the rows of its hits are on their way before
they are read, and the next need's row too.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type"
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from app.engine.ahead import ahead
from app.engine.asked import FIRST, HALF_M, KIND, LAST, LAT, LON, A, B
from app.engine.grid import scan_grid
from app.engine.index import BANDS
from app.engine.kernel import UNCOUNTED, arc_of, between_of, first_at, foot_of, jit, stretch_of, window_of
from app.engine.packed import LISTING, ROW, X, Y, Z
from app.engine.problem import Ints
from app.engine.verdict_kernel import A_POSITION, ask, judge_hits

FULL_SCORE = 200_000  # all terms of a pair, and the most that policy adds


class Found(NamedTuple):
    """What the kernel fills. By need: `top_*` [m, k], `near_*` [m, near_k], best first, `*_n` of them; `rejected` [m, C].
    One below the other: `fit_*`, the pairs that pass, and `pair_*`, all in reach, need by need in no order within; `pair_margin`
    [C, pairs]."""

    top_n: Ints
    top_listing: Ints
    top_score: NDArray[np.int32]
    top_mm: Ints
    near_n: Ints
    near_listing: Ints
    near_score: NDArray[np.int32]
    near_mm: Ints
    near_fail: NDArray[np.uint32]
    near_unstated: NDArray[np.uint32]
    in_reach: Ints
    feasible: Ints
    rejected: Ints
    fit_listing: Ints
    fit_score: NDArray[np.int32]
    fit_mm: Ints
    pair_listing: Ints
    pair_mm: Ints
    pair_score: NDArray[np.int32]
    pair_fail: NDArray[np.uint32]
    pair_unstated: NDArray[np.uint32]
    pair_margin: Ints


@jit
def scan(q, limit, index, grid, asked, packed, hit, far, seen):
    """Rows of the listings within `limit` mm of need q, each once, with their distances; returns how many. `grid`: what came
    after the index was built. `far` has room for the hits and, behind them, all parts of one band."""
    n = 0
    kind, first_part, last_part = asked.rows[q, KIND], asked.rows[q, FIRST], asked.rows[q, LAST]
    reach_m, ptr, lon, sparse, rows = index.reach_m[kind], index.ptr, index.lon, index.sparse, packed.rows
    parts, begins, ends = packed.parts, index.a, index.b
    lines = reach_m > 0.0 or last_part - first_part > 1 or packed.lone[kind] == 0
    farthest = (limit / 10.0 + 1.0) * (limit / 10.0 + 1.0)  # of a chord, in cm²: it is shorter than its arc
    for p in range(first_part, last_part):
        place = asked.place[p]
        px, py, pz = place[A], place[A + 1], place[A + 2]
        qx, qy, qz = place[B], place[B + 1], place[B + 2]
        mx, my, mz = (px + qx) * 0.5, (py + qy) * 0.5, (pz + qz) * 0.5
        reach = limit / 1000.0 + place[HALF_M] + reach_m + 0.1
        bound = (reach * 100.0) * (reach * 100.0)
        point = px == qx and py == qy and pz == qz
        first, last, turns, west, east, west2, east2 = window_of(place[LON], place[LAT], reach)
        for band in range(kind * BANDS + first, kind * BANDS + last + 1):  # all bands' beginnings are on their way at once
            low, high = ptr[band], ptr[band + 1]
            if low < high:
                at, _ = stretch_of(sparse, low, high, west)
                if at < high:
                    ahead(lon, at, 2)
                    ahead(parts, at, 4)
        for band in range(kind * BANDS + first, kind * BANDS + last + 1):
            low, high = ptr[band], ptr[band + 1]
            if low == high:
                continue
            for turn in range(turns):
                begin, stop = (west, east) if turn == 0 else (west2, east2)
                at, beyond = stretch_of(sparse, low, high, begin)
                near = n  # whose middles are near enough: noted behind the hits, in a loop without a choice
                for i in range(first_at(lon, at, beyond, begin), high):
                    if lon[i] > stop:
                        break
                    dx, dy, dz = float(parts[i, X]) - mx, float(parts[i, Y]) - my, float(parts[i, Z]) - mz
                    far[near] = i
                    near += dx * dx + dy * dy + dz * dz <= bound
                if point and not lines:
                    for t in range(n, near):
                        i = far[t]
                        dx, dy, dz = float(parts[i, X]) - px, float(parts[i, Y]) - py, float(parts[i, Z]) - pz
                        d = arc_of(dx, dy, dz, px + dx * 0.5, py + dy * 0.5, pz + dz * 0.5)
                        row = parts[i, ROW]
                        ahead(rows, row, 3)
                        hit[n], far[n] = row, d
                        n += d <= limit
                    continue
                for t in range(n, near):
                    i = far[t]
                    ax, ay, az = float(begins[i, 0]), float(begins[i, 1]), float(begins[i, 2])
                    bx, by, bz = float(ends[i, 0]), float(ends[i, 1]), float(ends[i, 2])
                    if point:
                        dx, dy, dz = foot_of(px, py, pz, ax, ay, az, bx, by, bz)
                        if dx * dx + dy * dy + dz * dz > farthest:
                            continue
                        d = arc_of(dx, dy, dz, px + dx * 0.5, py + dy * 0.5, pz + dz * 0.5)
                    else:
                        d = between_of(px, py, pz, qx, qy, qz, ax, ay, az, bx, by, bz)
                    if d > limit:
                        continue
                    row = parts[i, ROW]
                    at = seen[row]
                    if at < n and hit[at] == row:
                        far[at] = min(far[at], d)
                        continue
                    seen[row] = n
                    hit[n] = row
                    far[n] = d
                    n += 1
    if grid.filled[0] > 0:
        n = scan_grid(q, limit, grid, asked, reach_m, n, hit, far, seen)
    return n


@jit
def touch(n, rows, hit, far, seen):
    """Add the listings that meet the need's place (one of the two is an area): 0 mm away, whether the scan found them or not."""
    for row in rows:
        at = seen[row]
        if at < n and hit[at] == row:
            far[at] = 0
            continue
        seen[row] = n
        hit[n] = row
        far[n] = 0
        n += 1
    return n


@jit
def bits_of(mask):
    n = np.int64(0)
    while mask:
        mask &= mask - 1
        n += 1
    return n


@nb.njit(nogil=True, cache=True, error_model="numpy", **UNCOUNTED)
def match(order, search_mm, index, grid, asked, packed, facts, extra_ptr, extra_row, k, near_k, keep, scratch, made):
    """Fill `made` for the needs of `order`; returns how many pass and how many pairs were written. Of those that pass, as many
    are written to `fit_*` as it has room for. `scratch`: made by `matched.scratch_of`."""
    rows, profile, table = packed.rows, facts.profile, facts.table
    top_listing, top_score, top_mm = made.top_listing, made.top_score, made.top_mm
    near_listing, near_score, near_mm = made.near_listing, made.near_score, made.near_mm
    near_fail, near_unstated, rejected = made.near_fail, made.near_unstated, made.rejected
    fit_listing, fit_score, fit_mm = made.fit_listing, made.fit_score, made.fit_mm
    pair_listing, pair_mm, pair_score = made.pair_listing, made.pair_mm, made.pair_score
    pair_fail, pair_unstated, pair_margin = made.pair_fail, made.pair_unstated, made.pair_margin
    width = table.shape[1]
    hit, far, seen, total, failing, blank, noted, asks, idle, near_key = scratch
    room = len(fit_listing)
    margins = pair_margin if keep else noted
    fits = 0
    pairs = 0
    for o in range(len(order)):
        q = order[o]
        need, limit = asked.rows[q], search_mm[q]
        kind = need[KIND]
        if o + 2 < len(order):
            ahead(asked.rows, order[o + 2], 3)
            ahead(search_mm, order[o + 2], 1)
            ahead(asked.place, asked.rows[order[o + 1], FIRST], 2)
        n = 0
        if limit > 0:
            n = scan(q, limit, index, grid, asked, packed, hit, far, seen)
        if extra_ptr[o + 1] > extra_ptr[o]:
            n = touch(n, extra_row[extra_ptr[o] : extra_ptr[o + 1]], hit, far, seen)
        for c in range(width):
            rejected[o, c] = 0
        if n > 0:
            first = pairs if keep else 0
            m, base, spare = ask(need, table[kind], facts.criteria[kind], asks, idle)
            if keep:
                written = np.int64(0)
                for a in range(m):
                    written |= np.int64(1) << asks[a, A_POSITION]
                for s in range(spare):
                    written |= np.int64(1) << idle[s]
                for c in range(width):
                    if not written >> c & 1:
                        margins[c, first : first + n] = 0
            else:
                spare = 0
            judge_hits(
                n, hit, far, asks, m, idle, spare, base, rows, profile, table[kind], need,
                total, failing, blank, margins, first, rejected[o],
            )  # fmt: skip
            if keep:
                for j in range(n):
                    pair_listing[first + j], pair_mm[first + j] = rows[hit[j], LISTING], far[j]
                    pair_score[first + j], pair_fail[first + j], pair_unstated[first + j] = total[j], failing[j], blank[j]
                pairs += n
        tops = 0
        nears = 0
        first_fit = fits
        for j in range(n):
            distance, score, fail = far[j], total[j], failing[j]
            listing = np.int64(rows[hit[j], LISTING])
            if fail == 0:
                if fits < room:
                    fit_listing[fits], fit_score[fits], fit_mm[fits] = listing, score, distance
                fits += 1
                at = tops
                while at > 0 and (
                    top_score[o, at - 1] < score or (top_score[o, at - 1] == score and top_listing[o, at - 1] > listing)
                ):
                    at -= 1
                if at < k:
                    tops = min(tops + 1, k)
                    for t in range(tops - 1, at, -1):
                        top_listing[o, t], top_score[o, t], top_mm[o, t] = (
                            top_listing[o, t - 1],
                            top_score[o, t - 1],
                            top_mm[o, t - 1],
                        )
                    top_listing[o, at], top_score[o, at], top_mm[o, at] = listing, score, distance
            elif near_k > 0:
                key = (bits_of(fail) << 20) + FULL_SCORE - score
                if nears == near_k and key > near_key[near_k - 1]:
                    continue
                at = nears
                while at > 0 and (near_key[at - 1] > key or (near_key[at - 1] == key and near_listing[o, at - 1] > listing)):
                    at -= 1
                if at < near_k:
                    nears = min(nears + 1, near_k)
                    for t in range(nears - 1, at, -1):
                        near_key[t], near_listing[o, t], near_score[o, t] = (
                            near_key[t - 1],
                            near_listing[o, t - 1],
                            near_score[o, t - 1],
                        )
                        near_mm[o, t], near_fail[o, t] = near_mm[o, t - 1], near_fail[o, t - 1]
                        near_unstated[o, t] = near_unstated[o, t - 1]
                    near_key[at], near_listing[o, at], near_score[o, at] = key, listing, score
                    near_mm[o, at], near_fail[o, at], near_unstated[o, at] = distance, fail, blank[j]
        made.top_n[o], made.near_n[o], made.in_reach[o], made.feasible[o] = tops, nears, n, fits - first_fit
    return fits, pairs
