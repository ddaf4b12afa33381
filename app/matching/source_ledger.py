"""Totals and active claims of the ledger, in columns, and how they lie on listings: several may offer parts of one asset."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import MISSING
from app.engine.compile import KindTables
from app.engine.problem import Ints
from app.ledger import Capacity, Claim
from app.matching.columns import Words, read_columns

MOST_NAMES = 1 << 10  # dimensions of all kinds together


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
        order = np.lexsort((self.amount[at], self.slot[at], self.end[at], self.start[at], cell))
        cell, at = cell[order], at[order]
        ptr = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=len(assets) * self.width)))).astype(np.int64)
        return ptr, {
            "claim_slot": self.slot[at].astype(np.int32),
            "claim_start": self.start[at].astype(np.int32),
            "claim_end": self.end[at].astype(np.int32),
            "claim_amount": np.where(self.slot[at] > 0, 0, self.amount[at]),
        }


def read_totals(session: Session, tables: KindTables, assets: Ints | None) -> Totals:
    """Of these assets; None: of all."""
    words, dimensions = Words.of(session), Dimensions.of(tables)
    place = words.place_of(Capacity.dimension, dimensions.names)
    statement = select(words.times(Capacity.asset_id, MOST_NAMES, place).label("cell"), Capacity.total_milli)
    if assets is not None:
        statement = statement.where(words.one_of(Capacity.asset_id, assets.tolist()))
    elif len(tables.kinds) == 1:
        statement = statement.where(Capacity.dimension.in_(dimensions.names))
    cell, total = _known(read_columns(session, statement, ["int", "int"]))
    ids, row = _distinct(cell // MOST_NAMES)
    out = np.full((len(ids), len(dimensions.names)), MISSING, np.int64)
    out[row, cell % MOST_NAMES] = total
    return Totals(ids, out, dimensions, tables.widths[1])


def _known(columns: list[Ints]) -> list[Ints]:
    """Without what no criterion compares: the place of its name is −1, the last of the block before."""
    kept = columns[0] % MOST_NAMES != MOST_NAMES - 1
    return columns if kept.all() else [column[kept] for column in columns]


def _distinct(ids: Ints) -> tuple[Ints, Ints]:
    """The ids ascending, once each, and where each of the given lies among them; quick where they come in order."""
    steps = np.diff(ids)
    if (steps < 0).any():
        found, row = np.unique(ids, return_inverse=True)
        return found, row
    first = np.concatenate(([True], steps > 0)) if len(ids) else np.zeros(0, bool)
    return ids[first], np.cumsum(first) - 1


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
    if assets is not None:
        statement = statement.where(words.one_of(Claim.asset_id, assets.tolist()))
    columns = read_columns(session, statement, ["int"] * 6)
    order = np.argsort(columns[0], kind="stable")
    asset, dimension, slot, amount, start, end = (column[order] for column in columns)
    return Claims(asset, dimension, slot, amount, start, end, dimensions, tables.widths[1])
