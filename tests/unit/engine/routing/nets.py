"""Small networks to try everything on, and what enumeration of every simple way says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.engine.csr import pointer
from app.engine.problem import Ints
from app.engine.routing.network import SPAN, Network
from app.engine.routing.search import Path

Edge = tuple[int, int, int, int, int, int, tuple[int, ...]]  # tail, head, rent, length, loss, free, risks


def network(nodes: int, edges: list[Edge], sites: list[int] | None = None) -> Network:
    columns = list(zip(*edges, strict=True)) if edges else [()] * 7
    tail, head, rent, length, loss, free = (np.array(column, np.int64) for column in columns[:6])
    risks = columns[6]
    return Network(
        owner=np.zeros(nodes, np.int64),
        site=np.arange(nodes) if sites is None else np.array(sites, np.int64),
        lon=np.linspace(0, 1, nodes),
        lat=np.zeros(nodes),
        tail=tail,
        head=head,
        kind=np.full(len(edges), SPAN),
        span=np.arange(len(edges)),
        length_mm=length,
        rent_minor=rent,
        once_minor=np.zeros(len(edges), np.int64),
        loss_udb=loss,
        free=free,
        risk_ptr=pointer(np.array([len(r) for r in risks], np.int64)),
        risk=np.array([r for group in risks for r in group], np.int64),
    )


@st.composite
def networks(draw: Any, largest: int = 6, most_edges: int = 10) -> Network:
    """Parallel edges, pieces, equal prices and shared risks included."""
    nodes = draw(st.integers(2, largest))
    node = st.integers(0, nodes - 1)
    ends = st.tuples(node, node).filter(lambda pair: pair[0] != pair[1])
    facts = st.tuples(
        st.integers(1, 6), st.integers(0, 5), st.integers(0, 5), st.integers(0, 3), st.sets(st.integers(0, 3), max_size=2)
    )
    edges = draw(st.lists(st.tuples(ends, facts), max_size=most_edges))
    sites = draw(st.one_of(st.none(), st.lists(st.integers(0, nodes - 1), min_size=nodes, max_size=nodes)))
    return network(nodes, [(*e, *f[:4], tuple(sorted(f[4]))) for e, f in edges], sites)


@dataclass(frozen=True)
class Way:
    edges: tuple[int, ...]
    nodes: tuple[int, ...]
    cost: int


def every_way(net: Network, weight: Ints, start: int, goal: int) -> list[Way]:
    """All simple ways over open edges, cheapest first."""

    def walk(nodes: tuple[int, ...], edges: tuple[int, ...]) -> Iterator[Way]:
        if nodes[-1] == goal:
            yield Way(edges, nodes, int(weight[list(edges)].sum()))
            return
        for e in range(net.edges):
            ends = (int(net.tail[e]), int(net.head[e]))
            if weight[e] >= 0 and nodes[-1] in ends:
                there = ends[1] if ends[0] == nodes[-1] else ends[0]
                if there not in nodes:
                    yield from walk((*nodes, there), (*edges, e))

    return sorted(walk((start,), ()), key=lambda way: (way.cost, way.edges))


def checked(net: Network, weight: Ints, way: Path, start: int, goal: int) -> Path:
    """The way itself, once it is certain that it is one."""
    assert way.nodes[0] == start
    assert way.nodes[-1] == goal
    assert len(way.nodes) == len(way.edges) + 1
    assert len(set(way.nodes.tolist())) == len(way.nodes)
    for u, v, e in zip(way.nodes[:-1], way.nodes[1:], way.edges, strict=True):
        assert {int(u), int(v)} == {int(net.tail[e]), int(net.head[e])}
        assert weight[e] >= 0
    assert way.cost == weight[way.edges].sum()
    return way


def shares(net: Network, one: Way, two: Way) -> bool:
    """Whether two ways share an edge, an inner node, a site that is not an end's, or a risk."""
    if set(one.edges) & set(two.edges) or set(one.nodes[1:-1]) & set(two.nodes[1:-1]):
        return True
    ends = {int(net.site[one.nodes[0]]), int(net.site[one.nodes[-1]])}
    sites = [{int(net.site[v]) for v in way.nodes[1:-1]} - ends for way in (one, two)]
    risks = [set(net.risks_of(np.array(way.edges, np.int64)).tolist()) for way in (one, two)]
    return bool(sites[0] & sites[1] or risks[0] & risks[1])
