"""Claims over time, compiled so that a pair can ask what is free in its window.

Quantities become a step function (a step's use holds until the next step); slots keep their claims, by slot. Columns are CSR over
`listing * D + capacity column`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.compile import KindTables
from app.engine.csr import counted
from app.engine.problem import MISSING, Days, Ints, Listings


class Profile(NamedTuple):
    """`offered`, `total`: [n, D] thousandths. `step_*`: use from `step_day` on. `slot_*`: claims by slot, then start."""

    offered: Ints
    total: Ints
    step_ptr: Ints
    step_day: Days
    step_use: Ints
    slot_ptr: Ints
    slot_no: NDArray[np.int32]
    slot_start: Days
    slot_end: Days


def build_profile(listings: Listings, tables: KindTables) -> Profile:
    """O(claims log claims)."""
    n, wide = listings.offered.shape
    numbered = np.zeros((max(1, len(tables.kinds)), wide), bool)
    for k in range(len(tables.kinds)):
        flags = tables.slots(k)
        numbered[k, : len(flags)] = flags
    cell = np.repeat(np.arange(n * wide), np.diff(listings.claim_ptr))
    of_slots = numbered[listings.kind].ravel()[cell] if n else np.zeros(0, bool)
    step_ptr, step_day, step_use = _steps(listings, cell, ~of_slots, n * wide)
    at = np.flatnonzero(of_slots)
    at = at[np.lexsort((listings.claim_start[at], listings.claim_slot[at], cell[at]))]
    return Profile(
        listings.offered,
        listings.total,
        step_ptr,
        step_day,
        step_use,
        counted(cell[at], n * wide),
        listings.claim_slot[at],
        listings.claim_start[at],
        listings.claim_end[at],
    )


def _steps(listings: Listings, cell: Ints, mine: NDArray[np.bool_], cells: int) -> tuple[Ints, Days, Ints]:
    """Running sums of the claims' starts and ends, one step per day on which the use changes."""
    c = np.concatenate((cell[mine], cell[mine]))
    day = np.concatenate((listings.claim_start[mine], listings.claim_end[mine])).astype(np.int32)
    change = np.concatenate((listings.claim_amount[mine], -listings.claim_amount[mine]))
    order = np.lexsort((day, c))
    c, day, use = c[order], day[order], np.cumsum(change[order])  # each cell's changes sum to 0, so the sum restarts by itself
    last = np.ones(len(c), bool)
    last[:-1] = (c[1:] != c[:-1]) | (day[1:] != day[:-1])
    return counted(c[last], cells), day[last], use[last]


def free_in_window(
    profile: Profile,
    listing: Ints,
    column: int,
    start: Ints,
    end: Ints,
    slots: bool,
    contiguous: bool,
) -> Ints:
    """Free thousandths of one capacity column for many (listing, window) pairs; MISSING where the capacity is not stated."""
    cell = listing * profile.offered.shape[1] + column
    offered, total = profile.offered.ravel()[cell], profile.total.ravel()[cell]
    use = _slots_left(profile, cell, start, end, total, contiguous) if slots else total - _peak(profile, cell, start, end)
    return np.where(offered == MISSING, MISSING, np.maximum(np.minimum(offered, use), 0))


def _spread(ptr: Ints, cell: Ints) -> tuple[Ints, Ints]:
    """For many CSR rows: (pair, position) of every entry."""
    count = ptr[cell + 1] - ptr[cell]
    pair = np.repeat(np.arange(len(cell)), count)
    return pair, np.arange(count.sum()) + np.repeat(ptr[cell] - (np.cumsum(count) - count), count)


def _peak(profile: Profile, cell: Ints, start: Ints, end: Ints) -> Ints:
    peak = np.zeros(len(cell), np.int64)
    pair, at = _spread(profile.step_ptr, cell)
    if not len(at):
        return peak
    until = np.full(len(at), np.iinfo(np.int32).max, np.int64)
    until[:-1] = np.where(pair[1:] == pair[:-1], profile.step_day[at[1:]], until[:-1])
    meets = (profile.step_day[at] < end[pair]) & (until > start[pair])
    np.maximum.at(peak, pair[meets], profile.step_use[at[meets]])
    return peak


def _slots_left(profile: Profile, cell: Ints, start: Ints, end: Ints, total: Ints, contiguous: bool) -> Ints:
    slots = np.where(total == MISSING, 0, total // 1000)
    pair, at = _spread(profile.slot_ptr, cell)
    meets = (profile.slot_start[at] < end[pair]) & (profile.slot_end[at] > start[pair])
    pair, number = pair[meets], profile.slot_no[at[meets]].astype(np.int64)
    first = np.ones(len(pair), bool)
    first[1:] = (pair[1:] != pair[:-1]) | (number[1:] != number[:-1])
    pair, number = pair[first], number[first]
    if not contiguous:
        return (slots - np.bincount(pair, minlength=len(cell))) * 1000
    before = np.zeros(len(pair), np.int64)
    before[1:] = np.where(pair[1:] == pair[:-1], number[:-1], 0)
    final = np.zeros(len(cell), np.int64)
    np.maximum.at(final, pair, number)
    run = slots - final
    np.maximum.at(run, pair, number - before - 1)
    return run * 1000
