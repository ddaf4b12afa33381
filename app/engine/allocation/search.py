"""One part of a problem, whose options compete with those of no other: an answer and a bound, both better with every method.

Prices give both at once; then a local search, places where they cost something, the bound by listings, HiGHS, and neighbourhoods for
what is too large for it or stays open. Each keeps the best answer and the best bound that any method gave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.engine.allocation.anneal import annealed
from app.engine.allocation.blocks import (
    Blocks,
    Bounded,
    Charged,
    blocks_of,
    bound_by_blocks,
    divisible_by_blocks,
    excluded,
    start,
)
from app.engine.allocation.chains import Rows, chained, rows_of
from app.engine.allocation.clock import Clock
from app.engine.allocation.dives import Found, dived
from app.engine.allocation.every_pack import by_every_pack
from app.engine.allocation.exchanges import exchanged
from app.engine.allocation.lagrange import Floats, Priced, price
from app.engine.allocation.mip import NO_NODES_LIMIT, Known, Solved, holds, solve_part
from app.engine.allocation.neighbours import Search, improve
from app.engine.allocation.packs import Master, by_packs
from app.engine.allocation.part import Part, with_options
from app.engine.allocation.place_tree import Tree, fit_for_packs
from app.engine.allocation.places import QUICK, Places, Settled, answered, known_of, located, places_of, settled, within
from app.engine.allocation.result import (
    ANNEAL,
    CHAINS,
    EXCHANGES,
    LAGRANGE,
    MIP,
    NEIGHBOURS,
    PACKS,
    TRIVIAL,
    AllocationParams,
)
from app.engine.problem import Ints

LISTINGS_SHARE, OPENING_SHARE = 0.4, 0.15  # of the time for the bound by listings; HiGHS is at home with opening costs
PLACES_SHARE, LOCATE_SHARE = 0.8, 0.1  # of the time, for places that cost something; of that, to find which ones
AMONG_SHARE = 0.75  # of what is then left, for HiGHS where rooms hold many needs, before their sets of places
SETS_SHARE = 0.9  # of the time for places where rooms hold few needs, before anything else is tried
NEEDS_A_ROW = 25  # at most, on average: packs of more are not told apart by descents, but chains find them
EXCHANGE_SHARE, EXCHANGE_MANY, DIVE_SHARE, CHAINS_SHARE = 0.5, 0.9, 0.6, 0.75
LOOK_SHARE = 0.1  # of the time for HiGHS on the whole, to see whether it will end
# Where rows hold few needs, or many: how far apart answer and bound may lie then, and for how much of what is left. A tree over what is
# farther apart does not end; but where many fit in a row it finds what exchanges begin with.
FEW, MANY = (0.0005, 0.6), (0.002, 0.35)
ASSIGN_SHARE = 0.6  # of the time for HiGHS on the assignment to places that are settled
TURNS = 2  # of the search after the bound by listings: a better answer leaves fewer options


@dataclass
class Best:
    """The best answer and bound of one part so far."""

    part: Part
    taken: Ints
    value: int
    bound: int
    prices: Floats
    method: int = TRIVIAL

    @property
    def proven(self) -> bool:
        return self.value >= self.bound

    def answer(self, taken: Ints, method: int) -> None:
        """Keep an answer when it is better."""
        value = self.part.worth(taken)
        if value > self.value:
            self.taken, self.value, self.method = taken, value, method

    def no_more_than(self, bound: int | None) -> None:
        if bound is not None:
            self.bound = max(self.value, min(self.bound, bound))


def first_answer(part: Part, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> Best:
    """A bound and an answer in little time."""
    priced = price(part, 1 if clock.over() else params.quick_steps, clock)
    best = Best(part, priced.taken, priced.value, priced.bound, priced.prices, LAGRANGE)
    search_around(best, params.moves // 5, params.chains // 64, clock, rng)
    return best


def search_around(best: Best, moves: int, tries: int, clock: Clock, rng: np.random.Generator) -> None:
    """The local search, where it can be made: chains of `tries` per need where options take of one row each, else annealing."""
    if best.proven or not best.part.simple or clock.over():
        return
    rows = rows_of(best.part)
    if rows is None:
        best.answer(annealed(best.part, best.taken, best.prices, moves * len(best.part.quantity), clock, rng), ANNEAL)
    else:
        best.answer(chained(best.part, rows, best.taken, best.prices, tries, clock, rng), CHAINS)


def deepen(best: Best, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    """The bound and the answers by listings where they can be made; then HiGHS where what is left is small enough for it, and
    neighbourhoods for what stays open. What is large and tied by more than rows gets a better bound from prices."""
    if rows_of(best.part) is not None:
        _better_prices(best, params, clock.share(0.1))
    search_around(best, params.moves, params.chains // 4, clock.share(0.1), rng)
    if len(best.part.opening):
        _by_places(best, params, clock.share(PLACES_SHARE), rng)
    if best.proven or clock.over():
        return
    blocks = blocks_of(best.part) if divisible_by_blocks(best.part) else None
    if blocks is None:
        _bound_by_prices(best, params, clock)
        _search_whole(best, params, clock, rng)
        return
    charged, packs = _by_listings(best, blocks, params, clock.share(OPENING_SHARE if len(best.part.opening) else LISTINGS_SHARE))
    rows = rows_of(best.part)
    small = rows is not None and len(best.part.quantity) <= NEEDS_A_ROW * len(np.unique(rows.row))
    if rows is not None:
        _by_tree(best, params, clock, *(FEW if small else MANY))
        _exchange(best, rows, params, clock.share(EXCHANGE_SHARE if small else EXCHANGE_MANY), rng)
        if small:
            _dive(best, rows, charged, packs, params, clock.share(DIVE_SHARE), rng)
    search_around(best, 0, params.chains, clock.share(0.5 if small else CHAINS_SHARE), rng)
    for _ in range(TURNS):
        if best.proven or clock.over():
            return
        _search_rest(best, blocks, charged, params, clock, rng)


def _by_places(best: Best, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    """Where places cost something to open: which ones, and then the assignment to them, or HiGHS where that is not settled."""
    part, places = best.part, places_of(best.part)
    if best.proven or clock.over() or places is None:
        return
    few = fit_for_packs(places)
    if few:
        _by_sets(best, places, params, clock.share(SETS_SHARE), rng)
        if best.proven or clock.over():
            return
    taken, found = located(part, places, best.taken, params.block_steps, params.chains // 40, clock.share(LOCATE_SHARE), rng)
    if holds(part, taken):
        best.answer(taken, CHAINS)
    best.no_more_than(found.bound)
    if best.proven or clock.over():
        return
    if (found.state >= 0).all():
        _assign(best, places, found, params, clock, rng)
        return
    _among_places(best, places, found, params, clock if few else clock.share(AMONG_SHARE))
    if not few and not best.proven and not clock.over():
        _by_sets(best, places, params, clock, rng)


def _by_sets(best: Best, places: Places, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    """The sets of places by their bounds, and the best assignments to them. What it bounds serves every need; whether a better answer
    does is known by the answer that is found."""
    if not (places.least > 0).all():
        return
    tree = Tree(places, best.value, lambda open_: answered(best.part, places, open_, QUICK, clock, rng))
    tree.search(params.mip_nodes, clock)
    if tree.taken is not None and holds(best.part, tree.taken):
        best.answer(tree.taken, PACKS)
    found = settled(places, tree.pay, best.value)
    best.no_more_than(max(tree.bound, best.value) if found.must.all() else found.bound)


def _assign(best: Best, places: Places, found: Settled, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    """Every better answer opens these places and no other: an assignment to them is left."""
    part, open_ = best.part, found.state == 1
    inner, options = within(part, places, open_, found.able)
    spent = int(places.opening[open_].sum())
    rest = Best(inner, np.zeros(len(options), np.int64), 0, best.bound + spent, np.zeros(len(inner.capacity)))
    if part.worth(best.taken) + spent == int(inner.points[best.taken[options] > 0].sum()):
        rest.answer(best.taken[options], best.method)
    search_around(rest, params.moves // 5, params.chains // 64, clock, rng)
    known = Known(found.must, np.zeros(0, bool), inner.opening, 0)
    _take_over(rest, solve_part(inner, 10 * params.mip_nodes, clock.share(ASSIGN_SHARE), rest.taken, known=known))
    if not rest.proven and not clock.over():
        deepen(rest, params, clock, rng)
    best.answer(_spread(part, options, rest.taken), rest.method)
    best.no_more_than(rest.bound - spent)


def _among_places(best: Best, places: Places, found: Settled, params: AllocationParams, clock: Clock) -> None:
    """HiGHS on the pairs that a better answer may have, told what is settled of them."""
    part = best.part
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    options = np.flatnonzero(found.able[owner, places.place] | (best.taken > 0))
    inner = with_options(part, options)
    if inner.size + len(options) > params.mip_entries:
        return
    solved = solve_part(inner, params.mip_nodes * 10, clock, best.taken[options], known=known_of(part, places, found))
    if solved.taken is not None:
        best.answer(_spread(part, options, solved.taken), MIP)
    best.no_more_than(solved.bound)


def _spread(part: Part, options: Ints, taken: Ints) -> Ints:
    """What is taken of some options, by all options of the part."""
    whole = np.zeros(len(part.points), np.int64)
    whole[options] = taken
    return whole


def _by_tree(best: Best, params: AllocationParams, clock: Clock, close: float, most: float) -> None:
    """HiGHS on all of it, where there is a time to end at: a look, and the most of what is left where answer and bound lie close."""
    part = best.part
    if not math.isfinite(clock.left()) or part.size + len(part.points) > params.mip_entries:
        return
    for share in (LOOK_SHARE, most):
        far = best.bound - best.value > close * abs(best.bound)
        if best.proven or clock.over() or (far and share == most):
            return
        _take_over(best, solve_part(part, NO_NODES_LIMIT, clock.share(share), best.taken))


def _exchange(best: Best, rows: Rows, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    """Long exchanges, where options take of one row each."""
    if best.proven or clock.over():
        return
    found = exchanged(best.part, rows, best.taken, best.prices, params.exchanges, clock, rng)
    if holds(best.part, found):
        best.answer(found, EXCHANGES)


def _take_over(best: Best, solved: Solved) -> None:
    if solved.taken is not None:
        best.answer(solved.taken, MIP)
    best.no_more_than(best.value if solved.proven else solved.bound)


def _dive(
    best: Best, rows: Rows, charged: Charged, packs: list[Ints], params: AllocationParams, clock: Clock, rng: np.random.Generator
) -> None:
    """Descents over packs, where options take of one row each and rows hold few needs."""
    if best.proven or clock.over():
        return
    found = Found(best.taken, best.bound, charged.pay / charged.scale, packs)
    better = dived(best.part, rows, found, params.draws, params.draw_nodes, clock, rng)
    if holds(best.part, better):
        best.answer(better, PACKS)


def _by_listings(best: Best, blocks: Blocks, params: AllocationParams, clock: Clock) -> tuple[Charged, list[Ints]]:
    """Both, in turns that each need what the one before found; and the packs met."""
    part, master = best.part, Master(best.part, blocks)
    everything = np.ones(len(blocks.ptr) - 1, bool)
    first = start(part, blocks, best.prices, best.value, best.taken)
    found = bound_by_blocks(
        part,
        blocks,
        first,
        params.block_steps,
        params.block_nodes,
        clock.share(0.5),
        lambda chosen: master.add(chosen, everything),
    )
    _learn(best, found)
    if not best.proven and not clock.over():
        found = by_packs(part, blocks, found, master, params.pack_rounds, params.block_nodes, clock.share(0.5))
        _learn(best, found)
    if not best.proven and not clock.over():
        chosen = master.choose(best.taken, params.neighbourhood_nodes, clock.share(0.5))
        if chosen is not None and holds(part, chosen):
            best.answer(chosen, PACKS)
    return found.charged, master.packs


def _learn(best: Best, found: Bounded) -> None:
    if holds(best.part, found.taken):
        best.answer(found.taken, PACKS)
    best.no_more_than(found.bound)


def _search_rest(
    best: Best, blocks: Blocks, charged: Charged, params: AllocationParams, clock: Clock, rng: np.random.Generator
) -> None:
    """Without the options that no better answer has: every pack, or else HiGHS and neighbourhoods."""
    part = best.part
    known = Bounded(best.bound, best.taken, best.value, charged)
    _learn(best, by_every_pack(part, blocks, known, params.most_packs, params.mip_nodes, clock.share(0.5)))
    if best.proven or clock.over():
        return
    left = ~excluded(part, blocks, charged, best.value, params.block_nodes // 10)
    left[best.taken > 0] = True
    options = np.flatnonzero(left)
    inner = Best(with_options(part, options), best.taken[options], best.value, best.bound, best.prices, best.method)
    _search_whole(inner, params, clock, rng)
    best.answer(_spread(part, options, inner.taken), inner.method)
    best.no_more_than(inner.bound)  # what was left out is in no better answer


def _bound_by_prices(best: Best, params: AllocationParams, clock: Clock) -> None:
    """A better bound for what is too large for HiGHS."""
    part = best.part
    if best.proven or part.size + len(part.points) <= params.mip_entries:
        return
    _better_prices(best, params, clock.share(0.5))


def _better_prices(best: Best, params: AllocationParams, clock: Clock) -> None:
    """What rows cost, closer to what bounds best, from what they cost so far."""
    priced = price(best.part, params.price_steps, clock, Priced(best.bound, best.taken, best.value, best.prices))
    best.answer(priced.taken, LAGRANGE)
    best.no_more_than(priced.bound)
    best.prices = priced.prices


def _search_whole(best: Best, params: AllocationParams, clock: Clock, rng: np.random.Generator) -> None:
    part = best.part
    if best.proven:
        return
    if part.size + len(part.points) <= params.mip_entries:
        _take_over(best, solve_part(part, params.mip_nodes, clock.share(0.6), best.taken))
    if not best.proven and len(part.quantity) > 1:
        search = Search(params.rounds, params.neighbourhood, params.neighbourhood_nodes)
        better = improve(part, best.taken, best.bound, search, clock.share(0.7), rng)
        if holds(part, better):
            best.answer(better, NEIGHBOURS)
