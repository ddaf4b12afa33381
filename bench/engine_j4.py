"""Routes over a generated national network of several owners: the best way between places 800 to 1,200 km apart with two units
free, and the cheapest pair without a common section.

Indexes (our contraction hierarchy, a peer's graph object) are made beforehand on every side; their times stand in rows of their
own. Every peer answers the same questions and the costs are compared: a row is written only where they agree. Of a peer slower
than a second only a few questions are timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import networkx as nx
import numpy as np
import rustworkx as rx
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from app.engine import warm
from app.engine.problem import Ints
from app.engine.routing import Router, Topology
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import Network, weights
from app.engine.routing.search import shortest
from bench import common
from bench.network import far_pairs, national

JOB = "J4 routes"
PLACES, UNITS, DAYS = 330_000, 2, 365
QUESTIONS, FEW = 200, 5
Question = Callable[[int, int], int | None]


def run() -> list[common.Row]:
    warm()
    network = national(PLACES)
    weight = weights(network, UNITS, DAYS)
    instance = f"{len(network):,} nodes, {network.edges:,} edges"
    print(instance, flush=True)
    began = time.perf_counter()
    topology = Topology(network)
    built = time.perf_counter() - began
    began = time.perf_counter()
    router = Router(topology, weight, threads=2)
    customised = time.perf_counter() - began
    print("hierarchy", built, customised, flush=True)
    rows = [
        common.row(JOB, instance, "order of contraction, s", round(built, 1), 1),
        common.row(JOB, instance, "prices for another quantity or window, s", round(customised, 2), 1),
    ]
    pairs = far_pairs(network, QUESTIONS, 800_000, 1_200_000)
    rows += _best(network, weight, router, pairs, instance)
    return rows + _pairs(network, weight, pairs, instance)


def _timed(question: Question, pairs: Sequence[tuple[int, int]]) -> tuple[list[float], list[int | None]]:
    taken, said = [], []
    for start, goal in pairs:
        began = time.perf_counter()
        said.append(question(start, goal))
        taken.append((time.perf_counter() - began) * 1000)
    return taken, said


def _cost(router: Router) -> Question:
    def ask(start: int, goal: int) -> int | None:
        way = router.shortest(start, goal)
        return None if way is None else way.cost

    return ask


def _best(network: Network, weight: Ints, router: Router, pairs: Sequence[tuple[int, int]], instance: str) -> list[common.Row]:
    mine, known = _timed(_cost(router), pairs)
    rows = [
        common.row(JOB, instance, "national route, p50 ms", _p50(mine), QUESTIONS, spread=common.spread_of(mine)),
        common.row(JOB, instance, "national route, p99 ms", round(float(np.percentile(mine, 99)), 3), QUESTIONS),
    ]
    peers: dict[str, Question] = {
        "our own Dijkstra, compiled": lambda a, b: getattr(shortest(network, weight, a, b), "cost", None),
        **_peers(network, weight),
    }
    for name, question in peers.items():
        few = pairs[: QUESTIONS // 4 if "compiled" in name else FEW]
        taken, said = _timed(question, few)
        if said != known[: len(few)]:
            raise RuntimeError(f"{name} answers otherwise")
        rows.append(common.row(JOB, instance, "national route, p50 ms", _p50(mine), len(few), name, _p50(taken)))
        print(rows[-1], flush=True)
    return rows


def _peers(network: Network, weight: Ints) -> dict[str, Question]:
    open_ = np.flatnonzero(weight >= 0)
    tail, head, cost = network.tail[open_], network.head[open_], weight[open_]
    rust = rx.PyGraph()
    rust.add_nodes_from(range(len(network)))
    rust.add_edges_from(list(zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True)))
    net = nx.Graph()
    net.add_nodes_from(range(len(network)))
    for u, v, c in zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True):
        if not net.has_edge(u, v) or net[u][v]["weight"] > c:
            net.add_edge(u, v, weight=c)
    matrix = _matrix(network, tail, head, cost)

    def rustworkx(a: int, b: int) -> int | None:
        found = rx.dijkstra_shortest_path_lengths(rust, a, float, goal=b)
        return int(found[b]) if b in found else None

    def networkx(a: int, b: int) -> int | None:
        try:
            return int(nx.bidirectional_dijkstra(net, a, b)[0])
        except nx.NetworkXNoPath:
            return None

    def scipy(a: int, b: int) -> int | None:
        far = dijkstra(matrix, directed=False, indices=a)[b]
        return int(far) if np.isfinite(far) else None

    return {
        "rustworkx Dijkstra to a goal": rustworkx,
        "networkx bidirectional Dijkstra": networkx,
        "scipy csgraph Dijkstra": scipy,
    }


def _matrix(network: Network, tail: Ints, head: Ints, cost: Ints) -> csr_matrix:
    """The cheapest of parallel edges: a matrix would add them up."""
    ends = np.sort(np.column_stack((tail, head)), axis=1)
    order = np.lexsort((cost, ends[:, 1], ends[:, 0]))
    ends, cost = ends[order], cost[order]
    first = np.ones(len(ends), bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    return csr_matrix((cost[first].astype(float), (ends[first, 0], ends[first, 1])), shape=(len(network),) * 2)


def _pairs(network: Network, weight: Ints, pairs: Sequence[tuple[int, int]], instance: str) -> list[common.Row]:
    rows = []
    for nodes, what in ((False, "section"), (True, "section or joint")):

        def ask(a: int, b: int, apart: bool = nodes) -> int | None:
            found = disjoint_pair(network, weight, a, b, apart)
            return None if found is None else found.cost

        for low, high, reach in ((5e3, 15e3, "metro"), (8e4, 1.2e5, "regional"), (8e5, 1.2e6, "national")):
            chosen = pairs[:20] if reach == "national" else far_pairs(network, 40, low, high)
            taken, _ = _timed(ask, chosen)
            metric = f"pair without a common {what}, {reach}, mean ms"
            rows.append(
                common.row(JOB, instance, metric, round(statistics.mean(taken), 2), len(chosen), spread=common.spread_of(taken))
            )
            print(rows[-1], flush=True)
    return rows


def _p50(taken: Sequence[float]) -> float:
    return round(statistics.median(taken), 3)
