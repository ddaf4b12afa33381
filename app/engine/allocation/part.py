"""A `Part`: needs that compete with one another, in the form that every method solves.

Also what a neighbourhood search solves: some needs of a part against what the others leave.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.problem import Ints

NONE = -1


class Part(NamedTuple):
    """Needs, each with the options `ptr[i]:ptr[i + 1]`, best first. Option k takes 0 or `low..units` units of `points` each; each
    unit `entry_amount[e]` of every row in `entry_first[e]:entry_last[e]`, for its entries `entry_ptr[k]:entry_ptr[k + 1]`.
    `place[k]`: the listing whose opening costs `opening` points, or -1. Of the pairs `pair[pair_ptr[k]:pair_ptr[k + 1]]` (group
    and party) at most one of each `pair_group` may be in use. `bundle`: per need, served together; -1 alone. `listing`, `option`,
    `need`: indices in the problem."""

    ptr: Ints
    points: Ints
    units: Ints
    low: Ints
    quantity: Ints
    least: Ints
    bundle: Ints
    entry_ptr: Ints
    entry_first: Ints
    entry_last: Ints
    entry_amount: Ints
    capacity: Ints
    place: Ints
    opening: Ints
    pair_ptr: Ints
    pair: Ints
    pair_group: Ints
    listing: Ints
    option: Ints
    need: Ints

    @property
    def simple(self) -> bool:
        """Indivisible needs that only compete for rows."""
        return bool((self.quantity == 1).all() and (self.bundle == NONE).all() and not len(self.opening) and not len(self.pair))

    @property
    def size(self) -> int:
        """Entries of the rows written out, as a matrix has them."""
        return int((self.entry_last - self.entry_first).sum())

    def most(self) -> int:
        """A bound without any row: every need by its best options."""
        total = 0
        if (self.quantity == 1).all():
            has = self.ptr[1:] > self.ptr[:-1]
            return int(self.points[self.ptr[:-1][has]].sum())
        for i in range(len(self.quantity)):
            left = int(self.quantity[i])
            for k in range(self.ptr[i], self.ptr[i + 1]):
                taken = min(left, int(self.units[k]))
                total, left = total + taken * int(self.points[k]), left - taken
        return total

    def worth(self, taken: Ints) -> int:
        """Points of an answer: units by option."""
        used = np.unique(self.place[(taken > 0) & (self.place != NONE)])
        return int((taken * self.points).sum() - self.opening[used].sum())

    def load(self, taken: Ints) -> Ints:
        """What an answer takes of every row."""
        option = np.repeat(np.arange(len(self.points)), np.diff(self.entry_ptr))
        change = np.zeros(len(self.capacity) + 1, np.int64)
        weight = self.entry_amount * taken[option]
        np.add.at(change, self.entry_first, weight)
        np.add.at(change, self.entry_last, -weight)
        return np.cumsum(change)[:-1]


def take(part: Part, needs: Ints, capacity: Ints) -> Part:
    """Some needs of a part (bundles whole), on the rows that they touch, with `capacity` of the part's rows left to them."""
    ptr, option = _pick(part.ptr, needs)
    entry_ptr, entry = _pick(part.entry_ptr, option)
    first, last = part.entry_first[entry], part.entry_last[entry]
    change = np.zeros(len(part.capacity) + 1, np.int64)
    np.add.at(change, first, 1)
    np.add.at(change, last, -1)
    touched = np.cumsum(change) > 0
    new = np.concatenate(([0], np.cumsum(touched[:-1])))
    places, place = compact(part.place[option])
    pair_ptr, at = _pick(part.pair_ptr, option)
    pairs, pair = compact(part.pair[at])
    return Part(
        ptr, part.points[option], part.units[option], part.low[option], part.quantity[needs], part.least[needs],
        compact(part.bundle[needs])[1], entry_ptr, new[first], new[last], part.entry_amount[entry], capacity[touched[:-1]],
        place, part.opening[places], pair_ptr, pair, compact(part.pair_group[pairs])[1], part.listing[option],
        part.option[option], part.need[needs],
    )  # fmt: skip


def with_options(part: Part, option: Ints) -> Part:
    """The part with some of its options only (ascending); needs, rows and places stay as they are."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    ptr = np.concatenate(([0], np.cumsum(np.bincount(owner[option], minlength=len(part.quantity))))).astype(np.int64)
    entry_ptr, entry = _pick(part.entry_ptr, option)
    pair_ptr, at = _pick(part.pair_ptr, option)
    return part._replace(
        ptr=ptr, points=part.points[option], units=part.units[option], low=part.low[option], entry_ptr=entry_ptr,
        entry_first=part.entry_first[entry], entry_last=part.entry_last[entry], entry_amount=part.entry_amount[entry],
        place=part.place[option], pair_ptr=pair_ptr, pair=part.pair[at], listing=part.listing[option],
        option=part.option[option],
    )  # fmt: skip


def compact(label: Ints) -> tuple[Ints, Ints]:
    """(labels in use, each row's place among them); NONE stays NONE."""
    used, place = np.unique(label, return_inverse=True)
    if len(used) and used[0] == NONE:
        return used[1:], place.astype(np.int64) - 1
    return used, place.astype(np.int64)


def _pick(ptr: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """(pointer, entries) of some rows of a CSR."""
    count = ptr[rows + 1] - ptr[rows]
    fresh = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    return fresh, np.repeat(ptr[rows] - fresh[:-1], count) + np.arange(fresh[-1])
