"""One need, one changed listing, beside PostGIS with GiST on (kind, geography).

A million listings, a hundred thousand needs, all in memory. *Match a need*: its candidates, verdicts and ten best.
*Changed listing*: a price written in place, the needs that reach it, and the ten best of each of them anew. The peer, prepared
and over a local socket, gives the same answers: a need's pairs with all margins, judged, scored and ranked; for a listing its row
updated and the needs that reach it, each of them matched anew. In *of which the needs that reach it* it matches none. A durable
commit is the database's on both sides, and not in these figures: the peer's tables are unlogged and it waits for no disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine import Params, Problem, warm
from app.engine.compile import PRICE, TEST
from app.engine.facts import prepare
from app.engine.live import Change, LiveIndex
from app.engine.live.compiled import CompiledRows
from app.engine.live.state import TOGETHER, answer_listing, answer_needs, come_back, leave, remember
from app.engine.packed import HEAD
from bench import common, sql_peer
from bench.instances import national

JOB = "J2 incremental"
INSTANCE = "1M × 100k"
OPERATIONS, PEER = 5_000, 400
NONE = np.zeros(0, np.int64)
NO_EXTRA = np.zeros(TOGETHER + 1, np.int64)
REACHING = """SELECT n.id, n.kind FROM need n JOIN listing l ON l.kind = n.kind AND n.reach && l.g
AND ST_DWithin(l.g, n.g, n.radius_mm / 1000.0) WHERE l.id = %s"""
WHOLE = True  # a run replaces every row of its job
SHOWS = {"j2.listing.postgis": {"metric": "^µs, changed listing, p50"}}


def run() -> list[common.Row]:
    warm()
    problem = national()
    live = LiveIndex(problem, Params(near_k=0))
    rows = live._rows
    assert isinstance(rows, CompiledRows)
    live.match_needs(problem.needs.id.tolist())  # every need is known, as it is in a market that lives
    rng = np.random.default_rng(0)
    needs, listings = rng.integers(0, len(problem.needs), OPERATIONS), rng.integers(0, len(problem.listings), OPERATIONS)
    slots = needs.tolist()
    taken = {
        "match a need": timed(lambda at: kernel_need(rows, slots[at]), OPERATIONS),
        "match a need, as Python objects": timed(lambda at: live.match_needs([int(needs[at]) + 1]), OPERATIONS),
        "changed listing": timed(lambda at: kernel_listing(rows, listings[at], at), OPERATIONS),
        "changed listing, checked columns to affected ids": timed(changes(live, problem, listings), 1_000),
    }
    peers = postgis(problem, needs, listings)
    taken["changed listing, of which the needs that reach it"] = timed(lambda at: needs_of(rows, listings[at]), OPERATIONS)
    found = []
    for name, times in taken.items():
        peer = peers.get(name.removesuffix(", as Python objects").split(", checked")[0])
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


def kernel_need(rows: CompiledRows, slot: int) -> None:
    """A need that nobody knew: its candidates, verdicts and best."""
    rows.answer_need(rows.box, slot, rows.params.top_k, 0)


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


def needs_of(rows: CompiledRows, listing: Any) -> None:
    """The needs that reach a listing, and the best of them."""
    answer_listing(rows.box, int(listing), NONE, rows.params.listing_top_k)


def changes(live: LiveIndex, problem: Problem, listings: NDArray[np.int64]) -> Callable[[int], object]:
    none = problem.needs.take(NONE)
    blocks = [problem.listings.take(np.array([at])) for at in listings[:1_000].tolist()]
    return lambda at: live.apply(Change(blocks[at], none))


def postgis(problem: Problem, needs: NDArray[np.int64], listings: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """The same questions of PostGIS; nothing where it is not installed."""
    with sql_peer.postgis(problem, prepare(problem)) as base:
        if base is None:
            return {}
        base.execute("ALTER TABLE need ADD reach geography")
        base.execute("UPDATE need SET reach = ST_Envelope(ST_Buffer(g, radius_mm / 1000.0 * 1.05, 4)::geometry)::geography")
        base.execute("CREATE INDEX ON need USING gist (kind, reach)")
        base.execute("VACUUM ANALYZE need")
        for setting in (
            "max_parallel_workers_per_gather = 0",
            "synchronous_commit = off",
            "plan_cache_mode = force_generic_plan",
        ):
            base.execute(f"SET {setting}")
        best = [
            f"SELECT * FROM ({sql_peer.judged(problem, k, sql_peer.postgis_pairs(problem, k, ' AND n.id = %s'), '/')}) f "
            f"ORDER BY fail <> 0, score DESC, listing LIMIT {sql_peer.TOP}"
            for k in range(len(problem.kinds))
        ]
        price = [
            int(np.flatnonzero(problem.tables.table[k, : problem.tables.count[k], TEST] == PRICE)[0])
            for k in range(len(problem.kinds))
        ]

        def match(need: int) -> object:
            return base.execute(best[problem.needs.kind[need]], (need,), prepare=True).fetchall()

        def changed(listing: int, at: int) -> None:
            column, step = f"s{price[problem.listings.kind[listing]]}", 1 if at % 2 else -1
            base.execute(f"UPDATE listing SET {column} = {column} + ({step}) WHERE id = %s", (listing,), prepare=True)
            for need, _ in reaching(listing):
                match(need)

        def reaching(listing: int) -> list[tuple[int, int]]:
            found: list[tuple[int, int]] = base.execute(REACHING, (listing,), prepare=True).fetchall()
            return found

        return {
            "match a need": timed(lambda at: match(int(needs[at])), PEER),
            "changed listing": timed(lambda at: changed(int(listings[at]), at), PEER),
            "changed listing, of which the needs that reach it": timed(lambda at: reaching(int(listings[at])), PEER),
        }
