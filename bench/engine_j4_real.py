"""Routes on real networks, held to other methods: SNDlib with the largest module of each link as its capacity against linear
programmes (HiGHS), Kenya's four operators stitched into one network against networkx.

*ours* and *peer's* are how many questions each answered; a row is written only where all their costs are equal. Places of
`../shared/data`; left out where it is not.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

from app.engine import warm
from app.engine.problem import Ints
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import YEAR, Network, weights
from app.engine.routing.search import shortest
from bench import common
from tests.support.real_networks import INSTANCES, kenya, least_flow, sndlib

JOB = "J4 literature"
WHOLE = True  # a run replaces every row of its job
DATA = common.HERE.parent.parent / "shared" / "data"
PER_INSTANCE, PER_KENYA = 40, 60
LINES = "linear programme, HiGHS"


def run() -> list[common.Row]:
    if not DATA.exists():
        print("MISSING DATA: engine_j4_real reads ../shared/data, which is not here; left out", flush=True)
        return []
    warm()
    return [*_sndlib(), *_kenya()]


def _sndlib() -> list[common.Row]:
    rows = []
    for name in INSTANCES:
        net, demands = sndlib(DATA / "sndlib", name)
        chosen = np.random.default_rng(2).permutation(len(demands))[:PER_INSTANCE]
        asked = 0
        for start, goal, units in (demands[int(k)] for k in chosen):
            weight = weights(net, min(units, max(int(net.free.max()), 1)), YEAR)
            one, two = _costs(net, start, goal, weight)
            _agree(name, one, least_flow(net, weight, start, goal, 1))
            _agree(name, two, least_flow(net, weight, start, goal, 2))
            asked += 2
        instance = f"SNDlib {name}, {len(net)} nodes, {net.edges} links, modules as capacity"
        rows.append(common.row(JOB, instance, "routes and edge-disjoint pairs of equal cost", asked, asked, LINES, asked, True))
    return rows


def _kenya() -> list[common.Row]:
    net = kenya(DATA / "ofds_networks").network
    weight = weights(net, 1, YEAR)
    graph: nx.MultiGraph[int] = nx.MultiGraph()
    graph.add_nodes_from(range(len(net)))
    graph.add_weighted_edges_from((int(net.tail[e]), int(net.head[e]), int(weight[e])) for e in range(net.edges))
    main = sorted(max(nx.connected_components(graph), key=len))
    pairs = [(a, b) for a, b in np.random.default_rng(3).choice(main, (PER_KENYA, 2)).tolist() if a != b]
    for start, goal in pairs:
        one, two = _costs(net, start, goal, weight)
        _agree("Kenya", one, nx.dijkstra_path_length(graph, start, goal))
        _agree("Kenya", two, least_flow(net, weight, start, goal, 2))
    instance = f"Kenya, four operators in one network, {len(net):,} nodes, {net.edges:,} edges"
    metric, peer = "routes and edge-disjoint pairs of equal cost", f"networkx Dijkstra; {LINES}"
    return [common.row(JOB, instance, metric, 2 * len(pairs), 2 * len(pairs), peer, 2 * len(pairs), True)]


def _costs(net: Network, start: int, goal: int, weight: Ints) -> tuple[int | None, int | None]:
    way, pair = shortest(net, weight, start, goal), disjoint_pair(net, weight, start, goal, nodes=False)
    return None if way is None else way.cost, None if pair is None else pair.cost


def _agree(where: str, ours: int | None, other: float | None) -> None:
    if (ours is None) != (other is None) or (ours is not None and other is not None and abs(ours - other) > 1e-6 * max(ours, 1)):
        raise RuntimeError(f"{where}: {ours} where the other method says {other}")
