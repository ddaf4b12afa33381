"""Lines as 250 m parts in the same index, beside an STRtree on the whole lines.

Ducts of two straight sections, some hundred metres each, around the places of the national market. Both sides have their index
built; both find every pair in reach, ours with verdicts and ranking on top.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import shapely
from pyproj import Transformer

from app.engine import Params, Places, Problem, solve, warm
from app.engine.facts import prepare
from app.engine.problem import LINE, settled
from bench import common
from bench.engine_j1 import PROJECTION, Pairs, by_kind, kernel
from bench.instances import DEGREE_M, national

JOB, N = "J1 national batch, lines", 3
LINES, NEEDS = 100_000, 20_000
INSTANCE = f"{LINES // 1000}k lines × {NEEDS // 1000}k"


def run() -> list[common.Row]:
    warm()
    problem = lined(national(LINES, NEEDS))
    prepared = prepare(problem)
    jobs = {"ours": kernel(problem, prepared), "STRtree": strtree(problem)}
    ours, theirs = int(solve(problem, Params(near_k=0)).in_reach.sum()), len(jobs["STRtree"]()[0])  # type: ignore[index]
    print(f"{INSTANCE}: {len(prepared.listing_parts.lon):,} parts; {ours:,} pairs in reach; STRtree {theirs:,}")
    taken = common.interleaved(jobs, N)
    return common.medians(JOB, INSTANCE, "s, warm index; peer: pairs alone", taken, "ours")


def lined(problem: Problem) -> Problem:
    """Every listing as a line of three vertices that begins where it stood."""
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
    """One tree for each kind, in metres of one projection (its pairs at the edge of a reach differ)."""
    to = Transformer.from_crs(4326, PROJECTION, always_xy=True)
    lines = shapely.transform(problem.listings.place.shape, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))
    needs = shapely.points(*to.transform(problem.needs.place.lon, problem.needs.place.lat))
    metres, kinds = problem.needs.radius_mm / 1000, by_kind(problem)
    trees = [shapely.STRtree(lines[offered]) for offered, _ in kinds]

    def pairs() -> Pairs:
        found = [
            (asked[i], offered[j])
            for tree, (offered, asked) in zip(trees, kinds, strict=True)
            for i, j in [tree.query(needs[asked], predicate="dwithin", distance=metres[asked])]
        ]
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    pairs()
    return pairs
