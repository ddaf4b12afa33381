"""Every listing as one short row of integers in the order of the index: all that a verdict reads lies side by side.

`rows[r]`: HEAD words (LISTING: what answers name it by, ties going to the lower; INDEX: its row in `Facts`), then one word per
criterion of the listing's kind: what it has of it, in the need's unit, with no claim counted (WINDOW: the day it opens, PRICE:
the price, NOT_OWN: the owner). `rows[r, CLAIMED]` has the bits of the capacities that carry claims: those are asked from the
profile, in the need's window.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine import compile as c
from app.engine.backend import use_kernels
from app.engine.compile import KindTables
from app.engine.index import Index
from app.engine.problem import MISSING, Ints, Listings

LISTING, INDEX, CLOSES, CURRENCY, CLAIMED, HEAD = range(6)
X, Y, Z, ROW = range(4)
ASKED = 5  # words of what a need asks by one criterion, worked out for all its candidates


class Packed(NamedTuple):
    """`parts`: of the index, X, Y, Z of each one's middle and its ROW; `row_of`: by listing; `lone[kind]`: 1 where every listing of
    the kind is one part."""

    rows: Ints
    parts: NDArray[np.int32]
    row_of: NDArray[np.int32]
    lone: Ints


def pack(listings: Listings, tables: KindTables, index: Index) -> Packed:
    """O(listings × criteria)."""
    n = len(listings)
    rows, row_of = (_compiled if use_kernels() else _plain)(listings, tables, index)
    lone = np.ones(max(1, len(tables.kinds)), np.int64)
    lone[listings.kind[np.bincount(index.listing, minlength=n) != 1]] = 0
    parts = np.empty((len(index.listing), 4), np.int32)
    parts[:, :ROW], parts[:, ROW] = (index.a + index.b) // 2, row_of[index.listing]
    return Packed(rows, parts, row_of, lone)


def _compiled(listings: Listings, tables: KindTables, index: Index) -> tuple[Ints, NDArray[np.int32]]:
    from app.engine import pack_kernel

    n = len(listings)
    row_of = np.full(n, -1, np.int32)
    rows = np.empty((n, HEAD + tables.table.shape[1]), np.int64)
    pack_kernel.rows_of(index.listing, row_of)
    plain = (getattr(listings, name) for name in ("kind", "start", "end", "currency", "price_minor", "owner", "values"))
    capacity = (listings.offered, listings.total, listings.claim_ptr)
    columns: Any = (row_of, *map(frozen, (*plain, *capacity)), tables.table, tables.count, rows)
    pack_kernel.pack_rows(*columns)
    return rows, row_of


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, contiguous and read-only: a kernel is compiled for one type of array, whoever made it."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _plain(listings: Listings, tables: KindTables, index: Index) -> tuple[Ints, NDArray[np.int32]]:
    """The numpy twin of `_compiled`."""
    n = len(listings)
    first = np.full(n, len(index.listing), np.int64)
    np.minimum.at(first, index.listing, np.arange(len(index.listing)))
    order = np.argsort(first, kind="stable")
    row_of = np.empty(n, np.int32)
    row_of[order] = np.arange(n)
    return packed_rows(listings, tables)[order], row_of


def packed_rows(listings: Listings, tables: KindTables) -> Ints:
    n = len(listings)
    rows = np.zeros((n, HEAD + tables.table.shape[1]), np.int64)
    rows[:, LISTING] = rows[:, INDEX] = np.arange(n)
    rows[:, CLOSES], rows[:, CURRENCY] = listings.end, listings.currency
    claims = np.diff(listings.claim_ptr).reshape(listings.offered.shape)
    for kind in range(len(tables.kinds)):
        mine = np.flatnonzero(listings.kind == kind)
        for position in range(tables.count[kind]):
            field = tables.table[kind, position]
            rows[mine, HEAD + position] = _supply(listings, field, mine)
            if field[c.TEST] == c.CAPACITY:
                rows[mine, CLAIMED] |= (claims[mine, field[c.SUPPLY]] > 0).astype(np.int64) << position
    return rows


def _supply(listings: Listings, field: Ints, mine: Ints) -> NDArray[Any]:
    test, column = int(field[c.TEST]), int(field[c.SUPPLY])
    if test == c.CAPACITY:
        offered, total = listings.offered[mine, column], listings.total[mine, column]
        unit = 1000 if field[c.SLOTS] else 1
        free = np.maximum(np.minimum(offered, total // unit * unit), 0) // unit // field[c.PER] * unit
        return np.where(offered == MISSING, MISSING, free)
    if test < c.REACH:
        return np.asarray(listings.values[mine, column])
    shared: dict[int, NDArray[Any]] = {c.WINDOW: listings.start, c.PRICE: listings.price_minor, c.NOT_OWN: listings.owner}
    return np.asarray(shared[test][mine]) if test in shared else np.zeros(len(mine), np.int64)
