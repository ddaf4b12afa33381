"""Co-construction: a hundred thousand unserved tower needs grouped, beside DBSCAN, and how far from a proven bound.

Bound: components of at most `J5_LARGEST` (400) needs are sampled for `J5_SECONDS` (30) and given to the exact program, which knows
nothing of the grouping; cost against the sum of its bounds. *Usable*: the share of the needs in a peer's clusters whose cluster
could be one tower at all (a common point within every reach, a common day, two organisations, the mounting positions).
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
from sklearn.cluster import DBSCAN

from app.engine.cobuild import (
    TowerNeeds,
    TowerParams,
    TowerProblem,
    Towers,
    TowerTerms,
    build_towers,
    site_of,
    solve_towers,
    unbuildable,
)
from app.engine.cobuild.exact import solve_component
from app.engine.cobuild.near import near_graph
from bench import common
from bench.instances import _cities, _points

WHOLE = True  # a run replaces every row of its job
NEEDS = int(os.environ.get("J5_NEEDS", "100000"))
SECONDS = float(os.environ.get("J5_SECONDS", "30"))
LARGEST = int(os.environ.get("J5_LARGEST", "400"))
TERMS = TowerTerms(base_minor=12_000_000, per_m_minor=450_000, per_mount_minor=800_000, capacity=6)
HURRIED = TowerParams(passes=3, tries=2, prove_needs=0, price=False)
EPS_M = 500.0


def instance(n: int = NEEDS, seed: int = 5) -> TowerProblem:
    """Needs of four organisations in 300 cities, reach log-normal around 700 m, any start in two years, half a year of slack."""
    rng = np.random.default_rng(seed)
    place = _points(rng, n, _cities(rng))
    first = rng.integers(0, 730, n)
    return build_towers(
        TowerNeeds(
            id=np.arange(1, n + 1),
            lon=place.lon,
            lat=place.lat,
            radius_mm=np.rint(np.clip(rng.lognormal(np.log(700), 0.5, n), 100, 5000) * 1000).astype(np.int64),
            height_mm=rng.choice([15, 20, 25, 30, 35, 40, 45], n) * 1000,
            mounts=np.ones(n, np.int64),
            first=first,
            last=first + 180,
            organisation=rng.integers(0, 4, n),
            alone_minor=np.full(n, -1),
        ),
        TERMS,
    )


def run() -> list[common.Row]:
    problem = instance()
    name, answers = f"{NEEDS:,} tower needs", list[Towers]()
    solve_towers(instance(2000), HURRIED)  # kernels compiled
    clusters: list[Any] = []
    worked: list[float] = []

    def ours() -> None:
        fresh, begin = build_towers(problem.needs, TERMS), time.process_time()
        answers.append(solve_towers(fresh, HURRIED))
        worked.append(time.process_time() - begin)

    def peer() -> None:
        model = DBSCAN(eps=EPS_M, min_samples=2, algorithm="kd_tree", n_jobs=2)
        clusters.append(model.fit_predict(problem.xyz / 100))

    taken = common.interleaved({"cobuild": ours, "DBSCAN eps 500 m": peer}, 5)
    rows = common.medians("J5 co-construction", name, "s", taken, "cobuild")
    rows += common.medians("J5 co-construction", name, "s of processor, two threads", {"cobuild": worked}, "cobuild")
    found = answers[-1]
    n = len(taken["cobuild"])
    built = 100.0 * (1 - len(unbuildable(found)) / len(found))
    usable = 100.0 * _usable(problem, clusters[-1])
    rows.append(
        common.row(
            "J5 co-construction", name, "groups that can be built, %", built, n, "DBSCAN, needs usable", round(usable, 1), True
        )
    )
    rows.append(
        common.row("J5 co-construction", name, "cost of all alone, %", round(100 * found.total_minor / _alone(problem), 2), n)
    )
    return rows + _gap(problem, found, name)


def _alone(problem: TowerProblem) -> int:
    return int(problem.alone.sum())


def _usable(problem: TowerProblem, label: np.ndarray[Any, Any]) -> float:
    """Of the needs that a peer put in a cluster the share whose cluster could be one tower."""
    needs, good, all_ = problem.needs, 0, 0
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    for rows in np.split(order, cuts):
        if label[rows[0]] < 0:
            continue
        all_ += len(rows)
        fits = len(rows) <= TERMS.capacity and needs.first[rows].max() <= needs.last[rows].min()
        if fits and len(set(needs.organisation[rows].tolist())) > 1 and site_of(problem, rows) is not None:
            good += len(rows)
    return good / max(all_, 1)


def _gap(problem: TowerProblem, found: Towers, name: str) -> list[common.Row]:
    """Sampled components against the exact program's bounds."""
    graph, size = near_graph(problem), np.bincount(found.component_of)
    order = np.argsort(found.component_of, kind="stable")
    start = np.concatenate(([0], np.cumsum(size)))
    cost = bound = needs = done = 0
    begin = time.perf_counter()
    for c in np.random.default_rng(0).permutation(np.flatnonzero((size > 1) & (size <= LARGEST))):
        if time.perf_counter() - begin > SECONDS:
            break
        rows = order[start[c] : start[c + 1]]
        exact = solve_component(problem, graph, rows, 10.0)
        if exact is not None:
            cost += int(found.component_cost[c]) - int(problem.extra[rows].sum())  # what no grouping changes left out
            bound += exact.bound
            needs, done = needs + len(rows), done + 1
    label = f"{name}, {done:,} sampled components of 2 to {LARGEST} with {needs:,} needs"
    return [common.row("J5 co-construction", label, "above the proven bound, %", round(100 * (cost / bound - 1), 3), done)]
