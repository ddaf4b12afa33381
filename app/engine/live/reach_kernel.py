"""The numba kernels that look from a listing: the needs that reach it, found by level of reach, and the best of them.

A need of level v reaches at most 100 m × 2^v, so that a search for it is never much wider than it must be. Distances are taken
from the need's side, and so are those of `match_kernel` to the bit.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type,assignment"
from __future__ import annotations

import math

import numpy as np

from app.engine.compile import REACH, TEST
from app.engine.grid import chain_of, columns_of
from app.engine.grid_columns import LATS, LONS
from app.engine.index import BANDS
from app.engine.judge_kernel import compare, general
from app.engine.kernel import between_of, first_at, inlined, jit, window_of

LEVELS = 14  # 100 m × 2^13 is beyond the longest reach
LEAST_M = 100.0


@jit
def level_of(radius_mm):
    """The level of a reach."""
    level = 0
    most = np.int64(100_000)
    while radius_mm > most and level < LEVELS - 1:
        most *= 2
        level += 1
    return level


@jit
def take(q, d, n, hit, far, seen):
    """Need q is d mm away: note it, once, at its nearest."""
    at = seen[q]
    if at < n and hit[at] == q:
        far[at] = min(far[at], d)
        return n
    seen[q] = n
    hit[n] = q
    far[n] = d
    return n + 1


@jit
def part_mm(need_a, need_b, j, a, b, i):
    """From part j of a need to part i of a listing."""
    return between_of(
        float(need_a[j, 0]), float(need_a[j, 1]), float(need_a[j, 2]),
        float(need_b[j, 0]), float(need_b[j, 1]), float(need_b[j, 2]),
        float(a[i, 0]), float(a[i, 1]), float(a[i, 2]),
        float(b[i, 0]), float(b[i, 1]), float(b[i, 2]),
    )  # fmt: skip


@inlined
def reaching(begin, end, kind, parts, index, grid, used, radius, hit, far, seen):
    """Needs of `kind` that have one of the listing's parts begin..end in reach, each once, with their distances; how many."""
    n = 0
    a, b, half, part_lon, part_lat = parts.a, parts.b, parts.half_m, parts.lon, parts.lat
    ptr, lon, index_a, index_b, need_of, widest = index.ptr, index.lon, index.a, index.b, index.listing, index.reach_m
    count, head, following, cells, grid_a, grid_b, grid_row = (
        grid.filled[0], grid.head, grid.next, grid.cell, grid.a, grid.b, grid.row,
    )  # fmt: skip
    for i in range(begin, end):
        for level in range(LEVELS):
            group = kind * LEVELS + level
            if used[group] == 0:
                continue
            reach = LEAST_M * 2.0**level + half[i] + widest[group] + 0.1
            first, last, turns, west, east, west2, east2 = window_of(part_lon[i], part_lat[i], reach)
            for band in range(group * BANDS + first, group * BANDS + last + 1):
                low, high = ptr[band], ptr[band + 1]
                if low == high:
                    continue
                for turn in range(turns):
                    stop = east if turn == 0 else east2
                    for j in range(first_at(lon, low, high, west if turn == 0 else west2), high):
                        if lon[j] > stop:
                            break
                        q = need_of[j]
                        d = part_mm(index_a, index_b, j, a, b, i)
                        if radius[q] > 0 and d <= radius[q]:
                            n = take(q, d, n, hit, far, seen)
            if count == 0:
                continue
            low, high = first // 4, last // 4
            c0, c1 = columns_of(west, east)
            d0, d1 = (0, -1) if turns == 1 else columns_of(west2, east2)
            if (high - low + 1) * (c1 - c0 + 1 + d1 - d0 + 1) >= count or (turns == 2 and c1 - c0 + d1 - d0 + 4 > LONS):
                for j in range(count):
                    if cells[j] // (LATS * LONS) == group:
                        q = np.int64(grid_row[j])
                        d = part_mm(grid_a, grid_b, j, a, b, i)
                        if radius[q] > 0 and d <= radius[q]:
                            n = take(q, d, n, hit, far, seen)
                continue
            for row in range(low, high + 1):
                for turn in range(turns):
                    for column in range(c0 if turn == 0 else d0, (c1 if turn == 0 else d1) + 1):
                        cell = (np.int64(group) * LATS + row) * LONS + column
                        j = np.int64(head[chain_of(cell, len(head))])
                        while j >= 0:
                            if cells[j] == cell:
                                q = np.int64(grid_row[j])
                                d = part_mm(grid_a, grid_b, j, a, b, i)
                                if radius[q] > 0 and d <= radius[q]:
                                    n = take(q, d, n, hit, far, seen)
                            j = np.int64(following[j])
    return n


@inlined
def best_needs(i, n, hit, far, facts, ids, k, top_need, top_score, top_mm):
    """Judge listing i for the first n hits: (how many pass, how many stand in the top k). Ties go to the lower id."""
    tops = 0
    passing = 0
    table, criteria, n_kind, bonus = facts.table, facts.criteria, facts.n_kind, facts.n_bonus
    for p in range(n):
        q = hit[p]
        kind = n_kind[q]
        total = np.int64(bonus[q])  # what policy adds to the need, as `match_kernel.ask` begins with it
        failed = False
        for position in range(criteria[kind]):
            row = table[kind, position]
            if row[TEST] >= REACH:
                ok, _, _, got = general(facts, row, q, i, far[p])
            else:
                ok, _, _, got = compare(facts, row, q, i)
            total += got
            if not ok:
                failed = True
                break
        if failed:
            continue
        passing += 1
        at = tops
        while at > 0 and (top_score[at - 1] < total or (top_score[at - 1] == total and ids[top_need[at - 1]] > ids[q])):
            at -= 1
        if at < k:
            tops = min(tops + 1, k)
            for t in range(tops - 1, at, -1):
                top_need[t], top_score[t], top_mm[t] = top_need[t - 1], top_score[t - 1], top_mm[t - 1]
            top_need[at], top_score[at], top_mm[at] = q, total, far[p]
    return passing, tops


assert math.log2(500_000 / LEAST_M) < LEVELS
