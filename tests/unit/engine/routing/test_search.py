"""Every search against enumeration of all simple ways and against networkx, on kernels and twins alike."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.problem import ProblemError
from app.engine.routing.alternatives import cheapest_ways
from app.engine.routing.budget import Limits, cheapest_within
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import SHUT, Network, prices, weights
from app.engine.routing.obstacle import APART, CAPACITY, LENGTH, LOSS, obstacle
from app.engine.routing.search import ahead, shortest
from app.engine.routing.shared_risk import diverse_pair
from tests.unit.engine.routing.nets import Way, checked, every_way, network, networks, shares

often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(networks(), st.integers(0, 3))
def test_the_cheapest_way_is_the_cheapest(backend: str, net: Network, units: int) -> None:
    weight = weights(net, max(units, 1), 365)
    found, ways = shortest(net, weight, 0, len(net) - 1), every_way(net, weight, 0, len(net) - 1)
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(net)))
    graph.add_weighted_edges_from(
        (int(net.tail[e]), int(net.head[e]), int(weight[e])) for e in range(net.edges) if weight[e] >= 0
    )
    if found is None:
        assert not ways
        assert not nx.has_path(graph, 0, len(net) - 1)
        return
    checked(net, weight, found, 0, len(net) - 1)
    assert found.cost == ways[0].cost == nx.dijkstra_path_length(graph, 0, len(net) - 1)
    assert (ahead(net, weight, len(net) - 1)[0]) == found.cost


@often
@given(networks(), st.data())
def test_bans_hold(backend: str, net: Network, data: st.DataObject) -> None:
    weight = weights(net, 1, 365)
    shut = data.draw(st.sets(st.integers(0, net.edges - 1))) if net.edges else set()
    barred = data.draw(st.sets(st.integers(1, len(net) - 2))) if len(net) > 2 else set()
    found = shortest(net, weight, 0, len(net) - 1, shut, barred, ahead(net, weight, len(net) - 1, 0))
    left = [w for w in every_way(net, weight, 0, len(net) - 1) if not shut & set(w.edges) and not barred & set(w.nodes)]
    assert (None if found is None else found.cost) == (left[0].cost if left else None)


@often
@given(networks())
def test_alternatives_are_all_ways_in_order(backend: str, net: Network) -> None:
    weight = weights(net, 1, 365)
    found = [checked(net, weight, way, 0, len(net) - 1) for way in cheapest_ways(net, weight, 0, len(net) - 1)]
    expected = every_way(net, weight, 0, len(net) - 1)
    assert [way.cost for way in found] == [way.cost for way in expected]
    assert {tuple(way.edges.tolist()) for way in found} == {way.edges for way in expected}


@often
@given(networks(), st.booleans())
def test_the_disjoint_pair_is_the_cheapest(backend: str, net: Network, nodes: bool) -> None:
    weight = weights(net, 1, 365)
    ways = every_way(net, weight, 0, len(net) - 1)

    def apart(one: Way, two: Way) -> bool:
        return not set(one.edges) & set(two.edges) and not (nodes and set(one.nodes[1:-1]) & set(two.nodes[1:-1]))

    best = min((one.cost + two.cost for one in ways for two in ways if apart(one, two)), default=None)
    found = disjoint_pair(net, weight, 0, len(net) - 1, nodes)
    if found is None:
        assert best is None
        return
    first, second = (checked(net, weight, way, 0, len(net) - 1) for way in found)
    assert apart(*(Way(tuple(w.edges.tolist()), tuple(w.nodes.tolist()), w.cost) for w in (first, second)))
    assert found.cost == best


@often
@given(networks())
def test_the_diverse_pair_shares_no_risk_and_is_the_cheapest(backend: str, net: Network) -> None:
    weight = weights(net, 1, 365)
    ways = every_way(net, weight, 0, len(net) - 1)
    best = min((one.cost + two.cost for one in ways for two in ways if not shares(net, one, two)), default=None)
    found = diverse_pair(net, weight, 0, len(net) - 1)
    if found is None:
        assert not ways
        return
    assert found.proven
    if best is None:
        assert found.ways is None
        assert found.unavoidable is not None
        for k, of in enumerate(found.unavoidable):
            for one in of.tolist():
                assert all(one in _runs(net, way)[k] for way in ways)
        ends = {int(net.site[0]), int(net.site[len(net) - 1])}
        everywhere = set.intersection(*(set(_runs(net, way)[2]) for way in ways))
        assert set(found.unavoidable.risks.tolist()) == everywhere
        assert set(found.unavoidable.sites.tolist()) == set.intersection(*(set(_runs(net, way)[1]) - ends for way in ways))
        return
    assert found.ways is not None
    assert found.ways.cost == best == found.bound
    one, two = (Way(tuple(w.edges.tolist()), tuple(w.nodes.tolist()), w.cost) for w in found.ways)
    assert not shares(net, one, two)


def _runs(net: Network, way: Way) -> tuple[list[int], list[int], list[int]]:
    risks = net.risks_of(np.array(way.edges, np.int64)).tolist()
    return list(way.edges), [int(net.site[v]) for v in way.nodes[1:-1]], risks


def test_without_time_a_pair_still_has_a_bound(backend: str) -> None:
    ring = [(k, (k + 1) % 6, 2, 1, 1, 1, (0,) if k in (0, 5) else ()) for k in range(6)]
    spare = [(0, 2, 9, 1, 1, 1, ()), (0, 3, 30, 1, 1, 1, ())]
    net = network(6, [*ring, *spare])
    weight = weights(net, 1, 365)
    hurried, patient = diverse_pair(net, weight, 0, 3, ways=0, seconds=0), diverse_pair(net, weight, 0, 3)
    assert hurried is not None
    assert patient is not None
    assert patient.ways is not None
    assert hurried.bound <= patient.ways.cost
    assert patient.proven
    assert hurried.ways is None or hurried.ways.cost >= patient.ways.cost


@often
@given(networks(), st.integers(0, 14), st.integers(0, 14))
def test_limits_are_kept_at_the_least_cost(backend: str, net: Network, loss: int, length: int) -> None:
    weight = weights(net, 1, 365)
    found = cheapest_within(net, weight, 0, len(net) - 1, Limits(loss, length), most_labels=5_000)
    fits = [
        way
        for way in every_way(net, weight, 0, len(net) - 1)
        if net.loss_udb[list(way.edges)].sum() <= loss and net.length_mm[list(way.edges)].sum() <= length
    ]
    assert found.proven
    assert (None if found.way is None else checked(net, weight, found.way, 0, len(net) - 1).cost) == (
        fits[0].cost if fits else None
    )


@often
@given(networks(), st.integers(0, 14), st.integers(1, 4))
def test_few_labels_still_give_a_bound(backend: str, net: Network, loss: int, most: int) -> None:
    weight = weights(net, 1, 365)
    exact = cheapest_within(net, weight, 0, len(net) - 1, Limits(loss))
    hurried = cheapest_within(net, weight, 0, len(net) - 1, Limits(loss), most_labels=most)
    assert hurried.bound <= exact.bound
    if hurried.way is not None:
        assert exact.way is not None
        assert hurried.way.cost >= exact.way.cost


@often
@given(networks(), st.integers(1, 4), st.integers(0, 8), st.integers(0, 8))
def test_the_obstacle_is_named(backend: str, net: Network, units: int, loss: int, length: int) -> None:
    weight, limits = weights(net, units, 365), Limits(loss, length)
    start, goal = 0, len(net) - 1
    found = obstacle(net, weight, start, goal, limits)
    any_way = every_way(net, np.zeros(net.edges, np.int64), start, goal)
    wide = [w for w in any_way if min(net.free[list(w.edges)], default=0) >= units]
    if not any_way:
        assert found is not None
        assert found.kind == APART
    elif not wide:
        widest = max(int(net.free[list(w.edges)].min()) for w in any_way)
        assert found is not None
        assert (found.kind, found.value) == (CAPACITY, widest)
        assert len(found.edges)
        assert (net.free[found.edges] == widest).all()
    else:
        least = {
            kind: min(int(column[list(w.edges)].sum()) for w in wide)
            for kind, column in ((LOSS, net.loss_udb), (LENGTH, net.length_mm))
        }
        if least[LOSS] > loss:
            assert found is not None
            assert (found.kind, found.value) == (LOSS, least[LOSS])
        elif least[LENGTH] > length:
            assert found is not None
            assert (found.kind, found.value) == (LENGTH, least[LENGTH])
        else:
            assert found is None


@often
@given(networks(largest=8, most_edges=16), st.integers(0, 14))
def test_kernels_and_twins_answer_alike(net: Network, loss: int) -> None:
    weight, goal = weights(net, 1, 365), len(net) - 1
    with pytest.MonkeyPatch.context() as patch:
        said = []
        for backend in ("numba", "numpy"):
            patch.setenv("ENGINE_BACKEND", backend)
            within = cheapest_within(net, weight, 0, goal, Limits(loss))
            pair, apart = diverse_pair(net, weight, 0, goal), disjoint_pair(net, weight, 0, goal, nodes=False)
            said.append(repr((shortest(net, weight, 0, goal), within, pair, apart)))
    assert said[0] == said[1]


def test_prices_are_rent_by_the_day_and_what_is_paid_once() -> None:
    net = network(2, [(0, 1, 1000, 1, 1, 4, ())])
    assert prices(net, 2, 365).tolist() == [2000]
    assert prices(net, 1, 73).tolist() == [200]
    assert weights(net, 5, 365).tolist() == [SHUT]


@pytest.mark.parametrize(
    ("column", "edge"),
    [
        ("tail", (5, 1, 1, 1, 1, 1, ())),
        ("head", (1, 1, 1, 1, 1, 1, ())),
        ("rent_minor", (0, 1, -1, 1, 1, 1, ())),
        ("length_mm", (0, 1, 1, -1, 1, 1, ())),
        ("free", (0, 1, 1, 1, 1, -1, ())),
    ],
)
def test_what_no_network_may_hold_is_refused_by_column(column: str, edge: tuple[int, int, int, int, int, int, tuple[()]]) -> None:
    with pytest.raises(ProblemError) as refused:
        network(2, [edge])
    assert (refused.value.column, refused.value.row) == (column, 0)


def test_sums_that_would_not_be_exact_are_refused() -> None:
    net = network(2, [(0, 1, 1 << 50, 1, 1, 1, ())])
    for units, days, column in ((1, 3650, "rent_minor"), (0, 365, "units"), (1, 0, "days")):
        with pytest.raises(ProblemError) as refused:
            prices(net, units, days)
        assert refused.value.column == column
