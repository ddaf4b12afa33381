"""The frozen columnar `Problem`: what a run is about, checked once, hashed to be reproduced.

Rows are kept in ascending id, so that an index orders as its id does and the same facts make the same hash, whichever database
they came from. Amounts are whole thousandths of their unit (`*_milli`), money minor units, days proleptic ordinals, windows
half-open `[start, end)`. `MISSING` marks a value that is not stated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from app.catalogue.declaration import AssetKind
from app.engine.compile import KindTables, compile_kinds
from app.engine.version import ENGINE_VERSION

MISSING = int(np.iinfo(np.int64).min)
FOREVER = date.max.toordinal()
ON_REQUEST = -1  # price_minor: passes any budget, earns nothing
NO_BUDGET = -1
MOST_BONUS = 100_000  # of `Needs.bonus`: as much as all terms of a pair together
LARGEST = 10**12  # of any amount, in thousandths
MAX_RADIUS_MM = 500_000_000  # beyond it the chord of the earth is no longer good to the millimetre

POINT, LINE, AREA, ROUTE = range(4)  # Places.form

Ints = NDArray[np.int64]
Days = NDArray[np.int32]


class ProblemError(ValueError):
    """A column holds what no problem may hold; says which column and, where there is one, which row."""

    def __init__(self, column: str, row: int | None, reason: str) -> None:
        self.column, self.row, self.reason = column, row, reason
        super().__init__(f"{column}{'' if row is None else f', row {row}'}: {reason}")


@dataclass(frozen=True, eq=False)
class Places:
    """Where rows are. `form`: POINT, LINE, AREA or ROUTE (needs only: A–B along the geodesic). `lon`, `lat`: the point; zero for
    other forms, whose `shape` is a shapely geometry (edges straight in longitude and latitude), None for points."""

    form: NDArray[np.uint8]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    shape: NDArray[np.object_]

    @staticmethod
    def points(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Places:
        return Places(
            np.zeros(len(lon), np.uint8),
            np.asarray(lon, np.float64),
            np.asarray(lat, np.float64),
            np.full(len(lon), None, object),
        )

    def take(self, rows: Ints) -> Places:
        return Places(self.form[rows], self.lon[rows], self.lat[rows], self.shape[rows])


@dataclass(frozen=True, eq=False)
class Listings:
    """n rows. `values[n, V]`: attributes and limits in the column order of `KindTables.supply_names`. Capacity by column of
    `capacity_names`: free = min(offered, total - peak use in the window) for quantities, and for slots, numbered 1..total, the
    lesser of offered and what is free throughout. Claims are CSR over `row * D + column` (`claim_ptr`)."""

    id: Ints
    kind: NDArray[np.int16]
    place: Places
    price_minor: Ints
    currency: NDArray[np.int32]
    start: Days
    end: Days
    owner: Ints
    values: Ints
    offered: Ints
    total: Ints
    claim_ptr: Ints
    claim_slot: NDArray[np.int32]
    claim_start: Days
    claim_end: Days
    claim_amount: Ints

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Ints) -> Listings:
        wide = self.offered.shape[1]
        cells = (rows[:, None] * wide + np.arange(wide)).ravel()
        begin, count = self.claim_ptr[cells], self.claim_ptr[cells + 1] - self.claim_ptr[cells]
        ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
        pick = np.repeat(begin - ptr[:-1], count) + np.arange(ptr[-1])
        plain = {
            n: getattr(self, n)[rows]
            for n in ("id", "kind", "price_minor", "currency", "start", "end", "owner", "values", "offered", "total")
        }
        claims = {n: getattr(self, n)[pick] for n in ("claim_slot", "claim_start", "claim_end", "claim_amount")}
        return Listings(place=self.place.take(rows), claim_ptr=ptr, **plain, **claims)


@dataclass(frozen=True, eq=False)
class Needs:
    """n rows. A listing is in reach when its geodesic distance to the need's place is at most `radius_mm`: a circle's radius, a
    route's corridor, an area's extra reach (0: containment). `values[n, R]`: columns of `demand_names`. `bonus`: milli-points that
    policy gives the need, added to the score of each of its pairs: it ranks needs with one another and decides no match."""

    id: Ints
    kind: NDArray[np.int16]
    place: Places
    radius_mm: Ints
    budget_minor: Ints
    currency: NDArray[np.int32]
    start: Days
    end: Days
    organisation: Ints
    values: Ints
    bonus: Ints

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Ints) -> Needs:
        return Needs(
            **{
                f.name: getattr(self, f.name).take(rows) if f.name == "place" else getattr(self, f.name)[rows]
                for f in fields(self)
            }
        )


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a solve needs; made by `build_problem` (columns) or `rows.problem_from_rows`."""

    kinds: tuple[AssetKind, ...]
    listings: Listings
    needs: Needs

    @cached_property
    def tables(self) -> KindTables:
        return compile_kinds(self.kinds)

    @cached_property
    def input_hash(self) -> str:
        """Hash of every column and of the criteria they are judged by; equal facts make an equal hash on any database."""
        digest = hashlib.blake2b(digest_size=20)
        digest.update(f"{ENGINE_VERSION} {[k.name for k in self.kinds]}".encode())
        for array in (self.tables.table, self.tables.count, *_hashed(self.listings), *_hashed(self.needs)):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def need_index(self, id_: int) -> int:
        return _index_of(self.needs.id, id_, "needs.id")

    def listing_index(self, id_: int) -> int:
        return _index_of(self.listings.id, id_, "listings.id")

    def take(self, needs: Sequence[int] | Ints | None = None, listings: Sequence[int] | Ints | None = None) -> Problem:
        """The same problem on some of its rows; None keeps all."""
        rows = [None if r is None else np.sort(np.asarray(r, np.int64)) for r in (needs, listings)]
        return Problem(
            self.kinds,
            self.listings if rows[1] is None else self.listings.take(rows[1]),
            self.needs if rows[0] is None else self.needs.take(rows[0]),
        )

    def with_needs(self, needs: Needs) -> Problem:
        return replace(self, needs=needs)


