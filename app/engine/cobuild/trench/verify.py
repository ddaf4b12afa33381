"""What a grouping of routes must hold, checked from columns and geometry alone: the proof that every group can be built."""

from __future__ import annotations

import numpy as np

from app.engine.cobuild.trench.problem import geodesic_mm
from app.engine.cobuild.trench.share import trench_shapley
from app.engine.cobuild.trench.solve import Trenches
from app.engine.problem import Ints


def undiggable(found: Trenches) -> dict[int, str]:
    """By group the first rule that it breaks; empty when all can be dug. O(sections)."""
    problem, needs, broken = found.problem, found.problem.needs, dict[int, str]()
    seen: set[int] = set()
    for g, group in enumerate(found.groups):
        rows = list(group.members)
        rules = (
            ("a need in two groups", bool(seen & set(rows))),
            ("one organisation", len(set(needs.organisation[rows].tolist())) < 2),
            ("window", found.first[g] > found.last[g]),
            ("start", bool((needs.first[rows] > found.first[g]).any() or (needs.last[rows] < found.last[g]).any())),
            ("way", not all(_leads(found, i, way) for i, way in zip(rows, group.ways, strict=True))),
            ("detour", any(_long(found, way) > problem.limit_mm[i] for i, way in zip(rows, group.ways, strict=True))),
            ("capacity", _fullest(found, g) > problem.terms.capacity),
            ("dearer than alone", _dearer(found, g)),
        )
        seen |= set(rows)
        for rule, bad in rules:
            if bad:
                broken.setdefault(g, rule)
    return broken


def _long(found: Trenches, way: Ints) -> int:
    return int(found.graph.length_mm[way].sum())


def _leads(found: Trenches, need: int, way: Ints) -> bool:
    """Whether the way leads from the need's one end to its other, section by section."""
    graph, needs, at = found.graph, found.problem.needs, int(found.graph.start[need])
    for e in way.tolist():
        ends = (int(graph.tail[e]), int(graph.head[e]))
        if at not in ends:
            return False
        at = ends[1] if ends[0] == at else ends[0]
    if at != graph.goal[need]:
        return False
    stated = np.array([graph.start[need], graph.goal[need]])
    asked_lon, asked_lat = np.array([needs.lon_a[need], needs.lon_b[need]]), np.array([needs.lat_a[need], needs.lat_b[need]])
    return bool((geodesic_mm(graph.lon[stated], graph.lat[stated], asked_lon, asked_lat) <= 1500).all())


def _fullest(found: Trenches, g: int) -> int:
    """The most ducts in one section."""
    group = found.groups[g]
    load = np.zeros(len(found.graph), np.int64)
    for i, way in zip(group.members, group.ways, strict=True):
        load[way] += found.problem.needs.ducts[i]
    return int(load.max(initial=0))


def _dearer(found: Trenches, g: int) -> bool:
    """Whether a member pays more than alone, a unit of rounding apart."""
    alone = found.alone[list(found.groups[g].members)]
    return any(share * 1000 > cost + 1000 for share, cost in zip(trench_shapley(found.joint[g]), alone.tolist(), strict=True))
