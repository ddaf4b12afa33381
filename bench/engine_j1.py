"""National batch: a million listings × a hundred thousand needs, beside what one would write with DuckDB, STRtree, cKDTree or
PostGIS with GiST on (kind, geography).

Indexes are built beforehand on every side. Ours finds every pair in reach and gives it all margins, a fail mask and a score,
and each need its ten best. A peer answers the same: DuckDB and PostGIS in SQL, the trees' pairs judged and ranked in numpy, on as
many threads; that is the ratio of the goals. Rows of *pairs alone* give a peer the time without verdicts, and ours with them.
Processor seconds are of all threads together: they hold on a machine that is busy with other things, where seconds on the clock
do not.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
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
from bench import common, sql_peer
from bench.instances import national

JOB = "J1 national batch"
THREADS, N = 2, 5
WHOLE = True  # a run replaces every row of its job
PROJECTION = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=WGS84"
CELL_DEG = 0.01
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
CHORD2 = "((l.x - n.x) * (l.x - n.x) + (l.y - n.y) * (l.y - n.y) + (l.z - n.z) * (l.z - n.z))"
CELLS = """
SELECT {columns} FROM (
  SELECT *, unnest(range(y0, y1 + 1)) AS cy FROM (SELECT *, unnest(range(x0, x1 + 1)) AS cx FROM need_{kind})
) n JOIN listing_{kind} l ON l.cx = n.cx AND l.cy = n.cy
WHERE {chord2} <= n.r2
"""
ALONE, JUDGED = "s, warm kernel; peer: pairs alone", "s, warm kernel; peer: the same answer"
SHOWS = {
    "j1.peers": {"metric": "^s, warm kernel; peer: the same answer"},
    "j1.postgis": {"metric": "^s, warm kernel; peer: the same"},
}
PROFILES = {
    "j1.peers": """Measured once on a shared machine, one thread, sums of the least times of 250 blocks: all of it 231 ms for 100,000
