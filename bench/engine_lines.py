"""Ducts and cables as 250 m parts in the same index, beside an STRtree on the whole lines and PostGIS with GiST.

The lines of the national market, of two straight sections, some hundred metres each, and the needs for them. All sides have
their index built; all find every pair in reach, ours with all margins and verdicts on top.
"""

from __future__ import annotations

from collections.abc import Callable
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
from bench import common
from bench.engine_j1 import PROJECTION, THREADS, Pairs, both, by_kind, kernel
from bench.instances import DEGREE_M, national
from tests.support import postgres

JOB = "J1 national batch, lines"
LISTINGS, NEEDS = 1_000_000, 100_000  # of which those of lines are taken
KINDS = ("duct", "cable")
PAIRS = """SELECT count(*) FROM need n JOIN listing l ON l.kind = n.kind AND ST_DWithin(l.g, n.g, n.radius_m)"""


def run() -> list[common.Row]:
    return measured(LISTINGS, NEEDS)


def measured(listings: int, needs: int) -> list[common.Row]:
    warm()
    problem = lined(national(listings, needs))
    prepared = prepare(problem)
    instance = f"{len(problem.listings) // 1000}k lines × {len(problem.needs) // 1000}k"
    jobs: dict[str, Callable[[], object]] = {"kernel": kernel(problem, prepared), "STRtree": strtree(problem)}
    with ExitStack() as stack:
        if (asked := postgis(problem, stack)) is not None:
            jobs["PostGIS"] = asked
        ours = int(solve(problem, Params(near_k=0)).in_reach.sum())
        print(f"{instance}: {len(prepared.listing_parts.lon):,} parts; {ours:,} pairs in reach")
        clock, cpu = both(jobs)
    return [
        *common.medians(JOB, instance, "s, warm kernel; peer: pairs alone", clock, "kernel"),
        *common.medians(
            JOB,
            instance,
            "processor s, warm kernel; peer: pairs alone",
            {n: t for n, t in cpu.items() if n != "PostGIS"},
            "kernel",
        ),
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


def postgis(problem: Problem, stack: ExitStack) -> Callable[[], object] | None:
    """The same pairs of PostGIS, with GiST on (kind, geography) and workers on as many cores; None where it is not installed."""
    import psycopg

    programs = postgres.bindir()
    if programs is None:
        print(f"PostgreSQL with PostGIS is not installed, left out: {postgres.INSTALL}")
        return None
    cluster = postgres.start(programs)
    stack.callback(cluster.stop)
    cluster.sql("postgres", "CREATE DATABASE bench")
    cluster.sql("bench", "CREATE EXTENSION postgis", "CREATE EXTENSION btree_gist")
    base = stack.enter_context(psycopg.connect(cluster.url("bench").replace("+psycopg", ""), autocommit=True))
    for statement in ("work_mem = '256MB'", f"max_parallel_workers_per_gather = {THREADS}", "jit = off"):
        base.execute(f"SET {statement}")
    listings, needs = problem.listings, problem.needs
    _load(base, "listing", listings.kind, shapely.to_wkb(listings.place.shape, hex=True), None)
    _load(base, "need", needs.kind, shapely.to_wkb(shapely.points(needs.place.lon, needs.place.lat), hex=True), needs.radius_mm)
    return lambda: base.execute(PAIRS).fetchall()


def _load(base: Any, name: str, kind: Any, places: Any, radius_mm: Any) -> None:
    base.execute(f"CREATE TABLE {name} (kind smallint, g geography, radius_m float8)")
    metres = np.zeros(len(kind)) if radius_mm is None else radius_mm / 1000
    with base.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        copy.write("".join(f"{k}\t{g}\t{m}\n" for k, g, m in zip(kind.tolist(), places.tolist(), metres.tolist(), strict=True)))
    base.execute(f"CREATE INDEX ON {name} USING gist (kind, g)")
    base.execute(f"VACUUM ANALYZE {name}")
