"""A run of the engine: load, solve, store what changed, and a record that reproduces it.

What a run stores is told to requesters (counts, the status of a need, notices), so it knows listings as everybody may know them.
Owners get their exact answer when they look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from app.catalogue.kinds import KINDS
from app.db.jobs import Cancelled as JobCancelled
from app.db.session import Database
from app.db.work import Bus, UnitOfWork
from app.engine import ENGINE_VERSION, Cancelled, Params, Problem, Result, Stop, keep_memory, solve
from app.kernel.actor import SYSTEM, Actor
from app.kernel.event import Event
from app.listings import Listing
from app.matching.changelog import Position, note_again, position, since, trim
from app.matching.deltas import next_step, note
from app.matching.models import Match, MatchRun, NeedResult
from app.matching.source import OPEN_NEEDS, Scope, load_problem
from app.needs import ENTRY, Need

Report = Callable[[int, str], None]
Solver = Callable[[Problem, Stop, Report], Result]
SEED = 0
REMATCH = "match.kind"
STORING = 0x6D617463685F7275  # the advisory lock of who stores a run


@dataclass(frozen=True, slots=True)
class StartRun:
    """Ask for a run over everything, or over one kind."""

    kind: str | None = None


def start_run(work: UnitOfWork, command: StartRun) -> str:
    """Record a run and queue its job. Who may: administrator, communications administration. Returns the run's ref."""
    work.permit("match_run.start")
    run = MatchRun(
        scope=command.kind or "all",
        status="running",
        started_by=work.actor.user_id,
        started_at=work.now,
        engine_version=ENGINE_VERSION,
        seed=SEED,
        params=_params(Params()),
    )
    work.session.add(run)
    work.session.flush()
    run.job_id = work.enqueue("match.run", {"run_id": run.id})
    work.emit(Event("match_run.started", "match_run", run.ref, after={"scope": run.scope}))
    return run.ref


def _params(params: Params) -> dict[str, Any]:
    return asdict(params)


def new_run(session: Session, kind: str | None, now: datetime) -> int:
    """The record of a run that a job or a command starts by itself."""
    run = MatchRun(
        scope=kind or "all", status="running", started_at=now, engine_version=ENGINE_VERSION, seed=SEED, params=_params(Params())
    )
    session.add(run)
    session.flush()
    return run.id


@dataclass(frozen=True, slots=True)
class Done:
    """What a run was about, what it found, and the change up to which that is true."""

    problem: Problem
    result: Result
    seen: Position
    load_s: float = 0.0


