"""Re-matching of what changed: a worker's live markets, and storing the answers that a change altered, as a full run stores them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, or_, select

from app.catalogue.kinds import KINDS
from app.db.session import Database
from app.db.work import Bus, UnitOfWork
from app.engine import ENGINE_VERSION, Params
from app.engine.live import Affected, ListingAnswer, NeedAnswer
from app.kernel.actor import SYSTEM
from app.kernel.event import Event
from app.matching.deltas import next_step, note
from app.matching.live import Behind, LiveMarket
from app.matching.models import Match, MatchRun, NeedResult
from app.matching.run import REMATCH, SEED, Report, follow, one_at_a_time, run_and_keep
from app.needs import Need

CHUNK = 400
Pair = tuple[int, int]
Facts = tuple[int, int, int | None, int | None]  # score, distance mm, rank for the need, rank for the listing


class Markets:
    """The live markets of one worker, by kind: made by a full run when first asked for, kept while the worker lives."""

    def __init__(self) -> None:
        self._known: dict[str, LiveMarket] = {}

    def rematch(self, bus: Bus, kind: str, report: Report) -> None:
        """Store what the changes since the last time alter; all of the kind when there was no last time."""
        if (market := self._known.pop(kind, None)) is not None:
            try:
                report(20, REMATCH)
                bus.execute(store_changes, SYSTEM, (market, bus.database))
            except Behind:
                market = None
            else:
                market.settle()
                self._known[kind] = market
                return
        _, done = run_and_keep(bus, kind, report)
        if kind in KINDS:
            self._known[kind] = LiveMarket(kind, done.problem, done.seen, Params(near_k=0))  # near misses are not stored


def store_changes(work: UnitOfWork, command: tuple[LiveMarket, Database]) -> None:
    """Catch up behind everybody who stores, then write what differs. Nothing is recorded where nothing was affected.

    The snapshot is taken under the lock: it holds whatever was stored before, so that no older answer follows a newer one."""
    market, database = command
    one_at_a_time(work.session)
    begun = time.perf_counter()
    market.catch_up(database)
    affected = market.affected
    if not affected.needs and not affected.listings:
        return
    needs, listings = market.index.present(affected.needs, affected.listings)
    asked, offered = market.index.match_needs(needs), market.index.match_listings(listings)
    solved = time.perf_counter()
    run = MatchRun(
        scope=market.kind,
        status="done",
        started_at=work.now,
        finished_at=work.now,
        engine_version=ENGINE_VERSION,
        seed=SEED,
        params={"changes_to": market.seen.sequence},
        listings=len(listings),
        needs=len(needs),
        matches=sum(len(answer.matches) for answer in asked),
        matched_needs=sum(answer.feasible > 0 for answer in asked),
        timings={"match": round(solved - begun, 6)},
    )
    run.step = next_step(work.session)
    work.session.add(run)
    work.session.flush()
    _store_pairs(work, run, affected, asked, offered)
    _store_needs(work, run.id, affected.needs, asked)
    after = {"needs": run.needs, "listings": run.listings, "matched_needs": run.matched_needs}
    work.emit(Event("match_run.done", "match_run", run.ref, after=after))


def pairs_after(
    stored: dict[Pair, Facts], affected: Affected, asked: Iterable[NeedAnswer], offered: Iterable[ListingAnswer]
) -> dict[Pair, Facts]:
    """What is to be stored of the affected needs and listings, from what is stored of them and their answers now. A rank on a
    side that was not affected stands."""
    fresh: dict[Pair, Facts] = {
        pair: (score, far, None if pair[0] in affected.needs else need_rank, None if pair[1] in affected.listings else rank)
        for pair, (score, far, need_rank, rank) in stored.items()
    }
    for answer in asked:
        for place, (listing, score, far) in enumerate(answer.matches, 1):
            known = fresh.get((answer.need, listing))
            fresh[answer.need, listing] = (score, far, place, known[3] if known else None)
    for offer in offered:
        for place, (need, score, far) in enumerate(offer.matches, 1):
            known = fresh.get((need, offer.listing))
            fresh[need, offer.listing] = (score, far, known[2] if known else None, place)
    return {pair: facts for pair, facts in fresh.items() if facts[2] is not None or facts[3] is not None}


def _store_pairs(
    work: UnitOfWork, run: MatchRun, affected: Affected, asked: list[NeedAnswer], offered: list[ListingAnswer]
) -> None:
    stored = _stored(work, affected)
    fresh = pairs_after(stored, affected, asked, offered)
    note(work.session, run.step or 0, stored, fresh)
    stale = [pair for pair in stored if fresh.get(pair) != stored[pair]]
    for chunk in _chunks(stale, CHUNK):
        work.session.execute(delete(Match).where(or_(*((Match.need_id == n) & (Match.listing_id == li) for n, li in chunk))))
    rows = [
        {"need_id": n, "listing_id": li, "run_id": run.id, "score": s, "distance_mm": d, "need_rank": nr, "listing_rank": lr}
        for (n, li), (s, d, nr, lr) in sorted(fresh.items())
        if stored.get((n, li)) != (s, d, nr, lr)
    ]
    if rows:
        work.session.execute(insert(Match), rows)


def _stored(work: UnitOfWork, affected: Affected) -> dict[Pair, Facts]:
    """What is stored of the affected needs and listings."""
    columns = (Match.need_id, Match.listing_id, Match.score, Match.distance_mm, Match.need_rank, Match.listing_rank)
    found: dict[Pair, Facts] = {}
    for column, ids in ((Match.need_id, affected.needs), (Match.listing_id, affected.listings)):
        for chunk in _chunks(sorted(ids), CHUNK):
            for row in work.session.execute(select(*columns).where(column.in_(chunk))):
                found[row[0], row[1]] = (row[2], row[3], row[4], row[5])
    return found


def _store_needs(work: UnitOfWork, run_id: int, affected: Collection[int], asked: list[NeedAnswer]) -> None:
    """What is said of each affected need, and the status that follows."""
    for chunk in _chunks(sorted(affected), CHUNK):
        work.session.execute(delete(NeedResult).where(NeedResult.need_id.in_(chunk)))
    rows = [
        {"need_id": a.need, "run_id": run_id, "computed_at": work.now, "in_reach": a.in_reach, "feasible": a.feasible}
        for a in asked
    ]
    if rows:
        work.session.execute(insert(NeedResult), rows)
    for chunk in _chunks([a.need for a in asked], CHUNK):
        with_match = Need.id.in_(select(NeedResult.need_id).where(NeedResult.need_id.in_(chunk), NeedResult.feasible > 0))
        follow(work, Need.id.in_(chunk), with_match)


def _chunks(ids: Iterable[Any], size: int) -> Iterable[list[Any]]:
    walk = iter(ids)
    while chunk := list(islice(walk, size)):
        yield chunk
