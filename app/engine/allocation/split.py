"""How a reduced problem falls apart: its rows, and the parts that compete with no other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from app.engine.allocation import rows_kernel
from app.engine.allocation.part import NONE, Part, compact, take
from app.engine.allocation.problem import ALONE, NO_BUNDLE, AllocationProblem
from app.engine.allocation.profile import Free, free_of_assets
from app.engine.allocation.reduce import Reduced
from app.engine.problem import Ints


class Entries(NamedTuple):
    """Option (its place in `Reduced.option`) by row range `first:last`, and what a unit takes of each row."""

    option: Ints
    first: Ints
    last: Ints
    amount: Ints


class Parts(NamedTuple):
    """All parts below one another as one Part, and where each begins: needs `need_cut`, rows `row_cut`."""

    whole: Part
    need_cut: Ints
    row_cut: Ints

    def __len__(self) -> int:
        return len(self.need_cut) - 1

    def part(self, c: int) -> Part:
        return take(self.whole, np.arange(self.need_cut[c], self.need_cut[c + 1]), self.whole.capacity)


def split(problem: AllocationProblem, reduced: Reduced) -> Parts:
    """Rows of what the reduction left, and its connected components. O(k log k)."""
    o, d, supplies = problem.options, problem.demands, problem.supplies
    listing = o.listing[reduced.option]
    rows = _rows(problem, reduced, np.flatnonzero(~reduced.roomy[listing]), listing, reduced.free)
    rows = _with_assets(problem, reduced, *rows)
    capacity, entries = _with_budgets(problem, reduced, *rows)
    need_label, row_label = _components(problem, reduced, entries, len(capacity))
    order = np.lexsort((np.arange(len(reduced.option)), o.need[reduced.option], need_label[o.need[reduced.option]]))
    option = reduced.option[order]
    need, listing = o.need[option], o.listing[option]
    first = np.append(np.ones(min(1, len(need)), bool), need[1:] != need[:-1])
    needs = need[first]
    row_order = np.argsort(row_label, kind="stable")  # rows of a range share a label, so they stay next to one another
    entries = _moved(entries, order, row_order)
    places, place = compact(np.where(supplies.opening[listing] > 0, listing, NONE))
    whole = Part(
        np.append(np.flatnonzero(first), len(need)).astype(np.int64), problem.points[option], reduced.units[order],
        o.low[option], d.quantity[needs], d.least[needs], compact(d.bundle[needs])[1], _ptr(entries.option, len(need)),
        entries.first, entries.last, entries.amount, capacity[row_order], place, supplies.opening[places],
        *_pairs(problem, option), listing, option, needs,
    )  # fmt: skip
    labels, cut = np.unique(need_label[needs], return_index=True)
    row_cut = np.searchsorted(row_label[row_order], labels)
    return Parts(whole, np.append(cut, len(needs)).astype(np.int64), np.append(row_cut, len(capacity)).astype(np.int64))


def _rows(problem: AllocationProblem, reduced: Reduced, contested: Ints, listing: Ints, free: Free) -> tuple[Ints, Entries]:
    """One row per maximal set of the contested options that may run at once, per listing (or asset) and column."""
    loads, load = problem.loads, problem.options.load[reduced.option]
    by_listing = contested[np.argsort(listing[contested], kind="stable")]
    listings, begin = np.unique(listing[by_listing], return_index=True)
    room = int((loads.amount > 0).sum(axis=1)[load[by_listing]].sum())
    steps = int((np.diff(free.ptr)[listings] + 1).sum()) * loads.amount.shape[1]
    capacity, entries = np.empty(2 * room + steps, np.int64), Entries(*np.empty((4, room), np.int64))
    rows, count = rows_kernel.capacity_rows(
        by_listing, listings, np.append(begin, len(by_listing)).astype(np.int64), load, reduced.units, loads.start, loads.end,
        loads.amount, free.ptr, free.day, free.free, free.floor, capacity, *entries,
    )  # fmt: skip
    return capacity[:rows], Entries(*(column[:count] for column in entries))


def _with_assets(problem: AllocationProblem, reduced: Reduced, capacity: Ints, entries: Entries) -> tuple[Ints, Entries]:
    """The rows of assets of which several listings open parts."""
    asset = reduced.asset[problem.options.listing[reduced.option]]
    tied = np.flatnonzero(asset != ALONE)
    if not len(tied):
        return capacity, entries
    more, extra = _rows(problem, reduced, tied, asset, free_of_assets(problem.supplies, reduced.asset))
    below = len(capacity)
    extra = extra._replace(first=extra.first + below, last=extra.last + below)
    return np.concatenate((capacity, more)), Entries(*(np.concatenate(two) for two in zip(entries, extra, strict=True)))


def _with_budgets(problem: AllocationProblem, reduced: Reduced, capacity: Ints, entries: Entries) -> tuple[Ints, Entries]:
    """A row more for each budget that can be overspent."""
    b, place = problem.budgets, np.full(len(problem.options), NONE, np.int64)
    place[reduced.option] = np.arange(len(reduced.option))
    kept = (place[b.option] != NONE) & (b.cost > 0)
    option, budget, cost = place[b.option[kept]], b.budget[kept], b.cost[kept]
    most = np.zeros(len(b.limit), np.int64)
    np.add.at(most, budget, cost * reduced.units[option])
    tight = most > b.limit
    binding = tight[budget]
    row = (len(capacity) - 1 + np.cumsum(tight))[budget[binding]]
    extra = (option[binding], row, row + 1, cost[binding])
    joined = Entries(*(np.concatenate(two) for two in zip(entries, extra, strict=True)))
    return np.concatenate((capacity, b.limit[tight])), joined


def _components(problem: AllocationProblem, reduced: Reduced, entries: Entries, rows: int) -> tuple[Ints, Ints]:
    """A label per need and per row: equal where a chain of shared rows, openings, groups and bundles ties them."""
    o, d, x = problem.options, problem.demands, problem.exclusions
    n, need = len(d), o.need[reduced.option]
    opened = reduced.option[problem.supplies.opening[o.listing[reduced.option]] > 0]
    spans = np.zeros(rows + 1, np.int64)
    np.add.at(spans, entries.first, 1)
    np.add.at(spans, entries.last - 1, -1)
    chained = np.flatnonzero(np.cumsum(spans)[:rows] > 0)  # rows that an option shares with the row after
    bundled = np.flatnonzero(d.bundle != NO_BUNDLE)
    left, right, base = [need[entries.option], n + chained], [n + entries.first, n + chained + 1], n + rows
    ties = ((o.listing[opened], o.need[opened]), (x.group, o.need[x.option]), (d.bundle[bundled], bundled))
    for key, of in ties:
        names, number = np.unique(key, return_inverse=True)
        left, right, base = [*left, of], [*right, base + number], base + len(names)
    i, j = np.concatenate(left), np.concatenate(right)
    graph = coo_matrix((np.ones(len(i), np.int8), (i, j)), shape=(base, base))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    return label[:n], label[n : n + rows]


def _moved(entries: Entries, order: Ints, row_order: Ints) -> Entries:
    """The entries with options and rows in their new order, by option."""
    option, row = _inverse(order)[entries.option], _inverse(row_order)
    first = row[entries.first]
    by_option = np.argsort(option, kind="stable")
    return Entries(*(c[by_option] for c in (option, first, first + entries.last - entries.first, entries.amount)))


def _pairs(problem: AllocationProblem, option: Ints) -> tuple[Ints, Ints, Ints]:
    """(pointer by option, pairs of group and party, group of each pair) of the options left."""
    x = problem.exclusions
    place = np.full(len(problem.options), NONE, np.int64)
    place[option] = np.arange(len(option))
    kept = place[x.option] != NONE
    at, group, party = place[x.option[kept]], x.group[kept], x.party[kept]
    pairs, pair = np.unique(np.stack((group, party)), axis=1, return_inverse=True)
    order = np.lexsort((pair.ravel(), at))
    return _ptr(at, len(option)), pair.ravel()[order].astype(np.int64), compact(pairs[0])[1]


def _inverse(order: Ints) -> Ints:
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return back


def _ptr(of: Ints, count: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(of, minlength=count)))).astype(np.int64)
