"""The numba kernel of capacity over time: what a listing with claims has left in a window, as `capacity.free_in_window` says
it."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type"
from __future__ import annotations

import numpy as np

from app.engine.compile import CONTIGUOUS, PER, SLOTS, SUPPLY
from app.engine.kernel import inlined, jit

MISSING = np.int64(np.iinfo(np.int64).min)


@inlined
def peak_of(step_ptr, step_day, step_use, cell, start, end):
    """The highest use inside the window: by bisection to the step it opens in, then step by step."""
    low, final = step_ptr[cell], step_ptr[cell + 1]
    high = final
    while low < high:
        middle = (low + high) >> 1
        if step_day[middle] <= start:
            low = middle + 1
        else:
            high = middle
    peak = np.int64(0)
    for i in range(max(low - 1, step_ptr[cell]), final):
        if step_day[i] >= end:
            break
        peak = max(peak, step_use[i])
    return peak


@inlined
def slots_left(slot_ptr, slot_no, slot_start, slot_end, cell, start, end, slots, contiguous):
    """How many numbered slots nothing touches inside the window; or the longest run of neighbours."""
    busy = np.int64(0)
    last = np.int64(0)
    run = np.int64(0)
    for i in range(slot_ptr[cell], slot_ptr[cell + 1]):
        number = np.int64(slot_no[i])
        if number != last and slot_start[i] < end and slot_end[i] > start:
            busy += 1
            run = max(run, number - last - 1)
            last = number
    return max(run, slots - last) if contiguous else slots - busy


@jit
def left_of(profile, field, listing, start, end):
    """`judge.supply_of` for one listing whose capacity carries claims."""
    wide = profile.offered.shape[1]
    column = field[SUPPLY]
    offered, total = profile.offered[listing, column], profile.total[listing, column]
    cell = listing * wide + column
    if offered == MISSING:
        return MISSING
    if field[SLOTS] == 1:
        left = slots_left(
            profile.slot_ptr,
            profile.slot_no,
            profile.slot_start,
            profile.slot_end,
            cell,
            start,
            end,
            total // 1000,
            field[CONTIGUOUS] == 1,
        )
        return max(min(offered, left * 1000), 0) // 1000 // field[PER] * 1000
    peak = peak_of(profile.step_ptr, profile.step_day, profile.step_use, cell, start, end)
    return max(min(offered, total - peak), 0) // field[PER]
