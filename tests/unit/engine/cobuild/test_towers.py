"""Groups for towers: every one can be built, the cost is the least there is, the bound is a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from pyproj import Geod

from app.engine import Cancelled, ProblemError, Stop
from app.engine.cobuild import Standing, TowerParams, TowerTerms, site_of, solve_towers, unbuildable
from app.engine.cobuild.near import near_graph
from tests.unit.engine.cobuild.towns import least_cost, problem_of, problems

GEOD = Geod(ellps="WGS84")
LESS = TowerParams(passes=2, threads=1)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(problems())
def test_the_cost_is_the_least_of_all_partitions_and_proven_so(problem) -> None:  # type: ignore[no-untyped-def]
    found = solve_towers(problem, LESS)
    assert found.total_minor == least_cost(problem)
    assert found.bound_minor <= found.total_minor
    single = problem.needs.mounts.max(initial=1) == 1
    assert not single or found.proven.all()
    assert unbuildable(found) == {}


@slow
@given(problems())
def test_the_prices_alone_bound_the_least_cost(problem) -> None:  # type: ignore[no-untyped-def]
    for price in (False, True):
        found = solve_towers(problem, replace(LESS, prove_needs=0, price=price))
        assert found.bound_minor <= least_cost(problem) <= found.total_minor


@slow
@given(problems())
def test_every_member_is_within_its_reach_by_karneys_geodesic(problem) -> None:  # type: ignore[no-untyped-def]
    found, needs = solve_towers(problem, LESS), problem.needs
    for group in range(len(found)):
        for i in found.members(group):
            away = GEOD.inv(needs.lon[i], needs.lat[i], found.lon[group], found.lat[group])[2]
            assert away * 1000 <= needs.radius_mm[i] + 20
    in_groups = found.need.tolist()
    assert len(in_groups) == len(set(in_groups))


def spread(n: int, seed: int = 3):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    rows = [
        {"lon": 113.5 + x, "lat": 22.6 + y, "organisation": int(o), "first": int(f), "last": int(f) + 90, "height_mm": int(h)}
        for x, y, o, f, h in zip(
            rng.normal(0, 0.02, n), rng.normal(0, 0.02, n), rng.integers(1, 4, n), rng.integers(0, 300, n),
            rng.choice([15_000, 30_000, 45_000], n), strict=True,
        )
    ]  # fmt: skip
    return problem_of(rows)


def test_a_town_is_solved_alike_by_one_thread_and_by_three() -> None:
    problem = spread(120)
    found = [solve_towers(problem, TowerParams(threads=t, prove_needs=0, price=False), seed=7) for t in (1, 3, 1)]
    assert len({one.answer_hash for one in found}) == 1
    assert unbuildable(found[0]) == {}
    proven = solve_towers(problem, TowerParams(prove_needs=400, prove_s=8.0))
    assert proven.bound_minor <= proven.total_minor <= found[0].total_minor
    assert found[0].total_minor <= 1.05 * proven.bound_minor
    assert proven.gap == 0.0


def test_prices_are_better_when_raised() -> None:
    problem = spread(120)
    loose, raised = (solve_towers(problem, TowerParams(passes=0, prove_needs=0, price=p)).bound_minor for p in (False, True))
    proven = solve_towers(problem, TowerParams(passes=1, prove_needs=400))
    assert loose < raised <= proven.bound_minor


def test_two_organisations_that_meet_build_one_tower_as_high_as_the_taller_needs() -> None:
    near = {"lon": 113.508, "organisation": 2, "height_mm": 45_000, "first": 50, "last": 200}
    found = solve_towers(problem_of([{}, near]))
    assert (len(found), found.height_mm[0], found.first[0], found.last[0]) == (1, 45_000, 50, 100)
    assert found.cost_minor[0] == 1_000_000 + 45 * 20_000 + 2 * 50_000
    assert 113.5 < found.lon[0] < 113.508


@pytest.mark.parametrize(
    "second",
    [
        {"organisation": 1},
        {"organisation": 2, "lon": 113.51},
        {"organisation": 2, "first": 101, "last": 200},
        {"organisation": 2, "mounts": 3},
    ],
    ids=["one organisation", "too far", "never at once", "too many mounts"],
)
def test_what_cannot_be_built_together_is_not(second) -> None:  # type: ignore[no-untyped-def]
    assert len(solve_towers(problem_of([{}, second]))) == 0


def test_three_circles_that_meet_only_where_two_of_them_cross() -> None:
    at = [(0, 480), (416, -240), (-416, -240)]
    rows = [
        {"lon": 113.5 + x / 102_800, "lat": 22.6 + y / 110_750, "organisation": k, "radius_mm": 490_000}
        for k, (x, y) in enumerate(at)
    ]
    assert len(solve_towers(problem_of(rows)).members(0)) == 3


def test_nothing_and_one_need() -> None:
    for rows, total in (([], 0), ([{}], 1_000_000 + 30 * 20_000 + 50_000)):
        found = solve_towers(problem_of(rows))
        assert (len(found), found.total_minor, found.bound_minor, found.gap) == (0, total, total, 0.0)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"lon": float("nan")}, "lon"),
        ({"lat": 91.0}, "lat"),
        ({"radius_mm": 0}, "radius_mm"),
        ({"radius_mm": 10**9}, "radius_mm"),
        ({"height_mm": -1}, "height_mm"),
        ({"mounts": 0}, "mounts"),
        ({"last": -1}, "last"),
        ({"alone_minor": -2}, "alone_minor"),
        ({"id": 1}, "id"),
    ],
)
def test_a_fault_names_its_column_and_row(row, column) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemError) as refused:
        problem_of([{"id": 1}, {"id": 2} | row])
    assert (refused.value.column, refused.value.row) == (f"needs.{column}", 1)


@pytest.mark.parametrize("terms", [{"capacity": 0}, {"capacity": 17}, {"base_minor": -1}])
def test_terms_that_no_tower_has_are_refused(terms) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemError):
        TowerTerms(**({"base_minor": 1, "per_m_minor": 1, "per_mount_minor": 1, "capacity": 3} | terms))


def test_a_crowd_on_one_spot_is_thinned_and_still_answered() -> None:
    rows = [{"lon": 113.5 + k * 1e-9, "organisation": k % 2} for k in range(300)]
    problem = problem_of(rows)
    assert not near_graph(problem, most_pairs=1000).whole
    found = solve_towers(problem, TowerParams(passes=1, most_pairs=1000))
    assert unbuildable(found) == {}
    assert len(found) >= 90
    assert found.bound_minor <= found.total_minor


def test_a_deadline_widens_the_bound_and_a_cancelled_run_ends() -> None:
    problem = spread(200)
    hurried = solve_towers(problem, stop=Stop(deadline_s=0.0))
    assert hurried.bound_minor < hurried.total_minor
    assert unbuildable(hurried) == {}
    with pytest.raises(Cancelled):
        solve_towers(problem, stop=Stop(cancelled=lambda: True))


def test_a_site_keeps_away_from_what_stands_or_says_that_it_cannot() -> None:
    problem = problem_of([{}, {"lon": 113.504, "organisation": 2}])
    both = np.array([0, 1])
    free = site_of(problem, both)
    assert free is not None
    tower = Standing(np.array([free.lon]), np.array([free.lat]), np.array([250_000]))
    moved = site_of(problem, both, tower)
    assert moved is not None
    assert moved.near == ()
    assert GEOD.inv(free.lon, free.lat, moved.lon, moved.lat)[2] >= 250
    wide = tower._replace(keep_mm=np.array([3_000_000]))
    forced = site_of(problem, both, wide)
    assert forced is not None
    assert forced.near == (0,)


def test_verification_names_every_broken_rule() -> None:
    found = solve_towers(problem_of([{}, {"lon": 113.504, "organisation": 2}]))
    broken = {
        "reach": {"lon": found.lon + 0.01},
        "start": {"first": found.first - 1},
        "height": {"height_mm": found.height_mm - 1},
        "window": {"first": found.first + 101, "last": found.last},
        "a need in two groups": {"need": np.array([0, 0])},
    }
    for rule, change in broken.items():
        assert unbuildable(replace(found, **change)), rule
    assert unbuildable(replace(found, **broken["reach"])) == {0: "reach"}  # type: ignore[arg-type]
