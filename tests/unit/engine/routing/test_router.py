"""The contraction hierarchy against the exact search, before and after prices change, and beyond its 31 bits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine.routing import Router, Topology
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import SHUT, Network, weights
from app.engine.routing.search import shortest
from tests.unit.engine.routing.nets import checked, network, networks


def agree(router: Router, net: Network) -> None:
    for goal in range(1, len(net)):
        found, known = router.shortest(0, goal), shortest(net, router.weight, 0, goal)
        assert (found is None) == (known is None)
        if found is not None and known is not None:
            assert checked(net, router.weight, found, 0, goal).cost == known.cost
        for nodes in (False, True):
            two, plain = router.pair(0, goal, nodes), disjoint_pair(net, router.weight, 0, goal, nodes)
            assert (two is None) == (plain is None)
            assert router.blocks().joins(0, goal, nodes) == (plain is not None)
            if two is not None and plain is not None:
                one, other = (checked(net, router.weight, way, 0, goal) for way in two)
                assert not set(one.edges.tolist()) & set(other.edges.tolist())
                assert not (nodes and set(one.nodes[1:-1].tolist()) & set(other.nodes[1:-1].tolist()))
                assert two.cost == plain.cost


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(networks(largest=8, most_edges=16), st.data())
def test_the_hierarchy_answers_as_the_search_does(backend: str, net: Network, data: st.DataObject) -> None:
    router = Router(Topology(net), weights(net, 1, 365))
    agree(router, net)
    if net.edges:
        edges = np.array(sorted(data.draw(st.sets(st.integers(0, net.edges - 1), min_size=1))), np.int64)
        fresh = data.draw(st.lists(st.sampled_from([SHUT, 1, 3, 50]), min_size=len(edges), max_size=len(edges)))
        router.change(edges, np.array(fresh, np.int64))
        agree(router, net)


def test_costs_beyond_31_bits_are_exact_all_the_same() -> None:
    dear = 1 << 31
    net = network(
        4,
        [
            (0, 1, dear // 2, 1, 1, 1, ()),
            (1, 2, dear // 2, 1, 1, 1, ()),
            (2, 3, dear, 1, 1, 1, ()),
            (0, 3, 3 * dear, 1, 1, 1, ()),
        ],
    )
    router = Router(Topology(net), weights(net, 1, 365))
    agree(router, net)
    found = router.shortest(0, 3)
    assert found is not None
    assert found.cost == 2 * dear


def test_a_kept_order_serves_again(tmp_path: Path) -> None:
    net = network(3, [(0, 1, 5, 1, 1, 1, ()), (1, 2, 5, 1, 1, 1, ()), (0, 2, 20, 1, 1, 1, ())])
    Topology(net).save(tmp_path / "order")
    router = Router(Topology(net, tmp_path / "order"), weights(net, 1, 365))
    agree(router, net)
