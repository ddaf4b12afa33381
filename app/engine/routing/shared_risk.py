"""Two ways that share no section, no site between the ends and no host (duct, bridge, tunnel), whoever owns them.

NP-hard in general (Hu 2003), so the answer comes with a proven bound. The cheapest pair without a common edge or node is the
bound to begin with, and the answer where its ways happen to share no risk. Otherwise ways are enumerated from the cheapest on,
each is paired with the cheapest way that shares nothing with it, and the best pair stands proven as soon as twice the way at
hand costs as much: in any better pair the cheaper way would have come before. Two heuristics give early pairs: the ways of the
cheapest pair, and ways that pay for the risks they would share.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.engine.problem import Ints
from app.engine.routing.alternatives import cheapest_ways
from app.engine.routing.diverse import TwoWays, disjoint_pair
from app.engine.routing.network import Network
from app.engine.routing.search import Path, shortest

DEARER = (2, 8, 64)  # how many times an edge costs that runs a risk the other way runs


class Exposure(NamedTuple):
    """What two ways have in common: edges, sites between the ends, risks; all ascending."""

    edges: Ints
    sites: Ints
    risks: Ints

    @property
    def none(self) -> bool:
        return not (len(self.edges) or len(self.sites) or len(self.risks))


@dataclass(frozen=True, slots=True)
class Diverse:
    """`ways`: the best pair known, None where none was found. `bound`: no pair costs less. `proven`: it is the best, or, without
    ways, there is none. Without ways, `second` is the way that shares least with `first`; `unavoidable`: the edges, sites and
    risks that every way runs."""

    ways: TwoWays | None
    bound: int
    proven: bool
    first: Path
    second: Path | None = None
    unavoidable: Exposure | None = None


def exposure(network: Network, one: Path, two: Path) -> Exposure:
    """What both ways run: O(length). The site of an end counts only where they share a node there that is not the end."""
    nodes = np.intersect1d(one.nodes[1:-1], two.nodes[1:-1])
    sites = np.union1d(np.intersect1d(_inner_sites(network, one), _inner_sites(network, two)), network.site[nodes])
    risks = np.intersect1d(network.risks_of(one.edges), network.risks_of(two.edges))
    return Exposure(np.intersect1d(one.edges, two.edges), sites, risks)


def _edges_of(network: Network, risks: Ints) -> Ints:
    ptr, edge = network.at_risk
    return np.concatenate([edge[ptr[r] : ptr[r + 1]] for r in risks]) if len(risks) else np.zeros(0, np.int64)


def _nodes_of(network: Network, sites: Ints) -> Ints:
    ptr, node = network.at_site
    return np.concatenate([node[ptr[s] : ptr[s + 1]] for s in sites]) if len(sites) else np.zeros(0, np.int64)


def _inner_sites(network: Network, way: Path) -> Ints:
    return np.setdiff1d(network.site[way.nodes[1:-1]], network.site[[way.nodes[0], way.nodes[-1]]])


def partner(network: Network, weight: Ints, way: Path) -> Path | None:
    """The cheapest way between the same ends that shares nothing with `way`."""
    shut = np.concatenate((way.edges, _edges_of(network, network.risks_of(way.edges))))
    barred = np.concatenate((way.nodes[1:-1], _nodes_of(network, _inner_sites(network, way))))
    return shortest(network, weight, int(way.nodes[0]), int(way.nodes[-1]), shut, barred)


def diverse_pair(network: Network, weight: Ints, start: int, goal: int, ways: int = 200, seconds: float = 2.0) -> Diverse | None:
    """The cheapest pair that shares no risk, within at most so many enumerated ways and seconds; None: not even one way."""
    until = time.monotonic() + seconds
    first = shortest(network, weight, start, goal)
    if first is None:
        return None
    relaxed = disjoint_pair(network, weight, start, goal, nodes=True)
    if relaxed is None:
        return _without(network, weight, first, True, until)
    bound = relaxed.cost
    if exposure(network, *relaxed).none:
        return Diverse(relaxed, bound, True, relaxed.first)
    best: TwoWays | None = None
    exhausted = True
    for way in _candidates(network, weight, relaxed):
        best = _better(best, way, partner(network, weight, way))
    for enumerated, way in enumerate(cheapest_ways(network, weight, start, goal)):
        bound = max(bound, 2 * way.cost)
        if best is not None and bound >= best.cost:
            break
        if enumerated == ways or time.monotonic() > until:
            exhausted = False
            break
        best = _better(best, way, partner(network, weight, way))
    if best is not None:
        proven = exhausted or bound >= best.cost
        return Diverse(best, best.cost if proven else bound, proven, best.first)
    return _without(network, weight, first, exhausted, until)


def _better(best: TwoWays | None, way: Path, other: Path | None) -> TwoWays | None:
    if other is None or (best is not None and best.cost <= way.cost + other.cost):
        return best
    return TwoWays(way, other) if way.cost <= other.cost else TwoWays(other, way)


def _candidates(network: Network, weight: Ints, relaxed: TwoWays) -> Iterator[Path]:
    """Ways to begin with: those of the relaxed pair, and ways that avoid what one of them would share, at a price."""
    yield from relaxed
    for way in relaxed:
        for factor in DEARER:
            found = _avoiding(network, weight, way, factor)
            if found is not None:
                yield Path(int(weight[found.edges].sum()), found.edges, found.nodes)


def _avoiding(network: Network, weight: Ints, way: Path, factor: int) -> Path | None:
    """The cheapest way when every edge that shares something with `way` costs `factor` times as much."""
    start, goal = int(way.nodes[0]), int(way.nodes[-1])
    dear = weight.copy()
    near = np.zeros(len(network), bool)
    near[_nodes_of(network, _inner_sites(network, way))] = True
    near[way.nodes[1:-1]] = True
    shared = near[network.tail] | near[network.head]
    shared[way.edges] = True
    shared[_edges_of(network, network.risks_of(way.edges))] = True
    dear[shared & (weight > 0)] *= factor
    return shortest(network, dear, start, goal)


def without_pair(network: Network, weight: Ints, start: int, goal: int, until: float) -> Diverse:
    """What to say where there is a way but no pair without a common edge or node."""
    first = shortest(network, weight, start, goal)
    assert first is not None
    return _without(network, weight, first, True, until)


def _without(network: Network, weight: Ints, first: Path, proven: bool, until: float) -> Diverse:
    """No pair: the way that shares least with the cheapest, and what nothing can avoid."""
    every = unavoidable(network, weight, first, until)
    second = _avoiding(network, weight, first, _prohibitive(weight))
    if second is None or np.array_equal(second.edges, first.edges):
        return Diverse(None, first.cost, proven, first, None, every)
    second = Path(int(weight[second.edges].sum()), second.edges, second.nodes)
    return Diverse(None, first.cost, proven or not every.none, first, second, every)


def _prohibitive(weight: Ints) -> int:
    """A factor by which one shared edge costs more than any way without it, as far as sums stay exact."""
    total = int(weight[weight > 0].sum())
    return max(2, min(total + 1, (1 << 60) // max(total, 1)))


def unavoidable(network: Network, weight: Ints, way: Path, until: float) -> Exposure:
    """The edges, sites and risks of `way` without which there is no way at all: every route runs them. One search for each, as
    many as the time allows."""
    start, goal = int(way.nodes[0]), int(way.nodes[-1])

    def needed(shut: Ints, barred: Ints) -> bool:
        return time.monotonic() < until and shortest(network, weight, start, goal, shut, barred) is None

    none = np.zeros(0, np.int64)
    risks = [r for r in network.risks_of(way.edges) if needed(_edges_of(network, np.array([r])), none)]
    sites = [s for s in _inner_sites(network, way) if needed(none, _nodes_of(network, np.array([s])))]
    edges = [e for e in way.edges if needed(np.array([e]), none)]
    return Exposure(np.array(edges, np.int64), np.array(sites, np.int64), np.array(risks, np.int64))
