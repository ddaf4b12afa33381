"""From rows to an allocation: the matches that a scenario allows, and what each takes of whom. Owns no rule of matching.

Places count in thousandths like every amount; a need is one unit with all that it asks, or, where needs may be divided, as many as
it wants with an even share each. Hidden listings stand where everybody may know them to stand, as in the
matches. Points of serving a need whole: `SERVED` and the score of the match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import Organisation, subtree_ids
from app.catalogue.profiles import get_profile
from app.engine import MISSING, Params, Problem, ProblemError, Stop, solve
from app.engine import compile as compiled
from app.engine.allocation import (
    ALONE,
    NO_BUNDLE,
    TOO_MUCH,
    AllocationProblem,
    Budgets,
    Demands,
    Exclusions,
    Loads,
    Options,
    Slots,
    Supplies,
    build_allocation,
)
from app.engine.compile import currency_code
from app.kernel.errors import declare, fail
from app.listings import Listing
from app.matching.allocating.scenario import FIRST, Scenario
from app.matching.fairness import times
from app.matching.source import OPEN_NEEDS, Scope, load_problem
from app.needs import Need, NeedsBudget

SERVED = 100_000  # points of a need served at all; the score, in milli-points, adds as many at most, and policy as many again
PLACE = 1000
MOST_PAIRS = 20_000_000  # about 4 GB while it is solved
Ints = NDArray[np.int64]
declare(
    "allocation_weights",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "So many needs cannot be added up exactly with weights as large as these. Give smaller weights in the same proportions, which "
    "answers the same, or let fewer needs come first.",
    "权重过大，如此多的需求无法精确求和。请按相同比例减小权重（结果不变），或减少优先满足的需求。",
)
declare(
    "allocation_pairs",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    f"There are more than {MOST_PAIRS:,} matches. Allocate one needs list at a time.",
    f"匹配超过 {MOST_PAIRS:,} 条。请每次只分配一份需求清单。",
)


@dataclass(frozen=True)
class Market:
    """A problem of matching, and the allocation of it: rows of `allocation.demands` and `.supplies` are those of `problem`.
    `wanted` and `unit`: per need what it asks for, and how much of it one unit of the allocation is. `pair_*`: per option.
    `scale`: what all weights have in common, taken out of the allocation: its values count so many times.
    `party`: per need who would be the one user of what is exclusive."""

    problem: Problem
    allocation: AllocationProblem
    slots: Slots
    wanted: Ints
    unit: Ints
    scale: int
    party: Ints
    pair_score: Ints
    pair_distance_mm: Ints


class _Facts(NamedTuple):
    """Per need and listing, in the order of the problem, what matching does not ask."""

    bundle: Ints
    wanted: Ints
    weight: Ints
    organisation: Ints
    owner: Ints
    asset: Ints
    needs_list: Ints
    divisible: NDArray[np.bool_]
    exclusivity: Sequence[str]


class _Limit(NamedTuple):
    """What some needs may cost a year, in one currency."""

    needs: NDArray[np.bool_]
    limit_minor: int
    currency: str


class _Pairs(NamedTuple):
    need: Ints
    listing: Ints
    score: Ints
    distance_mm: Ints


def needs_in(session: Session, needs_list_id: int | None) -> list[int]:
    """The open needs of a list (or all), with the open needs of other lists that they are bundled with."""
    statement = select(Need.id).where(Need.status.in_(OPEN_NEEDS), Need.quantity_outstanding > 0)
    if needs_list_id is None:
        return list(session.scalars(statement.order_by(Need.id)))
    bundles = select(Need.bundle_id).where(Need.needs_list_id == needs_list_id, Need.bundle_id.is_not(None))
    mine = (Need.needs_list_id == needs_list_id) | Need.bundle_id.in_(bundles)
    return list(session.scalars(statement.where(mine).order_by(Need.id)))


def load_market(session: Session, needs_list_id: int | None, scenario: Scenario, stop: Stop | None = None) -> Market:
    """The allocation that a scenario asks for, as the database says it now. Raises `Cancelled`."""
    ids = needs_in(session, needs_list_id)
    problem = load_problem(session, Scope(need_ids=ids, disclosed=True))  # requesters are told what they get
    facts = _facts(session, problem, scenario)
    problem = replace(problem, listings=replace(problem.listings, offered=_opened(session, problem, facts, scenario)))
    divided = _divided(problem, facts, scenario)
    asked = _shares(problem, facts.wanted, divided)
    pairs = _matches(asked, stop)
    limits = _limits(session, facts, scenario)
    pairs = _Pairs(*(c[_affordable(problem, limits, pairs)] for c in pairs))
    quantity = np.where(divided, facts.wanted, 1)
    value = np.maximum((SERVED + pairs.score) // quantity[pairs.need], 1)
    loads = Loads(asked.needs.start, asked.needs.end, _amounts(asked))
    options = Options(pairs.need, pairs.listing, pairs.need, value, 0 * value + 1, quantity[pairs.need])
    scale = max(1, int(np.gcd.reduce(facts.weight))) if len(facts.weight) else 1
    demands = Demands(problem.needs.id, facts.weight // scale, quantity, 0 * quantity + 1, facts.bundle)
    supplies, slots = _supplies(session, problem, facts, scenario)
    unit = np.where(divided, 1, facts.wanted)
    sides = _budgets(problem, limits, pairs, unit), _exclusive(problem, facts, scenario, pairs)
    try:
        allocation = build_allocation(demands, supplies, loads, options, *sides)
    except ProblemError as error:
        if error.column == TOO_MUCH:
            raise fail("allocation_weights") from error
        raise
    return Market(problem, allocation, slots, facts.wanted, unit, scale, facts.organisation, pairs.score, pairs.distance_mm)


def _matches(problem: Problem, stop: Stop | None) -> _Pairs:
    """Every pair that passes every criterion."""
    found = solve(problem, Params(top_k=1, listing_top_k=1, near_k=0, keep_pairs=True), stop).pairs
    if found is None:  # nobody asks, or nothing is open
        return _Pairs(*np.empty((4, 0), np.int64))
    fits = found.fail == 0
    if int(fits.sum()) > MOST_PAIRS:
        raise fail("allocation_pairs")
    return _Pairs(*(np.asarray(c[fits], np.int64) for c in (found.need, found.listing, found.score, found.distance_mm)))


def _facts(session: Session, problem: Problem, scenario: Scenario) -> _Facts:
    needs, listings = problem.needs.id.tolist(), problem.listings.id.tolist()
    by_need = _rows(
        session,
        select(
            Need.id,
            Need.bundle_id,
            Need.quantity_outstanding,
            Need.priority,
            Need.organisation_id,
            Need.ref,
            Need.purpose,
            Organisation.profile,
            Need.needs_list_id,
            Need.divisible,
        ).join(Organisation, Organisation.id == Need.organisation_id),
        Need.id,
        needs,
    )
    by_listing = _rows(session, select(Listing.id, Listing.owner_id, Listing.asset_id, Listing.exclusivity), Listing.id, listings)
    named = set(scenario.first)
    first = {o for ref in _organisations(session, named) for o in subtree_ids(session, ref)}
    weight = [
        scenario.weights[row.priority]
        * times(get_profile(row.profile), row.purpose)
        * (FIRST if row.organisation_id in first or row.ref in named else 1)
        for row in (by_need[i] for i in needs)
    ]
    bundles = [by_need[i].bundle_id for i in needs]
    kept = {b: place for place, b in enumerate(sorted({b for b in bundles if b is not None}))}
    return _Facts(
        np.array([NO_BUNDLE if b is None else kept[b] for b in bundles], np.int64),
        np.array([by_need[i].quantity_outstanding for i in needs], np.int64),
        np.array(weight, np.int64),
        np.array([by_need[i].organisation_id for i in needs], np.int64),
        np.array([by_listing[i].owner_id for i in listings], np.int64),
        np.array([by_listing[i].asset_id for i in listings], np.int64),
        np.array([by_need[i].needs_list_id for i in needs], np.int64),
        np.array([by_need[i].divisible for i in needs], bool),
        [by_listing[i].exclusivity for i in listings],
    )


def _rows(session: Session, statement: Any, key: Any, ids: list[int]) -> dict[int, Any]:
    """Rows by id, a few thousand at a time: SQLite takes no longer list."""
    found: dict[int, Any] = {}
    for begin in range(0, len(ids), 5000):
        found |= {row.id: row for row in session.execute(statement.where(key.in_(ids[begin : begin + 5000])))}
    return found


def _organisations(session: Session, refs: set[str]) -> list[int]:
    return list(session.scalars(select(Organisation.id).where(Organisation.ref.in_(refs)))) if refs else []


def _of(session: Session, column: Ints, ref: str) -> NDArray[np.bool_]:
    """The rows of an organisation and those below it."""
    ids = [o for head in _organisations(session, {ref}) for o in subtree_ids(session, head)]
    return np.isin(column, ids)


def _numbered(problem: Problem) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per listing and capacity column: is it numbered places, and only neighbours?"""
    shape = problem.listings.offered.shape
    numbered, contiguous = np.zeros(shape, bool), np.zeros(shape, bool)
    for kind, names in enumerate(problem.tables.capacity_names):
        mine = problem.listings.kind == kind
        for column, flag in enumerate(problem.tables.slots(kind)):
            numbered[mine, column] = flag
            contiguous[mine, column] = flag and problem.kinds[kind].dimension(names[column]).contiguous
    return numbered, contiguous


