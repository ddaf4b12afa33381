"""Real networks from `../shared/data`: SNDlib's with their modules as capacity, Kenya's four operators stitched into one; and the
linear programme that says what the cheapest ways are. For tests and measurements."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import shapely
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from app.engine.problem import Ints
from app.engine.routing import Meeting, SpanRow, Stitched, stitch
from app.engine.routing.network import Network
from tests.unit.engine.routing.nets import Edge
from tests.unit.engine.routing.nets import network as made_of

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


def part(text: str, name: str) -> str:
    return text.split(f"{name} (\n", 1)[1].split("\n)", 1)[0] + "\n"


def sndlib(folder: Path, name: str) -> tuple[Network, list[tuple[int, int, int]]]:
    """The network of an instance, its links as large as their largest module and as dear as that module; demands in whole units."""
    text = (folder / f"{name}.txt").read_text(encoding="utf-8")
    number = {node: k for k, node in enumerate(NODE.findall(part(text, "NODES")))}
    edges: list[Edge] = []
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
