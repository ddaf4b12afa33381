"""What a question about a route is answered with: routes as legs per owner, a pair that fails apart, or what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from app.engine.problem import Ints
from app.engine.routing.budget import UNLIMITED, Limits
from app.engine.routing.network import BUILD, HANDOVER, YEAR, Network
from app.engine.routing.obstacle import Obstacle
from app.engine.routing.search import Path
from app.engine.routing.shared_risk import Exposure

NONE, EDGE, NODE, RISK = "none", "edge", "node", "risk"
DIVERSITIES = (NONE, EDGE, NODE, RISK)


@dataclass(frozen=True, slots=True)
class Ask:
    """`units` for `days`; `limits` of one route, `ends_udb` lost at its two ends; `alternatives` beside the best,
    each over other spans than those before it where `distinct`; `diversity`: what a second way must not share. `seconds`: for
    everything; what is not done by then is left out and said so."""

    units: int = 1
    days: int = YEAR
    limits: Limits = field(default_factory=Limits)
    ends_udb: int = 0
    alternatives: int = 0
    distinct: bool = False
    diversity: str = NONE
    seconds: float = 5.0

    def __post_init__(self) -> None:
        if self.diversity not in DIVERSITIES:
            raise ValueError(f"diversity={self.diversity!r}: expected one of {', '.join(DIVERSITIES)}")

    @property
    def edge_limits(self) -> Limits:
        """What the edges alone may take."""
        loss = self.limits.loss_udb
        return Limits(loss if loss == UNLIMITED else loss - self.ends_udb, self.limits.length_mm)


@dataclass(frozen=True, slots=True)
class Leg:
    """What is one owner's, or a handover (`owner`: from whom), or built (`owner` -1), without a break. `edges` in the order of
    the route."""

    kind: int
    owner: int
    edges: Ints
    nodes: Ints
    length_mm: int
    price_minor: int
    loss_udb: int


@dataclass(frozen=True, slots=True)
class Route:
    """`price_minor` over the window. `loss_udb`: with both ends. `within`: it keeps the limits that were asked for."""

    edges: Ints
    nodes: Ints
    legs: tuple[Leg, ...]
    length_mm: int
    price_minor: int
    loss_udb: int
    within: bool


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """Two routes that share nothing of the kind asked for, or (`shared` is not None) the best and the one that shares least with
    it. `bound_minor`: no pair is cheaper; `proven`: this is the cheapest, or there is none. `unavoidable`: what every route runs."""

    first: Route
    second: Route | None
    bound_minor: int
    proven: bool
    shared: Exposure | None = None
    unavoidable: Exposure | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`routes`: the best first. `complete`: these are the best there are, as many as asked for. `bound_minor`: no route within
    the limits is cheaper. `obstacle`: why there is none; None without routes: each limit can be kept, but not both."""

    routes: tuple[Route, ...]
    complete: bool
    bound_minor: int
    pair: PairAnswer | None = None
    obstacle: Obstacle | None = None


def route_of(network: Network, price: Ints, ask: Ask, way: Path) -> Route:
    """A way with its legs and figures."""
    loss = int(network.loss_udb[way.edges].sum()) + ask.ends_udb
    return Route(
        way.edges,
        way.nodes,
        tuple(_legs(network, price, way)),
        int(network.length_mm[way.edges].sum()),
        int(price[way.edges].sum()),
        loss,
        ask.edge_limits.allow(network, way),
    )


def _legs(network: Network, price: Ints, way: Path) -> Iterator[Leg]:
    """A leg for each run of sections of one owner; every handover and build is one by itself."""
    if not len(way.edges):
        return
    kind = network.kind[way.edges]
    owner = np.where(kind == BUILD, -1, network.owner[way.nodes[:-1]])
    breaks = (kind[1:] != kind[:-1]) | (owner[1:] != owner[:-1]) | (kind[1:] >= HANDOVER)
    for begin, end in pairwise([0, *(np.flatnonzero(breaks) + 1).tolist(), len(way.edges)]):
        edges = way.edges[begin:end]
        yield Leg(
            int(kind[begin]),
            int(owner[begin]),
            edges,
            way.nodes[begin : end + 1],
            int(network.length_mm[edges].sum()),
            int(price[edges].sum()),
            int(network.loss_udb[edges].sum()),
        )
