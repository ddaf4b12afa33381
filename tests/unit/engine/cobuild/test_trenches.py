"""Groups for trenches: every one can be dug, nobody pays more than alone, the bound is a bound, small ones are the best there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from app.engine import Cancelled, ProblemError, Stop
from app.engine.cobuild.trench import (
    Joint,
    TrenchNeeds,
    TrenchParams,
    TrenchTerms,
    build_trenches,
    core_excess,
    solve_trenches,
    trench_shapley,
    undiggable,
)
from app.engine.cobuild.trench.exact import least_forest
from app.engine.cobuild.trench.forest import Router
from app.engine.cobuild.trench.graph import trench_graph
from app.engine.cobuild.trench.group import Grouping, links_of
from app.engine.cobuild.trench.share import better_alone, coalition_costs, holds_together
from app.engine.cobuild.trench.steiner import mehlhorn
from tests.unit.engine.cobuild.ways import (
    dreyfus_wagner,
    least_trench,
    partitions,
    problem_of,
    problems,
    shapley_by_orders,
)

GEOD = Geod(ellps="WGS84")
slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FREE = TrenchTerms(per_m_minor=30_000, duct_per_m_minor=0, capacity=1000, detour_pct=200)


def town(n: int, seed: int = 1, reach: float = 0.03, terms: TrenchTerms | None = None, corridors=()):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    a = np.array([113.9, 22.5]) + rng.uniform(-0.05, 0.05, (n, 2))
    b = a + rng.normal(0, reach, (n, 2))
    first, owner, ducts = rng.integers(0, 100, n), rng.integers(0, 4, n), rng.integers(1, 4, n)
    rows = [
        {"lon_a": a[k, 0], "lat_a": a[k, 1], "lon_b": b[k, 0], "lat_b": b[k, 1], "first": int(first[k]),
         "last": int(first[k]) + 180, "organisation": int(owner[k]), "ducts": int(ducts[k])}
        for k in range(n)
    ]  # fmt: skip
    return problem_of(rows, terms or TrenchTerms(30_000, 2_000, 24), list(corridors))


GRID = [
    *(shapely.LineString([(113.8 + k * 0.02, 22.3), (113.8 + k * 0.02, 22.7)]) for k in range(11)),
    *(shapely.LineString([(113.7, 22.4 + k * 0.02), (114.1, 22.4 + k * 0.02)]) for k in range(11)),
]


@slow
@given(problems())
def test_every_group_can_be_dug_and_nobody_pays_more_than_alone(problem) -> None:  # type: ignore[no-untyped-def]
    found = solve_trenches(problem)
    assert undiggable(found) == {}
    assert found.bound_minor <= found.total_minor <= -(-int(found.alone.sum()) // 1000)
    for g, group in enumerate(found.groups):
        share = trench_shapley(found.joint[g])
        assert sum(share) == found.cost_minor(g)
        assert all(paid * 1000 <= found.alone[i] + 1000 for paid, i in zip(share, group.members, strict=True))


@slow
@given(problems())
def test_the_cost_is_the_least_of_all_partitions_and_the_bounds_hold(problem) -> None:  # type: ignore[no-untyped-def]
    """Every partition with the exact program for each group, against the answer and against the prices alone."""
    found = solve_trenches(problem)
    router, needs, n = Router(problem, found.graph), problem.needs, len(problem.needs)
    grouping = Grouping(router, links_of(router), found.alone)

    def cost(part: list[int]) -> int:
        apart, rows = int(found.alone[part].sum()), sorted(part)
        several = len(set(needs.organisation[rows].tolist())) > 1
        if len(rows) < 2 or not several or needs.first[rows].max() > needs.last[rows].min():
            return apart
        least = least_forest(router, tuple(rows), 60.0)
        laid = router.forest(tuple(rows))
        assert least is None or laid is None or least.bound <= laid.cost
        if least is None or least.forest is None or least.forest.cost >= apart:
            return apart
        joint = grouping.joint(least.forest)
        return least.forest.cost if holds_together(joint) and not better_alone(joint) else apart

    best = min((sum(map(cost, parts)) for parts in partitions(list(range(n)))), default=0)
    assert found.component_cost.sum() <= best * (1 + 1e-6) + 1
    assert found.component_bound.sum() <= best * (1 + 1e-6) + 1
    priced = solve_trenches(problem, TrenchParams(prove_needs=0))
    assert priced.component_bound.sum() <= best + 1
    assert priced.component_cost.sum() >= best * (1 - 1e-6) - 1


@slow
@given(problems(3))
def test_without_ducts_of_their_own_the_program_digs_the_least_steiner_forest(problem) -> None:  # type: ignore[no-untyped-def]
    problem = replace(problem, terms=FREE)
    members = tuple(range(len(problem.needs)))
    if not members:
        return
    router = Router(problem, graph := trench_graph(problem))
    least = least_forest(router, members, 60.0)
    assert least is not None
    assert least.forest is not None
    exact = least_trench(graph, list(members)) * FREE.per_m_minor
    assert least.bound <= least.forest.cost <= exact * (1 + 1e-6)
    forest = router.polished(members)
    assert forest is not None
    assert exact * (1 - 1e-6) <= forest.cost <= 2 * exact


@pytest.mark.parametrize("seed", range(6))
def test_mehlhorns_tree_joins_the_terminals_at_most_twice_as_dear_as_the_least(seed: int) -> None:
    graph = trench_graph(town(6, seed))
    ends = {e: (int(graph.tail[e]), int(graph.head[e])) for e in range(len(graph))}
    weight = {e: int(graph.length_mm[e]) for e in range(len(graph))}
    terminals = [int(graph.start[0]), int(graph.goal[0]), int(graph.start[3]), int(graph.goal[5])]
    tree = mehlhorn(ends, weight, terminals)
    nodes = {v for e in tree for v in ends[e]}
    assert set(terminals) <= nodes
    assert len(nodes) == len(tree) + 1
    least = dreyfus_wagner(graph, terminals)
    assert least <= sum(weight[e] for e in tree) <= 2 * least


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.data())
def test_shares_are_shapleys_value_and_nobody_pays_more_than_alone(n, data) -> None:  # type: ignore[no-untyped-def]
    sections = data.draw(st.integers(1, 6))
    used = np.array([[data.draw(st.booleans()) for _ in range(n)] for _ in range(sections)])
    used[:, 0] |= ~used.any(axis=1)
    dug = np.array([data.draw(st.integers(0, 10**6)) for _ in range(sections)], np.int64) * 1000
    own = np.array([data.draw(st.integers(0, 10**5)) for _ in range(n)], np.int64) * 1000
    alone = np.array([data.draw(st.integers(0, 3 * 10**6)) for _ in range(n)], np.int64) * 1000
    joint = Joint(dug, used, own, alone)

    def together(coalition) -> int:  # type: ignore[no-untyped-def]
        rows = sorted(coalition)
        return int(dug[used[:, rows].any(axis=1)].sum() + own[rows].sum()) if rows else 0

    def cost(coalition) -> int:  # type: ignore[no-untyped-def]
        inside = sorted(coalition)
        subsets = chain.from_iterable(combinations(inside, k) for k in range(len(inside) + 1))
        return min(together(s) + int(alone[[k for k in inside if k not in s]].sum()) for s in subsets)

    costs = coalition_costs(joint)
    for mask in range(1 << n):
        assert costs[mask] == cost([k for k in range(n) if mask >> k & 1])
    leaving = better_alone(joint)
    assert bool(leaving) == (cost(range(n)) < joint.total)
    if leaving:
        staying = [k for k in range(n) if k not in leaving]
        assert together(staying) + int(alone[list(leaving)].sum()) == cost(range(n))
        return
    share = trench_shapley(joint)
    assert sum(share) * 1000 == joint.total
    for paid, value, most in zip(share, shapley_by_orders(cost, n), alone.tolist(), strict=True):
        assert abs(paid - value / 1000) < 1.001
        assert paid * 1000 <= most + 1000
    if joint.closed:
        assert core_excess(joint, share) <= n


def test_two_neighbours_dig_once_and_share_what_both_use() -> None:
    beside = {"lon_a": 113.5, "lat_a": 22.6003, "lon_b": 113.52, "lat_b": 22.6003, "organisation": 2, "first": 50, "last": 200}
    found = solve_trenches(problem_of([{}, beside]))
    assert (len(found), found.first[0], found.last[0]) == (1, 50, 100)
    assert found.proven.all()
    assert found.length_mm(0) < 2200_000
    shares = trench_shapley(found.joint[0])
    assert abs(shares[0] - shares[1]) < 0.05 * sum(shares)


@pytest.mark.parametrize(
    "second",
    [
        {"organisation": 1},
        {"organisation": 2, "lat_a": 22.7, "lat_b": 22.7},
        {"organisation": 2, "first": 101, "last": 200},
        {"organisation": 2, "ducts": 12},
    ],
    ids=["one organisation", "too far", "never at once", "too many ducts"],
)
def test_what_cannot_be_dug_together_is_not(second) -> None:  # type: ignore[no-untyped-def]
    beside = {"lat_a": 22.6003, "lat_b": 22.6003}
    assert len(solve_trenches(problem_of([{}, beside | second]))) == 0


def test_the_trench_follows_the_corridor_that_is_given_and_its_lines_join_where_they_cross() -> None:
    rail = shapely.LineString([(113.49, 22.602), (113.51, 22.602), (113.51, 22.601), (113.53, 22.601)])
    road = shapely.LineString([(113.515, 22.59), (113.515, 22.61)])
    rows = [{}, {"organisation": 2, "lon_b": 113.515, "lat_b": 22.609}, {"organisation": 3, "lon_a": 113.9, "lon_b": 113.92}]
    found = solve_trenches(problem_of(rows, replace_terms(detour_pct=60), [rail, road]))
    assert found.graph.along.tolist() == [True, True, False]
    [group] = found.groups
    assert group.members == (0, 1)
    sections = found.graph.corridor[group.sections]
    assert set(sections.tolist()) == {-1, 0, 1}
    drawn = shapely.union_all([found.graph.shape(int(e)) for e in group.sections if found.graph.corridor[e] >= 0])
    assert shapely.union_all([rail, road]).buffer(1e-7).covers(drawn)


def replace_terms(**change):  # type: ignore[no-untyped-def]
    return replace(TrenchTerms(30_000, 1_000, 12), **change)


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 10.0), (-180.0, -60.0)])
def test_a_corridor_across_the_antimeridian(lon: float, lat: float) -> None:
    rail = shapely.LineString([(179.98, lat + 0.001), (-179.98, lat + 0.001)])
    rows = [
        {"lon_a": 179.99, "lat_a": lat, "lon_b": -179.99, "lat_b": lat},
        {"lon_a": 179.985, "lat_a": lat, "lon_b": -179.995, "lat_b": lat, "organisation": 2},
    ]
    found = solve_trenches(problem_of(rows, corridors=[rail]))
    assert found.graph.along.all()
    assert len(found) == 1
    assert undiggable(found) == {}


def test_a_town_is_solved_alike_twice_and_within_what_was_measured() -> None:
    for problem, most in (
        (town(40), 0.35),
        (town(40, reach=0.06, terms=TrenchTerms(30_000, 2_000, 24, 60, 1500), corridors=GRID), 0.35),
    ):
        found, again = solve_trenches(problem), solve_trenches(problem)
        assert found.answer_hash == again.answer_hash
        assert undiggable(found) == {}
        assert len(found) > 2
        assert 0 <= found.gap < most


def test_verification_names_every_broken_rule() -> None:
    found = solve_trenches(town(30))
    first = found.groups[0]
    wrong = {
        "way": {"groups": (replace(first, ways=first.ways[::-1]), *found.groups[1:])},
        "start": {"first": found.first - 1},
        "window": {"first": found.first + 1000, "last": found.last},
        "a need in two groups": {"groups": (first, first), "joint": found.joint[:1] * 2},
        "dearer than alone": {"alone": found.alone // 3},
        "detour": {"problem": replace(found.problem, terms=replace(found.problem.terms, detour_pct=0))},
        "capacity": {"problem": replace(found.problem, terms=replace(found.problem.terms, capacity=1))},
    }
    for rule, change in wrong.items():
        assert rule in undiggable(replace(found, **change)).values(), rule  # type: ignore[arg-type]


def test_nothing_and_one_route() -> None:
    assert solve_trenches(problem_of([])).total_minor == 0
    one = solve_trenches(problem_of([{}]))
    metres = GEOD.inv(113.5, 22.6, 113.52, 22.6)[2]
    assert (len(one), one.gap) == (0, 0.0)
    assert one.total_minor == pytest.approx(31_000 * metres, rel=1e-6)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"lon_a": float("nan")}, "lon_a"), ({"lat_b": float("inf")}, "lat_b"), ({"lon_b": 113.5}, "lon_b"),
        ({"lon_b": 130.0}, "lon_b"), ({"ducts": 0}, "ducts"), ({"last": -1}, "last"), ({"alone_minor": -2}, "alone_minor"),
        ({"id": 1}, "id"),
    ],
)  # fmt: skip
def test_a_fault_names_its_column_and_row(row, column) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemError) as refused:
        problem_of([{"id": 1}, {"id": 2} | row])
    assert (refused.value.column, refused.value.row) == (f"needs.{column}", 1)


@pytest.mark.parametrize(
    "line", [shapely.LineString([(1, 89.5), (2, 89.5)]), shapely.Point(1, 2), shapely.LineString([(1, 2), (float("nan"), 3)])]
)
def test_what_is_no_corridor_is_refused(line) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemError, match="corridors, row 0"):
        problem_of([{}], corridors=[line])


@pytest.mark.parametrize("terms", [{"capacity": 0}, {"per_m_minor": -1}, {"detour_pct": 201}, {"join_m": -1}])
def test_terms_that_no_trench_has_are_refused(terms) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ProblemError):
        replace_terms(**terms)


def test_many_routes_between_the_same_two_places() -> None:
    rows = [{"organisation": k % 3, "ducts": 1} for k in range(40)]
    found = solve_trenches(problem_of(rows), stop=Stop(deadline_s=300))
    assert undiggable(found) == {}
    assert max(len(g.members) for g in found.groups) <= 12
    assert found.bound_minor <= found.total_minor


def test_a_deadline_widens_the_bound_and_a_cancelled_run_ends() -> None:
    problem = town(40)
    hurried = solve_trenches(problem, stop=Stop(deadline_s=0.0))
    assert hurried.bound_minor < hurried.total_minor
    assert undiggable(hurried) == {}
    with pytest.raises(Cancelled):
        solve_trenches(problem, stop=Stop(cancelled=lambda: True))


def test_needs_may_come_in_any_order() -> None:
    problem = town(12)
    n = problem.needs
    turned = {f: getattr(n, f)[::-1].copy() for f in n.__dataclass_fields__}
    again = solve_trenches(build_trenches(TrenchNeeds(**turned), problem.terms))
    assert again.answer_hash == solve_trenches(problem).answer_hash
