"""Small co-construction problems, and the best that can be by trying every partition."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.engine.cobuild import UNSTATED, TowerNeeds, TowerProblem, TowerTerms, build_towers, site_of

TERMS = TowerTerms(base_minor=1_000_000, per_m_minor=20_000, per_mount_minor=50_000, capacity=3)
CENTRES = [(113.5, 22.6), (179.9995, -17.0), (20.0, 89.99), (-70.0, -53.0)]


def columns(rows: list[dict[str, Any]]) -> TowerNeeds:
    """Needs from rows; what a row leaves out is a default."""
    default = {"lon": 113.5, "lat": 22.6, "radius_mm": 500_000, "height_mm": 30_000, "mounts": 1, "first": 0, "last": 100,
               "organisation": 1, "alone_minor": UNSTATED}  # fmt: skip
    full = [{"id": k + 1} | default | row for k, row in enumerate(rows)]
    names = ("id", *default)
    return TowerNeeds(**{n: np.array([row[n] for row in full], np.float64 if n in ("lon", "lat") else np.int64) for n in names})


def problem_of(rows: list[dict[str, Any]], terms: TowerTerms = TERMS) -> TowerProblem:
    return build_towers(columns(rows), terms)


@st.composite
def problems(draw: st.DrawFn, most: int = 7) -> TowerProblem:
    """A handful of needs around one place, also across the antimeridian and beside a pole."""
    lon, lat = draw(st.sampled_from(CENTRES))
    rows = []
    for _ in range(draw(st.integers(0, most))):
        east, north = draw(st.floats(-900, 900)), draw(st.floats(-900, 900))
        rows.append(
            {
                "lon": lon + east / (111_320 * max(math.cos(math.radians(lat)), 2e-4)),
                "lat": min(lat + north / 110_600, 90.0),
                "radius_mm": draw(st.integers(100, 900)) * 1000,
                "height_mm": draw(st.sampled_from([15, 30, 45])) * 1000,
                "mounts": draw(st.sampled_from([1, 1, 1, 2, 3])),
                "first": (first := draw(st.integers(0, 60))),
                "last": first + draw(st.integers(0, 60)),
                "organisation": draw(st.integers(1, 3)),
                "alone_minor": draw(st.sampled_from([UNSTATED, UNSTATED, 1_200_000, 2_500_000])),
            }
        )
    return problem_of(rows)


def buildable(problem: TowerProblem, members: tuple[int, ...]) -> bool:
    """Whether one tower can serve them all, from the definition."""
    needs = problem.needs
    rows = list(members)
    return (
        len(set(needs.organisation[rows].tolist())) > 1
        and int(needs.mounts[rows].sum()) <= problem.terms.capacity
        and int(needs.first[rows].max()) <= int(needs.last[rows].min())
        and site_of(problem, np.array(rows)) is not None
    )


def least_cost(problem: TowerProblem) -> int:
    """The least total over every way to part the needs. O(3ⁿ)."""
    n = len(problem.needs)
    cost = {(): 0}
    for size in range(1, n + 1):
        for members in combinations(range(n), size):
            if size == 1:
                cost[members] = int(problem.alone[members[0]])
            elif buildable(problem, members):
                cost[members] = int(problem.top[list(members)].max() + problem.extra[list(members)].sum())

    @cache
    def best(left: tuple[int, ...]) -> int:
        if not left:
            return 0
        head, rest = left[0], left[1:]
        found = []
        for size in range(len(rest) + 1):
            for others in combinations(rest, size):
                group = (head, *others)
                if group in cost:
                    found.append(cost[group] + best(tuple(k for k in rest if k not in others)))
        return min(found)

    return best(tuple(range(n)))
