"""What is free on a listing, day by day: the step function that every capacity rule reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.allocation.problem import ALONE, Supplies
from app.engine.problem import Days, Ints

BEGINNING = -(2**31) + 1


class Free(NamedTuple):
    """CSR over listings: from `day[s]` until the next step `free[s, D]` is free. `floor[m, D]`: the least of all days. Every
    listing has a first step at `BEGINNING`."""

    ptr: Ints
    day: Days
    free: Ints
    floor: Ints


def free_of(supplies: Supplies) -> Free:
    """Sweep the claims of the listings that have any. O(m D + claims (log claims + D))."""
    m, columns = supplies.offered.shape
    always = supplies.total - supplies.reserve
    np.maximum(np.minimum(supplies.offered, always, out=always), 0, out=always)
    if not len(supplies.claim_listing):
        return Free(np.arange(m + 1), np.full(m, BEGINNING, np.int32), always, always)
    claimed, listing, day, free = _steps(supplies)
    count = np.ones(m, np.int64)
    count[claimed] = np.bincount(listing, minlength=m)[claimed]
    ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    every_day, every_free = np.full(ptr[-1], BEGINNING, np.int32), np.empty((ptr[-1], columns), np.int64)
    plain = np.ones(m, bool)
    plain[claimed] = False
    every_free[ptr[:-1][plain]] = always[plain]
    at = np.repeat(~plain, count)
    every_day[at], every_free[at] = day, free
    return Free(ptr, every_day, every_free, np.minimum.reduceat(every_free, ptr[:-1], axis=0))


def asset_of(supplies: Supplies) -> Ints:
    """Per listing the place of its asset among those of which several listings open parts, or -1."""
    if (supplies.asset == ALONE).all():
        return supplies.asset
    names, place, count = np.unique(supplies.asset, return_inverse=True, return_counts=True)
    several = (names != ALONE) & (count > 1)
    return np.where(several[place], (np.cumsum(several) - 1)[place], ALONE).astype(np.int64)


def free_of_assets(supplies: Supplies, asset: Ints) -> Free:
    """What is free of each of those assets, whatever is offered of it: `asset` is the answer of `asset_of`."""
    shared = np.flatnonzero(asset != ALONE)
    first = shared[np.unique(asset[shared], return_index=True)[1]]
    place = np.full(len(supplies), ALONE, np.int64)
    place[first] = np.arange(len(first))
    mine = place[supplies.claim_listing] != ALONE
    one = np.full(len(first), ALONE, np.int64)
    return free_of(
        Supplies(
            first, supplies.total[first], supplies.total[first], supplies.reserve[first], 0 * first, one,
            place[supplies.claim_listing[mine]], supplies.claim_column[mine], supplies.claim_start[mine],
            supplies.claim_end[mine], supplies.claim_amount[mine],
        )
    )  # fmt: skip


def _steps(supplies: Supplies) -> tuple[Ints, Ints, Ints, Ints]:
    """(listings with claims, and by listing and day: listing, day, free)."""
    claimed, count = np.unique(supplies.claim_listing), len(supplies.claim_listing)
    listing = np.concatenate((claimed, supplies.claim_listing, supplies.claim_listing))
    day = np.concatenate((np.full(len(claimed), BEGINNING), supplies.claim_start, supplies.claim_end)).astype(np.int64)
    change = np.zeros((len(listing), supplies.offered.shape[1]), np.int64)
    at = len(claimed) + np.arange(count)
    change[at, supplies.claim_column] = supplies.claim_amount
    change[at + count, supplies.claim_column] = -supplies.claim_amount
    order = np.lexsort((day, listing))
    listing, day, used = listing[order], day[order], np.cumsum(change[order], axis=0)  # claims end, so each listing starts from 0
    last = np.append((listing[1:] != listing[:-1]) | (day[1:] != day[:-1]), True)
    listing, day, used = listing[last], day[last], used[last]
    ceiling = (supplies.total - supplies.reserve)[listing] - used
    return claimed, listing, day, np.maximum(np.minimum(supplies.offered[listing], ceiling), 0)