def _opened(session: Session, problem: Problem, facts: _Facts, scenario: Scenario) -> Ints:
    """What is offered when owners open more or less of it; whole places, in favour of who asks."""
    listings = problem.listings
    offered, (numbered, _) = listings.offered.copy(), _numbered(problem)
    for ref, percent in scenario.opened.items():
        mine = _of(session, facts.owner, ref)[:, None] & (offered != MISSING)
        more = -(-offered * (100 + percent) // 100)
        more = np.where(numbered, -(-more // PLACE) * PLACE, more)
        offered = np.where(mine, np.minimum(more, listings.total), offered)
    return np.asarray(offered)


def _divided(problem: Problem, facts: _Facts, scenario: Scenario) -> NDArray[np.bool_]:
    """Those that say so, or all of them where the scenario divides."""
    return np.asarray((facts.wanted > 1) & (facts.divisible | scenario.divisible))


def _shares(problem: Problem, wanted: Ints, divided: NDArray[np.bool_]) -> Problem:
    """The problem in which a divided need asks for one unit: an even share of everything that is consumed, rounded up."""
    values = problem.needs.values.copy()
    for kind in range(len(problem.kinds)):
        mine = np.flatnonzero(divided & (problem.needs.kind == kind))
        for column in {f[compiled.DEMAND] for f in _capacity_fields(problem, kind)}:
            asked = values[mine, column]
            values[mine, column] = np.where(asked == MISSING, MISSING, -(-asked // wanted[mine]))
    return problem.with_needs(replace(problem.needs, values=values))


def _capacity_fields(problem: Problem, kind: int) -> list[Ints]:
    table = problem.tables.table[kind, : problem.tables.count[kind]]
    return [field for field in table if field[compiled.TEST] == compiled.CAPACITY]


def _amounts(problem: Problem) -> Ints:
    """Per need what a unit of it takes of each capacity column; two conditions on one column ask for the greater."""
    amounts = np.zeros((len(problem.needs), problem.listings.offered.shape[1]), np.int64)
    for kind in range(len(problem.kinds)):
        mine = np.flatnonzero(problem.needs.kind == kind)
        for field in _capacity_fields(problem, kind):
            asked = problem.needs.values[mine, field[compiled.DEMAND]]
            takes = np.where(asked == MISSING, 0, np.maximum(asked, 0)) * field[compiled.PER]
            column = field[compiled.SUPPLY]
            whole = -(-takes // PLACE) * PLACE if field[compiled.SLOTS] else takes
            amounts[mine, column] = np.maximum(amounts[mine, column], whole)
    return amounts


def _supplies(session: Session, problem: Problem, facts: _Facts, scenario: Scenario) -> tuple[Supplies, Slots]:
    listings, (numbered, contiguous) = problem.listings, _numbered(problem)
    offered, total = (np.where(grid == MISSING, 0, np.maximum(grid, 0)) for grid in (listings.offered, listings.total))
    reserve = np.zeros_like(total)
    for ref, percent in scenario.reserve.items():
        kept = -(-total * percent // 100)
        mine = _of(session, facts.owner, ref)[:, None]
        reserve = np.where(mine, np.where(numbered, -(-kept // PLACE) * PLACE, kept), reserve)
    cell = np.repeat(np.arange(offered.size), np.diff(listings.claim_ptr))
    where, column = np.divmod(cell, offered.shape[1])
    slot = listings.claim_slot.astype(np.int64)
    amount = np.where(slot > 0, PLACE, listings.claim_amount)
    _, asset, several = np.unique(facts.asset, return_inverse=True, return_counts=True)
    supplies = Supplies(
        listings.id, offered, total, reserve, np.zeros(len(listings), np.int64), np.where(several[asset] > 1, asset, ALONE),
        where, column, listings.claim_start, listings.claim_end, amount,
    )  # fmt: skip
    return supplies, Slots(numbered, contiguous, slot)


def _limits(session: Session, facts: _Facts, scenario: Scenario) -> list[_Limit]:
    """The scenario's budgets; and what organisations said for a list, where the scenario does not say otherwise of them."""
    limits = [_Limit(_of(session, facts.organisation, ref), limit, scenario.currency) for ref, limit in scenario.budgets.items()]
    told = np.logical_or.reduce([limit.needs for limit in limits]) if limits else np.zeros(len(facts.wanted), bool)
    lists = np.unique(facts.needs_list).tolist()
    rows = session.scalars(
        select(NeedsBudget)
        .where(NeedsBudget.needs_list_id.in_(lists))
        .order_by(NeedsBudget.needs_list_id, NeedsBudget.organisation_id)
    )
    for row in rows:
        mine = (facts.needs_list == row.needs_list_id) & (facts.organisation == row.organisation_id) & ~told
        if mine.any():
            limits.append(_Limit(mine, row.limit_minor, row.currency))
    return limits


def _affordable(problem: Problem, limits: Sequence[_Limit], pairs: _Pairs) -> NDArray[np.bool_]:
    """Pairs whose cost can be counted: who has a budget takes nothing without a price in its currency."""
    ok = np.ones(len(pairs.need), bool)
    price, currency = problem.listings.price_minor[pairs.listing], problem.listings.currency[pairs.listing]
    for limit in limits:
        ok &= ~limit.needs[pairs.need] | ((price >= 0) & (currency == currency_code(limit.currency)))
    return ok


def _budgets(problem: Problem, limits: Sequence[_Limit], pairs: _Pairs, unit: Ints) -> Budgets:
    """What costs more than there is costs one more than there is: sums stay exact however dear a listing is."""
    price = np.maximum(problem.listings.price_minor[pairs.listing], 0) * unit[pairs.need]
    option, budget, cost = [], [], []
    for number, limit in enumerate(limits):
        mine = np.flatnonzero(limit.needs[pairs.need])
        option.append(mine)
        budget.append(np.full(len(mine), number))
        cost.append(np.minimum(price[mine], limit.limit_minor + 1))
    if not option:
        return Budgets.none()
    limit_minor = np.array([limit.limit_minor for limit in limits], np.int64)
    return Budgets(limit_minor, np.concatenate(option), np.concatenate(budget), np.concatenate(cost))


def _exclusive(problem: Problem, facts: _Facts, scenario: Scenario, pairs: _Pairs) -> Exclusions:
    """One organisation for an asset where any of its listings says so (or the scenario), one for a listing where that says so."""
    said = np.array(facts.exclusivity, dtype="U8")
    whole = np.isin(facts.asset, facts.asset[said == "asset"]) | scenario.exclusive
    group = np.unique(facts.asset, return_inverse=True)[1]
    group = np.where(whole, group, len(facts.asset) + np.arange(len(facts.asset)))
    held = (whole | (said == "listing"))[pairs.listing]
    return Exclusions(np.flatnonzero(held), group[pairs.listing[held]], facts.organisation[pairs.need[held]])
