"""A run of the allocation: what is asked, the job that solves it, the record that reproduces it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts import Organisation
from app.db.jobs import Cancelled as JobCancelled
from app.db.jobs import ask_cancel
from app.db.work import Bus, UnitOfWork
from app.engine import ENGINE_VERSION, Cancelled, Stop
from app.engine.allocation import METHODS, NO_BUNDLE, AllocationParams, Numbered, allocate_numbered
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.listings import Listing
from app.matching.allocating.losing import reasons
from app.matching.allocating.market import Market, load_market
from app.matching.allocating.models import AllocationLine, AllocationNeed, AllocationRun
from app.matching.allocating.scenario import Scenario, check, unknown
from app.needs import Need, NeedsList

Report = Callable[[int, str], None]
SEED = 0
EVERYWHERE = "*"
ASKS_EVERY_S = 1.0  # how often a running search asks whether it was cancelled


@dataclass(frozen=True, slots=True)
class StartAllocation:
    """`needs_list`: its ref, None for every open need. `base`: ref of the run that this is a variation of."""

    needs_list: str | None = None
    scenario: Scenario = field(default_factory=Scenario)
    base: str | None = None


def start_allocation(work: UnitOfWork, command: StartAllocation) -> str:
    """Record a run and queue its job. Who may: the list's communications administration, the platform's administrator. Raises
    `invalid` for a scenario out of range. Returns the run's ref."""
    run = _recorded(work, command)
    run.job_id = work.enqueue("match.allocate", {"run_id": run.id})
    return run.ref


def _recorded(work: UnitOfWork, command: StartAllocation) -> AllocationRun:
    number, region = _scope(work.session, command.needs_list)
    work.permit("allocation.start", Subject(region=region))
    check(command.scenario)
    _known(work.session, command.scenario)
    base = work.session.scalar(select(AllocationRun).where(AllocationRun.ref == command.base)) if command.base else None
    if command.base and (base is None or base.needs_list_id != number):
        raise fail("not_found")
    run = AllocationRun(
        needs_list_id=number,
        base_id=base.id if base else None,
        region=region,
        scenario=command.scenario.as_json(),
        status="running",
        started_by=work.actor.user_id,
        started_at=work.now,
        engine_version=ENGINE_VERSION,
        seed=SEED,
        params=asdict(AllocationParams()),
    )
    work.session.add(run)
    work.session.flush()
    work.emit(Event("allocation.started", "allocation", run.ref, after={"scenario": run.scenario}, region=region))
    return run


def _scope(session: Session, needs_list: str | None) -> tuple[int | None, str]:
    if needs_list is None:
        return None, EVERYWHERE
    found = session.execute(select(NeedsList.id, NeedsList.region).where(NeedsList.ref == needs_list)).first()
    if found is None:
        raise fail("not_found")
    return found.id, found.region


def _known(session: Session, scenario: Scenario) -> None:
    """Everything that a scenario names is there."""
    asked = {"opened": set(scenario.opened), "reserve": set(scenario.reserve), "budgets": set(scenario.budgets)}
    wanted = set().union(*asked.values(), scenario.first)
    there = set(session.scalars(select(Organisation.ref).where(Organisation.ref.in_(wanted))))
    asked["first"] = set(scenario.first) - set(session.scalars(select(Need.ref).where(Need.ref.in_(scenario.first))))
    for name, refs in asked.items():
        if strange := sorted(refs - there):
            raise unknown(name, strange)


def stop_allocation(work: UnitOfWork, ref: str) -> None:
    """Ask a running allocation to end; nothing of it is kept. Who may: who may start it."""
    run = work.session.scalar(select(AllocationRun).where(AllocationRun.ref == ref))
    if run is None:
        raise fail("not_found")
    work.permit("allocation.start", Subject(region=run.region))
    if run.job_id is not None:
        ask_cancel(work.session, run.job_id)


def perform(bus: Bus, run_id: int, report: Report) -> None:
    """Do the run: read in one snapshot, solve in memory, write in one short transaction. A run that has ended stays as it is."""
    with bus.database.read() as session:
        run = session.get_one(AllocationRun, run_id)
        scenario, needs_list_id = Scenario.of(run.scenario), run.needs_list_id
        if run.status != "running":
            return
    watch = _Watch(report)
    try:
        report(2, "loading")
        with bus.database.read() as session:
            market = load_market(session, needs_list_id, scenario, Stop(cancelled=watch.cancelled))
        watch.percent = 20
        stop = Stop(scenario.seconds, watch.cancelled)
        found = allocate_numbered(market.allocation, market.slots, AllocationParams(), stop, SEED, watch.progress)
        report(95, "storing")
    except (Cancelled, JobCancelled):
        bus.execute(_close, SYSTEM, (run_id, "cancelled", None))
        raise JobCancelled from None
    except Exception as error:
        bus.execute(_close, SYSTEM, (run_id, "failed", error.code if isinstance(error, DomainError) else str(error)))
        raise
    bus.execute(_store, SYSTEM, (run_id, market, found))


