"""Where matching could break: a hundred thousand candidates on one spot, poles, the antimeridian, nothing at all, what nobody can
satisfy. An exact answer or a clear refusal, never a hang."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from app.engine import Capacity, ListingRow, NeedRow, Params, ProblemError, explain, problem_from_rows, smallest_change, solve
from app.engine.partition import merge, solve_part, split
from app.kernel.money import MOST_MINOR
from tests.unit.engine.oracle import GEOD, THING

PLACE = shapely.Point(0, 0)
MANY = 100_000


def test_one_need_with_a_hundred_thousand_listings_in_reach(backend: str) -> None:
    """Half of them have what is asked; ranked by score, then by id."""
    room, none = {"load_kg": Capacity(9000, 9000)}, {"load_kg": Capacity(0, 0)}
    listings = [ListingRow(i, "thing", 1, PLACE, capacity=room if i % 2 else none) for i in range(MANY)]
    need = NeedRow(MANY, "thing", 2, PLACE, 100, values={"load_kg": 3})
    problem = problem_from_rows((THING,), listings, [need])
    result = solve(problem, Params(top_k=4, near_k=3))
    assert (int(result.in_reach[0]), int(result.feasible[0])) == (MANY, MANY // 2)
    assert [listing for listing, _, _ in result.by_need.of(0)] == [1, 3, 5, 7]
    assert result.near.listing.tolist() == [0, 2, 4]
    change = smallest_change(problem, 0)
    assert change is not None
    assert change.parts == ()


def test_one_listing_that_a_hundred_thousand_needs_reach(backend: str) -> None:
    """Its best are the needs of the greatest bonus, then of the lowest id; every need has it."""
    needs = [NeedRow(i + 2, "thing", 2, PLACE, 100, bonus_milli=5_000 if i in (70_000, 99_999) else 0) for i in range(MANY)]
    result = solve(problem_from_rows((THING,), [ListingRow(1, "thing", 1, PLACE)], needs), Params(listing_top_k=3, near_k=0))
    assert (result.feasible == 1).all()
    assert [need for need, _, _ in result.by_listing.of(0)] == [70_000, 99_999, 0]


@pytest.mark.parametrize("place", [(0.0, 90.0), (77.0, -90.0), (180.0, -17.0), (-180.0, 65.0), (179.9999, 89.99)])
def test_at_a_pole_and_across_the_antimeridian(backend: str, place: tuple[float, float]) -> None:
    """Listings all around: in reach are those that Karney's geodesic says, and the smallest change widens to just there."""
    around = [GEOD.fwd(*place, bearing, metres)[:2] for bearing in range(0, 360, 30) for metres in (400.0, 999.0, 1001.0, 5000.0)]
    listings = [ListingRow(i, "thing", 1, shapely.Point(at)) for i, at in enumerate(around)]
    problem = problem_from_rows((THING,), listings, [NeedRow(900, "thing", 2, shapely.Point(place), 1000)])
    result = solve(problem, Params(top_k=100))
    far = [GEOD.inv(*place, *at)[2] for at in around]
    assert sorted(listing for listing, _, _ in result.by_need.of(0)) == [i for i, metres in enumerate(far) if metres <= 1000]
    for listing, metres in enumerate(far):
        change = smallest_change(problem, 0, listing)
        assert change is not None
        assert [p.criterion for p in change.parts] == ([] if metres <= 1000 else ["reach"])
        assert abs(change.radius_mm - max(metres, 1000) * 1000) <= 20


def test_the_dearest_listing_and_the_greatest_budget(backend: str) -> None:
    """As much money as can be stated anywhere: compared exactly, and a change to it has an effort."""
    listings = [ListingRow(i, "thing", 1, PLACE, price, "NZD") for i, price in enumerate((MOST_MINOR, MOST_MINOR - 1))]
    needs = [NeedRow(i, "thing", 2, PLACE, 100, budget, "NZD") for i, budget in enumerate((MOST_MINOR, MOST_MINOR - 1, 0))]
    problem = problem_from_rows((THING,), listings, needs)
    assert solve(problem).feasible.tolist() == [2, 1, 0]
    assert [c.effort_ppm for q in range(3) if (c := smallest_change(problem, q, 0))] == [0, 1, 10**18]


def test_what_nobody_can_satisfy_is_said(backend: str) -> None:
    """A requirement beyond every listing: no match, its criterion named, and a remedy that is less."""
    listings = [ListingRow(i, "thing", 1, PLACE, capacity={"load_kg": Capacity(0, 0)}) for i in range(3)]
    problem = problem_from_rows((THING,), listings, [NeedRow(9, "thing", 2, PLACE, 100, values={"load_kg": 1_000_000})])
    assert solve(problem).feasible.tolist() == [0]
    assert [r.criterion.name for r in explain(problem, 0, 0).failed] == ["load"]
    own = problem_from_rows((THING,), [replace(listings[0], owner=2)], [NeedRow(9, "thing", 2, PLACE, 100)])
    assert smallest_change(own, 0) is None


@pytest.mark.parametrize(("listings", "needs"), [(0, 0), (0, 5), (5, 0), (1, 1)])
@pytest.mark.parametrize("parts", [1, 4])
def test_hardly_anything_in_several_parts(listings: int, needs: int, parts: int) -> None:
    problem = problem_from_rows(
        (THING,),
        [ListingRow(i, "thing", 1, PLACE) for i in range(listings)],
        [NeedRow(i, "thing", 2, PLACE, 100) for i in range(needs)],
    )
    params = Params()
    merged = merge(problem, [solve_part(part, params) for part in split(problem, parts, params)], params, 0)
    assert merged.answer_hash == solve(problem, params).answer_hash


@pytest.mark.parametrize("bonus", [-1, 100_001])
def test_a_bonus_out_of_bounds_is_refused(bonus: int) -> None:
    with pytest.raises(ProblemError, match=r"needs\.bonus, row 0"):
        problem_from_rows((THING,), [], [NeedRow(1, "thing", 2, PLACE, 100, bonus_milli=bonus)])


def test_the_greatest_bonus_decides_no_match(backend: str) -> None:
    """What fails still fails, and is still ranked by how few conditions it fails."""
    listings = [
        ListingRow(1, "thing", 1, PLACE, values={"height_m": 1.0}, capacity={"load_kg": Capacity(0, 0)}),
        ListingRow(2, "thing", 1, PLACE, values={"height_m": 1.0}, capacity={"load_kg": Capacity(9000, 9000)}),
        ListingRow(3, "thing", 1, PLACE, values={"height_m": 50.0}, capacity={"load_kg": Capacity(9000, 9000)}),
    ]
    asked = {"height_m": 20.0, "load_kg": 2}
    for bonus in (0, 100_000):
        problem = problem_from_rows((THING,), listings, [NeedRow(9, "thing", 2, PLACE, 100, values=asked, bonus_milli=bonus)])
        result = solve(problem, Params(near_k=5))
        assert [listing for listing, _, _ in result.by_need.of(0)] == [2]
        assert result.near.listing.tolist() == [1, 0]
        assert (result.near.score >= bonus).all()
