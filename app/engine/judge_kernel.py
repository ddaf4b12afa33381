"""The numba kernel of judging: `judge.judge_arrays` for one pair at a time, the same to the bit. The rules are stated there."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numpy as np

from app.engine.compile import (
    AT_LEAST,
    AT_MOST,
    CAPACITY,
    DEMAND,
    EQUALS,
    FULL,
    NOT_OWN,
    PRICE,
    REACH,
    SUPPLY,
    TEST,
    WEIGHT,
    WINDOW,
)
from app.engine.judge import FULL_CAP
from app.engine.kernel import inlined, jit
from app.engine.left_kernel import left_of

MISSING = np.int64(np.iinfo(np.int64).min)


@inlined
def earned(weight, full_at, base, margin):
    full = min(full_at * base // 1000, FULL_CAP)
    if full <= 0:
        return weight
    return weight * max(0, min(margin, full)) // full


@inlined
def supply_for(facts, row, q, i):
    """`judge.supply_of` for one pair."""
    if row[TEST] != CAPACITY:
        return facts.l_values[i, row[SUPPLY]]
    return left_of(facts.profile, row, i, np.int64(facts.n_start[q]), np.int64(facts.n_end[q]))


@inlined
def compare(facts, row, q, i):
    """(ok, unstated, margin, points) of a criterion that compares a supply with a demand."""
    test, weight = row[TEST], row[WEIGHT]
    demand = facts.n_values[q, row[DEMAND]]
    supply = supply_for(facts, row, q, i)
    asked = demand != MISSING if test == EQUALS else demand > 0
    if not asked:
        margin = np.int64(0)
        if test in (AT_LEAST, CAPACITY) and supply != MISSING:
            margin = supply
        return True, False, margin, weight
    if supply == MISSING:
        return False, True, MISSING, np.int64(0)
    if test in (AT_LEAST, CAPACITY):
        margin = supply - demand
    elif test == AT_MOST:
        margin = demand - supply
    else:
        ok = supply == demand if test == EQUALS else supply > 0
        return ok, False, np.int64(0) if ok else np.int64(-1), weight if ok else np.int64(0)
    if margin < 0:
        return False, False, margin, np.int64(0)
    return True, False, margin, earned(weight, row[FULL], max(demand, 1000), margin)


@inlined
def general(facts, row, q, i, distance):
    """(ok, unstated, margin, points) of a criterion that every kind shares."""
    test, weight = row[TEST], row[WEIGHT]
    if test == REACH:
        radius = facts.n_radius[q]
        margin = radius - distance
        if margin < 0:
            return False, False, margin, np.int64(0)
        return True, False, margin, weight if radius == 0 else weight * margin // radius
    if test == WINDOW:
        start, end = np.int64(facts.n_start[q]), np.int64(facts.n_end[q])
        opens, closes = np.int64(facts.l_start[i]), np.int64(facts.l_end[i])
        if opens <= start and end <= closes:
            margin = (start - opens) + (closes - end)
            return True, False, margin, earned(weight, row[FULL], end - start, margin)
        return False, False, max(min(end, closes) - max(start, opens), 0) - (end - start), np.int64(0)
    if test == PRICE:
        budget, price = facts.n_budget[q], facts.l_price[i]
        if price < 0:
            return True, False, np.int64(0), np.int64(0)
        if budget < 0:
            return True, False, np.int64(0), weight
        if facts.n_currency[q] != facts.l_currency[i]:
            return False, True, MISSING, np.int64(0)
        if price > budget:
            return False, False, budget - price, np.int64(0)
        return True, False, budget - price, earned(weight, row[FULL], max(budget, 1), budget - price)
    if facts.l_owner[i] != facts.n_organisation[q]:
        return True, False, np.int64(0), weight
    return False, False, np.int64(-1), np.int64(0)


@jit
def judge_pairs(facts, need, listing, distance, detail, score, fail, unstated, margins, points):
    for p in range(len(need)):
        q, i = need[p], listing[p]
        kind = facts.n_kind[q]
        total = facts.n_bonus[q]
        failed = np.uint32(0)
        blank = np.uint32(0)
        for position in range(facts.criteria[kind]):
            row = facts.table[kind, position]
            if row[TEST] >= REACH:
                ok, missing, margin, got = general(facts, row, q, i, distance[p])
            else:
                ok, missing, margin, got = compare(facts, row, q, i)
            total += got
            if not ok:
                failed |= np.uint32(1) << np.uint32(position)
            if missing:
                blank |= np.uint32(1) << np.uint32(position)
            if detail:
                margins[p, position] = margin
                points[p, position] = got
        score[p] = total
        fail[p] = failed
        unstated[p] = blank


assert (REACH, WINDOW, PRICE, NOT_OWN) == (5, 6, 7, 8)  # `test >= REACH` splits general from own criteria
