"""Does an allocation keep every rule? Asked of the problem itself, day by day, apart from everything that solved it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.engine.allocation.problem import ALONE, NO_BUNDLE, AllocationProblem, Supplies
from app.engine.problem import Ints


def broken_rule(problem: AllocationProblem, option: Ints, quantity: Ints) -> str | None:
    """The first rule that `quantity` units of `option` break, in words; None when all are kept. O(k D log k)."""
    o, d = problem.options, problem.demands
    if len(np.unique(option)) < len(option):
        return "an option is taken twice"
    if ((quantity < o.low[option]) | (quantity > o.high[option])).any():
        return "a quantity is outside its option's range"
    got = np.zeros(len(d), np.int64)
    np.add.at(got, o.need[option], quantity)
    if ((got > 0) & ((got < d.least) | (got > d.quantity))).any():
        return "a need gets less than its least or more than its quantity"
    bundled = np.flatnonzero(d.bundle != NO_BUNDLE)
    names, bundle = np.unique(d.bundle[bundled], return_inverse=True)
    served, members = (np.bincount(bundle, w, len(names)) for w in (got[bundled] > 0, None))
    if ((served > 0) & (served < members)).any():
        return "a bundle is served in part"
    return _sides(problem, option, quantity) or _overbooked(problem, option, quantity)


def value_of(problem: AllocationProblem, option: Ints, quantity: Ints) -> int:
    """Points of an allocation."""
    opened = np.unique(problem.options.listing[option])
    return int((problem.points[option] * quantity).sum() - problem.supplies.opening[opened].sum())


def _sides(problem: AllocationProblem, option: Ints, quantity: Ints) -> str | None:
    b, x = problem.budgets, problem.exclusions
    units = np.zeros(len(problem.options), np.int64)
    units[option] = quantity
    spent = np.zeros(len(b.limit), np.int64)
    np.add.at(spent, b.budget, b.cost * units[b.option])
    if (spent > b.limit).any():
        return "a budget is overspent"
    taken = units[x.option] > 0
    parties = np.unique(np.stack((x.group[taken], x.party[taken])), axis=1)
    if len(np.unique(parties[0])) < parties.shape[1]:
        return "two parties share what is exclusive"
    return None


def _overbooked(problem: AllocationProblem, option: Ints, quantity: Ints) -> str | None:
    s = problem.supplies
    listing = problem.options.listing[option]
    if not _fits(problem, s, listing, option, quantity):
        return "a listing is overbooked"
    shared = s.asset[listing] != ALONE
    if not shared.any():
        return None
    _, first, place = np.unique(s.asset, return_index=True, return_inverse=True)
    whole = replace(s, offered=s.total)  # of an asset: everything there is, at its first listing
    if not _fits(problem, whole, first[place[listing[shared]]], option[shared], quantity[shared]):
        return "the listings of an asset together are overbooked"
    return None


def _fits(problem: AllocationProblem, s: Supplies, listing: Ints, option: Ints, quantity: Ints) -> bool:
    """Events of claims and of the allocation, listing by listing; on each day the sum is compared with what is free."""
    loads, load = problem.loads, problem.options.load[option]
    for c in range(loads.amount.shape[1]):
        mine = loads.amount[load, c] > 0
        takes, claim = loads.amount[load[mine], c] * quantity[mine], s.claim_column == c
        where = np.concatenate((listing[mine], listing[mine], s.claim_listing[claim], s.claim_listing[claim]))
        day = np.concatenate((loads.start[load[mine]], loads.end[load[mine]], s.claim_start[claim], s.claim_end[claim]))
        none = np.zeros(int(claim.sum()), np.int64)
        amount = s.claim_amount[claim]
        ours = np.concatenate((takes, -takes, none, none))
        others = np.concatenate((0 * takes, 0 * takes, amount, -amount))
        order = np.argsort(where << 33 | day.astype(np.int64) + (1 << 32))  # of one day in any order: its sum is what counts
        where, day, ours, others = where[order], day[order], np.cumsum(ours[order]), np.cumsum(others[order])
        last = np.ones(len(where), bool)
        last[:-1] = (where[1:] != where[:-1]) | (day[1:] != day[:-1])
        where, ours, others = where[last], ours[last], others[last]
        free = np.minimum(s.offered[where, c], s.total[where, c] - s.reserve[where, c] - others)
        if (ours > np.maximum(free, 0)).any():
            return False
    return True
