"""The run as a whole: the same answer whatever the threads, blocks, order of rows or backend; parts of a run; stopping; bad
input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import (
    Cancelled,
    Capacity,
    Claim,
    ListingRow,
    NeedRow,
    Params,
    ProblemError,
    Result,
    Stop,
    affected_needs,
    build_problem,
    problem_from_rows,
    solve,
    solve_listings,
    solve_needs,
)
from app.engine.detail import detail
from tests.unit.engine.oracle import THING
from tests.unit.engine.scenes import listing as some_listing
from tests.unit.engine.scenes import near, scene


def mixed(seed: int) -> tuple[list[ListingRow], list[NeedRow]]:
    """Points, lines and areas on both sides."""
    rng = np.random.default_rng(seed)
    listings, needs = scene(seed, 60, 25, centre=(179.99, -20.0))
    for i in range(10):
        a, b = near(rng, (179.99, -20.0), 3000), near(rng, (179.99, -20.0), 3000)
        listings.append(some_listing(rng, 800 + i, shapely.LineString([a, b])))
        if i % 3 == 0:
            listings.append(some_listing(rng, 900 + i, a.buffer(0.002)))
            needs.append(replace(needs[i], id=950 + i, place=shapely.LineString([a, b])))
            needs.append(replace(needs[i], id=980 + i, place=b.buffer(0.01), radius_m=float(rng.choice([0, 300]))))
    return listings, needs


def same(a: Result, b: Result) -> bool:
    pairs = (
        a.pairs is None
        or b.pairs is None
        or all(
            np.array_equal(getattr(a.pairs, n), getattr(b.pairs, n))
            for n in ("need", "listing", "distance_mm", "score", "fail", "unstated", "margin")
        )
    )
    return a.answer_hash == b.answer_hash and a.input_hash == b.input_hash and pairs and np.array_equal(a.rejected, b.rejected)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_threads_blocks_order_and_backend_change_nothing(seed: int) -> None:
    listings, needs = mixed(seed)
    problem = problem_from_rows((THING,), listings, needs)
    shuffled = problem_from_rows((THING,), listings[::-1], needs[::-1])
    with pytest.MonkeyPatch.context() as env:
        env.setenv("ENGINE_BACKEND", "numba")
        first = solve(problem, Params(keep_pairs=True, threads=1))
        assert first.versions["backend"] == "numba"
        assert same(first, solve(problem, Params(keep_pairs=True, threads=1)))
        assert same(first, solve(problem, Params(keep_pairs=True, threads=2, block_rows=50)))
        assert same(first, solve(shuffled, Params(keep_pairs=True)))
        env.setattr("app.engine.facts.ALONE", 0)  # prepared by several threads
        assert same(first, solve(replace(problem), Params(keep_pairs=True)))
        env.setenv("ENGINE_BACKEND", "numpy")
        plain = solve(problem, Params(keep_pairs=True))
        assert plain.versions["backend"] == "numpy"
        assert same(first, plain)


def test_hash_tells_inputs_apart() -> None:
    listings, needs = scene(1)
    base = problem_from_rows((THING,), listings, needs).input_hash
    assert problem_from_rows((THING,), listings, needs).input_hash == base
    for change in ({"price_minor": 5, "currency": "NZD"}, {"owner": 99}, {"place": shapely.Point(174.8, -41.3)}, {"end": 4000}):
        assert problem_from_rows((THING,), [replace(listings[0], **change), *listings[1:]], needs).input_hash != base


def test_some_needs_are_answered_as_in_the_whole(backend: str) -> None:
    problem = problem_from_rows((THING,), *mixed(4))
    whole, part = solve(problem), solve_needs(problem, [9, 2, 30])
    assert part.needs.tolist() == [2, 9, 30]
    for row, need in enumerate(part.needs):
        assert part.by_need.of(row) == whole.by_need.of(int(need))
        assert part.in_reach[row] == whole.in_reach[need]


def test_a_changed_listing_rematches_who_it_reaches(backend: str) -> None:
    listings, needs = mixed(5)
    before = solve(problem_from_rows((THING,), listings, needs), Params(keep_pairs=True))
    changed = [replace(listings[0], place=shapely.Point(179.99, -20.0), values={"height_m": 60.0}), *listings[1:]]
    problem = problem_from_rows((THING,), changed, needs)
    index, whole = problem.listing_index(listings[0].id), solve(problem, Params(keep_pairs=True))
    assert before.pairs is not None
    assert whole.pairs is not None
    had = np.unique(before.pairs.need[before.pairs.listing == index])
    reached = affected_needs(problem, [index])
    assert reached.tolist() == np.unique(whole.pairs.need[whole.pairs.listing == index]).tolist()
    part = solve_listings(problem, [index], also=had)
    assert part.needs.tolist() == sorted({*reached.tolist(), *had.tolist()})
    for need in range(len(problem.needs)):
        if need in part.needs:
            assert part.by_need.of(int(np.searchsorted(part.needs, need))) == whole.by_need.of(need)
        else:
            assert before.by_need.of(need) == whole.by_need.of(need)


def test_detail_repeats_what_a_run_found() -> None:
    problem = problem_from_rows((THING,), *scene(7))
    pairs = solve(problem, Params(keep_pairs=True)).pairs
    assert pairs is not None
    found = detail(problem, pairs.need, pairs.listing, pairs.distance_mm)
    assert (found.margin == pairs.margin).all()
    assert (found.points.sum(axis=1) + problem.needs.bonus[pairs.need] == pairs.score).all()


def test_stopping_and_progress() -> None:
    problem = problem_from_rows((THING,), *scene(1))
    seen: list[tuple[int, int]] = []
    solve(problem, Params(block_rows=1), progress=lambda done, of: seen.append((done, of)))
    assert seen == sorted(seen)
    assert seen[-1] == (6, 6)
    with pytest.raises(Cancelled):
        solve(problem, stop=Stop(cancelled=lambda: True))
    with pytest.raises(Cancelled, match="not finished"):
        solve(problem, stop=Stop(deadline_s=-1))


@pytest.mark.parametrize(("listings", "needs"), [(0, 0), (0, 3), (3, 0)])
def test_empty_problems(backend: str, listings: int, needs: int) -> None:
    result = solve(problem_from_rows((THING,), *scene(1, listings, needs)))
    assert (len(result.needs), len(result.by_need.other), len(result.by_listing.ptr)) == (needs, 0, listings + 1)


PLACE = shapely.Point(0, 0)
GOOD = ListingRow(1, "thing", 1, PLACE)
ASKS = NeedRow(2, "thing", 2, PLACE, 100)
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("column", "row", "listings", "needs"),
    [
        ("listings.id", 1, [GOOD, GOOD], []),
        ("needs.id", 1, [], [ASKS, ASKS]),
        ("listings.kind", 0, [replace(GOOD, kind="ship")], []),
        ("listings.place.lat", 0, [replace(GOOD, place=shapely.Point(0, 91))], []),
        ("listings.place.lon", 0, [replace(GOOD, place=shapely.Point(float("nan"), 1))], []),
        ("listings.end", 0, [replace(GOOD, start=9, end=9)], []),
        ("listings.place", 0, [replace(GOOD, place=shapely.Point())], []),
        ("listings.place.shape", 0, [replace(GOOD, place=BOW_TIE)], []),
        ("listings.values", 1, [GOOD, replace(GOOD, id=3, values={"height_m": float("nan")})], []),
        ("listings.values", 0, [replace(GOOD, values={"colour": "green"})], []),
        ("listings.values", 0, [replace(GOOD, values={"height_m": 1e12})], []),
        ("listings.price_minor", 0, [replace(GOOD, price_minor=-2)], []),
        ("listings.currency", 0, [replace(GOOD, price_minor=1)], []),
        ("listings.currency", 0, [replace(GOOD, price_minor=1, currency="??")], []),
        ("listings.claim_slot", 0, [replace(GOOD, capacity={"core": Capacity(1000, 1000, (Claim(1, 2, slot=2),))})], []),
        ("listings.total", 0, [replace(GOOD, capacity={"core": Capacity(1000, 2500)})], []),
        ("listings.offered", 0, [replace(GOOD, capacity={"load_kg": Capacity(-1, 5)})], []),
        ("listings.claim_end", 0, [replace(GOOD, capacity={"load_kg": Capacity(5, 5, (Claim(3, 3, 1),))})], []),
        ("needs.radius_mm", 0, [], [replace(ASKS, radius_m=float("nan"))]),
        ("needs.radius_mm", 0, [], [replace(ASKS, radius_m=0)]),
        ("needs.radius_mm", 0, [], [replace(ASKS, radius_m=600_000)]),
        ("needs.values", 0, [], [replace(ASKS, values={"pairs": "two"})]),
        ("needs.currency", 0, [], [replace(ASKS, budget_minor=1)]),
    ],
)
def test_bad_input_names_its_place(column: str, row: int | None, listings: list[ListingRow], needs: list[NeedRow]) -> None:
    with pytest.raises(ProblemError) as error:
        problem_from_rows((THING,), listings, needs)
    assert error.value.column == column
    assert error.value.row == row


def test_bad_columns_are_named() -> None:
    problem = problem_from_rows((THING,), *scene(1))

    def broken(**columns: Any) -> None:
        build_problem((THING,), replace(problem.listings, **columns), problem.needs)

    with pytest.raises(ProblemError, match=r"listings\.owner: must hold integers"):
        broken(owner=problem.listings.owner.astype(float))
    with pytest.raises(ProblemError, match=r"listings\.values: has shape"):
        broken(values=problem.listings.values[:, :1])
    with pytest.raises(ProblemError, match=r"listings\.claim_ptr"):
        broken(claim_ptr=problem.listings.claim_ptr[::-1].copy())


def test_zero_capacity_and_a_crowded_place(backend: str) -> None:
    """Twenty thousand listings on one spot, none with anything free: an exact answer, quickly."""
    full = {"load_kg": Capacity(0, 0)}
    listings = [ListingRow(i, "thing", 1, PLACE, capacity=full) for i in range(20_000)]
    result = solve(problem_from_rows((THING,), listings, [replace(ASKS, values={"load_kg": 1})]), Params(near_k=3))
    assert (result.in_reach[0], result.feasible[0], result.near.listing.tolist()) == (20_000, 0, [0, 1, 2])
