"""Routes over a generated national network of several owners: the best way between places 800 to 1,200 km apart with two units
free, and the cheapest pair without a common section.

Indexes (our contraction hierarchy, a peer's graph object) are made beforehand on every side; their times stand in rows of their
own. Every peer answers the same questions and the costs are compared: a row is written only where they agree. Of a slow peer only
a few questions are timed, and ours is the median of those same questions. Where two ways apart do not exist the answer is known
from the blocks of the network; the mean over the pairs that have two ways stands beside the mean over all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import networkx as nx
import numpy as np
import rustworkx as rx
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from app.engine import warm
from app.engine.problem import Ints
from app.engine.routing import Router, Topology
from app.engine.routing.network import Network, weights
from app.engine.routing.search import shortest
from bench import common
from bench.engine_j4_peers import Question, min_cost_flow, pgrouting, timed
from bench.network import far_pairs, national

JOB = "J4 routes"
WHOLE = True  # a run replaces every row of its job
PLACES, UNITS, DAYS = 346_000, 2, 365
QUESTIONS, FEW, AGAIN = 200, 5, 5
FEW_FLOWS = {"national": common.SLOW_RUNS}  # OR-Tools takes longer than half a minute for each


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
    began = time.perf_counter()
    router.landmarks()
    router.blocks()
    guided = time.perf_counter() - began
    rows = [
        common.row(JOB, instance, "landmarks and blocks for pairs, s", round(guided, 2), 1),
        common.row(JOB, instance, "order of contraction, s", round(built, 1), 1),
        common.row(JOB, instance, "prices for another quantity or window, s", round(customised, 2), 1),
    ]
    pairs = far_pairs(network, QUESTIONS, 800_000, 1_200_000)
    rows += _best(network, weight, router, pairs, instance)
    return rows + _pairs(network, weight, router, pairs, instance)


def _cost(router: Router) -> Question:
    def ask(start: int, goal: int) -> int | None:
        way = router.shortest(start, goal)
        return None if way is None else way.cost

    return ask


def _best(network: Network, weight: Ints, router: Router, pairs: Sequence[tuple[int, int]], instance: str) -> list[common.Row]:
    mine, known = timed(_cost(router), pairs)
    rows = [
        common.row(JOB, instance, "national route, p50 ms", _p50(mine), QUESTIONS, spread=common.spread_of(mine)),
        common.row(JOB, instance, "national route, p99 ms", round(float(np.percentile(mine, 99)), 3), QUESTIONS),
    ]
    peers: dict[str, Question] = {
        "our own Dijkstra, compiled": lambda a, b: getattr(shortest(network, weight, a, b), "cost", None),
        **_peers(network, weight),
    }
    with pgrouting(network, weight) as database:
        for name, question in {**peers, **database}.items():
            few = pairs[: QUESTIONS // 4 if "compiled" in name else FEW]
            ours, taken, said = [], [], []
            for pair in few:  # in turns, so that a busy machine is unfair to both alike; ours is soon done, and asked more often
                ours += timed(_cost(router), [pair] * AGAIN)[0]
                once, answer = timed(question, [pair])
                taken, said = taken + once, said + answer
            if said != known[: len(few)]:
                print(f"DISAGREES, no row: {name} says {said} where ours says {known[: len(few)]}", flush=True)
                continue
            rows.append(common.row(JOB, instance, "national route, p50 ms", _p50(ours), len(few), name, _p50(taken)))
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


def _pairs(network: Network, weight: Ints, router: Router, pairs: Sequence[tuple[int, int]], instance: str) -> list[common.Row]:
    rows = []
    for nodes, what in ((False, "section"), (True, "section or joint")):

        def ask(a: int, b: int, apart: bool = nodes) -> int | None:
            found = router.pair(a, b, apart)
            return None if found is None else found.cost

        for low, high, reach in ((5e3, 15e3, "metro"), (8e4, 1.2e5, "regional"), (8e5, 1.2e6, "national")):
            chosen = list(pairs[:60]) if reach == "national" else far_pairs(network, 60, low, high)
            taken, said = timed(ask, chosen)
            metric = f"pair without a common {what}, {reach}, mean ms"
            rows.append(_mean(instance, metric, taken))
            there = [ms for ms, cost in zip(taken, said, strict=True) if cost is not None]
            rows.append(_mean(instance, f"{metric}, where there are two", there))
            print(rows[-2:], flush=True)
            if not nodes:
                few = FEW_FLOWS.get(reach, FEW)
                rows += _flow(network, weight, ask, chosen, said, instance, metric, few)
    return rows


def _mean(instance: str, metric: str, taken: Sequence[float]) -> common.Row:
    return common.row(JOB, instance, metric, round(statistics.mean(taken), 2), len(taken), spread=common.spread_of(taken))


def _flow(
    network: Network,
    weight: Ints,
    ask: Question,
    chosen: Sequence[tuple[int, int]],
    said: Sequence[int | None],
    instance: str,
    metric: str,
    count: int,
) -> list[common.Row]:
    """OR-Tools on the first pairs that have two ways; by its solver's own time, the model being there."""
    few = [k for k, cost in enumerate(said) if cost is not None][:count]
    answers = min_cost_flow(network, weight, [chosen[k] for k in few])
    if not answers:
        return []
    if [cost for _, cost in answers] != [said[k] for k in few]:
        print(f"DISAGREES, no row: OR-Tools says {answers} where ours says {[said[k] for k in few]}", flush=True)
        return []
    ours = statistics.mean(timed(ask, [chosen[k] for k in few])[0])
    theirs = round(statistics.mean(ms for ms, _ in answers), 1)
    found = common.row(JOB, instance, metric, round(ours, 2), len(few), "OR-Tools min-cost flow, in its own process", theirs)
    print(found, flush=True)
    return [found]


def _p50(taken: Sequence[float]) -> float:
    return round(statistics.median(taken), 3)
