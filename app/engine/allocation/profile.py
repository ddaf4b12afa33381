"""What is free on a listing, day by day: the step function that every capacity rule reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.allocation.problem import Supplies
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
    """Sweep the claims of each listing. O(m D + claims (log claims + D))."""
    m, columns = supplies.offered.shape
    listing = np.concatenate((np.arange(m), supplies.claim_listing, supplies.claim_listing))
    day = np.concatenate((np.full(m, BEGINNING), supplies.claim_start, supplies.claim_end)).astype(np.int64)
    change = np.zeros((len(listing), columns), np.int64)
    count = len(supplies.claim_listing)
    at = np.arange(count)
    change[m + at, supplies.claim_column] = supplies.claim_amount
    change[m + count + at, supplies.claim_column] = -supplies.claim_amount
    order = np.lexsort((day, listing))
    listing, day, used = listing[order], day[order], np.cumsum(change[order], axis=0)  # claims end, so each listing starts from 0
    last = np.ones(len(listing), bool)
    last[:-1] = (listing[1:] != listing[:-1]) | (day[1:] != day[:-1])
    listing, day, used = listing[last], day[last], used[last]
    ptr = np.concatenate(([0], np.cumsum(np.bincount(listing, minlength=m)))).astype(np.int64)
    ceiling = (supplies.total - supplies.reserve)[listing] - used
    free = np.maximum(np.minimum(supplies.offered[listing], ceiling), 0)
    floor = np.minimum.reduceat(free, ptr[:-1], axis=0) if m else np.zeros((0, columns), np.int64)
    return Free(ptr, day.astype(np.int32), free, floor)
