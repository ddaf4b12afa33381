"""Small trench problems, and the best that can be: Dreyfus and Wagner's trees, every partition, every coalition."""

from __future__ import annotations

import math
from itertools import combinations, permutations
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

from app.engine.cobuild import UNSTATED
from app.engine.cobuild.trench import TrenchNeeds, TrenchProblem, TrenchTerms, build_trenches
from app.engine.cobuild.trench.graph import TrenchGraph

TERMS = TrenchTerms(per_m_minor=30_000, duct_per_m_minor=1_000, capacity=12)
CENTRES = [(113.5, 22.6), (179.9995, -17.0), (-70.0, -53.0), (20.0, 89.9)]
REALS = ("lon_a", "lat_a", "lon_b", "lat_b")


def needs_of(rows: list[dict[str, Any]]) -> TrenchNeeds:
    """Needs from rows; what a row leaves out is a default."""
    default = {"lon_a": 113.5, "lat_a": 22.6, "lon_b": 113.52, "lat_b": 22.6, "ducts": 1, "first": 0, "last": 100,
               "organisation": 1, "alone_minor": UNSTATED}  # fmt: skip
    full = [{"id": k + 1} | default | row for k, row in enumerate(rows)]
    return TrenchNeeds(
        **{n: np.array([row[n] for row in full], np.float64 if n in REALS else np.int64) for n in ("id", *default)}
    )


def problem_of(
    rows: list[dict[str, Any]], terms: TrenchTerms = TERMS, corridors: list[shapely.LineString] | None = None
) -> TrenchProblem:
    return build_trenches(needs_of(rows), terms, corridors or [])


@st.composite
def problems(draw: st.DrawFn, most: int = 4) -> TrenchProblem:
    """A handful of routes around one place, also across the antimeridian and beside a pole."""
    lon, lat = draw(st.sampled_from(CENTRES))
    wide = 111_320 * max(math.cos(math.radians(lat)), 2e-4)
    rows = []
    for _ in range(draw(st.integers(0, most))):
        x, y, dx, dy = (draw(st.integers(-800, 800)) for _ in range(4))
        first = draw(st.integers(0, 60))
        rows.append(
            {
                "lon_a": lon + x / wide, "lat_a": lat + y / 110_600,
                "lon_b": lon + (x + 1500 + dx) / wide, "lat_b": lat + (y + dy) / 110_600,
                "ducts": draw(st.sampled_from([1, 1, 2, 6])), "first": first, "last": first + draw(st.integers(0, 60)),
                "organisation": draw(st.integers(1, 3)),
                "alone_minor": draw(st.sampled_from([UNSTATED, UNSTATED, UNSTATED, 20_000_000, 60_000_000])),
            }
        )  # fmt: skip
    return problem_of(rows)


def dreyfus_wagner(graph: TrenchGraph, terminals: list[int]) -> int:
    """Millimetres of the least tree that joins the terminals. O(3^k n)."""
    n, k = len(graph.lon), len(terminals)
    away = np.full((n, n), 10**15, np.int64)
    np.fill_diagonal(away, 0)
    for a, b, size in zip(graph.tail, graph.head, graph.length_mm, strict=True):
        away[a, b] = away[b, a] = min(away[a, b], size)
    for via in range(n):
        away = np.minimum(away, away[:, via, None] + away[None, via, :])
    best = {1 << t: away[terminals[t]].copy() for t in range(k)}
    for size in range(2, k + 1):
        for chosen in combinations(range(k), size):
            mask = sum(1 << t for t in chosen)
            joined, part = np.full(n, 10**15, np.int64), (mask - 1) & mask
            while part:
                joined = np.minimum(joined, best[part] + best[mask ^ part])
                part = (part - 1) & mask
            best[mask] = (joined[:, None] + away).min(axis=0)
    return int(best[(1 << k) - 1][terminals[0]])


def partitions(items: list[int]):  # type: ignore[no-untyped-def]
    if not items:
        yield []
        return
    head, *rest = items
    for parts in partitions(rest):
        yield [[head], *parts]
        for k in range(len(parts)):
            yield [*parts[:k], [head, *parts[k]], *parts[k + 1 :]]


def least_trench(graph: TrenchGraph, members: list[int]) -> int:
    """Millimetres of the least forest in which every member's ends are joined: the best way to part the pairs into trees."""
    return min(
        sum(dreyfus_wagner(graph, sorted({int(t) for i in part for t in (graph.start[i], graph.goal[i])})) for part in parts)
        for parts in partitions(members)
    )


def shapley_by_orders(cost, n: int) -> list[float]:  # type: ignore[no-untyped-def]
    share, orders = [0.0] * n, list(permutations(range(n)))
    for order in orders:
        inside: frozenset[int] = frozenset()
        for k in order:
            share[k] += (cost(inside | {k}) - cost(inside)) / len(orders)
            inside |= {k}
    return share
