"""National batch: a million listings × a hundred thousand needs, beside what one would write with DuckDB, STRtree or cKDTree.

Indexes are built beforehand on every side. Ours finds every pair in reach and gives it all margins, a fail mask and a score,
and each need its ten best. A peer's first figure is for finding the pairs alone; its second adds verdicts and ranking in
numpy. Processor seconds are of all threads together: they hold on a machine that is busy with other things, where seconds on
the clock do not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree

from app.engine import Params, Problem, solve, warm
from app.engine.candidates import Work, upper_bounds
from app.engine.csr import best, pointer
from app.engine.facts import Prepared, prepare
from app.engine.judge import judge_arrays
from app.engine.matched import make_room, match_block
from app.engine.solve import in_shares
from bench import common
from bench.instances import national

JOB = "J1 national batch"
THREADS, N = 2, 3
PROJECTION = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=WGS84"
CELL_DEG = 0.01
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
CELLS = """
SELECT n.id, l.id FROM (
  SELECT id, kind, x, y, z, r2, cx, unnest(range(y0, y1 + 1)) AS cy
  FROM (SELECT *, unnest(range(x0, x1 + 1)) AS cx FROM needs)
) n JOIN listings l ON l.kind = n.kind AND l.cx = n.cx AND l.cy = n.cy
WHERE (l.x - n.x) * (l.x - n.x) + (l.y - n.y) * (l.y - n.y) + (l.z - n.z) * (l.z - n.z) <= n.r2
"""


def run() -> list[common.Row]:
    warm()
    return [*_measured(national(), "1M × 100k"), *_alone(national(claimed=0.3), "1M × 100k, 30 % with claims")]


def _measured(problem: Problem, instance: str) -> list[common.Row]:
    prepared = prepare(problem)
    jobs: dict[str, Callable[[], object]] = {
        "kernel": kernel(problem, prepared),
        "solve": lambda: solve(problem, Params(near_k=0)),
    }
    peers = {"DuckDB": duck(problem, prepared), "STRtree": strtree(problem), "cKDTree": kdtree(problem, prepared)}
    found = peers["cKDTree"]()
    ours = int(solve(problem, Params(near_k=0)).in_reach.sum())
    print(f"{instance}: {ours:,} pairs in reach; cKDTree {len(found[0]):,}")
    clock, cpu = both({**jobs, **peers, "verdicts in numpy": lambda: verdicts(problem, prepared, found)})
    rows = []
    for unit, taken in (("s", clock), ("processor s", cpu)):
        middle = {name: round(statistics.median(times), 4) for name, times in taken.items()}
        rows.append(common.row(JOB, instance, f"{unit}, solve with warm index, to the ranked result", middle["solve"], N))
        for peer in peers:
            rows.append(
                common.row(JOB, instance, f"{unit}, warm kernel; peer: pairs alone", middle["kernel"], N, peer, middle[peer])
            )
            whole = round(middle[peer] + middle["verdicts in numpy"], 4)
            rows.append(
                common.row(
                    JOB, instance, f"{unit}, warm kernel; peer: with verdicts and ranking", middle["kernel"], N, peer, whole
                )
            )
    return rows


def _alone(problem: Problem, instance: str) -> list[common.Row]:
    clock, cpu = both({"kernel": kernel(problem, prepare(problem))})
    return [
        common.row(JOB, instance, f"{unit}, warm kernel", round(statistics.median(taken["kernel"]), 4), N)
        for unit, taken in (("s", clock), ("processor s", cpu))
    ]


def both(jobs: Mapping[str, Callable[[], object]]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds on the clock and of the processor, of each job in turns."""
    cpu: dict[str, list[float]] = {name: [] for name in jobs}

    def watched(name: str, job: Callable[[], object]) -> Callable[[], None]:
        def once() -> None:
            begin = time.process_time()
            job()
            cpu[name].append(time.process_time() - begin)

        return once

    return common.interleaved({name: watched(name, job) for name, job in jobs.items()}, N), cpu


def kernel(problem: Problem, prepared: Prepared) -> Callable[[], object]:
    """The compiled pass on all threads, all margins kept, into room that is used again."""
    params, reach = Params(keep_pairs=True, near_k=0, threads=THREADS), problem.needs.radius_mm
    shares = in_shares(prepared, np.arange(len(problem.needs)), params)
    rooms = [make_room(prepared, Work(s, reach, upper_bounds(prepared, s, reach)), params) for s in shares]

    def one(at: int) -> None:
        work = Work(shares[at], reach, upper_bounds(prepared, shares[at], reach))
        match_block(problem, prepared, work, params, rooms[at])

    def whole() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(one, range(len(shares))))

    whole()
    return whole


