"""Real networks: SNDlib's with their modules as capacity against linear programmes, Kenya's four operators stitched into one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely

from app.engine.routing import BUILD, CAPACITY, HANDOVER, SPAN, Ask, route
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import weights
from app.engine.routing.search import shortest
from tests.support.real_networks import INSTANCES, kenya, least_flow, sndlib

pytestmark = pytest.mark.real_data
YEAR = 365


@pytest.mark.parametrize("name", INSTANCES)
def test_sndlib_routes_and_pairs_equal_the_linear_programme(shared_data: Callable[..., Path], name: str) -> None:
    net, demands = sndlib(shared_data("sndlib"), name)
    rng = np.random.default_rng(1)
    for start, goal, units in [demands[k] for k in rng.choice(len(demands), min(8, len(demands)), replace=False)]:
        widest = max(int(net.free.max()), 1)
        asked = min(units, widest)
        weight = weights(net, asked, YEAR)
        way, pair = shortest(net, weight, start, goal), disjoint_pair(net, weight, start, goal, nodes=False)
        one, two = least_flow(net, weight, start, goal, 1), least_flow(net, weight, start, goal, 2)
        assert (way is None) == (one is None)
        assert way is None or way.cost == pytest.approx(one)
        assert (pair is None) == (two is None)
        assert pair is None or pair.cost == pytest.approx(two)


def test_more_than_the_largest_module_is_named_as_such(shared_data: Callable[..., Path]) -> None:
    net, demands = sndlib(shared_data("sndlib"), "polska")
    start, goal, _ = demands[0]
    found = route(net, start, goal, Ask(units=623))
    assert found.obstacle is not None
    assert (found.obstacle.kind, found.obstacle.value) == (CAPACITY, 622)


def test_kenyas_four_operators_are_one_network_that_answers_as_enumeration_does(shared_data: Callable[..., Path]) -> None:
    made = kenya(shared_data("ofds_networks"))
    net = made.network
    assert set(net.owner.tolist()) == {1, 2, 3, 4}
    assert len(np.flatnonzero(net.kind == HANDOVER)) > 20
    weight = weights(net, 1, YEAR)
    graph = nx.MultiGraph()
    graph.add_weighted_edges_from((int(net.tail[e]), int(net.head[e]), int(weight[e])) for e in range(net.edges))
    main = sorted(max(nx.connected_components(graph), key=len))
    assert len({int(net.owner[v]) for v in main}) >= 3
    rng = np.random.default_rng(5)
    mixed = 0
    for start, goal in rng.choice(main, (25, 2)).tolist():
        if start == goal:
            continue
        found = route(net, start, goal, Ask(diversity="edge"))
        (best,) = found.routes
        assert weight[best.edges].sum() == nx.dijkstra_path_length(graph, start, goal)
        mixed += len({leg.owner for leg in best.legs if leg.kind == SPAN}) > 1
        flow = least_flow(net, weight, start, goal, 2)
        assert found.pair is not None
        assert (found.pair.shared is None) == (flow is not None)
        if flow is not None:
            assert found.pair.bound_minor == pytest.approx(flow)
        else:
            assert found.pair.unavoidable is not None
            bridges = {frozenset(pair[:2]) for pair in nx.bridges(nx.Graph(graph))}
            named = {frozenset((int(net.tail[e]), int(net.head[e]))) for e in found.pair.unavoidable.edges}
            assert named
            assert named <= bridges
    assert mixed > 0


def test_crossing_operators_of_kenya_meet_at_joints_only(shared_data: Callable[..., Path]) -> None:
    made = kenya(shared_data("ofds_networks"))
    net = made.network
    lines = [section.line for section in made.sections]
    tree = shapely.STRtree(lines)
    crossing = [(a, b) for a, b in tree.query(lines, predicate="crosses").T.tolist() if a < b]
    ends = {(int(net.tail[e]), int(net.head[e])) for e in range(net.edges) if net.kind[e] in (HANDOVER, BUILD)}
    assert crossing
    for a, b in crossing:
        if net.owner[net.tail[a]] == net.owner[net.tail[b]]:
            continue
        corners = [(int(net.tail[a]), int(net.head[a])), (int(net.tail[b]), int(net.head[b]))]
        assert not set(corners[0]) & set(corners[1])
    assert all(u < v for u, v in ends)