def build_problem(kinds: Sequence[AssetKind], listings: Listings, needs: Needs) -> Problem:
    """Check the columns, put rows in ascending id, freeze the arrays. Raises `ProblemError` naming column and row."""
    from app.engine.checks import check_listings, check_needs

    tables = compile_kinds(tuple(kinds))
    check_listings(listings, tables)
    check_needs(needs, tables)
    return settled(tuple(kinds), listings, needs)


def settled(kinds: tuple[AssetKind, ...], listings: Listings, needs: Needs) -> Problem:
    """A problem of columns that were checked before."""
    return Problem(kinds, _frozen(_sorted(listings)), _frozen(_sorted(needs)))


Rows = TypeVar("Rows", Listings, Needs)


def _sorted(rows: Rows) -> Rows:
    if (np.diff(rows.id) > 0).all():
        return rows
    return rows.take(np.argsort(rows.id, kind="stable").astype(np.int64))


NARROW: dict[str, type[np.signedinteger[Any]]] = {
    "kind": np.int16,
    "currency": np.int32,
    "start": np.int32,
    "end": np.int32,
    "claim_slot": np.int32,
    "claim_start": np.int32,
    "claim_end": np.int32,
}


def _frozen(rows: Rows) -> Rows:
    """The rows with every column in its own type, read-only: equal facts are equal bytes."""
    columns: dict[str, Any] = {f.name: getattr(rows, f.name) for f in fields(rows) if f.name != "place"}
    columns = {name: np.ascontiguousarray(column, NARROW.get(name, np.int64)) for name, column in columns.items()}
    for array in (*columns.values(), rows.place.form, rows.place.lon, rows.place.lat, rows.place.shape):
        array.setflags(write=False)
    return type(rows)(place=rows.place, **columns)


def _index_of(ids: Ints, id_: int, column: str) -> int:
    at = int(np.searchsorted(ids, id_))
    if at == len(ids) or ids[at] != id_:
        raise ProblemError(column, None, f"{id_} is not in the problem")
    return at


def _hashed(rows: Listings | Needs) -> list[NDArray[Any]]:
    """The columns as hashed: coordinates to 1e-9 degree, so that the last bit of a stored float cannot matter."""
    columns: list[NDArray[Any]] = []
    for f in fields(rows):
        value = getattr(rows, f.name)
        if isinstance(value, Places):
            columns += [value.form, np.rint(value.lon * 1e9).astype(np.int64), np.rint(value.lat * 1e9).astype(np.int64)]
            shapes = value.shape[value.form != POINT]
            coords, index = shapely.get_coordinates(shapes, return_index=True)
            columns += [np.rint(coords * 1e9).astype(np.int64), index, shapely.get_num_geometries(shapes)]
        else:
            columns.append(value)
    return columns
