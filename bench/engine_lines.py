"""Ducts and cables as parts of 500 m at most in the same index, beside an STRtree on the whole lines and PostGIS with GiST.

The lines of the national market, of two straight sections, some hundred metres each, and the needs for them. All sides have
their index built. *The same answer*: every pair in reach with all margins, verdict and score, and each need's ten best; the tree's
pairs are judged in numpy, its distances given, and PostGIS answers in SQL. *Pairs alone*: ours still with all verdicts.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from app.engine import Params, Places, Problem, solve, warm
from app.engine.facts import prepare
from app.engine.problem import LINE, settled
from bench import common, sql_peer
from bench.engine_j1 import ALONE, JUDGED, PROJECTION, THREADS, Pairs, by_kind, kernel, verdicts
from bench.instances import DEGREE_M, national

JOB = "J1 national batch, lines"
LISTINGS, NEEDS = 1_000_000, 100_000  # of which those of lines are taken
KINDS = ("duct", "cable")
WHOLE = True  # a run replaces every row of its job
PAIRS = "SELECT count(*) FROM need n JOIN listing l ON l.kind = n.kind AND ST_DWithin(l.g, n.g, n.radius_mm / 1000.0)"
SHOWS = {
    "lines.strtree": {"metric": "^s, warm kernel; peer: the same answer"},
    "lines.postgis": {"metric": "^s, warm kernel; peer: the same answer"},
}


def run() -> list[common.Row]:
    return measured(LISTINGS, NEEDS)


def measured(listings: int, needs: int) -> list[common.Row]:
    warm()
    problem = lined(national(listings, needs))
    prepared = prepare(problem)
    instance = f"{len(problem.listings) // 1000}k lines × {len(problem.needs) // 1000}k"
    tree = strtree(problem)
    found = tree()
    jobs: dict[str, Callable[[], object]] = {
        "kernel": kernel(problem, prepared),
        "STRtree": tree,
        "verdicts in numpy": lambda: verdicts(problem, prepared, found),
    }
    with ExitStack() as stack:
        if (base := stack.enter_context(sql_peer.postgis(problem, prepared))) is not None:
            base.execute(f"SET max_parallel_workers_per_gather = {THREADS}")
            jobs["PostGIS"] = lambda: base.execute(PAIRS).fetchall()
            jobs["PostGIS, all"] = lambda: print(f"PostGIS: {sql_peer.postgis_batch(base, problem):,} pairs", flush=True)
        ours = int(solve(problem, Params(near_k=0)).in_reach.sum())
        print(
            f"{instance}: {len(prepared.listing_parts.lon):,} parts; {ours:,} pairs in reach; STRtree {len(found[0]):,}",
            flush=True,
        )
        taken = common.interleaved(jobs)
    return [row for unit, times in (("", taken), ("processor ", taken.cpu)) for row in _rows(instance, unit, times)]


def _rows(instance: str, unit: str, taken: Mapping[str, list[float]]) -> list[common.Row]:
    middle = {name: round(statistics.median(times), 4) for name, times in taken.items()}
    against = {ALONE: {"STRtree": middle["STRtree"]}, JUDGED: {"STRtree, numpy": middle["STRtree"] + middle["verdicts in numpy"]}}
    if "PostGIS" in middle and not unit:
        against[ALONE]["PostGIS"], against[JUDGED]["PostGIS"] = middle["PostGIS"], middle["PostGIS, all"]
    spread = common.spread_of(taken["kernel"])
    return [
        common.row(
            JOB,
            instance,
            unit + metric,
            middle["kernel"],
            len(taken.get(name, taken["kernel"])),
            name,
            round(value, 4),
            spread=spread,
        )
        for metric, peers in against.items()
        for name, value in peers.items()
    ]


def lined(problem: Problem) -> Problem:
    """The listings of kinds that are lines, each as a line of three vertices that begins where it stood, and their needs."""
    codes = [k for k, kind in enumerate(problem.kinds) if kind.name in KINDS]
    problem = problem.take(
        np.flatnonzero(np.isin(problem.needs.kind, codes)), np.flatnonzero(np.isin(problem.listings.kind, codes))
    )
    rng, place = np.random.default_rng(2), problem.listings.place
    n = len(place.lon)
    turn, far = rng.uniform(0, 2 * np.pi, (n, 2)), rng.uniform(100, 900, (n, 2))
    east, north = np.cumsum(far * np.cos(turn), axis=1), np.cumsum(far * np.sin(turn), axis=1)
    start = np.zeros((n, 1))
    lon = place.lon[:, None] + np.hstack((start, east)) / (DEGREE_M * np.cos(np.radians(place.lat[:, None])))
    lat = place.lat[:, None] + np.hstack((start, north)) / DEGREE_M
    shape = np.asarray(shapely.linestrings(np.stack((lon, lat), axis=2)), object)
    lines = Places(np.full(n, LINE, np.uint8), np.zeros(n), np.zeros(n), shape)
    return settled(problem.kinds, replace(problem.listings, place=lines), problem.needs)


def strtree(problem: Problem) -> Callable[[], Pairs]:
    """One tree for each kind, in metres of one projection (its pairs at the edge of a reach differ), on as many threads."""
    to = Transformer.from_crs(4326, PROJECTION, always_xy=True)
    lines = shapely.transform(problem.listings.place.shape, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))
    needs = shapely.points(*to.transform(problem.needs.place.lon, problem.needs.place.lat))
    metres, kinds = problem.needs.radius_mm / 1000, by_kind(problem)
    trees = [shapely.STRtree(lines[offered]) for offered, _ in kinds]
    tasks = [(k, half) for k, (_, asked) in enumerate(kinds) for half in np.array_split(asked, THREADS) if len(half)]

    def one(task: tuple[int, Any]) -> Pairs:
        k, rows = task
        i, j = trees[k].query(needs[rows], predicate="dwithin", distance=metres[rows])
        return rows[i], kinds[k][0][j]

    def pairs() -> Pairs:
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(one, tasks))
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    pairs()
    return pairs
