"""One need, one changed listing, beside PostGIS with GiST on (kind, geography).

A million listings, a hundred thousand needs, all in memory. *Match a need*: its candidates, verdicts and ten best.
*Changed listing*: a price written in place, the needs that reach it, and the ten best of each of them anew. The peer, prepared
and over a local socket, finds a need's pairs and compares their price; for a listing it finds the needs that reach it, and
matches none of them again. A durable commit is the database's on both sides, and not in
these figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine import Params, Problem, warm
from app.engine.live import Change, LiveIndex
from app.engine.live.compiled import CompiledRows
from app.engine.live.state import TOGETHER, answer_needs, come_back, leave, remember
from app.engine.packed import HEAD
from bench import common
from bench.instances import national
from tests.support import postgres

JOB = "J2 incremental"
INSTANCE = "1M × 100k"
OPERATIONS, PEER = 5_000, 400
NONE = np.zeros(0, np.int64)
NO_EXTRA = np.zeros(TOGETHER + 1, np.int64)
NEED = """SELECT l.id FROM listing l JOIN need n ON l.kind = n.kind AND ST_DWithin(l.g, n.g, n.radius_m)
WHERE n.id = %s AND l.price <= n.budget ORDER BY l.price, l.id LIMIT 10"""
LISTING = """SELECT n.id FROM need n JOIN listing l ON l.kind = n.kind AND n.reach && l.g AND ST_DWithin(l.g, n.g, n.radius_m)
WHERE l.id = %s"""


def run() -> list[common.Row]:
    warm()
    problem = national()
    live = LiveIndex(problem, Params(near_k=0))
    rows = live._rows
    assert isinstance(rows, CompiledRows)
    live.match_needs(problem.needs.id.tolist())  # every need is known, as it is in a market that lives
    rng = np.random.default_rng(0)
    needs, listings = rng.integers(0, len(problem.needs), OPERATIONS), rng.integers(0, len(problem.listings), OPERATIONS)
    taken = {
        "match a need": timed(lambda at: kernel_need(rows, needs[at]), OPERATIONS),
        "match a need, as Python objects": timed(lambda at: live.match_needs([int(needs[at]) + 1]), OPERATIONS),
        "changed listing": timed(lambda at: kernel_listing(rows, listings[at], at), OPERATIONS),
        "changed listing, checked columns to affected ids": timed(changes(live, problem, listings), 1_000),
    }
    peers = postgis(problem, needs, listings)
    found = []
    for name, times in taken.items():
        peer = peers.get(name.split(",")[0])
        for words, share in (("p50", 50), ("p99", 99)):
            mine = float(np.percentile(times, share))
            theirs = None if peer is None else round(float(np.percentile(peer, share)), 1)
            said = None if peer is None else "PostGIS, prepared"
            found.append(common.row(JOB, INSTANCE, f"µs, {name}, {words}", round(mine, 1), len(times), said, theirs))
    return found


def timed(job: Callable[[int], object], n: int) -> NDArray[np.float64]:
    """Microseconds of each of n runs."""
    for at in range(min(n, 50)):
        job(at)
    taken = np.empty(n)
    for at in range(n):
        begin = time.perf_counter_ns()
        job(at)
        taken[at] = (time.perf_counter_ns() - begin) / 1000
    return taken


def kernel_need(rows: CompiledRows, need: Any) -> None:
    """A need that nobody knew: its candidates, verdicts and best."""
    answer_needs(rows.box, np.array([need]), rows.asks.plain["radius_mm"], NO_EXTRA[:2], NONE, rows.params.top_k, 0)


def kernel_listing(rows: CompiledRows, listing: Any, at: int) -> None:
    """A new price: every need that the listing reaches has its ranks and counts moved, and is matched again where its list has
    become too short to tell."""
    offers, slot = rows.offers, int(listing)
    n = leave(rows.box, slot, slot + 1, NONE)
    price = offers.plain["price_minor"]
    price[slot] += 1 if at % 2 else -1
    offers.packed.rows[offers.packed.row_of[offers.home[slot]], HEAD + 2] = price[slot]
    short = come_back(rows.box, slot, slot + 1, n, rows.params.top_k)
    for begin in range(0, short, TOGETHER):
        some = rows._near_needs[begin : min(begin + TOGETHER, short)].copy()
        answer_needs(rows.box, some, rows.asks.plain["radius_mm"], NO_EXTRA[: len(some) + 1], NONE, rows.depth, 0)
        remember(rows.box, some)


def changes(live: LiveIndex, problem: Problem, listings: NDArray[np.int64]) -> Callable[[int], object]:
    none = problem.needs.take(NONE)
    blocks = [problem.listings.take(np.array([at])) for at in listings[:1_000].tolist()]
    return lambda at: live.apply(Change(blocks[at], none))


def postgis(problem: Problem, needs: NDArray[np.int64], listings: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """The same questions of PostGIS; nothing where it is not installed."""
    import psycopg

    programs = postgres.bindir()
    if programs is None:
        print(f"PostgreSQL with PostGIS is not installed, left out: {postgres.INSTALL}")
        return {}
    cluster = postgres.start(programs)
    try:
        cluster.sql("postgres", "CREATE DATABASE bench")
        cluster.sql("bench", "CREATE EXTENSION postgis", "CREATE EXTENSION btree_gist")
        with psycopg.connect(cluster.url("bench").replace("+psycopg", ""), autocommit=True) as base:
            load(base, problem)
            return {
                "match a need": timed(lambda at: ask(base, NEED, int(needs[at]) + 1), PEER),
                "changed listing": timed(lambda at: ask(base, LISTING, int(listings[at]) + 1), PEER),
            }
    finally:
        cluster.stop()


def ask(base: Any, statement: str, id_: int) -> object:
    return base.execute(statement, (id_,), prepare=True).fetchall()


def load(base: Any, problem: Problem) -> None:
    base.execute("CREATE TABLE listing (id int PRIMARY KEY, kind smallint, price bigint, lon float8, lat float8)")
    base.execute("CREATE TABLE need (id int PRIMARY KEY, kind smallint, budget bigint, lon float8, lat float8, radius_m float8)")
    for name, rows, extra in (("listing", problem.listings, ["price_minor"]), ("need", problem.needs, ["budget_minor"])):
        columns = [rows.id.tolist(), rows.kind.tolist(), *(getattr(rows, c).tolist() for c in extra)]
        columns += [rows.place.lon.tolist(), rows.place.lat.tolist()]
        if name == "need":
            columns.append((rows.radius_mm / 1000).tolist())
        with base.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)
        base.execute(f"ALTER TABLE {name} ADD g geography(Point, 4326)")
        base.execute(f"UPDATE {name} SET g = ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography")
        base.execute(f"CREATE INDEX ON {name} USING gist (kind, g)")
    base.execute("ALTER TABLE need ADD reach geography")
    base.execute("UPDATE need SET reach = ST_Envelope(ST_Buffer(g, radius_m * 1.05, 4)::geometry)::geography")
    base.execute("CREATE INDEX ON need USING gist (kind, reach)")
    base.execute("VACUUM ANALYZE listing")
    base.execute("VACUUM ANALYZE need")
    base.execute("SET max_parallel_workers_per_gather = 0")
