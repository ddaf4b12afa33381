"""Every criterion of a pair: margin, verdict, points. Integer throughout, so that the order of two scores is never a rounding.

A term earns `weight × margin / (full_at × max(demand, 1 unit))`, clipped to 0..weight and rounded down to a milli-point. Reach
earns
`weight × (reach − distance) / reach`, and all of it where the reach is 0 (containment in an area). What a need does not ask for
(no value; or
0 or less, except for EQUALS) passes and earns all. A price on request passes any budget and earns nothing; without a budget any
stated price
earns all. A failed criterion earns nothing. A supply that is not stated fails what asks for it, and a price in another currency
fails too: both are
marked `unstated`, their margin is MISSING.

Margins: thousandths of the need's unit (REACH mm, PRICE minor units, WINDOW days: spare days on both sides, or minus the days
of the
need that are not covered; EQUALS, PROVIDES, NOT_OWN: 0 or −1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine import compile as c
from app.engine.backend import use_kernels
from app.engine.capacity import free_in_window
from app.engine.facts import Facts
from app.engine.problem import MISSING, Ints

FULL_CAP = 10**13  # keeps weight × margin inside 64 bits


class Judged(NamedTuple):
    """Of m pairs. `margin` and `points` are [m, C], or [0, C] when not asked for."""

    score: NDArray[np.int32]
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]
    margin: Ints
    points: Ints


def judge(facts: Facts, need: Ints, listing: Ints, distance: Ints, detail: bool = False) -> Judged:
    """Judge pairs (need[p], listing[p]) that lie distance[p] mm apart. O(pairs × criteria)."""
    if use_kernels():
        from app.engine.judge_kernel import judge_pairs

        made = _empty(len(need), facts.table.shape[1], detail)
        judge_pairs(facts, need, listing, distance, detail, *made)
        return made
    return judge_arrays(facts, need, listing, distance, detail)


def _empty(m: int, criteria: int, detail: bool) -> Judged:
    rows = m if detail else 0
    return Judged(
        np.zeros(m, np.int32),
        np.zeros(m, np.uint32),
        np.zeros(m, np.uint32),
        np.zeros((rows, criteria), np.int64),
        np.zeros((rows, criteria), np.int64),
    )


class Terms(NamedTuple):
    """One criterion over many pairs."""

    ok: NDArray[np.bool_]
    unstated: NDArray[np.bool_]
    margin: Ints
    points: Ints


def judge_arrays(facts: Facts, need: Ints, listing: Ints, distance: Ints, detail: bool = False) -> Judged:
    """The numpy twin of `judge_kernel.judge_pairs`."""
    out = _empty(len(need), facts.table.shape[1], detail)
    for kind in np.unique(facts.n_kind[need]):
        at = np.flatnonzero(facts.n_kind[need] == kind)
        out.score[at] = facts.n_bonus[need[at]]
        for position in range(facts.criteria[kind]):
            terms = _criterion(facts, facts.table[kind, position], need[at], listing[at], distance[at])
            out.score[at] += terms.points.astype(np.int32)
            out.fail[at] |= (~terms.ok).astype(np.uint32) << np.uint32(position)
            out.unstated[at] |= terms.unstated.astype(np.uint32) << np.uint32(position)
            if detail:
                out.margin[at, position] = terms.margin
                out.points[at, position] = terms.points
    return out


def _criterion(facts: Facts, row: Ints, need: Ints, listing: Ints, distance: Ints) -> Terms:
    test, weight = int(row[c.TEST]), int(row[c.WEIGHT])
    if test == c.REACH:
        return _reach(facts.n_radius[need], distance, weight)
    if test == c.WINDOW:
        return _window(facts, need, listing, row)
    if test == c.PRICE:
        return _price(facts, need, listing, row)
    if test == c.NOT_OWN:
        ok = facts.l_owner[listing] != facts.n_organisation[need]
        return Terms(ok, np.zeros_like(ok), np.where(ok, 0, -1), np.where(ok, weight, 0))
    return _comparison(facts, row, need, listing)


def _reach(radius: Ints, distance: Ints, weight: int) -> Terms:
    margin = radius - distance
    ok = margin >= 0
    return Terms(
        ok,
        np.zeros_like(ok),
        margin,
        np.where(ok, np.where(radius == 0, weight, weight * np.maximum(margin, 0) // np.maximum(radius, 1)), 0),
    )


def _earned(weight: int, full_at: int, base: Ints, margin: Ints, ok: NDArray[np.bool_]) -> Ints:
    full = np.minimum(full_at * base // 1000, FULL_CAP)
    part = weight * np.clip(margin, 0, np.maximum(full, 1)) // np.maximum(full, 1)
    return np.where(ok, np.where(full <= 0, weight, part), 0)


def _window(facts: Facts, need: Ints, listing: Ints, row: Ints) -> Terms:
    start, end = facts.n_start[need].astype(np.int64), facts.n_end[need].astype(np.int64)
    opens, closes = facts.l_start[listing].astype(np.int64), facts.l_end[listing].astype(np.int64)
    ok = (opens <= start) & (end <= closes)
    covered = np.maximum(np.minimum(end, closes) - np.maximum(start, opens), 0)
    margin = np.where(ok, (start - opens) + (closes - end), covered - (end - start))
    return Terms(ok, np.zeros_like(ok), margin, _earned(int(row[c.WEIGHT]), int(row[c.FULL]), end - start, margin, ok))


def _price(facts: Facts, need: Ints, listing: Ints, row: Ints) -> Terms:
    budget, price, weight = facts.n_budget[need], facts.l_price[listing], int(row[c.WEIGHT])
    compared = (budget >= 0) & (price >= 0)
    unstated = compared & (facts.n_currency[need] != facts.l_currency[listing])
    margin = np.where(unstated, MISSING, np.where(compared, budget - price, 0))
    ok = ~unstated & (margin >= 0)
    points = _earned(weight, int(row[c.FULL]), np.maximum(budget, 1), margin, ok)
    return Terms(ok, unstated, margin, np.where(price < 0, 0, np.where(budget < 0, weight, points)))


def supply_of(facts: Facts, row: Ints, need: Ints, listing: Ints) -> Ints:
    """What the listing has of one criterion, in the need's unit; MISSING where not stated."""
    if row[c.TEST] != c.CAPACITY:
        return np.asarray(facts.l_values[listing, row[c.SUPPLY]])
    start, end = facts.n_start[need].astype(np.int64), facts.n_end[need].astype(np.int64)
    free = free_in_window(facts.profile, listing, int(row[c.SUPPLY]), start, end, bool(row[c.SLOTS]), bool(row[c.CONTIGUOUS]))
    unit = 1000 if row[c.SLOTS] else 1
    return np.where(free == MISSING, MISSING, free // unit // row[c.PER] * unit)


def _comparison(facts: Facts, row: Ints, need: Ints, listing: Ints) -> Terms:
    test, weight = int(row[c.TEST]), int(row[c.WEIGHT])
    demand, supply = facts.n_values[need, row[c.DEMAND]], supply_of(facts, row, need, listing)
    asked = (demand != MISSING) if test == c.EQUALS else (demand > 0)
    unstated = asked & (supply == MISSING)
    wanted, has = np.where(asked, demand, 0), np.where(supply == MISSING, 0, supply)
    if test in (c.AT_LEAST, c.CAPACITY):
        margin = has - wanted
        ok = ~asked | (margin >= 0)
    elif test == c.AT_MOST:
        margin = np.where(asked, wanted - has, 0)
        ok = margin >= 0
    else:
        ok = ~asked | ((has == wanted) if test == c.EQUALS else (has > 0))
        margin = np.where(ok, 0, -1)
    ok &= ~unstated
    points = _earned(weight, int(row[c.FULL]), np.maximum(wanted, 1000), margin, ok)
    if test in (c.EQUALS, c.PROVIDES):
        points = np.where(ok, weight, 0)
    return Terms(ok, unstated, np.where(unstated, MISSING, margin), np.where(asked, points, weight))
