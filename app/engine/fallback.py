"""The numpy and scipy twins of `kernel.py`: the same answers to the bit, some fifteen times slower, nothing to compile."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from app.engine.earth import between
from app.engine.index import BANDS, Index, Probes
from app.engine.problem import Ints

PAIRS_AT_ONCE = 2_000_000


def search(order: Ints, search_mm: Ints, index: Index, probes: Probes) -> tuple[Ints, Ints, Ints]:
    """`kernel.search`: (ptr, listing, distance_mm) of the needs of `order`."""
    found: list[tuple[Ints, Ints, Ints]] = []
    place = np.full(len(probes.kind), -1, np.int64)
    place[order] = np.arange(len(order))
    for kind in np.unique(probes.kind[order]):
        low, high = index.ptr[kind * BANDS], index.ptr[(kind + 1) * BANDS]
        mine = order[probes.kind[order] == kind]
        if low == high or not len(mine):
            continue
        tree = cKDTree((index.a[low:high] + index.b[low:high]) / 2)
        probe, of = _expand(mine, probes.ptr)
        for begin in range(0, len(probe), 4096):
            found += _hits(
                tree,
                probe[begin : begin + 4096],
                of[begin : begin + 4096],
                int(low),
                search_mm,
                index,
                probes,
                float(index.reach_m[kind]),
            )
    if not found:
        return np.zeros(len(order) + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    need, listing, distance = (np.concatenate([f[k] for f in found]) for k in range(3))
    return settle(place[need], listing, distance, len(order))


def settle(row: Ints, listing: Ints, distance: Ints, rows: int) -> tuple[Ints, Ints, Ints]:
    """Order hits by (row, listing), keep the nearest of each, and make them CSR."""
    by = np.lexsort((distance, listing, row))
    row, listing, distance = row[by], listing[by], distance[by]
    first = np.ones(len(row), bool)
    first[1:] = (row[1:] != row[:-1]) | (listing[1:] != listing[:-1])
    ptr = np.concatenate(([0], np.cumsum(np.bincount(row[first], minlength=rows)))).astype(np.int64)
    return ptr, listing[first], distance[first]


def _expand(needs: Ints, ptr: Ints) -> tuple[Ints, Ints]:
    """The probes of some needs, and the need of each."""
    count = ptr[needs + 1] - ptr[needs]
    start = np.repeat(ptr[needs] - (np.cumsum(count) - count), count)
    return start + np.arange(count.sum()), np.repeat(needs, count)


def _hits(
    tree: cKDTree,
    probe: Ints,
    of: Ints,
    low: int,
    search_mm: Ints,
    index: Index,
    probes: Probes,
    widen: float,
) -> list[tuple[Ints, Ints, Ints]]:
    middle = (probes.a[probe] + probes.b[probe]) / 2
    reach = (search_mm[of] / 1000 + probes.half_m[probe] + widen + 0.1) * 100
    near = tree.query_ball_point(middle, reach)
    count = np.fromiter(map(len, near), np.int64, len(near))
    if not count.sum():
        return []
    part = np.concatenate([np.asarray(n, np.int64) for n in near]) + low
    which = np.repeat(np.arange(len(probe)), count)
    out = []
    for begin in range(0, len(part), PAIRS_AT_ONCE):
        w, i = which[begin : begin + PAIRS_AT_ONCE], part[begin : begin + PAIRS_AT_ONCE]
        a, b, p, q = (x.astype(np.float64) for x in (index.a[i], index.b[i], probes.a[probe[w]], probes.b[probe[w]]))
        distance = between(p, q, a, b)
        keep = distance <= search_mm[of[w]]
        out.append((of[w][keep], index.listing[i][keep], distance[keep]))
    return out


def best_of(ptr: Ints, key: Ints, k: int) -> tuple[Ints, Ints]:
    """`kernel.best_of`: (taken, out)."""
    rows = len(ptr) - 1
    row = np.repeat(np.arange(rows), np.diff(ptr))
    at = np.flatnonzero(key >= 0)
    order = at[np.lexsort((at, key[at], row[at]))]
    count = np.bincount(row[order], minlength=rows).astype(np.int64)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    out = np.zeros(rows * k, np.int64)
    keep = rank < k
    out[row[order][keep] * k + rank[keep]] = order[keep]
    return np.minimum(count, k), out
