"""The longest part of a window in which a capacity would do, against every part of it, day by day."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalogue.declaration import Test as CriterionTest
from app.engine import Capacity, Claim, ListingRow, NeedRow, explain, problem_from_rows
from tests.unit.engine.oracle import THING, supply_of
from tests.unit.engine.scenes import scene


def longest(listing: ListingRow, need: NeedRow, name: str) -> tuple[int, int] | None:
    """Every pair of days tried."""
    criterion = next(c for c in THING.criteria if c.name == name)
    demand = round(float(need.values[str(criterion.demand)]) * 1000)  # type: ignore[arg-type]
    opens, closes = max(need.start, listing.start), min(need.end, listing.end)
    does = [
        (start, end)
        for start, end in combinations(range(opens, closes + 1), 2)
        if (supply_of(THING, criterion, listing, replace(need, start=start, end=end)) or 0) >= demand
    ]
    return max(does, key=lambda spell: (spell[1] - spell[0], -spell[0]), default=None)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_longer_part_would_do(seed: int) -> None:
    listings, needs = scene(seed, 4, 3)
    problem = problem_from_rows((THING,), listings, needs)
    by_id = {row.id: row for row in (*listings, *needs)}
    for need in range(3):
        for listing in range(4):
            offered, asked = by_id[int(problem.listings.id[listing])], by_id[int(problem.needs.id[need])]
            for reason in explain(problem, need, listing).reasons:
                if reason.criterion.test is not CriterionTest.CAPACITY or reason.passed or not reason.stated:
                    assert reason.spell is None
                    continue
                assert reason.spell == longest(offered, asked, reason.criterion.name)  # type: ignore[arg-type]


def test_three_slots_one_after_another_are_not_one() -> None:
    """Each slot is taken for a third of the year: free is always two thirds, and never throughout."""
    claims = (Claim(100, 140, slot=1), Claim(140, 180, slot=2), Claim(180, 230, slot=3))
    place = scene(1)[0][0].place
    listing = ListingRow(1, "thing", 1, place, capacity={"rack": Capacity(3000, 3000, claims)})
    need = NeedRow(2, "thing", 2, place, 100, start=100, end=230, values={"rack": 2})
    [reason] = [r for r in explain(problem_from_rows((THING,), [listing], [need]), 0, 0).reasons if r.criterion.name == "rack"]
    assert (reason.passed, reason.supply, reason.spell) == (False, 0, (180, 230))
    assert reason.sentence.en.endswith("Enough is free 29 Jun 1 to 17 Aug 1.")
    assert reason.sentence.zh.endswith("期间余量足够。")
