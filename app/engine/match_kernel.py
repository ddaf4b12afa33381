"""The numba kernel of a full match: a need's candidates, their verdicts and its best, in one pass over rows that lie side by
side.

It answers to the bit what `fallback.search`, `judge.judge_arrays` and `csr.best` answer in three; the rules are stated
there. Two things make it fast. What a need asks is worked out once for all its candidates (`ask`); and the loops touch only
local arrays, since numba counts a reference each time an array is taken out of a tuple.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type"
from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from app.engine.compile import (
    AT_LEAST,
    AT_MOST,
    CAPACITY,
    DEMAND,
    EQUALS,
    FULL,
    NOT_OWN,
    PRICE,
    PROVIDES,
    REACH,
    TEST,
    WEIGHT,
    WINDOW,
)
from app.engine.grid import scan_grid
from app.engine.index import BANDS
from app.engine.judge import FULL_CAP
from app.engine.kernel import arc_of, between_of, first_at, foot_of, jit, window_of
from app.engine.left_kernel import left_of
from app.engine.packed import CLAIMED, CLOSES, CURRENCY, HEAD, INDEX, LISTING
from app.engine.problem import Ints

MISSING = np.int64(np.iinfo(np.int64).min)
FULL_SCORE = 200_000  # all terms of a pair, and the most that policy adds
A_TEST, A_POSITION, A_WEIGHT, A_DEMAND, A_FULL, ASKED = range(6)  # fields of what a need asks


class Found(NamedTuple):
    """What the kernel fills. By need: `top_*` [m, k], `near_*` [m, near_k], best first, `*_n` of them; `rejected` [m, C].
    One below the other: `fit_*`, the pairs that pass, and `pair_*`, all in reach, need by need in no order within."""

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
def scan(q, limit, index, grid, probes, packed, hit, far, seen):
    """Rows of the listings within `limit` mm of need q, each once, with their distances; returns how many. `grid`: what came
    after the index was built."""
    n = 0
    kind = probes.kind[q]
    reach_m, ptr, lon, row_of = index.reach_m[kind], index.ptr, index.lon, packed.row_of_part
    x, y, z, begins, ends = packed.x, packed.y, packed.z, index.a, index.b
    lines = reach_m > 0.0 or probes.ptr[q + 1] - probes.ptr[q] > 1
    once = not lines and packed.lone[kind] == 1
    for p in range(probes.ptr[q], probes.ptr[q + 1]):
        px, py, pz = float(probes.a[p, 0]), float(probes.a[p, 1]), float(probes.a[p, 2])
        qx, qy, qz = float(probes.b[p, 0]), float(probes.b[p, 1]), float(probes.b[p, 2])
        reach = limit / 1000.0 + probes.half_m[p] + reach_m + 0.1
        bound = (reach * 100.0) * (reach * 100.0)
        wide = (reach + reach_m + probes.half_m[p]) * 100.0  # of where parts begin, which may be a half part farther
        wide *= wide
        point = px == qx and py == qy and pz == qz
        first, last, turns, west, east, west2, east2 = window_of(probes.lon[p], probes.lat[p], reach)
        for band in range(kind * BANDS + first, kind * BANDS + last + 1):
            low, high = ptr[band], ptr[band + 1]
            if low == high:
                continue
            for turn in range(turns):
                start = first_at(lon, low, high, west if turn == 0 else west2)
                stop = east if turn == 0 else east2
                for i in range(start, high):
                    if lon[i] > stop:
                        break
                    if not lines:
                        dx, dy, dz = float(x[i]) - px, float(y[i]) - py, float(z[i]) - pz
                        if dx * dx + dy * dy + dz * dz > bound:
                            continue
                        d = arc_of(dx, dy, dz, px + dx * 0.5, py + dy * 0.5, pz + dz * 0.5)
                    else:
                        dx, dy, dz = float(x[i]) - px, float(y[i]) - py, float(z[i]) - pz
                        if dx * dx + dy * dy + dz * dz > wide:
                            continue
                        ax, ay, az = float(begins[i, 0]), float(begins[i, 1]), float(begins[i, 2])
                        bx, by, bz = float(ends[i, 0]), float(ends[i, 1]), float(ends[i, 2])
                        if point:
                            dx, dy, dz = foot_of(px, py, pz, ax, ay, az, bx, by, bz)
                            d = arc_of(dx, dy, dz, px + dx * 0.5, py + dy * 0.5, pz + dz * 0.5)
                        else:
                            d = between_of(px, py, pz, qx, qy, qz, ax, ay, az, bx, by, bz)
                    if d > limit:
                        continue
                    row = row_of[i]
                    if not once:
                        at = seen[row]
                        if at < n and hit[at] == row:
                            far[at] = min(far[at], d)
                            continue
                        seen[row] = n
                    hit[n] = row
                    far[n] = d
                    n += 1
    if grid.filled[0] > 0:
        n = scan_grid(q, limit, grid, probes, reach_m, n, hit, far, seen)
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
def ask(q, facts, asks, idle):
    """What need q asks of every candidate, as rows of `asks`; returns (rows, points that all earn, `idle` positions whose
    margin is the supply)."""
    kind = facts.n_kind[q]
    m = 0
    base = facts.n_bonus[q]
    spare = 0
    for position in range(facts.criteria[kind]):
        test, weight = facts.table[kind, position, TEST], facts.table[kind, position, WEIGHT]
        demand = np.int64(0)
        size = np.int64(0)
        if test == REACH:
            demand = facts.n_radius[q]
        elif test == WINDOW:
            size = np.int64(facts.n_end[q]) - np.int64(facts.n_start[q])
        elif test == PRICE:
            demand = facts.n_budget[q]
            size = max(demand, 1)
        elif test == NOT_OWN:
            demand = facts.n_organisation[q]
        else:
            demand = facts.n_values[q, facts.table[kind, position, DEMAND]]
            if not (demand != MISSING if test == EQUALS else demand > 0):
                base += weight
                if test in (AT_LEAST, CAPACITY):
                    idle[spare] = position
                    spare += 1
                continue
            size = max(demand, 1000)
        asks[m, A_TEST], asks[m, A_POSITION], asks[m, A_WEIGHT], asks[m, A_DEMAND] = test, position, weight, demand
        asks[m, A_FULL] = demand if test == REACH else min(facts.table[kind, position, FULL] * size // 1000, FULL_CAP)
        m += 1
    return m, base, spare


@nb.njit(nogil=True, cache=True, error_model="numpy")
def match(order, search_mm, index, grid, probes, packed, facts, extra_ptr, extra_row, k, near_k, keep, scratch, made):
    """Fill `made` for the needs of `order`; returns how many pass and how many pairs were written. Of those that pass, as many
    are written to `fit_*` as it has room for. `scratch`: (hit, far) for the most candidates of one need, `seen` by row."""
    rows, profile, table = packed.rows, facts.profile, facts.table
    n_kind, n_start, n_end, n_currency = facts.n_kind, facts.n_start, facts.n_end, facts.n_currency
    top_listing, top_score, top_mm = made.top_listing, made.top_score, made.top_mm
    near_listing, near_score, near_mm = made.near_listing, made.near_score, made.near_mm
    near_fail, near_unstated, rejected = made.near_fail, made.near_unstated, made.rejected
    fit_listing, fit_score, fit_mm = made.fit_listing, made.fit_score, made.fit_mm
    pair_listing, pair_mm, pair_score = made.pair_listing, made.pair_mm, made.pair_score
    pair_fail, pair_unstated, pair_margin = made.pair_fail, made.pair_unstated, made.pair_margin
    width = table.shape[1]
    hit, far, seen = scratch
    room = len(fit_listing)
    asks, idle, near_key = np.zeros((width, ASKED), np.int64), np.zeros(width, np.int64), np.zeros(near_k, np.int64)
    fits = 0
    pairs = 0
    for o in range(len(order)):
        q = order[o]
        kind, limit = n_kind[q], search_mm[q]
        n = 0
        if limit > 0:
            n = scan(q, limit, index, grid, probes, packed, hit, far, seen)
        if extra_ptr[o + 1] > extra_ptr[o]:
            n = touch(n, extra_row[extra_ptr[o] : extra_ptr[o + 1]], hit, far, seen)
        m, base, spare = ask(q, facts, asks, idle)
        start, end, currency = np.int64(n_start[q]), np.int64(n_end[q]), np.int64(n_currency[q])
        for c in range(width):
            rejected[o, c] = 0
        tops = 0
        nears = 0
        first_fit = fits
        for j in range(n):
            r, distance = hit[j], far[j]
            claimed = rows[r, CLAIMED]
            total = base
            fail = np.int64(0)
            blank = np.int64(0)
            fails = 0
            if keep:
                for c in range(width):
                    pair_margin[pairs, c] = 0
                for s in range(spare):
                    c = idle[s]
                    supply = np.int64(rows[r, HEAD + c])
                    if claimed >> c & 1:
                        supply = left_of(profile, table[kind, c], np.int64(rows[r, INDEX]), start, end)
                    pair_margin[pairs, c] = max(supply, 0) if supply == MISSING else supply
            for a in range(m):
                test, c, weight, demand = asks[a, A_TEST], asks[a, A_POSITION], asks[a, A_WEIGHT], asks[a, A_DEMAND]
                supply = np.int64(rows[r, HEAD + c])
                full = asks[a, A_FULL]
                margin = np.int64(0)
                if test <= CAPACITY:
                    if claimed >> c & 1:
                        supply = left_of(profile, table[kind, c], np.int64(rows[r, INDEX]), start, end)
                    margin = demand - supply if test == AT_MOST else supply - demand
                    if supply == MISSING:
                        margin = MISSING
                        blank |= np.int64(1) << c
                elif test == REACH:
                    margin = demand - distance
                elif test == WINDOW:
                    closes = np.int64(rows[r, CLOSES])
                    if supply <= start and end <= closes:
                        margin = (start - supply) + (closes - end)
                    else:
                        margin = max(min(end, closes) - max(start, supply), 0) - (end - start)
                elif test == PRICE:
                    if supply < 0 or demand < 0:
                        full = np.int64(0)
                        weight = weight if supply >= 0 else np.int64(0)
                    elif np.int64(rows[r, CURRENCY]) != currency:
                        margin = MISSING
                        blank |= np.int64(1) << c
                    else:
                        margin = demand - supply
                else:
                    if test == NOT_OWN:
                        ok = supply != demand
                    else:
                        ok = supply == demand if test == EQUALS else supply > 0
                        if supply == MISSING:
                            ok = False
                            blank |= np.int64(1) << c
                    margin = np.int64(0) if ok else np.int64(-1)
                    if blank >> c & 1:
                        margin = MISSING
                    full = np.int64(0)
                if margin < 0:
                    fail |= np.int64(1) << c
                    fails += 1
                    rejected[o, c] += 1
                elif margin >= full:
                    total += weight
                else:
                    total += weight * margin // full
                if keep:
                    pair_margin[pairs, c] = margin
            listing = np.int64(rows[r, LISTING])
            if keep:
                pair_listing[pairs], pair_mm[pairs], pair_score[pairs] = listing, distance, total
                pair_fail[pairs], pair_unstated[pairs] = fail, blank
                pairs += 1
            if fail == 0:
                if fits < room:
                    fit_listing[fits], fit_score[fits], fit_mm[fits] = listing, total, distance
                fits += 1
                at = tops
                while at > 0 and (
                    top_score[o, at - 1] < total or (top_score[o, at - 1] == total and top_listing[o, at - 1] > listing)
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
                    top_listing[o, at], top_score[o, at], top_mm[o, at] = listing, total, distance
            elif near_k > 0:
                key = (np.int64(fails) << 20) + FULL_SCORE - total
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
                    near_key[at], near_listing[o, at], near_score[o, at] = key, listing, total
                    near_mm[o, at], near_fail[o, at], near_unstated[o, at] = distance, fail, blank
        made.top_n[o], made.near_n[o], made.in_reach[o], made.feasible[o] = tops, nears, n, fits - first_fit
    return fits, pairs


assert tuple(range(9)) == (
    AT_LEAST,
    AT_MOST,
    CAPACITY,
    EQUALS,
    PROVIDES,
    REACH,
    WINDOW,
    PRICE,
    NOT_OWN,
)  # `test <= CAPACITY` has a margin
