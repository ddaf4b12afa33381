"""The numba kernels of standings: what a listing that comes, goes or changes does to the needs that it reaches, without matching
any of them again.

A standing is a need's best `DEPTH` listings or fewer, exactly those that a full match would rank first, and its counts. `n` of
a need is how many are listed, −1 while nothing is known; where `n` equals `fits`, the list is all that fit.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type"
from __future__ import annotations

import numpy as np

from app.engine.compile import AT_MOST, CAPACITY, DEMAND, EQUALS, FULL, PRICE, PROVIDES, REACH, TEST, WEIGHT, WINDOW
from app.engine.judge import FULL_CAP
from app.engine.kernel import inlined, jit
from app.engine.left_kernel import left_of
from app.engine.packed import CLAIMED, CLOSES, CURRENCY, HEAD, INDEX

MISSING = np.int64(np.iinfo(np.int64).min)


@jit
def strike(standing, q, listing):
    """Take a listing that passed off a need's list, if it is on it."""
    n = standing.n[q]
    at = 0
    while at < n and standing.listing[q, at] != listing:
        at += 1
    if at == n:
        return
    for t in range(at, n - 1):
        standing.listing[q, t] = standing.listing[q, t + 1]
        standing.score[q, t] = standing.score[q, t + 1]
        standing.mm[q, t] = standing.mm[q, t + 1]
    standing.n[q] = n - 1


@jit
def enter(standing, q, listing, score, distance, whole):
    """Put a listing that passes on a need's list, where it belongs. `whole`: the list was all that fit."""
    n, depth = standing.n[q], standing.listing.shape[1]
    at = n
    while at > 0 and (
        standing.score[q, at - 1] < score or (standing.score[q, at - 1] == score and standing.listing[q, at - 1] > listing)
    ):
        at -= 1
    if at == n and (not whole or n == depth):
        return  # somewhere below what is known
    n = min(n + 1, depth)
    for t in range(n - 1, at, -1):
        standing.listing[q, t] = standing.listing[q, t - 1]
        standing.score[q, t] = standing.score[q, t - 1]
        standing.mm[q, t] = standing.mm[q, t - 1]
    standing.listing[q, at], standing.score[q, at], standing.mm[q, at] = listing, score, distance
    standing.n[q] = n


@inlined
def turn(standing, facts, packed, n, hit, far, r, listing, sign):
    """The listing of packed row r, known by its id `listing`, arrives at (+1) or leaves (−1) the first n hits. It is judged as
    `match_kernel.match` judges, from local arrays alone."""
    rows, profile, table, count = packed.rows, facts.profile, facts.table, facts.criteria
    n_kind, n_start, n_end, n_currency, n_values = facts.n_kind, facts.n_start, facts.n_end, facts.n_currency, facts.n_values
    n_radius, n_budget, n_organisation, n_bonus = facts.n_radius, facts.n_budget, facts.n_organisation, facts.n_bonus
    known, in_reach, fits, rejected = standing.n, standing.in_reach, standing.fits, standing.rejected
    claimed, closes, currency = rows[r, CLAIMED], rows[r, CLOSES], rows[r, CURRENCY]
    for p in range(n):
        q = hit[p]
        if known[q] < 0:
            continue
        kind = n_kind[q]
        start, end = np.int64(n_start[q]), np.int64(n_end[q])
        total = np.int64(n_bonus[q])
        failed = np.int64(0)
        for c in range(count[kind]):
            test, weight, supply = table[kind, c, TEST], table[kind, c, WEIGHT], rows[r, HEAD + c]
            margin = np.int64(0)
            full = np.int64(0)
            if test <= PROVIDES:
                demand = n_values[q, table[kind, c, DEMAND]]
                if not (demand != MISSING if test == EQUALS else demand > 0):
                    total += weight
                    continue
                if claimed >> c & 1:
                    supply = left_of(profile, table[kind, c], rows[r, INDEX], start, end)
                if supply == MISSING:
                    margin = np.int64(-1)
                elif test <= CAPACITY:
                    margin = demand - supply if test == AT_MOST else supply - demand
                    full = min(table[kind, c, FULL] * max(demand, 1000) // 1000, FULL_CAP)
                elif not (supply == demand if test == EQUALS else supply > 0):
                    margin = np.int64(-1)
            elif test == REACH:
                full = n_radius[q]
                margin = full - far[p]
            elif test == WINDOW:
                if supply <= start and end <= closes:
                    margin = (start - supply) + (closes - end)
                    full = min(table[kind, c, FULL] * (end - start) // 1000, FULL_CAP)
                else:
                    margin = np.int64(-1)
            elif test == PRICE:
                budget = n_budget[q]
                if supply < 0:
                    continue
                if budget >= 0:
                    margin = budget - supply if currency == n_currency[q] else np.int64(-1)
                    full = min(table[kind, c, FULL] * max(budget, 1) // 1000, FULL_CAP)
            elif supply == n_organisation[q]:
                margin = np.int64(-1)
            if margin < 0:
                failed |= np.int64(1) << c
                rejected[q, c] += sign
            elif margin >= full:
                total += weight
            else:
                total += weight * margin // full
        in_reach[q] += sign
        if failed == 0:
            whole = known[q] == fits[q]
            fits[q] += sign
            if sign < 0:
                strike(standing, q, listing)
            else:
                enter(standing, q, listing, total, far[p], whole)


@jit
def keep(standing, order, found):
    """Remember what a full match, as deep as the lists, found of the needs of `order`."""
    for row in range(len(order)):
        q = order[row]
        standing.n[q], standing.in_reach[q], standing.fits[q] = found.top_n[row], found.in_reach[row], found.feasible[row]
        for t in range(found.top_n[row]):
            standing.listing[q, t] = found.top_listing[row, t]
            standing.score[q, t] = found.top_score[row, t]
            standing.mm[q, t] = found.top_mm[row, t]
        for c in range(standing.rejected.shape[1]):
            standing.rejected[q, c] = found.rejected[row, c]
