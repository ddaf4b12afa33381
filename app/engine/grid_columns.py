"""A growing grid for what comes after an index was built: parts are only ever added, and found by their cell.

Parts of one cell hang on a chain; chains start in a table of 2^k heads, by a hash of the cell. What moves away or is withdrawn
stays in its chain at a place that nothing reaches (`NOWHERE`), until the index is built anew.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.index import BAND_DEG
from app.engine.problem import Ints

CELL_DEG = 4 * BAND_DEG
LATS, LONS = round(180 / CELL_DEG) + 2, round(360 / CELL_DEG) + 2
NOWHERE = 2_000_000_000  # cm from the earth's middle along each axis: farther than any reach from any place


class Grid(NamedTuple):
    """`filled[0]` parts: `cell` = (class × LATS + band) × LONS + column, where the class is a kind (or a kind and a level of
    reach); `row`: whose part it is; `a`, `b`: its ends in cm. `head[hash]`: the last part of a chain, `next[part]`: the one
    before, −1 at the end."""

    filled: Ints
    head: NDArray[np.int32]
    next: NDArray[np.int32]
    cell: Ints
    a: Ints
    b: Ints
    row: NDArray[np.int32]


def empty_grid(room: int) -> Grid:
    """Room for so many parts."""
    heads = 1 << max(4, int(room).bit_length())
    return Grid(
        np.zeros(1, np.int64),
        np.full(heads, -1, np.int32),
        np.full(room, -1, np.int32),
        np.zeros(room, np.int64),
        np.zeros((room, 3), np.int64),
        np.zeros((room, 3), np.int64),
        np.zeros(room, np.int32),
    )