needs with 3.48 million pairs in reach, 190 ms when what a block reads is in the cache already. Of these 190 the search has 62 (its
windows 3, its bisections 6, distances of the 5.7 million parts in its bands the rest), verdicts and ranks 98, and the margins, written
by criterion, 30: a pair's answer is 108 bytes, 0.4 GB in all. Waiting for memory was 100 of 287 ms before a need became one row and
rows were loaded ahead, and is 15 without the margins, 40 with them. So the limit is what remains to be computed: 28 ns for
the verdict and rank of a pair, 18 to find it. Half of the needs have seven hits or fewer, too few for loops over vectors. Nearest
that holds: the ratio that is in the table. Tried since: zeros written only where no criterion writes (3 % less, kept); a margin and
its verdict in one loop, indices without a sign, loops rounded up to whole vectors, needs of few hits judged pair by pair, a window by
bounds in place of a sine and an arcsine, the distances of a band in a loop of their own without a choice (none 2 % less). Measured
anew by leaving parts out, 226 ms in all: windows and bisections 27, distances 65, verdicts with their margins 98, pairs written 13,
ranks 23; a need costs 1 µs and a pair 43 ns where there are many. Rows of hits
copied by criterion first cost 241 in place of 226. Not tried: the verdicts of all needs of a block in one
pass, by what a need costs perhaps 17 ms.""",
}


def run() -> list[common.Row]:
    warm()
    return [*_measured(national(), "1M × 100k"), *_alone(national(claimed=0.3), "1M × 100k, 30 % with claims")]


def _measured(problem: Problem, instance: str) -> list[common.Row]:
    prepared = prepare(problem)
    trees = {"STRtree": strtree(problem), "cKDTree": kdtree(problem, prepared)}
    duck_pairs, duck_whole = duck(problem, prepared)
    found = trees["cKDTree"]()
    whole = solve(problem, Params(near_k=0))
    print(f"{instance}: {int(whole.in_reach.sum()):,} pairs in reach; cKDTree {len(found[0]):,}", flush=True)
    jobs: dict[str, Callable[[], object]] = {
        "kernel": kernel(problem, prepared),
        "solve": lambda: solve(problem, Params(near_k=0)),
        **{f"{name}, pairs": tree for name, tree in trees.items()},
        "DuckDB, pairs": duck_pairs,
        "DuckDB": duck_whole,
        "verdicts in numpy": lambda: verdicts(problem, prepared, found),
    }
    with ExitStack() as stack:
        if (base := stack.enter_context(sql_peer.postgis(problem, prepared))) is not None:
            base.execute(f"SET max_parallel_workers_per_gather = {THREADS}")
            jobs["PostGIS"] = lambda: print(f"PostGIS: {sql_peer.postgis_batch(base, problem):,} pairs", flush=True)
        taken = common.interleaved(jobs, N)
    return [row for unit, times in (("", taken), ("processor ", taken.cpu)) for row in _rows(instance, unit, times, list(trees))]


def _rows(instance: str, unit: str, taken: Mapping[str, list[float]], trees: list[str]) -> list[common.Row]:
    middle = {name: round(statistics.median(times), 4) for name, times in taken.items()}
    spread, n = common.spread_of(taken["kernel"]), len(taken["kernel"])
    peers = {f"{name}, numpy": middle[f"{name}, pairs"] + middle["verdicts in numpy"] for name in trees}
    peers["DuckDB"] = middle["DuckDB"]
    if "PostGIS" in middle and not unit:  # its processor is another process's
        peers["PostGIS"] = middle["PostGIS"]
    rows = [common.row(JOB, instance, f"{unit}s, solve with warm index, to the ranked result", middle["solve"], n)]
    for metric, against in ((JUDGED, peers), (ALONE, {name: middle[f"{name}, pairs"] for name in (*trees, "DuckDB")})):
        for name, value in against.items():
            times = len(taken.get(name, taken["kernel"]))
            rows.append(common.row(JOB, instance, unit + metric, middle["kernel"], times, name, round(value, 4), spread=spread))
    return rows


def _alone(problem: Problem, instance: str) -> list[common.Row]:
    taken = common.interleaved({"kernel": kernel(problem, prepare(problem))}, N)
    return [
        common.row(JOB, instance, f"{unit}s, warm kernel", round(statistics.median(times), 4), N, spread=common.spread_of(times))
        for unit, times in (("", taken["kernel"]), ("processor ", taken.cpu["kernel"]))
    ]


def kernel(problem: Problem, prepared: Prepared) -> Callable[[], object]:
    """The compiled pass on all threads, all margins kept, into room that is used again."""
    params, reach = Params(keep_pairs=True, near_k=0, threads=THREADS), problem.needs.radius_mm
    shares = in_shares(prepared, np.arange(len(problem.needs)), params)
    works = [Work(s, reach, upper_bounds(prepared, s, reach)) for s in shares]
    rooms = [make_room(prepared, work, params) for work in works]

    def one(at: int) -> None:
        match_block(problem, prepared, works[at], params, rooms[at])

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


def duck(problem: Problem, prepared: Prepared) -> tuple[Callable[[], Pairs], Callable[[], object]]:
    """The pairs alone, and the whole answer in SQL: cells of a grid joined, kind by kind."""
    base = duckdb.connect(config={"threads": THREADS})
    for kind in range(len(problem.kinds)):
        for name, rows, xyz, columns in (
            ("listing", problem.listings, prepared.listing_parts.a, sql_peer.listing_columns(problem, prepared, kind)),
            ("need", problem.needs, prepared.need_parts.a, sql_peer.need_columns(problem, kind)),
        ):
            at = columns["id"]
            lon, lat = rows.place.lon[at], rows.place.lat[at]
            placed: dict[str, Any] = {n: xyz[at, i] / 100 for i, n in enumerate("xyz")}
            if name == "need":
                metres = problem.needs.radius_mm[at] / 1000
                high, wide = metres / 110_500, metres / (111_300 * np.cos(np.radians(lat)))
                bounds = {"x0": lon - wide, "x1": lon + wide, "y0": lat - high, "y1": lat + high}
                placed |= {n: np.floor(v / CELL_DEG).astype(np.int64) for n, v in bounds.items()} | {"r2": metres**2}
            else:
                placed |= {"cx": np.floor(lon / CELL_DEG).astype(np.int64), "cy": np.floor(lat / CELL_DEG).astype(np.int64)}
            base.register("given", pa.table({**columns, **placed}))
            base.execute(f"CREATE TABLE {name}_{kind} AS SELECT * FROM given ORDER BY id")
            base.unregister("given")

    def asked(kind: int, columns: str) -> str:
        return CELLS.format(kind=kind, columns=columns, chord2=CHORD2)

    def pairs() -> Pairs:
        found = [base.execute(asked(k, "n.id, l.id")).fetchnumpy().values() for k in range(len(problem.kinds))]
        need, listing = (np.concatenate(column) for column in zip(*found, strict=True))
        return need, listing

    def whole() -> None:
        for kind in range(len(problem.kinds)):
            mm = f"{sql_peer.selected(problem, kind)}, round(sqrt({CHORD2}) * 1000)::BIGINT AS mm"
            base.execute(f"CREATE OR REPLACE TABLE pair AS {sql_peer.judged(problem, kind, asked(kind, mm), '//')}")
            base.execute(f"CREATE OR REPLACE TABLE best AS {sql_peer.BEST}")

    return pairs, whole


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
    """What a peer's pairs still lack: distance, margins, score, and the ten best of each need, the needs shared by threads."""
    need, listing = pairs
    cuts = np.linspace(0, len(problem.needs), THREADS + 1).astype(np.int64)

    def some(share: int) -> object:
        mine = (need >= cuts[share]) & (need < cuts[share + 1])
        return _verdicts(problem, prepared, (need[mine], listing[mine]))

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(some, range(THREADS)))


def _verdicts(problem: Problem, prepared: Prepared, pairs: Pairs) -> object:
    need, listing = pairs
    order = np.lexsort((listing, need))
    need, listing = need[order], listing[order]
    apart = (prepared.need_parts.a[need] - prepared.listing_parts.a[listing]).astype(np.float64)
    mm = np.rint(np.sqrt((apart**2).sum(axis=1)) * 10).astype(np.int64)
    judged = judge_arrays(prepared.facts, need, listing, mm, detail=True)
    key = np.where(judged.fail == 0, 100_000 - judged.score, -1).astype(np.int64)
    return best(pointer(np.bincount(need, minlength=len(problem.needs))), key, 10)