def by_kind(problem: Problem) -> list[Pairs]:
    """Rows of listings and of needs of each kind."""
    return [
        (np.flatnonzero(problem.listings.kind == k), np.flatnonzero(problem.needs.kind == k)) for k in range(len(problem.kinds))
    ]


def duck(problem: Problem, prepared: Prepared) -> Callable[[], Pairs]:
    base = duckdb.connect(config={"threads": THREADS})
    for name, rows, xyz in (
        ("listings", problem.listings, prepared.listing_parts.a),
        ("needs", problem.needs, prepared.need_parts.a),
    ):
        lon, lat = rows.place.lon, rows.place.lat
        columns: dict[str, Any] = {
            "id": np.arange(len(rows)),
            "kind": rows.kind,
            **{n: xyz[:, i] / 100 for i, n in enumerate("xyz")},
        }
        if name == "needs":
            metres = problem.needs.radius_mm / 1000
            high, wide = metres / 110_500, metres / (111_300 * np.cos(np.radians(lat)))
            bounds = {"x0": lon - wide, "x1": lon + wide, "y0": lat - high, "y1": lat + high}
            columns |= {n: np.floor(v / CELL_DEG).astype(np.int64) for n, v in bounds.items()} | {"r2": metres**2}
        else:
            columns |= {"cx": np.floor(lon / CELL_DEG).astype(np.int64), "cy": np.floor(lat / CELL_DEG).astype(np.int64)}
        base.register("given", {n: np.ascontiguousarray(c) for n, c in columns.items()})
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM given ORDER BY kind, id")
        base.unregister("given")

    def pairs() -> Pairs:
        need, listing = base.execute(CELLS).fetchnumpy().values()
        return np.asarray(need), np.asarray(listing)

    return pairs


def strtree(problem: Problem) -> Callable[[], Pairs]:
    to = Transformer.from_crs(4326, PROJECTION, always_xy=True)
    needs, listings = (shapely.points(*to.transform(r.place.lon, r.place.lat)) for r in (problem.needs, problem.listings))
    metres, kinds = problem.needs.radius_mm / 1000, by_kind(problem)
    trees = [shapely.STRtree(listings[offered]) for offered, _ in kinds]
    tasks = [(k, half) for k, (_, asked) in enumerate(kinds) for half in np.array_split(asked, THREADS)]

    def one(task: tuple[int, NDArray[np.int64]]) -> Pairs:
        k, rows = task
        i, j = trees[k].query(needs[rows], predicate="dwithin", distance=metres[rows])
        return rows[i], kinds[k][0][j]

    one(tasks[0])  # a tree is built at its first query

    def pairs() -> Pairs:
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(one, tasks))
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    return pairs


def kdtree(problem: Problem, prepared: Prepared) -> Callable[[], Pairs]:
    kinds, at = by_kind(problem), prepared.need_parts.a / 100
    trees = [cKDTree(prepared.listing_parts.a[offered] / 100) for offered, _ in kinds]
    metres = problem.needs.radius_mm / 1000

    def pairs() -> Pairs:
        out = []
        for tree, (offered, asked) in zip(trees, kinds, strict=True):
            near = tree.query_ball_point(at[asked], metres[asked], workers=THREADS, return_sorted=False)
            count = np.fromiter(map(len, near), np.int64, len(near))
            out.append((np.repeat(asked, count), offered[np.fromiter(chain.from_iterable(near), np.int64, count.sum())]))
        return np.concatenate([o[0] for o in out]), np.concatenate([o[1] for o in out])

    return pairs


def verdicts(problem: Problem, prepared: Prepared, pairs: Pairs) -> object:
    """What a peer's pairs still lack: distance, margins, score, and the ten best of each need."""
    need, listing = pairs
    order = np.lexsort((listing, need))
    need, listing = need[order], listing[order]
    apart = (prepared.need_parts.a[need] - prepared.listing_parts.a[listing]).astype(np.float64)
    judged = judge_arrays(
        prepared.facts, need, listing, np.rint(np.sqrt((apart**2).sum(axis=1)) * 10).astype(np.int64), detail=True
    )
    key = np.where(judged.fail == 0, 100_000 - judged.score, -1).astype(np.int64)
    return best(pointer(np.bincount(need, minlength=len(problem.needs))), key, 10)
