"""The columns that judging reads, gathered once per problem, and the derived structures that a solve keeps for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.engine.asked import Asked, asked_of
from app.engine.capacity import Profile, build_profile
from app.engine.grid_columns import Grid
from app.engine.index import Index, Probes, build_index, build_probes
from app.engine.packed import Packed, frozen, pack
from app.engine.parts import Parts, cut
from app.engine.problem import AREA, Days, Ints, Places, Problem

ALONE = 100_000  # so many listings are prepared by one thread


class Facts(NamedTuple):
    """`l_*` by listing, `n_*` by need; `table`, `criteria`: the compiled criteria."""

    l_kind: Ints
    l_price: Ints
    l_currency: NDArray[np.int32]
    l_start: Days
    l_end: Days
    l_owner: Ints
    l_values: Ints
    profile: Profile
    n_kind: Ints
    n_radius: Ints
    n_budget: Ints
    n_currency: NDArray[np.int32]
    n_start: Days
    n_end: Days
    n_organisation: Ints
    n_values: Ints
    n_bonus: Ints
    table: Ints
    criteria: Ints


class Prepared(NamedTuple):
    """`areas`: the listings that are areas."""

    facts: Facts
    listing_parts: Parts
    need_parts: Parts
    listing_index: Index
    probes: Probes
    packed: Packed
    asked: Asked
    areas: Ints


_kept: WeakKeyDictionary[Problem, Prepared] = WeakKeyDictionary()


def prepare(problem: Problem) -> Prepared:
    """The index and columns of a problem, built on first use and kept as long as the problem lives."""
    if (known := _kept.get(problem)) is not None:
        return known
    listing_parts, index = indexed(problem.listings.place, problem.listings.kind, len(problem.kinds))
    if len(problem.listings) > ALONE:
        with ThreadPoolExecutor(2) as pool:
            packing, gathering = pool.submit(pack, problem.listings, problem.tables, index), pool.submit(gather, problem)
            need_parts, asked = _asked(problem)
            facts, packed = gathering.result(), packing.result()
    else:
        facts, packed, (need_parts, asked) = gather(problem), pack(problem.listings, problem.tables, index), _asked(problem)
    probes = sealed(build_probes(need_parts, facts.n_kind))
    areas = np.flatnonzero(problem.listings.place.form == AREA).astype(np.int64)
    made = Prepared(facts, listing_parts, need_parts, sealed(index), probes, sealed(packed), asked, areas)
    _kept[problem] = made
    return made


def _asked(problem: Problem) -> tuple[Parts, Asked]:
    parts = cut(problem.needs.place)
    return parts, sealed(asked_of(problem.needs, parts, problem.tables))


_indexed: WeakKeyDictionary[Places, tuple[Parts, Index]] = WeakKeyDictionary()


def indexed(place: Places, kind: NDArray[np.int16], kinds: int) -> tuple[Parts, Index]:
    """The parts of the listings' places and their index, kept as long as the places live: a loader may have them made while it
    waits for what else it reads."""
    if (known := _indexed.get(place)) is None:
        parts = cut(place)
        known = _indexed[place] = parts, build_index(parts, kind.astype(np.int64), kinds)
    return known


def gather(problem: Problem) -> Facts:
    listings, needs, tables = problem.listings, problem.needs, problem.tables
    return sealed(
        Facts(
            listings.kind.astype(np.int64),
            listings.price_minor,
            listings.currency,
            listings.start,
            listings.end,
            listings.owner,
            listings.values,
            sealed(build_profile(listings, tables)),
            needs.kind.astype(np.int64),
            needs.radius_mm,
            needs.budget_minor,
            needs.currency,
            needs.start,
            needs.end,
            needs.organisation,
            needs.values,
            needs.bonus,
            tables.table,
            tables.count,
        )
    )


Columns = TypeVar("Columns", Facts, Profile, Index, Probes, Packed, Asked, Grid)


def sealed(columns: Columns) -> Columns:
    """The same columns, contiguous and read-only: a kernel is compiled for one type of array, whoever made them."""
    return type(columns)._make(frozen(c) if isinstance(c, np.ndarray) else c for c in columns)
