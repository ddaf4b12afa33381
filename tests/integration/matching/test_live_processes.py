"""Several job workers, each with a market in its own memory, one killed on the way: what they store is what one full run stores."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, func, select, update

from app.bootstrap import job_handlers, make_bus
from app.config import Settings
from app.db.jobs import Job, Worker, enqueue
from app.db.work import Bus
from app.listings.models import Listing
from app.matching.models import MatchRun
from app.matching.run import REMATCH, run_now
from tests.integration.matching.test_live import market_of, quiet, stored
from tests.support.asking import Region

pytestmark = pytest.mark.slow
PATIENCE_S = 60.0


def work(url: str, folder: Path) -> None:
    """What `flask jobs work` does, in a process of its own, on connections of its own."""
    os.environ["ENGINE_BACKEND"] = "numpy"  # no threads of a compiler in a forked process
    bus = make_bus(Settings(database_url=url, secret_key="test" * 8, var=folder, testing=True))
    Worker(bus.database, bus.clock, {REMATCH: job_handlers(bus)[REMATCH]}).run(threading.Event(), idle_s=0.05)


@contextmanager
def workers(region: Region, count: int, folder: Path) -> Iterator[list[Any]]:
    """So many processes that do the jobs of the region's database."""
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=work, args=(region.bus.database.url, folder)) for _ in range(count)]
    for process in started:
        process.start()
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.join()


def changed(bus: Bus, listing: str, **values: object) -> None:
    """A change, and its job, in one transaction."""
    with bus.database.write() as session:
        session.execute(update(Listing).where(Listing.ref == listing).values(**values))
        enqueue(session, REMATCH, {"kind": "tower"}, datetime(2026, 1, 1, tzinfo=UTC), key=f"{REMATCH}:tower")


def open_jobs(bus: Bus) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count(Job.id)).where(Job.task == REMATCH, Job.state.in_(("queued", "running")))) or 0


def said(bus: Bus) -> list[tuple[object, ...]]:
    """What the jobs say of themselves, for a failure."""
    with bus.database.read() as session:
        return [tuple(row) for row in session.execute(select(Job.state, Job.attempts, Job.worker, Job.run_at, Job.message))]


def ends_lease(bus: Bus) -> None:
    """As the time passes that a dead worker's lease would take to end."""
    with bus.database.write() as session:
        session.execute(update(Job).where(Job.state == "running").values(lease_until=datetime(2026, 1, 1, tzinfo=UTC)))


def waited(bus: Bus, killed: bool = False) -> None:
    until = time.monotonic() + PATIENCE_S
    while open_jobs(bus):
        assert time.monotonic() < until, said(bus)
        if killed:
            ends_lease(bus)
        time.sleep(0.2)


def test_workers_agree_and_one_may_die(region: Region, tmp_path: Path) -> None:
    listings, rng, bus = market_of(region), np.random.default_rng(5), region.bus
    with bus.database.write() as session:
        session.execute(delete(Job))  # mail and sweeps of the clock that tests stop
    changed(bus, listings[0], price_minor=1_000_000)
    with workers(region, 3, tmp_path) as started:
        waited(bus)
        for number in range(40):
            values = (
                {"price_minor": int(rng.integers(500_000, 3_000_000))},
                {"status": str(rng.choice(["published", "suspended"]))},
                {"window_start": datetime(2026, int(rng.integers(7, 12)), 1, tzinfo=UTC).date()},
            )
            changed(bus, str(rng.choice(listings)), **values[int(rng.integers(3))])
            if number == 20:
                started[0].kill()
                started[0].join()
            if number % 4 == 3:
                waited(bus, killed=number >= 20)
        waited(bus, killed=True)
        assert [process.is_alive() for process in started] == [False, True, True]
    found = stored(bus)
    with bus.database.read() as session:
        incremental = [p for p in session.scalars(select(MatchRun.params)) if "changes_to" in p]
        assert session.scalar(select(func.count(Job.id)).where(Job.task == REMATCH, Job.state == "failed")) == 0
    assert len(incremental) >= 5
    run_now(bus, "tower", quiet)
    assert stored(bus) == found
