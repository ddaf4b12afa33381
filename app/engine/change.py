"""The smallest change of a need that wins a match.

What may move: the reach, the window, the budget and every movable requirement. What may not: a value that the owner does not
state, another
currency, one's own asset. **Effort** prices a change in parts per million, and adds up:

- reach: metres added / the need's size (its reach; for an area the radius of a circle as large; at least 100 m);
- requirement: |change| / max(what was asked, 1 unit); a choice given up or a feature done without: 1;
- budget: what is added / the budget, each for one; fewer share the whole budget, so that no more is added than they still lack;
- window: days by which start and end move, together / twice the term. The term is kept, and shortened only when the listing is
open for less.
  Moving further, to where a tenant leaves or before the next one comes, is weighed against asking for less.

A requirement stays within its declared limits and whole where it is an integer; the quantity that counts the need stays above 0.

A price above the budget is met by a greater budget, never by a smaller quantity. For given dates each failing criterion has one least
remedy, and only dates at which a claim starts or ends can matter, so trying those is exact. The result is minimal: were any part
superfluous, the change without it would cost less and have been chosen. Over all listings the search goes outward until the reach alone
would cost more than the best change found. Ties: nearer, then lower id, then smaller move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.catalogue.declaration import Test
from app.engine import wording
from app.engine.block import scale_mm
from app.engine.candidates import search
from app.engine.distance import pair_distance_mm
from app.engine.facts import prepare
from app.engine.problem import AREA, MAX_RADIUS_MM, Ints, Needs, Problem
from app.engine.remedy import Remedies, best_remedy, remedies
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ChangePart:
    """One thing to move. `criterion`: the name of the criterion it mends; `requirement`: the requirement that moves, if it is
    one. Values as in
    the columns (mm, thousandths, minor units; for the window the first days)."""

    criterion: str
    requirement: str | None
    before: int
    after: int
    effort_ppm: int
    sentence: Text


@dataclass(frozen=True, slots=True)
class Change:
    """The whole change that makes `need` match `listing` (indices). `values`: column of `Needs.values` → new value."""

    need: int
    listing: int
    distance_mm: int
    effort_ppm: int
    radius_mm: int
    budget_minor: int
    start: int
    end: int
    values: tuple[int, ...]
    parts: tuple[ChangePart, ...]
    sentence: Text


def smallest_change(problem: Problem, need: int, listing: int | None = None) -> Change | None:
    """The least change for one listing, or over all listings of the kind; None when nothing that may move would do. A pair that
    already matches needs no parts."""
    if listing is not None:
        if problem.needs.kind[need] != problem.listings.kind[listing]:
            return None
        distance = np.array([pair_distance_mm(problem, need, listing)], np.int64)
        return _change(problem, need, remedies(problem, need, np.array([listing], np.int64), distance))
    best, seen, size = None, np.zeros(len(problem.listings), bool), int(scale_mm(problem, np.array([need]))[0])
    reach = int(problem.needs.radius_mm[need])
    within = min(max(2 * reach, reach + size), MAX_RADIUS_MM)
    while True:
        limits = np.zeros(len(problem.needs), np.int64)
        limits[need] = within
        _, near, distance = search(problem, prepare(problem), np.array([need], np.int64), limits)
        fresh = ~seen[near]
        seen[near] = True
        found = _change(problem, need, remedies(problem, need, near[fresh], distance[fresh]))
        best = min(
            (x for x in (best, found) if x is not None), key=lambda x: (x.effort_ppm, x.distance_mm, x.listing), default=None
        )
        if within == MAX_RADIUS_MM or (best is not None and best.effort_ppm <= -(-(within - reach) * 1_000_000 // size)):
            return best
        within = min(2 * within, MAX_RADIUS_MM)


def apply_change(problem: Problem, need: int, change: Change) -> Problem:
    """The problem with that need changed."""
    return problem.with_needs(
        changed_needs(
            problem.needs,
            need,
            change.radius_mm,
            change.budget_minor,
            change.start,
            change.end,
            np.array(change.values, np.int64),
        )
    )


def changed_needs(needs: Needs, row: int, radius_mm: int, budget_minor: int, start: int, end: int, values: Ints) -> Needs:
    """The needs with one row replaced."""
    columns = {"radius_mm": radius_mm, "budget_minor": budget_minor, "start": start, "end": end, "values": values}
    fresh = {}
    for name, value in columns.items():
        fresh[name] = getattr(needs, name).copy()
        fresh[name][row] = value
    return replace(needs, **fresh)


def _change(problem: Problem, need: int, found: Remedies) -> Change | None:
    at = best_remedy(found)
    if at is None:
        return None
    parts = (*_general_parts(problem, need, found, at), *_requirement_parts(problem, need, found, at))
    return Change(
        need,
        int(found.listing[at]),
        int(found.distance[at]),
        int(found.effort[at]),
        int(found.radius[at]),
        int(found.budget[at]),
        int(found.start[at]),
        int(found.end[at]),
        tuple(found.values[at].tolist()),
        parts,
        wording.joined([p.sentence for p in parts]) if parts else Text("", ""),
    )


def _general_parts(problem: Problem, need: int, found: Remedies, at: int) -> list[ChangePart]:
    """The parts that every kind has: reach, window, budget."""
    needs, parts = problem.needs, []
    criteria = {c.test: c for c in problem.kinds[int(needs.kind[need])].all_criteria}
    before = {
        Test.REACH: int(needs.radius_mm[need]),
        Test.WINDOW: int(needs.start[need]),
        Test.PRICE: int(needs.budget_minor[need]),
    }
    after = {Test.REACH: int(found.radius[at]), Test.WINDOW: int(found.start[at]), Test.PRICE: int(found.budget[at])}
    cost = {Test.REACH: found.reach_effort, Test.WINDOW: found.window_effort, Test.PRICE: found.budget_effort}
    area = needs.place.form[need] == AREA
    said = {
        Test.REACH: wording.metres(wording.toward(after[Test.REACH], up=True)),
        Test.WINDOW: wording.period(int(found.start[at]), int(found.end[at])),
    }
    if cost[Test.PRICE][at]:
        said[Test.PRICE] = wording.money(after[Test.PRICE], int(needs.currency[need]))
    for test in (Test.REACH, Test.WINDOW, Test.PRICE):
        if effort := int(cost[test][at]):
            spoken = wording.WIDEN_AREA if test is Test.REACH and area else criteria[test].change or wording.ACCEPT
            sentence = wording.fill(spoken, value=said[test], label=criteria[test].label)
            parts.append(ChangePart(criteria[test].name, None, before[test], after[test], effort, sentence))
    return parts


def _requirement_parts(problem: Problem, need: int, found: Remedies, at: int) -> list[ChangePart]:
    kind_code = int(problem.needs.kind[need])
    kind, parts = problem.kinds[kind_code], []
    for column, name in enumerate(problem.tables.demand_names[kind_code]):
        before, after = int(problem.needs.values[need, column]), int(found.values[at, column])
        if before == after:
            continue
        criterion = next(c for c in kind.criteria if c.demand == name)
        given_up = after == 0 or criterion.test is Test.PROVIDES
        spoken = wording.DROP if given_up else criterion.change or wording.ACCEPT
        sentence = wording.fill(
            spoken, value=wording.amount(kind, criterion, wording.toward(after, up=after > before)), label=criterion.label
        )
        parts.append(ChangePart(criterion.name, name, before, after, int(found.value_effort[at, column]), sentence))
    return parts
