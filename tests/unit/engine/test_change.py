"""The smallest change of a need: it matches, nothing in it is superfluous, and nothing cheaper exists."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.declaration import AssetKind
from app.engine import (
    MISSING,
    Capacity,
    Change,
    Claim,
    ListingRow,
    NeedRow,
    Problem,
    apply_change,
    explain,
    problem_from_rows,
    smallest_change,
)
from app.engine.change import changed_needs
from tests.unit.engine.oracle import THING, supply_of, verdict
from tests.unit.engine.scenes import scene

SEEDS = st.integers(0, 2**32 - 1)
LIMITED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ppm(amount: int, base: int) -> int:
    return -(-amount * 1_000_000 // base)


def cheapest(listing: ListingRow, need: NeedRow, distance_mm: int) -> int | None:
    """Every start day, and for each the least value of every requirement, tried one against all others: exhaustive over dates,
    greedy where
    the criteria are independent by definition (one requirement, one criterion)."""
    term = min(need.end - need.start, listing.end - listing.start)
    best = None
    last_claim = 115  # past it every day is alike
    for start in range(listing.start, min(listing.end - term, max(need.start, last_claim)) + 1):
        moved = replace(need, start=start, end=start + term)
        cost = effort_at(listing, moved, distance_mm)
        if cost is not None:
            cost += ppm(abs(start - need.start) + abs(start + term - need.end), 2 * (need.end - need.start))
            best = cost if best is None else min(best, cost)
    return best


def effort_at(listing: ListingRow, need: NeedRow, distance_mm: int) -> int | None:
    total = 0
    for criterion in THING.all_criteria:
        need = spent_on_fewer(THING, need, listing, distance_mm) if criterion.name == "price" else need
        now = verdict(THING, criterion, listing, need, distance_mm)
        if now.passed:
            continue
        if now.unstated:
            return None  # only the owner can mend that
        options = [
            effort
            for effort, changed in options_of(criterion, listing, need, distance_mm)
            if verdict(THING, criterion, listing, changed, distance_mm).passed
        ]
        if not options:
            return None
        total += min(options)
    return total


def spent_on_fewer(kind: AssetKind, need: NeedRow, listing: ListingRow, distance_mm: int) -> NeedRow:
    """The need with what each may cost where the whole budget goes to as many as the listing has."""
    counted = next(c for c in kind.all_criteria if c.demand == kind.quantity)
    asked, has = need.values.get(kind.quantity), supply_of(kind, counted, listing, need)
    if verdict(kind, counted, listing, need, distance_mm).passed or need.budget_minor < 0 or not asked or not has:
        return need
    return replace(need, budget_minor=need.budget_minor * int(str(asked)) // (has // 1000))


def options_of(criterion: Any, listing: ListingRow, need: NeedRow, distance_mm: int) -> list[tuple[int, NeedRow]]:
    """(effort, need) of ways to mend one criterion; for requirements every value on a grain of 0.1 (or 1), and what the listing
    has."""
    if criterion.name == "reach":
        size = max(round(need.radius_m * 1000), 100_000)
        return [(ppm(distance_mm - round(need.radius_m * 1000), size), replace(need, radius_m=distance_mm / 1000))]
    if criterion.name == "price":
        return [
            (
                ppm(listing.price_minor - need.budget_minor, max(1, need.budget_minor)),
                replace(need, budget_minor=listing.price_minor),
            )
        ]
    if criterion.demand is None or not criterion.movable:
        return []
    name, asked = criterion.demand, need.values[criterion.demand]
    if name == "colour":
        return [(1_000_000, replace(need, values={**need.values, name: c})) for c in ("red", "blue")]
    if name == "guarded":
        return [(1_000_000, replace(need, values={**need.values, name: False}))]
    field, whole = THING.requirement(name), THING.requirement(name).type == "integer"
    least = max(field.minimum or 0, 1 if name == THING.quantity else 0)
    most = field.maximum if field.maximum is not None else 100
    supply = supply_of(THING, criterion, listing, need)
    grid = [v for v in (range(60) if whole or name == "load_kg" else [i / 10 for i in range(600)]) if least <= v <= most]
    if name == "loss_db":
        grid = [v for v in grid if v > asked]  # at most 0 would mean: not asked for
    if supply is not None and not whole and least <= supply / 1000 <= most:
        grid.append(supply / 1000)
    base = max(round(asked * 1000), 1000)
    return [(ppm(abs(round(v * 1000) - round(asked * 1000)), base), replace(need, values={**need.values, name: v})) for v in grid]


@given(SEEDS)
@LIMITED
def test_no_cheaper_change_exists(backend: str, seed: int) -> None:
    listings, needs = scene(seed, 3, 2)
    problem = problem_from_rows((THING,), listings, needs)
    by_id = {r.id: r for r in (*listings, *needs)}
    for need, listing in product(range(2), range(3)):
        rows = by_id[int(problem.listings.id[listing])], by_id[int(problem.needs.id[need])]
        change = smallest_change(problem, need, listing)
        expected = cheapest(*rows, explain(problem, need, listing).distance_mm)
        assert (None if change is None else change.effort_ppm) == expected
        if change is not None:
            check_minimal(problem, need, listing, change)


def check_minimal(problem: Problem, need: int, listing: int, change: Change) -> None:
    """Applied it matches; with any one part left out, or a little less of it, it does not."""
    assert explain(apply_change(problem, need, change), need, listing).matches
    assert sum(p.effort_ppm for p in change.parts) == change.effort_ppm
    assert bool(change.parts) == (not explain(problem, need, listing).matches)
    for part in change.parts:
        assert part.sentence.en
        assert not explain(without(problem, need, change, part.criterion, part.requirement), need, listing).matches, part


def without(problem: Problem, need: int, change: Change, criterion: str, requirement: str | None) -> Problem:
    needs, values = problem.needs, np.array(change.values)
    radius, budget, start, end = change.radius_mm, change.budget_minor, change.start, change.end
    if requirement is not None:
        column = problem.tables.demand_names[0].index(requirement)
        values[column] = needs.values[need, column]
    elif criterion == "reach":
        radius = int(needs.radius_mm[need])
    elif criterion == "price":
        counted = problem.tables.demand_names[0].index(problem.kinds[0].quantity)
        fewer = 0 < values[counted] < needs.values[need, counted]
        budget = (
            int(needs.budget_minor[need])
            * (int(needs.values[need, counted]) if fewer else 1)
            // (values[counted] if fewer else 1)
        )
    else:
        start, end = int(needs.start[need]), int(needs.end[need])
    return problem.with_needs(changed_needs(needs, need, radius, budget, start, end, values))


@given(SEEDS)
@LIMITED
def test_outward_search_finds_the_best_of_all(backend: str, seed: int) -> None:
    problem = problem_from_rows((THING,), *scene(seed, 15, 2, spread_m=60_000))
    for need in range(2):
        each = [c for listing in range(15) if (c := smallest_change(problem, need, listing)) is not None]
        best = min(each, key=lambda c: (c.effort_ppm, c.distance_mm, c.listing), default=None)
        assert smallest_change(problem, need) == best


def test_waiting_for_a_tenant_to_leave_beats_asking_for_less() -> None:
    place = shapely.Point(0, 0)
    listing = ListingRow(
        1, "thing", 1, place, end=5000, capacity={"load_kg": Capacity(100_000, 100_000, (Claim(1, 120, amount_milli=80_000),))}
    )
    need = NeedRow(2, "thing", 2, place, 500, start=100, end=1100, values={"load_kg": 90})
    change = smallest_change(problem_from_rows((THING,), [listing], [need]), 0, 0)
    assert change is not None
    assert (change.start, change.end, [p.criterion for p in change.parts]) == (120, 1120, ["window"])
    assert change.sentence.en == "Ask for the period 30 Apr 1 to 24 Jan 4."


def test_fewer_share_the_whole_budget() -> None:
    """Three at 20 each are 60 for two: what costs 30 needs no more money, what costs 35 needs 70."""
    place, two = shapely.Point(0, 0), {"core": Capacity(4000, 4000)}
    listings = [ListingRow(i, "thing", 1, place, price, "NZD", capacity=two) for i, price in enumerate((30, 35))]
    need = NeedRow(9, "thing", 2, place, 500, budget_minor=20, currency="NZD", values={"pairs": 3})
    problem = problem_from_rows((THING,), listings, [need])
    found = [change for listing in range(2) if (change := smallest_change(problem, 0, listing))]
    assert [[(p.criterion, p.after, p.effort_ppm) for p in change.parts] for change in found] == [
        [("pairs", 2000, 333_334)],
        [("price", 35, 166_667), ("pairs", 2000, 333_334)],
    ]
    assert [change.budget_minor for change in found] == [30, 35]


@pytest.mark.parametrize("values", [{"height_m": 30.0}, {"fill_pct": 10.0}])
def test_nothing_moves_what_is_not_stated_or_not_movable(values: dict[str, object]) -> None:
    place = shapely.Point(0, 0)
    full = {"fill_pct": Capacity(5000, 100_000)}
    problem = problem_from_rows(
        (THING,), [ListingRow(1, "thing", 1, place, capacity=full)], [NeedRow(2, "thing", 2, place, 500, values=values)]
    )
    assert smallest_change(problem, 0, 0) is None
    assert smallest_change(problem, 0) is None
    assert MISSING in problem.listings.values
