"""Totals and active claims of the ledger, in columns, and how they lie on listings: several may offer parts of one asset."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.many import one_of
from app.engine import MISSING
from app.engine.compile import KindTables
from app.engine.csr import counted
from app.engine.problem import Ints
from app.ledger import Capacity, Claim
from app.matching.columns import Sort, Words, read_columns, read_few_columns

BITS = 10  # of the place of a dimension's name among those of all kinds
SPARSE = 8  # ids up to so many times as high as there are
UNKNOWN = (1 << BITS) - 1  # what no criterion compares: its place is −1, the last of the block before


class Dimensions(NamedTuple):
    """The dimensions that criteria compare, by name, and `column[kind, dimension]`: where a kind has them, -1 where not."""

    names: tuple[str, ...]
    column: NDArray[np.int64]

    @classmethod
    def of(cls, tables: KindTables) -> Dimensions:
        names = tuple(dict.fromkeys(name for mine in tables.capacity_names for name in mine))
        column = [[mine.index(name) if name in mine else -1 for name in names] for mine in tables.capacity_names]
        return cls(names, np.array(column, np.int64).reshape(len(tables.kinds), len(names)))


class Totals(NamedTuple):
    """[assets, dimensions] thousandths, MISSING where nothing is stated; assets ascending."""

    asset_id: Ints
    total: Ints
    dimensions: Dimensions
    width: int

    def of(self, assets: Ints, kind: NDArray[np.int16]) -> Ints:
        """[n, D] of listings on these assets."""
        out = np.full((len(assets), self.width), MISSING, np.int64)
        if len(self.asset_id):
            row = np.minimum(np.searchsorted(self.asset_id, assets), len(self.asset_id) - 1)
            known = self.asset_id[row] == assets
            for k in range(len(self.dimensions.column)):
                mine = np.flatnonzero(known & (kind == k))
                for dimension, column in enumerate(self.dimensions.column[k]):
                    if column >= 0:
                        out[mine, column] = self.total[row[mine], dimension]
        return out


class Claims(NamedTuple):
    """Active claims, ordered by asset. `slot` 0: of a quantity."""

    asset_id: Ints
    dimension: Ints
    slot: Ints
    amount: Ints
    start: Ints
    end: Ints
    dimensions: Dimensions
    width: int

    def of(self, assets: Ints, kind: NDArray[np.int16]) -> tuple[Ints, dict[str, Any]]:
        """(pointer by cell, columns of claims) of listings on these assets; within a cell by day, slot and amount."""
        first = np.searchsorted(self.asset_id, assets, "left")
        count = np.searchsorted(self.asset_id, assets, "right") - first
        listing = np.repeat(np.arange(len(assets)), count)
        at = np.arange(len(listing)) + np.repeat(first - (np.cumsum(count) - count), count)
        column = self.dimensions.column[kind[listing], self.dimension[at]]
        listing, at, column = listing[column >= 0], at[column >= 0], column[column >= 0]
        cell = listing * self.width + column
        order = _order(cell, self.start[at], (self.amount[at], self.slot[at], self.end[at]))
        cell, at = cell[order], at[order]
        return counted(cell, len(assets) * self.width), {
            "claim_slot": self.slot[at].astype(np.int32),
            "claim_start": self.start[at].astype(np.int32),
            "claim_end": self.end[at].astype(np.int32),
            "claim_amount": np.where(self.slot[at] > 0, 0, self.amount[at]),
        }


def _order(cell: Ints, start: Ints, rest: tuple[Ints, Ints, Ints]) -> Ints:
    """By cell, first day, then the last of `rest` first; compared one by one only where two of a cell begin on one day."""
    key = cell << 32 | start
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():
        return np.lexsort((*rest, start, cell))
    return order


def is_whole(tables: KindTables, assets: Ints | None) -> bool:
    """Most rows are asked for: of every asset, and of more kinds than one, which an index would find."""
    return assets is None and len(tables.kinds) > 1


def read_totals(session: Session, tables: KindTables, assets: Ints | None) -> Totals:
    """Of these assets; None: of all."""
    if assets is not None:
        return _totals_of(session, Dimensions.of(tables), assets, tables.widths[1])
    return totals_in(read_cells(session, tables), tables)


def read_cells(session: Session, tables: KindTables) -> list[Ints]:
    """Of all assets, [asset and dimension in one, thousandths] as they lie."""
    words, dimensions = Words.of(session), Dimensions.of(tables)
    place = words.place_of(Capacity.dimension, dimensions.names)
    statement = select(words.times(Capacity.asset_id, 1 << BITS, place).label("cell"), Capacity.total_milli)
    if len(tables.kinds) == 1:
        statement = statement.where(Capacity.dimension.in_(dimensions.names))
    return read_columns(session, statement, ["int", "int"], Capacity if is_whole(tables, None) else None)


def totals_in(cells: list[Ints], tables: KindTables) -> Totals:
    """By asset, of what `read_cells` found."""
    dimensions, (cell, total) = Dimensions.of(tables), cells
    kept = cell & UNKNOWN != UNKNOWN
    if not kept.all():
        cell, total = cell[kept], total[kept]
    ids, row = _ranked(cell >> BITS)
    out = np.full((len(ids), len(dimensions.names)), MISSING, np.int64)
    out[row, cell & UNKNOWN] = total
    return Totals(ids, out, dimensions, tables.widths[1])


def _ranked(ids: Ints) -> tuple[Ints, Ints]:
    """The ids ascending, once each, and where each of the given lies among them: by a table where they lie as close as a database
    gives them out."""
    if not len(ids) or int(ids.max()) > SPARSE * len(ids):
        return np.unique(ids, return_inverse=True)
    there = np.zeros(int(ids.max()) + 1, bool)
    there[ids] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[ids]


def _totals_of(session: Session, dimensions: Dimensions, assets: Ints, width: int) -> Totals:
    """Of these assets, which are in ascending order."""
    statement = select(Capacity.asset_id, Capacity.dimension, Capacity.total_milli)
    statement = statement.where(one_of(session, Capacity.asset_id, assets.tolist()))
    asset, named, total = read_few_columns(session, statement, ["int", "text", "int"])
    place = {name: column for column, name in enumerate(dimensions.names)}
    column = np.array([place.get(name, -1) for name in named.tolist()], np.int64)
    out = np.full((len(assets), len(dimensions.names)), MISSING, np.int64)
    out[np.searchsorted(assets, asset)[column >= 0], column[column >= 0]] = total[column >= 0]
    return Totals(assets, out, dimensions, width)


def read_claims(session: Session, tables: KindTables, assets: Ints | None) -> Claims:
    """Of these assets; None: of all. A hold counts until a transaction marks it expired."""
    words, dimensions = Words.of(session), Dimensions.of(tables)
    statement = select(
        Claim.asset_id,
        words.place_of(Claim.dimension, dimensions.names).label("dimension"),
        func.coalesce(Claim.slot, 0).label("slot"),
        Claim.amount_milli,
        words.ordinal(Claim.starts).label("starts"),
        words.ordinal(Claim.ends).label("ends"),
    ).where(Claim.state == "active", Claim.dimension.in_(dimensions.names))
    sorts: list[Sort] = ["int"] * 6
    if assets is None:
        columns = read_columns(session, statement, sorts, Claim if is_whole(tables, assets) else None)
    else:
        columns = read_few_columns(session, statement.where(one_of(session, Claim.asset_id, assets.tolist())), sorts)
    order = np.argsort(columns[0], kind="stable")
    asset, dimension, slot, amount, start, end = (column[order] for column in columns)
    return Claims(asset, dimension, slot, amount, start, end, dimensions, tables.widths[1])
