"""For one need and many listings: the least remedy at each date worth trying. The rules are stated in `change.py`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine import compile as c
from app.engine.block import scale_mm
from app.engine.capacity import Profile
from app.engine.facts import Facts, prepare, sealed
from app.engine.judge import judge, supply_of
from app.engine.problem import MAX_RADIUS_MM, MISSING, Ints, Problem
from app.kernel.money import MOST_MINOR

PPM = 1_000_000
MOST_TIMES = 10**12  # as often as an effort counts what was there: sums of efforts fit 64 bits


class Remedies(NamedTuple):
    """Row by row: a listing, the dates tried, and what else must move then. `possible`: with all that, it matches."""

    listing: Ints
    distance: Ints
    start: Ints
    end: Ints
    radius: Ints
    budget: Ints
    values: Ints
    reach_effort: Ints
    window_effort: Ints
    budget_effort: Ints
    value_effort: Ints
    effort: Ints
    possible: NDArray[np.bool_]


def best_remedy(found: Remedies) -> int | None:
    """The least effort; ties by distance, listing, move, date."""
    at = np.flatnonzero(found.possible)
    if not len(at):
        return None
    keys = (found.start, found.window_effort, found.listing, found.distance, found.effort)
    return int(at[np.lexsort([k[at] for k in keys])[0]])


def remedies(problem: Problem, need: int, listings: Ints, distance: Ints) -> Remedies:
    """Every row worth trying for one need. O((listings + claims) × criteria)."""
    facts, kind = prepare(problem).facts, int(problem.needs.kind[need])
    row, start, end = _dates(facts, kind, need, listings)
    listing, far = listings[row], distance[row]
    asked = _repeated(facts, need, start, end)
    rows = np.arange(len(row))
    judged = judge(asked, rows, listing, far, detail=True)
    size = int(scale_mm(problem, np.array([need]))[0])
    radius = np.maximum(asked.n_radius, far)
    values, blocked = _requirements(problem, asked, kind, listing, judged.fail, judged.unstated)
    left = _budget_each(problem, kind, asked, values)
    budget = np.where((facts.l_price[listing] > left) & (left >= 0), facts.l_price[listing], left)
    term = int(facts.n_end[need]) - int(facts.n_start[need])
    moved = np.abs(start - int(facts.n_start[need])) + np.abs(end - int(facts.n_end[need]))
    reach_effort, window_effort = _ppm(radius - asked.n_radius, size), _ppm(moved, 2 * term)
    budget_effort = _ppm(budget - left, np.maximum(left, 1))
    value_effort = _value_effort(problem, kind, asked.n_values, values)
    changed = sealed(asked._replace(n_radius=radius, n_budget=budget, n_values=values))
    possible = ~blocked & (radius <= MAX_RADIUS_MM) & (judge(changed, rows, listing, far).fail == 0)
    return Remedies(
        listing,
        far,
        start,
        end,
        radius,
        budget,
        values,
        reach_effort,
        window_effort,
        budget_effort,
        value_effort,
        reach_effort + window_effort + budget_effort + value_effort.sum(axis=1),
        possible,
    )


def _ppm(amount: Ints, base: Ints | int) -> Ints:
    """amount / base in parts per million, rounded up, so that no change is free; by the remainder, which times a million fits."""
    of = np.asarray(base, np.uint64)
    whole, rest = np.divmod(np.asarray(amount, np.uint64), of)
    return np.asarray(np.minimum(whole, MOST_TIMES) * PPM + (rest * PPM + of - 1) // of, np.int64)


def _repeated(facts: Facts, need: int, start: Ints, end: Ints) -> Facts:
    """The need as many times as there are dates to try."""
    n = len(start)
    same: dict[str, Any] = {
        name: np.repeat(getattr(facts, name)[need : need + 1], n, axis=0) for name in Facts._fields if name.startswith("n_")
    }
    same |= {"n_start": start.astype(np.int32), "n_end": end.astype(np.int32)}
    return sealed(facts._replace(**same))


def _dates(facts: Facts, kind: int, need: int, listings: Ints) -> tuple[Ints, Ints, Ints]:
    """(position in `listings`, start, end): the least move that fits the listing's window, and, where the capacity is then
    short, each
    move that ends a conflict with a claim."""
    start, end = int(facts.n_start[need]), int(facts.n_end[need])
    opens, closes = facts.l_start[listings].astype(np.int64), facts.l_end[listings].astype(np.int64)
    term = np.minimum(end - start, closes - opens)
    fitted = np.clip(start, opens, closes - term)
    rows, starts = [np.arange(len(listings))], [fitted]
    for row in _short(facts, kind, need, listings, fitted, fitted + term):
        tried = _turns(facts, kind, int(listings[row]), int(term[row]))
        tried = np.unique(np.clip(tried, opens[row], closes[row] - term[row]))
        tried = tried[tried != fitted[row]]
        rows.append(np.full(len(tried), row))
        starts.append(tried)
    row, first = np.concatenate(rows), np.concatenate(starts)
    return row, first, first + term[row]


def _short(facts: Facts, kind: int, need: int, listings: Ints, start: Ints, end: Ints) -> Ints:
    """Listings with claims whose capacity falls short at these dates."""
    asked, rows = _repeated(facts, need, start, end), np.arange(len(listings))
    short = np.zeros(len(listings), bool)
    for row in facts.table[kind, : facts.criteria[kind]]:
        if row[c.TEST] == c.CAPACITY:
            supply = supply_of(asked, row, rows, listings)
            short |= (supply != MISSING) & (asked.n_values[:, row[c.DEMAND]] > supply)
    wide = facts.profile.offered.shape[1]
    claimed = np.zeros(len(listings), bool)
    for column in range(wide):
        cell = listings * wide + column
        for ptr in (facts.profile.step_ptr, facts.profile.slot_ptr):
            claimed |= ptr[cell + 1] > ptr[cell]
    return np.flatnonzero(short & claimed)


def _turns(facts: Facts, kind: int, listing: int, term: int) -> Ints:
    """Starts at which some claim has just ended, or just not begun before the end."""
    profile: Profile = facts.profile
    wide, days = profile.offered.shape[1], []
    for row in facts.table[kind, : facts.criteria[kind]]:
        if row[c.TEST] == c.CAPACITY:
            cell = listing * wide + int(row[c.SUPPLY])
            step, slot = slice(*profile.step_ptr[cell : cell + 2]), slice(*profile.slot_ptr[cell : cell + 2])
            days += [profile.step_day[step], profile.slot_start[slot], profile.slot_end[slot]]
    day = np.concatenate(days).astype(np.int64)
    return np.concatenate((day, day - term))


def _budget_each(problem: Problem, kind: int, asked: Facts, values: Ints) -> Ints:
    """The budget for one, when the budget of all is spent on the quantity of `values`: fewer may each cost more."""
    budget, names = asked.n_budget, problem.tables.demand_names[kind]
    if problem.kinds[kind].quantity not in names:
        return budget
    column = names.index(problem.kinds[kind].quantity)
    before, after = asked.n_values[:, column], values[:, column]
    fewer = np.flatnonzero((budget > 0) & (after > 0) & (after < before))
    each = budget.copy()
    for row in fewer.tolist():  # in whole numbers of any size
        each[row] = min(int(budget[row]) * int(before[row]) // int(after[row]), MOST_MINOR)
    return each


def _requirements(
    problem: Problem,
    asked: Facts,
    kind: int,
    listing: Ints,
    fail: NDArray[np.uint32],
    unstated: NDArray[np.uint32],
) -> tuple[Ints, NDArray[np.bool_]]:
    """New requirement values, and the rows that nothing can mend."""
    values, rows = asked.n_values.copy(), np.arange(len(listing))
    blocked = unstated != 0
    declared = problem.kinds[kind]
    for position, row in enumerate(asked.table[kind, : asked.criteria[kind]]):
        failed = (fail >> np.uint32(position)) & np.uint32(1) == 1
        if row[c.MOVABLE] == 0:
            blocked |= failed
        elif row[c.DEMAND] >= 0 and failed.any():
            column, supply = int(row[c.DEMAND]), supply_of(asked, row, rows, listing)
            target, outside = _target(
                problem, declared.requirement(problem.tables.demand_names[kind][column]).name, kind, int(row[c.TEST]), supply
            )
            if row[c.TEST] in (c.AT_LEAST, c.CAPACITY):
                target = np.minimum(values[:, column], target)
            elif row[c.TEST] == c.AT_MOST:
                target = np.maximum(values[:, column], target)
            values[:, column] = np.where(failed & (supply != MISSING), target, values[:, column])
            blocked |= failed & outside
    return values, blocked


def _target(problem: Problem, name: str, kind: int, test: int, supply: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """The requirement that this supply just meets, and where the declaration forbids it."""
    field = problem.kinds[kind].requirement(name)
    whole = 1000 if field.type == "integer" else 1
    if test == c.PROVIDES:
        return np.zeros_like(supply), np.zeros(len(supply), bool)
    if test == c.EQUALS:
        return supply, np.zeros(len(supply), bool)
    target = -(-supply // whole) * whole if test == c.AT_MOST else supply // whole * whole
    least = 0 if field.minimum is None else -(-round(field.minimum * 1000) // 1)
    if name == problem.kinds[kind].quantity:
        least = max(least, whole)
    most = np.iinfo(np.int64).max if field.maximum is None else round(field.maximum * 1000)
    return target, (target < least) | (target > most)


def _value_effort(problem: Problem, kind: int, before: Ints, after: Ints) -> Ints:
    """Effort by requirement column; a choice or a feature given up costs 1."""
    effort = np.zeros_like(before)
    whole_step = {
        int(r[c.DEMAND]) for r in problem.tables.table[kind, : problem.tables.count[kind]] if r[c.TEST] in (c.EQUALS, c.PROVIDES)
    }
    for column in range(before.shape[1]):
        moved = before[:, column] != after[:, column]
        if column in whole_step:
            effort[moved, column] = PPM
        elif moved.any():
            was, now = before[moved, column], after[moved, column]
            effort[moved, column] = _ppm(np.abs(now - was), np.maximum(was, 1000))
    return effort
