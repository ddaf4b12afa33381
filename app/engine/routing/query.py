"""`route(network, start, goal, ask) -> Answer`: from A to B with enough free, the alternatives, the pair, or what is in the way."""

from __future__ import annotations

import time

import numpy as np

from app.engine.problem import Ints, ProblemError
from app.engine.routing.alternatives import cheapest_ways
from app.engine.routing.answer import EDGE, NODE, NONE, Answer, Ask, PairAnswer, route_of
from app.engine.routing.budget import Limits, Within, cheapest_within
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import FAR, Network, prices, weights
from app.engine.routing.obstacle import obstacle
from app.engine.routing.search import Path
from app.engine.routing.shared_risk import Diverse, diverse_pair, exposure, without_pair

TRIED = 500  # ways looked at for alternatives that keep the limits


def route(network: Network, start: int, goal: int, ask: Ask) -> Answer:
    """Answer one question. Exact, except where `complete` or a pair's `proven` says otherwise, then with a bound.

    Raises `ProblemError` for unknown nodes, no units, no days."""
    for name, node in (("start", start), ("goal", goal)):
        if not 0 <= node < len(network):
            raise ProblemError(name, None, f"there is no node {node}")
    until = time.monotonic() + ask.seconds
    price, weight = prices(network, ask.units, ask.days), weights(network, ask.units, ask.days)
    if start == goal:
        here = Path(0, np.zeros(0, np.int64), np.array([start], np.int64))
        return Answer((route_of(network, price, ask, here),), True, 0)
    best = cheapest_within(network, weight, start, goal, ask.edge_limits)
    ways, complete = _ways(network, weight, best, ask, until)
    routes = tuple(route_of(network, price, ask, way) for way in ways)
    bound = min(best.bound, FAR)
    if not routes:
        why = obstacle(network, weight, start, goal, ask.edge_limits)
        return Answer((), best.proven, bound, None, why)
    pair = None if ask.diversity == NONE else _pair(network, price, weight, start, goal, ask, until)
    return Answer(routes, complete, bound, pair)


def _ways(network: Network, weight: Ints, best: Within, ask: Ask, until: float) -> tuple[list[Path], bool]:
    """The best way and the alternatives that keep the limits, cheapest first, and whether these are all that count."""
    if best.way is None or ask.alternatives == 0:
        return ([] if best.way is None else [best.way]), best.proven
    found: list[Path] = []
    known: set[frozenset[int]] = set()
    limits: Limits = ask.edge_limits
    for tried, way in enumerate(cheapest_ways(network, weight, int(best.way.nodes[0]), int(best.way.nodes[-1]))):
        over = frozenset(network.span[way.edges].tolist())
        if limits.allow(network, way) and not (ask.distinct and over in known):
            found.append(way)
            known.add(over)
        if len(found) > ask.alternatives:
            return found, True
        if tried >= TRIED or time.monotonic() > until:
            return found or [best.way], False
    return found, True


def _pair(network: Network, price: Ints, weight: Ints, start: int, goal: int, ask: Ask, until: float) -> PairAnswer | None:
    if ask.diversity in (EDGE, NODE):
        found = disjoint_pair(network, weight, start, goal, nodes=ask.diversity == NODE)
        if found is None:
            return _told(network, price, ask, without_pair(network, weight, start, goal, until))
        one, two = (route_of(network, price, ask, way) for way in found)
        return PairAnswer(one, two, found.cost, True)
    known = diverse_pair(network, weight, start, goal, seconds=max(until - time.monotonic(), 0.1))
    return None if known is None else _told(network, price, ask, known)


def _told(network: Network, price: Ints, ask: Ask, found: Diverse) -> PairAnswer:
    if found.ways is not None:
        one, two = (route_of(network, price, ask, way) for way in found.ways)
        return PairAnswer(one, two, found.bound, found.proven)
    first = route_of(network, price, ask, found.first)
    second = None if found.second is None else route_of(network, price, ask, found.second)
    shared = exposure(network, found.first, found.second or found.first)
    return PairAnswer(first, second, found.bound, found.proven, shared, found.unavoidable)
