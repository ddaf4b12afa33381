"""The longest part of a need's window in which a capacity that falls short would do: a hint, when the whole window will not.

A capacity that does in a window does in every part of it, so two ends that only move forward find the longest: O(claims) looks.
"""

from __future__ import annotations

import numpy as np

from app.engine import compile as c
from app.engine.capacity import Profile, free_in_window
from app.engine.facts import Facts
from app.engine.problem import MISSING, Ints


def longest_spell(facts: Facts, row: Ints, need: int, listing: int) -> tuple[int, int] | None:
    """`[start, end)` inside the windows of both in which the listing has what criterion `row` (a CAPACITY) asks of it; the
    earliest of the longest; None when there is none, or the capacity is not stated."""
    opens = max(int(facts.n_start[need]), int(facts.l_start[listing]))
    closes = min(int(facts.n_end[need]), int(facts.l_end[listing]))
    demand = int(facts.n_values[need, row[c.DEMAND]])
    if opens >= closes:
        return None
    days = _turns(facts.profile, row, listing, opens, closes)

    def does(first: int, last: int) -> bool:
        supply = _supply(facts.profile, row, listing, days[first], days[last])
        return supply != MISSING and supply >= demand

    best, last = (0, 0), 0
    for first in range(len(days) - 1):
        last = max(last, first)
        while last < len(days) - 1 and does(first, last + 1):
            last += 1
        if days[last] - days[first] > best[1] - best[0]:
            best = (days[first], days[last])
    return best if best[1] > best[0] else None


def _turns(profile: Profile, row: Ints, listing: int, opens: int, closes: int) -> list[int]:
    """The days on which what is free may change, the ends of the window among them."""
    cell = listing * profile.offered.shape[1] + int(row[c.SUPPLY])
    step, slot = slice(*profile.step_ptr[cell : cell + 2]), slice(*profile.slot_ptr[cell : cell + 2])
    days = np.concatenate((profile.step_day[step], profile.slot_start[slot], profile.slot_end[slot]))
    inside = days[(days > opens) & (days < closes)].tolist()
    return sorted({opens, closes, *inside})


def _supply(profile: Profile, row: Ints, listing: int, start: int, end: int) -> int:
    """`judge.supply_of` in a window of its own."""
    given = (np.array([value], np.int64) for value in (listing, start, end))
    at, begin, finish = given
    free = int(free_in_window(profile, at, int(row[c.SUPPLY]), begin, finish, bool(row[c.SLOTS]), bool(row[c.CONTIGUOUS]))[0])
    unit = 1000 if row[c.SLOTS] else 1
    return MISSING if free == MISSING else free // unit // int(row[c.PER]) * unit
