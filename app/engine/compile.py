"""From declarations to columns: each kind's criteria as rows of one integer table that kernels can read.

`table[kind, criterion, FIELD]`; criteria keep the order of `AssetKind.all_criteria`, and that position is the criterion's bit in
every fail mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.catalogue.declaration import MILLI, AssetKind, Criterion, Field, Sort, Test
from app.kernel.money import CURRENCIES

AT_LEAST, AT_MOST, CAPACITY, EQUALS, PROVIDES, REACH, WINDOW, PRICE, NOT_OWN = range(9)
CODES = {
    Test.AT_LEAST: AT_LEAST,
    Test.AT_MOST: AT_MOST,
    Test.CAPACITY: CAPACITY,
    Test.EQUALS: EQUALS,
    Test.PROVIDES: PROVIDES,
    Test.REACH: REACH,
    Test.WINDOW: WINDOW,
    Test.PRICE: PRICE,
    Test.NOT_OWN: NOT_OWN,
}
TEST, WEIGHT, FULL, SUPPLY, DEMAND, PER, SLOTS, CONTIGUOUS, MOVABLE = range(9)  # fields of a table row
WIDTH = 9
LARGEST_FULL_AT = 9000  # times the largest amount it still fits 64 bits
MOST_CRITERIA = 31  # bits of a fail mask
POINTS = 1000  # a weight of 1 is worth this many milli-points


@dataclass(frozen=True, eq=False)
class KindTables:
    """The compiled kinds. `*_names[kind]` are the column names of `Listings.values`, `Listings.offered` and `Needs.values`."""

    kinds: tuple[AssetKind, ...]
    count: NDArray[np.int64]
    table: NDArray[np.int64]
    supply_names: tuple[tuple[str, ...], ...]
    capacity_names: tuple[tuple[str, ...], ...]
    demand_names: tuple[tuple[str, ...], ...]

    @property
    def widths(self) -> tuple[int, int, int]:
        """Columns of values, capacities and requirements: the widest kind's, at least one."""
        names = (self.supply_names, self.capacity_names, self.demand_names)
        return tuple(max([1, *map(len, n)]) for n in names)  # type: ignore[return-value]

    def code(self, name: str) -> int:
        return next(i for i, k in enumerate(self.kinds) if k.name == name)

    def slots(self, kind: int) -> list[bool]:
        """Per capacity column: is it numbered slots?"""
        return [self.kinds[kind].dimension(name).sort is Sort.SLOTS for name in self.capacity_names[kind]]


@lru_cache(maxsize=64)
def compile_kinds(kinds: tuple[AssetKind, ...]) -> KindTables:
    """Compile declarations. Cached: a declaration is frozen."""
    most = max([1, *(len(k.all_criteria) for k in kinds)])
    if most > MOST_CRITERIA:
        raise ValueError(f"a kind declares {most} criteria; a fail mask holds {MOST_CRITERIA}")
    table = np.zeros((max(1, len(kinds)), most, WIDTH), np.int64)
    supplies, capacities, demands = [], [], []
    for k, kind in enumerate(kinds):
        own = kind.criteria
        supply = _names(c.supply for c in own if c.test is not Test.CAPACITY)
        capacity = _names(c.supply for c in own if c.test is Test.CAPACITY)
        demand = _names(c.demand for c in own)
        for c, criterion in enumerate(kind.all_criteria):
            if not 0 <= criterion.full_at <= LARGEST_FULL_AT or criterion.per < 1:
                raise ValueError(f"{kind.name}.{criterion.name}: full_at or per is out of range")
            table[k, c] = _row(kind, criterion, supply, capacity, demand)
        supplies.append(supply)
        capacities.append(capacity)
        demands.append(demand)
    count = np.array([len(k.all_criteria) for k in kinds] or [0], np.int64)
    for array in (table, count):
        array.setflags(write=False)
    return KindTables(kinds, count, table, tuple(supplies), tuple(capacities), tuple(demands))


def _names(names: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n is not None))  # type: ignore[attr-defined]


def _row(kind: AssetKind, c: Criterion, supply: tuple[str, ...], capacity: tuple[str, ...], demand: tuple[str, ...]) -> list[int]:
    row = [CODES[c.test], c.weight * POINTS, round(c.full_at * MILLI), -1, -1, c.per, 0, 0, int(c.movable)]
    if c.demand is not None:
        row[DEMAND] = demand.index(c.demand)
    if c.test is Test.CAPACITY and c.supply is not None:
        dimension = kind.dimension(c.supply)
        row[SUPPLY] = capacity.index(c.supply)
        row[SLOTS], row[CONTIGUOUS] = int(dimension.sort is Sort.SLOTS), int(dimension.contiguous)
    elif c.supply is not None:
        row[SUPPLY] = supply.index(c.supply)
    return row


def encode(field: Field, value: object) -> int:
    """A declared value as the engine's integer: thousandths; a choice by its place from 1; a date by its ordinal."""
    if field.type == "choice":
        values = [c.value for c in field.choices]
        if value not in values:
            raise ValueError(f"{field.name}: {value!r} is none of {values}")
        return (values.index(str(value)) + 1) * MILLI
    if field.type == "boolean":
        return MILLI if value else 0
    if field.type == "date" and isinstance(value, date):
        return value.toordinal() * MILLI
    if field.type == "text":
        raise ValueError(f"{field.name}: text cannot be compared")
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{field.name}: {value!r} is not a number")
    return _thousandths(number)


def _thousandths(number: Decimal) -> int:
    return int((number * MILLI).quantize(Decimal(1), ROUND_HALF_EVEN))


def encode_numbers(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """`encode` of many numbers; NaN is MISSING. What lies so near a half that its binary form may round to the wrong side is
    rounded as it is written."""
    stated = np.isfinite(values)
    scaled = np.where(stated, values, 0.0) * MILLI
    rounded = np.rint(scaled)
    out = rounded.astype(np.int64)
    near = np.abs(scaled - rounded) >= 0.5 - np.maximum(1e-6, 4 * np.spacing(np.abs(scaled)))
    for at in np.flatnonzero(near & stated).tolist():
        out[at] = _thousandths(Decimal(str(float(values[at]))))
    return np.where(stated, out, np.int64(np.iinfo(np.int64).min))


def currency_code(currency: str) -> int:
    """ISO 4217 letters as an integer; no currency is 0."""
    if not currency:
        return 0
    if currency not in CURRENCIES:
        raise ValueError(f"{currency!r} is not an ISO 4217 code")
    return int.from_bytes(currency.encode("ascii"), "big")


def currency_name(code: int) -> str:
    return int(code).to_bytes(3, "big").decode("ascii") if code else ""
