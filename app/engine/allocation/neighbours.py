"""Large neighbourhood search: free the needs around one place, solve them against what the others leave, keep what is better.

Shaw (1998). A neighbourhood grows breadth first from a drawn need over the listings that its needs compete for; a bundle joins
whole. Rounds, size and nodes are counted, so that the same seed gives the same answer unless a deadline ends it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.allocation.clock import Clock
from app.engine.allocation.mip import holds, solve_part
from app.engine.allocation.part import NONE, Part, take
from app.engine.problem import Ints


class Search(NamedTuple):
    """How far to search: `rounds` in all, `size` needs at a time, `nodes` of the tree for each."""

    rounds: int
    size: int
    nodes: int


class _Around(NamedTuple):
    """Who shares a row with whom: needs by listing and listings by need, of options that take anything of a row."""

    need_ptr: Ints
    listing: Ints
    listing_ptr: Ints
    need: Ints


def improve(part: Part, taken: Ints, bound: int, search: Search, clock: Clock, rng: np.random.Generator) -> Ints:
    """A better answer, or the same. Ends early when the bound is met."""
    around, taken, value = _around(part), taken.copy(), part.worth(taken)
    order = rng.permutation(len(part.quantity))
    for turn in range(search.rounds):
        if value >= bound or clock.over():
            break
        needs = _grow(part, around, int(order[turn % len(order)]), search.size, rng)
        better = _resolve(part, taken, needs, search.nodes, clock)
        if better is not None and part.worth(better) > value and holds(part, better):
            taken, value = better, part.worth(better)
    return taken


def _resolve(part: Part, taken: Ints, needs: Ints, nodes: int, clock: Clock) -> Ints | None:
    """The answer with these needs solved anew."""
    options = np.concatenate([np.arange(part.ptr[i], part.ptr[i + 1]) for i in needs])
    rest = taken.copy()
    rest[options] = 0
    inner = take(part, needs, part.capacity - part.load(rest))
    inner = _against(part, inner, rest, options)
    found = solve_part(inner, nodes, clock, taken[options])
    if found.taken is None:
        return None
    rest[options] = found.taken
    return rest


def _against(part: Part, inner: Part, rest: Ints, options: Ints) -> Part:
    """What others chose also closes parties and has opened listings."""
    if len(part.opening):
        opened = part.listing[(rest > 0) & (part.place != NONE)]
        already = np.isin(inner.listing, opened) & (inner.place != NONE)
        opening = inner.opening.copy()
        opening[np.unique(inner.place[already])] = 0
        inner = inner._replace(opening=opening)
    if len(part.pair):
        used = np.unique(part.pair[np.repeat(rest > 0, np.diff(part.pair_ptr))])
        held = np.full(int(part.pair_group.max()) + 1, NONE, np.int64)
        held[part.pair_group[used]] = used
        closed = np.zeros(len(part.points), bool)
        of = np.repeat(np.arange(len(part.points)), np.diff(part.pair_ptr))
        holder = held[part.pair_group[part.pair]]
        closed[of[(holder != NONE) & (holder != part.pair)]] = True
        inner = inner._replace(units=np.where(closed[options], 0, inner.units))
    return inner


def _around(part: Part) -> _Around:
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    tied = np.diff(part.entry_ptr) > 0
    tied |= (part.place != NONE) | (np.diff(part.pair_ptr) > 0)
    need, (names, listing) = owner[tied], np.unique(part.listing[tied], return_inverse=True)
    by_listing = np.argsort(listing, kind="stable")
    return _Around(_ptr(need, len(part.quantity)), listing, _ptr(listing, len(names)), need[by_listing])


def _grow(part: Part, around: _Around, seed: int, size: int, rng: np.random.Generator) -> Ints:
    """About `size` needs around one, whole bundles."""
    queue, met, seen = [seed], {seed}, set[int]()
    for i in queue:
        if len(met) >= size:
            break
        listings = around.listing[around.need_ptr[i] : around.need_ptr[i + 1]]
        for where in rng.permutation(listings).tolist():
            if where in seen or len(met) >= size:
                continue
            seen.add(where)
            others = around.need[around.listing_ptr[where] : around.listing_ptr[where + 1]]
            fresh = [j for j in rng.permutation(others)[:size].tolist() if j not in met][: size - len(met)]
            met.update(fresh)
            queue += fresh
    needs = np.array(sorted(met), np.int64)
    bundles = np.unique(part.bundle[needs])
    return np.union1d(needs, np.flatnonzero(np.isin(part.bundle, bundles[bundles != NONE])))


def _ptr(of: Ints, count: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(of, minlength=count)))).astype(np.int64)
