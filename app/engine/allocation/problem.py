"""The frozen columnar `AllocationProblem`: who may have how much of what, when, and what that is worth.

Indices, not ids, tie the columns together; `id` columns only name rows. Amounts are whole thousandths of their unit, days
proleptic ordinals, windows half-open, values whole points. An option is one way to serve (part of) a need from one listing: a
quantity
of 0 or `low..high` units, each of which takes what its load says, over the load's window, and earns `value * weight[need]`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.problem import Days, Ints
from app.engine.version import ENGINE_VERSION

NO_BUNDLE = -1
ALONE = -1


@dataclass(frozen=True, eq=False)
class Demands:
    """n needs. `quantity`: units wanted; `least`: fewer than this are worth nothing, so a need gets 0 or `least..quantity` units
    (an indivisible need: 1 and 1). Needs that share a `bundle` number are served together or not at all; -1: on its own."""

    id: Ints
    weight: Ints
    quantity: Ints
    least: Ints
    bundle: Ints

    def __len__(self) -> int:
        return len(self.id)

    @staticmethod
    def indivisible(count: int, weight: Ints | None = None) -> Demands:
        one = np.ones(count, np.int64)
        return Demands(np.arange(count), one if weight is None else weight, one, one, np.full(count, NO_BUNDLE, np.int64))


@dataclass(frozen=True, eq=False)
class Supplies:
    """m listings, D capacity columns. On every day `min(offered, total - reserve - claims of the day)` is free, never less than
    zero: arrays [m, D]. `opening[m]`: points lost once when a listing serves anybody. `asset[m]`: listings of the same number open
    parts of one asset, and together give no more than `total - reserve - claims` of the first of them (each states the asset's
    total, reserve and claims); -1: the only one. Claims are flat, in any order."""

    id: Ints
    offered: Ints
    total: Ints
    reserve: Ints
    opening: Ints
    asset: Ints
    claim_listing: Ints
    claim_column: Ints
    claim_start: Days
    claim_end: Days
    claim_amount: Ints

    def __len__(self) -> int:
        return len(self.id)

    @staticmethod
    def plain(capacity: Ints) -> Supplies:
        """Listings with the same capacity [m, D] on every day and nothing else."""
        m, none = len(capacity), np.zeros(0, np.int64)
        days = np.zeros(0, np.int32)
        zero = np.zeros(m, np.int64)
        alone = np.full(m, ALONE, np.int64)
        return Supplies(np.arange(m), capacity, capacity, np.zeros_like(capacity), zero, alone, none, none, days, days, none)


@dataclass(frozen=True, eq=False)
class Loads:
    """What one unit takes, and when: `amount[U, D]` over `[start, end)`. Options share loads (mostly one per need)."""

    start: Days
    end: Days
    amount: Ints

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, eq=False)
class Options:
    """k options. `value`: points per unit before the need's weight."""

    need: Ints
    listing: Ints
    load: Ints
    value: Ints
    low: Ints
    high: Ints

    def __len__(self) -> int:
        return len(self.need)

    @staticmethod
    def whole(need: Ints, listing: Ints, load: Ints, value: Ints) -> Options:
        """Options of indivisible needs."""
        one = np.ones(len(need), np.int64)
        return Options(need, listing, load, value, one, one)


class Budgets(NamedTuple):
    """`limit[B]`; a unit of `option[i]` spends `cost[i]` of `budget[i]`."""

    limit: Ints
    option: Ints
    budget: Ints
    cost: Ints

    @staticmethod
    def none() -> Budgets:
        return Budgets(*(np.zeros(0, np.int64) for _ in range(4)))


class Exclusions(NamedTuple):
    """In each `group`, options of at most one `party` may be taken: a listing that is let to one organisation only (group: the
    listing, party: the organisation), or the alternatives of a package (group: the package, party: the alternative)."""

    option: Ints
    group: Ints
    party: Ints

    @staticmethod
    def none() -> Exclusions:
        return Exclusions(*(np.zeros(0, np.int64) for _ in range(3)))


@dataclass(frozen=True, eq=False)
class AllocationProblem:
    """Everything that `allocate` needs; made by `build_allocation`, which checks it."""

    demands: Demands
    supplies: Supplies
    loads: Loads
    options: Options
    budgets: Budgets
    exclusions: Exclusions

    @cached_property
    def points(self) -> Ints:
        """Per option: points of one unit, weighted."""
        return self.options.value * self.demands.weight[self.options.need]

    @cached_property
    def input_hash(self) -> str:
        """Equal columns make an equal hash."""
        digest = hashlib.blake2b(digest_size=20)
        digest.update(ENGINE_VERSION.encode())
        for name, array in columns_of(self):
            digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return digest.hexdigest()


def build_allocation(
    demands: Demands,
    supplies: Supplies,
    loads: Loads,
    options: Options,
    budgets: Budgets | None = None,
    exclusions: Exclusions | None = None,
) -> AllocationProblem:
    """Check every column and freeze it. Raises `ProblemError` naming column and row. O(size of the input)."""
    from app.engine.allocation.checks import check, whole

    parts = (demands, supplies, loads, options, budgets or Budgets.none(), exclusions or Exclusions.none())
    names = ("demands", "supplies", "loads", "options", "budgets", "exclusions")
    problem = AllocationProblem(*(whole(name, part) for name, part in zip(names, parts, strict=True)))
    check(problem)
    for _, array in columns_of(problem):
        array.setflags(write=False)
    return problem


def columns_of(problem: AllocationProblem) -> Sequence[tuple[str, NDArray[Any]]]:
    """Every column with its dotted name, in the order of declaration."""
    found: list[tuple[str, NDArray[Any]]] = []
    for part in fields(problem):
        table = getattr(problem, part.name)
        found += [(f"{part.name}.{name}", getattr(table, name)) for name in names_of(table)]
    return found


def names_of(table: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(table)) if is_dataclass(table) else table._fields