def here(problem: Problem, stop: Stop, report: Report) -> Result:
    """Solve in this process."""
    return solve(problem, Params(), stop, SEED, lambda done, of: report(20 + 60 * done // max(of, 1), "solving"))


def perform(bus: Bus, run_id: int, report: Report, stop: Stop | None = None, solver: Solver = here) -> Done:
    """Do the run: read in one snapshot, solve in memory, write in one short transaction."""
    keep_memory()
    begun = time.perf_counter()
    with bus.database.snapshot() as session, bus.database.beside(session) as second:
        run = session.get_one(MatchRun, run_id)
        kind = None if run.scope == "all" else run.scope
        problem, seen = load_problem(session, Scope(kind=kind, disclosed=True), beside=second), position(session)
    loaded = time.perf_counter()
    try:
        report(20, "solving")
        result = solver(problem, stop or Stop(), report)
    except (Cancelled, JobCancelled):
        bus.execute(_close, SYSTEM, (run_id, "cancelled", None))
        raise
    except Exception as error:
        bus.execute(_close, SYSTEM, (run_id, "failed", str(error)))
        raise
    report(85, "storing")
    done = Done(problem, result, seen, loaded - begun)
    bus.execute(_store, SYSTEM, (run_id, done, bus.database))
    return done


def _close(work: UnitOfWork, command: tuple[int, str, str | None]) -> None:
    run_id, status, message = command
    run = work.session.get_one(MatchRun, run_id)
    run.status, run.message, run.finished_at = status, message, work.now
    work.emit(Event(f"match_run.{status}", "match_run", run.ref, after={"message": message}))


def pairs_of(problem: Problem, result: Result) -> dict[tuple[int, int], tuple[int, int, int | None, int | None]]:
    """(need id, listing id) → (score, distance mm, rank for the need, rank for the listing) of every pair in either top."""
    found: dict[tuple[int, int], tuple[int, int, int | None, int | None]] = {}
    need_ids, listing_ids = problem.needs.id.tolist(), problem.listings.id.tolist()
    for row, index in enumerate(result.needs.tolist()):
        for rank, (listing, score, distance) in enumerate(result.by_need.of(row), 1):
            found[need_ids[index], listing_ids[listing]] = (score, distance, rank, None)
    for listing, listing_id in enumerate(listing_ids):
        for rank, (need, score, distance) in enumerate(result.by_listing.of(listing), 1):
            known = found.get((need_ids[need], listing_id))
            found[need_ids[need], listing_id] = (score, distance, known[2] if known else None, rank)
    return found


def _store(work: UnitOfWork, command: tuple[int, Done, Database]) -> None:
    """Write the difference to what is stored; unchanged matches keep the run that found them. What closed while it ran is left
    out; what else changed meanwhile is matched again, since somebody may have stored newer answers than these."""
    run_id, done, database = command
    problem, result, session = done.problem, done.result, work.session
    one_at_a_time(session)
    _again(work, done, database)
    begun = time.perf_counter()
    run = session.get_one(MatchRun, run_id)
    run.step = next_step(session)
    kinds = [k.name for k in KINDS.all()] if run.scope == "all" else [run.scope]
    needs = set(session.scalars(select(Need.id).where(Need.kind.in_(kinds), Need.status.in_(OPEN_NEEDS))))
    listings = set(session.scalars(select(Listing.id).where(Listing.kind.in_(kinds), Listing.status == "published")))
    new = {pair: facts for pair, facts in pairs_of(problem, result).items() if pair[0] in needs and pair[1] in listings}
    old = {
        (m.need_id, m.listing_id): (m.score, m.distance_mm, m.need_rank, m.listing_rank)
        for m in session.execute(
            select(Match.need_id, Match.listing_id, Match.score, Match.distance_mm, Match.need_rank, Match.listing_rank)
            .join(Need, Need.id == Match.need_id)
            .where(Need.kind.in_(kinds))
        )
    }
    gone = [pair for pair in old if pair not in new]
    changed = [pair for pair, facts in new.items() if old.get(pair) != facts]
    if stale := [{"n": n, "li": li} for n, li in [*gone, *(pair for pair in changed if pair in old)]]:
        session.connection().execute(
            delete(Match).where(Match.need_id == bindparam("n"), Match.listing_id == bindparam("li")), stale
        )
    if changed:
        session.execute(
            insert(Match),
            [
                {
                    "need_id": n,
                    "listing_id": li,
                    "run_id": run_id,
                    "score": s,
                    "distance_mm": d,
                    "need_rank": nr,
                    "listing_rank": lr,
                }
                for (n, li), (s, d, nr, lr) in ((pair, new[pair]) for pair in changed)
            ],
        )
    note(session, run.step, old, new)
    matched = _store_needs(work, run_id, problem, result, kinds, needs)
    run.status, run.finished_at, run.input_hash, run.answer_hash = "done", work.now, result.input_hash, result.answer_hash
    run.listings, run.needs, run.matches, run.matched_needs = len(problem.listings.id), len(problem.needs.id), len(new), matched
    stored_s = time.perf_counter() - begun
    run.timings = {"load": round(done.load_s, 6), **result.timings, "store": round(stored_s, 6)}
    run.rejections = {
        kind.name: {c.name: int(result.rejections[k, i]) for i, c in enumerate(kind.all_criteria)}
        for k, kind in enumerate(problem.kinds)
    }
    work.emit(
        Event(
            "match_run.done",
            "match_run",
            run.ref,
            after={"needs": run.needs, "listings": run.listings, "matched_needs": matched, "input_hash": run.input_hash},
        )
    )


def _again(work: UnitOfWork, done: Done, database: Database) -> None:
    """Have matched again what changed while the run was solving."""
    with database.snapshot() as session:
        missed = since(session, done.seen)
    for kind in done.problem.kinds if missed or missed is None else ():
        work.enqueue(REMATCH, {"kind": kind.name}, key=f"{REMATCH}:{kind.name}")
    note_again(work.session, missed or ())
    trim(work.session)


def one_at_a_time(session: Session) -> None:
    """Two runs must not store at once: on SQLite writers come one at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": STORING})


def _store_needs(work: UnitOfWork, run_id: int, problem: Problem, result: Result, kinds: list[str], open_: set[int]) -> int:
    """What the run says of each need, and the status that follows: published ↔ matched."""
    session = work.session
    ids = problem.needs.id[result.needs].tolist()
    feasible = result.feasible.tolist()
    session.execute(delete(NeedResult).where(NeedResult.need_id.in_(select(Need.id).where(Need.kind.in_(kinds)))))
    rows = [
        {"need_id": need_id, "run_id": run_id, "computed_at": work.now, "in_reach": reach, "feasible": fits}
        for need_id, reach, fits in zip(ids, result.in_reach.tolist(), feasible, strict=True)
        if need_id in open_
    ]
    if rows:
        session.execute(insert(NeedResult), rows)
    with_match = Need.id.in_(select(NeedResult.need_id).where(NeedResult.feasible > 0))
    follow(work, Need.kind.in_(kinds), with_match)
    return sum(1 for row in rows if row["feasible"])


def follow(work: UnitOfWork, which: ColumnElement[bool], with_match: ColumnElement[bool]) -> None:
    """Needs become matched where something fits, and published again where nothing does any more."""
    _move(work, [which, Need.status == "published", with_match], "match", "match.found")
    _move(work, [which, Need.status == "matched", ~with_match], "unmatch", "match.lost")


def _move(work: UnitOfWork, conditions: list[ColumnElement[bool]], step: str, action: str) -> None:
    """Move the needs that fit the conditions, and tell their requesters."""
    found = work.session.execute(
        select(Need.id, Need.ref, Need.status, Need.organisation_id, Need.region).where(*conditions).order_by(Need.id)
    ).all()
    if not found:
        return
    target = ENTRY.move(found[0].status, step)
    work.session.execute(update(Need).where(*conditions).values(status=target))
    for need in found:
        work.emit(
            Event(action, "need", need.ref, (need.organisation_id,), {"status": need.status}, {"status": target}, need.region)
        )


def run_now(
    bus: Bus, kind: str | None, report: Report, actor: Actor = SYSTEM, stop: Stop | None = None, solver: Solver = here
) -> tuple[str, Result]:
    """Record and perform a run at once (commands, tests). Returns the run's ref and the result."""
    ref, done = run_and_keep(bus, kind, report, actor, stop, solver)
    return ref, done.result


def run_and_keep(
    bus: Bus, kind: str | None, report: Report, actor: Actor = SYSTEM, stop: Stop | None = None, solver: Solver = here
) -> tuple[str, Done]:
    """`run_now`, with what the run was about."""

    def begin(work: UnitOfWork, asked: str | None) -> tuple[int, str]:
        run_id = new_run(work.session, asked, work.now)
        run = work.session.get_one(MatchRun, run_id)
        work.emit(Event("match_run.started", "match_run", run.ref, after={"scope": run.scope}))
        return run_id, run.ref

    run_id, ref = bus.execute(begin, actor, kind)
    return ref, perform(bus, run_id, report, stop, solver)
