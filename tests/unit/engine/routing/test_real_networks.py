"""Real networks: SNDlib's with their modules as capacity against linear programmes, Kenya's four operators stitched into one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from app.engine.problem import Ints
from app.engine.routing import BUILD, CAPACITY, HANDOVER, SPAN, Ask, Meeting, SpanRow, Stitched, route, stitch
from app.engine.routing.diverse import disjoint_pair
from app.engine.routing.network import Network, weights
from app.engine.routing.search import shortest
from tests.unit.engine.routing.nets import network as made_of

pytestmark = pytest.mark.real_data
LINK = re.compile(r"^\s+\S+ \( (\S+) (\S+) \) (\S+) \S+ (\S+) \S+ \( ([^)]*)\)", re.M)
DEMAND = re.compile(r"^\s+\S+ \( (\S+) (\S+) \) \d+ (\S+) ", re.M)
NODE = re.compile(r"^\s+(\S+) \(", re.M)
INSTANCES = (
    "abilene",
    "atlanta",
    "cost266",
    "dfn-gwin",
    "france",
    "geant",
    "india35",
    "janos-us",
    "newyork",
    "nobel-eu",
    "norway",
    "polska",
    "zib54",
)
YEAR = 365


def part(text: str, name: str) -> str:
    return text.split(f"{name} (\n", 1)[1].split("\n)", 1)[0] + "\n"


def sndlib(folder: Path, name: str) -> tuple[Network, list[tuple[int, int, int]]]:
    """The network of an instance, its links as large as their largest module and as dear as that module; demands in whole units."""
    text = (folder / f"{name}.txt").read_text(encoding="utf-8")
    number = {node: k for k, node in enumerate(NODE.findall(part(text, "NODES")))}
    edges = []
    for one, two, installed, routing, modules in LINK.findall(part(text, "LINKS")):
        figures = [float(figure) for figure in modules.split()]
        sizes, costs = figures[::2], figures[1::2]
        size = max([float(installed), *sizes])
        cost = costs[sizes.index(max(sizes))] if sizes else float(routing)
        edges.append((number[one], number[two], max(1, round(cost)), 1, 1, int(size), ()))
    demands = [
        (number[one], number[two], max(1, int(np.ceil(float(value)))))
        for one, two, value in DEMAND.findall(part(text, "DEMANDS"))
    ]
    return made_of(len(number), edges), demands


def least_flow(net: Network, weight: Ints, start: int, goal: int, amount: int) -> float | None:
    """The cheapest flow of so many units over edges that carry one each, by linear programming; None: there is none."""
    open_ = np.flatnonzero(weight >= 0)
    tail, head = np.r_[net.tail[open_], net.head[open_]], np.r_[net.head[open_], net.tail[open_]]
    arcs = np.arange(len(tail))
    balance = coo_matrix(
        (np.r_[np.ones(len(tail)), -np.ones(len(tail))], (np.r_[tail, head], np.r_[arcs, arcs])), shape=(len(net), len(tail))
    )
    wanted = np.zeros(len(net))
    wanted[start], wanted[goal] = amount, -amount
    found = linprog(np.r_[weight[open_], weight[open_]], A_eq=balance, b_eq=wanted, bounds=(0, 1), method="highs")
    return float(found.fun) if found.status == 0 else None


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


KENYA = {
    1: "BCS/ofds_BCS_Kenya_spans.geojson",
    2: "JTL/ofds_JTL_Kenya_spans.geojson",
    3: "Liquid_Intelligent_Technologies/ofds_liquid_kenya_spans.geojson",
    4: "NOFBI/ofds_NOFBI_Kenya_spans.geojson",
}


def kenya(folder: Path) -> Stitched:
    """The four operators with a hundred minor units a kilometre each; handovers within 2 km: the maps were traced by hand."""
    rows: list[SpanRow] = []
    for owner, name in KENYA.items():
        for feature in json.loads((folder / "Kenya" / name).read_text(encoding="utf-8"))["features"]:
            shape = shapely.force_2d(shapely.geometry.shape(feature["geometry"]))
            for line in getattr(shape, "geoms", [shape]):
                rows.append(SpanRow(len(rows), owner, line, 4, 1000 + 100 * len(rows) % 7, db_km=0.25))
    return stitch(rows, meeting=Meeting(snap_m=2.0, site_m=2_000.0, gap_m=300.0))


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