@dataclass
class _Watch:
    """Tells how far a search is and hears whether it shall stop, at most once a second."""

    report: Report
    percent: int = 5
    asked: float = field(default_factory=time.monotonic)
    stopped: bool = False

    def progress(self, done: int, of: int) -> None:
        self.percent = 20 + 70 * done // max(of, 1)

    def cancelled(self) -> bool:
        if not self.stopped and time.monotonic() - self.asked >= ASKS_EVERY_S:
            self.asked = time.monotonic()
            try:
                self.report(self.percent, "solving")
            except JobCancelled:
                self.stopped = True
        return self.stopped


def _close(work: UnitOfWork, command: tuple[int, str, str | None]) -> None:
    run_id, status, message = command
    run = work.session.get_one(AllocationRun, run_id)
    run.status, run.message, run.finished_at = status, message, work.now
    work.emit(Event(f"allocation.{status}", "allocation", run.ref, after={"message": message}, region=run.region))


def _store(work: UnitOfWork, command: tuple[int, Market, Numbered]) -> None:
    run_id, market, found = command
    answer, session = found.answer, work.session
    run = session.get_one(AllocationRun, run_id)
    for table in (AllocationLine, AllocationNeed):
        session.execute(delete(table).where(table.run_id == run_id))
    rows, lines = _need_rows(run_id, market, found), _line_rows(run_id, market, found)
    needs = _there(session, Need.id, {r["need_id"] for r in rows})
    listings = _there(session, Listing.id, {r["listing_id"] for r in lines})
    rows = [r for r in rows if r["need_id"] in needs]
    lines = [r for r in lines if r["need_id"] in needs and r["listing_id"] in listings]
    if rows:
        session.execute(insert(AllocationNeed), rows)
    if lines:
        session.execute(insert(AllocationLine), lines)
    run.status, run.finished_at, run.input_hash = "done", work.now, answer.input_hash
    run.needs, run.listings, run.pairs = len(market.wanted), len(market.problem.listings), len(market.pair_score)
    run.served, run.value, run.bound, run.proven = (
        len(np.unique(answer.need)),
        answer.value * market.scale,
        answer.bound * market.scale,
        answer.proven,
    )
    run.timings = dict(answer.timings)
    parts = np.bincount(answer.components.method, minlength=len(METHODS)).tolist()
    run.methods = {"settled": answer.settled, "rounds": found.rounds, "parts": dict(zip(METHODS, parts, strict=True))}
    after = {"needs": run.needs, "served": run.served, "value": run.value, "bound": run.bound, "input_hash": run.input_hash}
    work.emit(Event("allocation.done", "allocation", run.ref, after=after, region=run.region))


def _there(session: Session, key: InstrumentedAttribute[int], ids: set[int]) -> set[int]:
    """Those that were not deleted while it was solved; a few thousand at a time: SQLite takes no longer list."""
    asked, found = sorted(ids), set[int]()
    for begin in range(0, len(asked), 5000):
        found.update(session.scalars(select(key).where(key.in_(asked[begin : begin + 5000]))))
    return found


def _need_rows(run_id: int, market: Market, found: Numbered) -> list[dict[str, Any]]:
    answer, demands = found.answer, market.allocation.demands
    given = np.zeros(len(demands), np.int64)
    np.add.at(given, answer.need, answer.quantity)
    given *= market.unit
    candidates = np.bincount(market.allocation.options.need, minlength=len(demands))
    lost = np.unique(demands.bundle[(candidates == 0) & (demands.bundle != NO_BUNDLE)])
    in_bundle = np.isin(demands.bundle, lost)

    why = reasons(market.allocation, market.party, answer)

    def outcome(i: int) -> str:
        if given[i]:
            return "served" if given[i] == market.wanted[i] else "partly"
        if not candidates[i]:
            return "no_candidate"
        return "bundle" if in_bundle[i] else str(why[i])

    columns = (demands.id, market.wanted, given, candidates, demands.weight * market.scale)
    rows = zip(*(c.tolist() for c in columns), strict=True)
    names = ("need_id", "wanted", "given", "candidates", "weight")
    return [{"run_id": run_id, "outcome": outcome(i), **dict(zip(names, row, strict=True))} for i, row in enumerate(rows)]


def _line_rows(run_id: int, market: Market, found: Numbered) -> list[dict[str, Any]]:
    answer, problem = found.answer, market.problem
    rows = []
    for option, need, listing, quantity in zip(
        *(c.tolist() for c in (answer.option, answer.need, answer.listing, answer.quantity)), strict=True
    ):
        names = problem.tables.capacity_names[int(problem.listings.kind[listing])]
        numbers = {name: found.numbers.get((option, column)) for column, name in enumerate(names)}
        rows.append(
            {
                "run_id": run_id,
                "need_id": int(problem.needs.id[need]),
                "listing_id": int(problem.listings.id[listing]),
                "quantity": quantity * int(market.unit[need]),
                "score": int(market.pair_score[option]),
                "distance_mm": int(market.pair_distance_mm[option]),
                "slots": {name: list(given) for name, given in numbers.items() if given},
            }
        )
    return rows


def run_allocation(bus: Bus, command: StartAllocation, report: Report) -> str:
    """Record and perform a run at once (commands, tests); returns its ref."""

    def begin(work: UnitOfWork, asked: StartAllocation) -> tuple[int, str]:
        run = _recorded(work, asked)
        return run.id, run.ref

    run_id, ref = bus.execute(begin, SYSTEM, command)
    perform(bus, run_id, report)
    return ref
