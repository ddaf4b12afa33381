"""The numba kernels of the growing grid (`grid_columns.Grid`): add a part, find the parts near a need."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type,assignment"
from __future__ import annotations

import math

import numpy as np

from app.engine.asked import FIRST, HALF_M, KIND, LAST, LAT, LON, A, B
from app.engine.grid_columns import CELL_DEG, LATS, LONS
from app.engine.kernel import between_of, jit, window_of


@jit
def cell_of(group, lon, lat):
    """The cell of a place; `group`: its class."""
    band = math.floor((lat + 90.0) / CELL_DEG)
    column = math.floor((lon + 180.0) / CELL_DEG)
    return (np.int64(group) * LATS + band) * LONS + column


@jit
def chain_of(cell, heads):
    """Which chain a cell hangs on; `heads` is a power of two."""
    mixed = np.uint64(cell) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((mixed >> np.uint64(32)) & np.uint64(heads - 1))


@jit
def add_part(grid, group, lon, lat, a, b, row):
    """Add one part with its middle at (lon, lat), its ends `a` and `b`; returns its number. The grid must have room."""
    part = grid.filled[0]
    cell = cell_of(group, lon, lat)
    chain = chain_of(cell, len(grid.head))
    grid.cell[part] = cell
    for k in range(3):
        grid.a[part, k] = a[k]
        grid.b[part, k] = b[k]
    grid.row[part] = row
    grid.next[part] = grid.head[chain]
    grid.head[chain] = part
    grid.filled[0] = part + 1
    return part


@jit
def columns_of(west, east):
    """First and last column of cells of an interval of longitude."""
    first = max(0, math.floor((west + 180.0) / CELL_DEG))
    return first, min(LONS - 1, math.floor((east + 180.0) / CELL_DEG))


@jit
def near_part(part, limit, place, grid, n, hit, far, seen):
    """Take one part of the grid, if it is within `limit` mm of a need's part (its row of `asked.place`), into the hits; returns how
    many there are."""
    px, py, pz = place[A], place[A + 1], place[A + 2]
    qx, qy, qz = place[B], place[B + 1], place[B + 2]
    ax, ay, az = float(grid.a[part, 0]), float(grid.a[part, 1]), float(grid.a[part, 2])
    bx, by, bz = float(grid.b[part, 0]), float(grid.b[part, 1]), float(grid.b[part, 2])
    d = between_of(px, py, pz, qx, qy, qz, ax, ay, az, bx, by, bz)
    if d > limit:
        return n
    row = grid.row[part]
    at = seen[row]
    if at < n and hit[at] == row:
        far[at] = min(far[at], d)
        return n
    seen[row] = n
    hit[n] = row
    far[n] = d
    return n + 1


@jit
def scan_grid(q, limit, grid, asked, reach_m, n, hit, far, seen):
    """Add to the first n hits the rows of the grid within `limit` mm of need q. By cells, or one by one where those are fewer."""
    group = asked.rows[q, KIND]
    for p in range(asked.rows[q, FIRST], asked.rows[q, LAST]):
        place = asked.place[p]
        reach = limit / 1000.0 + place[HALF_M] + reach_m + 0.1
        first, last, turns, west, east, west2, east2 = window_of(place[LON], place[LAT], reach)
        low, high = first // 4, last // 4
        c0, c1 = columns_of(west, east)
        d0, d1 = (0, -1) if turns == 1 else columns_of(west2, east2)
        cells = (high - low + 1) * (c1 - c0 + 1 + d1 - d0 + 1)
        if cells >= grid.filled[0] or (turns == 2 and c1 - c0 + d1 - d0 + 4 > LONS):
            for part in range(grid.filled[0]):
                if grid.cell[part] // (LATS * LONS) == group:
                    n = near_part(part, limit, place, grid, n, hit, far, seen)
            continue
        for band in range(low, high + 1):
            for turn in range(turns):
                for column in range(c0 if turn == 0 else d0, (c1 if turn == 0 else d1) + 1):
                    cell = (np.int64(group) * LATS + band) * LONS + column
                    part = np.int64(grid.head[chain_of(cell, len(grid.head))])
                    while part >= 0:
                        if grid.cell[part] == cell:
                            n = near_part(part, limit, place, grid, n, hit, far, seen)
                        part = np.int64(grid.next[part])
    return n
