"""What no allocation problem may hold: found before anything is solved, named by column and row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation.problem import ALONE, NO_BUNDLE, AllocationProblem, names_of
from app.engine.problem import LARGEST, Ints, ProblemError

DAYS = {"start", "end", "claim_start", "claim_end"}
GRIDS = {"offered", "total", "reserve", "amount"}
MOST_UNITS = 10**6
MOST_VALUE = 2**53  # of an answer: sums stay exact in int64 and in a float
MOST_POINTS = 2**62  # of all options
TOO_MUCH = "options.value"  # the column of the fault when these do not hold


def whole(table_name: str, table: Any) -> Any:
    """The table with whole-number columns of its own, each of its type. Fractions and NaN are refused, not rounded."""
    columns = {name: _column(f"{table_name}.{name}", getattr(table, name), name) for name in names_of(table)}
    return table._replace(**columns) if hasattr(table, "_replace") else replace(table, **columns)


def _column(name: str, given: Any, short: str) -> NDArray[Any]:
    array = np.asarray(given)
    dimensions = 2 if (short in GRIDS and "supplies" in name) or name == "loads.amount" else 1
    if array.ndim != dimensions:
        raise ProblemError(name, None, f"has {array.ndim} dimensions instead of {dimensions}")
    if array.size and array.dtype.kind == "f":
        bad = ~np.isfinite(array) | (array != np.floor(array))
        _refuse(name, bad, "is not a whole number")
    elif array.size and array.dtype.kind not in "iu":
        raise ProblemError(name, None, f"holds {array.dtype}, not whole numbers")
    if array.size and (array.max() > 2**62 or array.min() < -(2**62)):
        raise ProblemError(name, None, "holds a number too large")
    kind = np.int32 if short in DAYS else np.int64
    if kind is np.int32 and array.size and (array.max() > 2**30 or array.min() < -(2**30)):
        raise ProblemError(name, None, "holds a day out of the calendar")
    return np.array(array, kind, order="C")


def check(problem: AllocationProblem) -> None:
    """Shapes, ranges, references. Raises `ProblemError`."""
    _check_demands(problem)
    _check_supplies(problem)
    _check_options(problem)
    _check_sides(problem)
    _check_sums(problem)


def _check_demands(problem: AllocationProblem) -> None:
    d = problem.demands
    _same_length("demands", d)
    _unique("demands.id", d.id)
    _within("demands.weight", d.weight, 0, 10**9)
    _within("demands.quantity", d.quantity, 1, MOST_UNITS)
    _refuse("demands.least", (d.least < 1) | (d.least > d.quantity), "is not within 1 and the quantity")
    _refuse("demands.bundle", d.bundle < NO_BUNDLE, "is negative")


def _check_supplies(problem: AllocationProblem) -> None:
    s, columns = problem.supplies, problem.loads.amount.shape[1]
    _unique("supplies.id", s.id)
    for name in ("offered", "total", "reserve"):
        grid = getattr(s, name)
        if grid.shape != (len(s), columns):
            raise ProblemError(f"supplies.{name}", None, f"has shape {grid.shape} instead of {(len(s), columns)}")
        _within(f"supplies.{name}", grid, 0, LARGEST)
    if len(s.opening) != len(s):
        raise ProblemError("supplies.opening", None, "has another length than supplies.id")
    _within("supplies.opening", s.opening, 0, MOST_VALUE)
    _check_assets(problem)
    claims: list[NDArray[Any]] = [s.claim_listing, s.claim_column, s.claim_start, s.claim_end, s.claim_amount]
    if len({len(c) for c in claims}) > 1:
        raise ProblemError("supplies.claim_listing", None, "the claim columns differ in length")
    _within("supplies.claim_listing", s.claim_listing, 0, len(s) - 1)
    _within("supplies.claim_column", s.claim_column, 0, columns - 1)
    _within("supplies.claim_amount", s.claim_amount, 0, LARGEST)
    _refuse("supplies.claim_end", s.claim_end <= s.claim_start, "is not after the start")


def _check_assets(problem: AllocationProblem) -> None:
    """Listings of one asset say the same of it."""
    s = problem.supplies
    if len(s.asset) != len(s):
        raise ProblemError("supplies.asset", None, "has another length than supplies.id")
    _within("supplies.asset", s.asset, ALONE, 2**31)
    _, first, group = np.unique(s.asset, return_index=True, return_inverse=True)
    tied = s.asset != ALONE
    for name in ("total", "reserve"):
        grid = getattr(s, name)
        _refuse(f"supplies.{name}", tied & (grid != grid[first][group]).any(axis=1), "differs from another listing of the asset")


def _check_options(problem: AllocationProblem) -> None:
    o, loads = problem.options, problem.loads
    _same_length("options", o)
    if not len(loads.start) == len(loads.end) == len(loads.amount):
        raise ProblemError("loads.start", None, "the columns differ in length")
    _refuse("loads.end", loads.end <= loads.start, "is not after the start")
    _within("loads.amount", loads.amount, 0, LARGEST)
    _within("options.need", o.need, 0, len(problem.demands) - 1)
    _within("options.listing", o.listing, 0, len(problem.supplies) - 1)
    _within("options.load", o.load, 0, len(loads) - 1)
    _within("options.value", o.value, 0, 10**12)
    _within("options.low", o.low, 1, MOST_UNITS)
    _refuse("options.high", (o.high < o.low) | (o.high > MOST_UNITS), "is below low or too large")


def _check_sides(problem: AllocationProblem) -> None:
    b, x, last = problem.budgets, problem.exclusions, len(problem.options) - 1
    if not len(b.option) == len(b.budget) == len(b.cost):
        raise ProblemError("budgets.option", None, "the columns differ in length")
    _within("budgets.limit", b.limit, 0, 2**53)
    _within("budgets.option", b.option, 0, last)
    _within("budgets.budget", b.budget, 0, len(b.limit) - 1)
    _within("budgets.cost", b.cost, 0, MOST_VALUE)
    if len(b.option):
        _unique("budgets.option", b.option * len(b.limit) + b.budget)
    if not len(x.option) == len(x.group) == len(x.party):
        raise ProblemError("exclusions.option", None, "the columns differ in length")
    _within("exclusions.option", x.option, 0, last)
    for name in ("group", "party"):
        _within(f"exclusions.{name}", getattr(x, name), 0, 2**31)


def _check_sums(problem: AllocationProblem) -> None:
    """What any answer is worth, takes and costs stays below 2^53, so that integers and floats agree on it; and the points of all
    options together stay in 64 bits."""
    o, d = problem.options, problem.demands
    if not len(o):
        return
    units = np.minimum(o.high, d.quantity[o.need]).astype(np.float64)
    points = o.value.astype(np.float64) * d.weight[o.need]
    most = np.zeros(len(d))
    np.maximum.at(most, o.need, points)  # a need takes no more units than it wants, of the best at most
    if (most * d.quantity).sum() + problem.supplies.opening.sum() > MOST_VALUE or (points * units).sum() > MOST_POINTS:
        raise ProblemError(TOO_MUCH, None, "value times weight times quantity adds up to more than 2^53")
    if (problem.loads.amount.max(initial=0, axis=1)[o.load] * units).sum() > MOST_VALUE:
        raise ProblemError("loads.amount", None, "amount times quantity adds up to more than 2^53")
    b = problem.budgets
    if len(b.option) and (b.cost * units[b.option]).sum() > MOST_VALUE:
        raise ProblemError("budgets.cost", None, "cost times quantity adds up to more than 2^53")


def _same_length(name: str, table: Any) -> None:
    first, *others = names_of(table)
    for other in others:
        if len(getattr(table, other)) != len(getattr(table, first)):
            raise ProblemError(f"{name}.{other}", None, f"has another length than {name}.{first}")


def _unique(name: str, ids: Ints) -> None:
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if len(again):
        raise ProblemError(name, int(order[again[0] + 1]), f"{ids[order[again[0]]]} is there twice")


def _within(name: str, column: NDArray[Any], least: int, most: int) -> None:
    _refuse(name, (column < least) | (column > most), f"is not within {least} and {most}")


def _refuse(name: str, bad: NDArray[np.bool_], reason: str) -> None:
    if bad.any():
        raise ProblemError(name, int(np.argwhere(bad)[0][0]), reason)
