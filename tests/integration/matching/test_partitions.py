"""A run in parts over several worker processes, one killed on the way, and over Dask: the result and what is stored are one
machine's."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.bootstrap import job_handlers, make_bus
from app.config import Settings
from app.db.jobs import Job, Worker
from app.engine import Cancelled, Stop
from app.engine.partition import solve_folder
from app.matching.models import MatchRun
from app.matching.partitions import PART, PartFailed, by_dask, by_jobs, in_parts
from app.matching.run import run_now
from tests.integration.matching.test_live import market_of, quiet, stored
from tests.integration.matching.test_live_processes import ends_lease
from tests.support.asking import Region


def work(url: str, folder: Path, hangs: bool) -> None:
    """A job worker; `hangs`: it takes a part and never brings it back."""
    os.environ["ENGINE_BACKEND"] = "numpy"
    bus = make_bus(Settings(database_url=url, secret_key="test" * 8, var=folder, testing=True))
    part = job_handlers(bus)[PART]
    handlers = {PART: (lambda lease, args: threading.Event().wait()) if hangs else part}
    Worker(bus.database, bus.clock, handlers).run(threading.Event(), idle_s=0.05)


def test_workers_solve_the_parts_and_one_dies(region: Region, tmp_path: Path) -> None:
    market_of(region)
    _, whole = run_now(region.bus, None, quiet)
    before = stored(region.bus)
    with region.bus.database.write() as session:
        session.execute(delete(Job))
    context = multiprocessing.get_context("fork")
    url = region.bus.database.url
    started = [context.Process(target=work, args=(url, tmp_path, hangs)) for hangs in (True, False, False)]
    started[0].start()

    def report(percent: int, message: str) -> None:
        """Once the first worker has a part, it is killed, and others come; the dead one's lease is ended."""
        with region.bus.database.read() as session:
            taken = session.scalar(select(func.count(Job.id)).where(Job.state == "running"))
        if started[0].is_alive() and taken:
            started[0].kill()
            started[0].join()
            for process in started[1:]:
                process.start()
            ends_lease(region.bus)

    try:
        _, parted = run_now(region.bus, None, report, stop=Stop(60), solver=in_parts(tmp_path / "parts", 3, by_jobs(region.bus)))
    finally:
        for process in started:
            if process.pid is not None:
                process.kill()
                process.join()
    with region.bus.database.read() as session:
        assert session.scalar(select(func.max(Job.attempts)).where(Job.task == PART)) == 2
        hashes = set(session.execute(select(MatchRun.input_hash, MatchRun.answer_hash)).all())
    assert parted.answer_hash == whole.answer_hash
    assert hashes == {(whole.input_hash, whole.answer_hash)}
    assert stored(region.bus) == before
    assert list((tmp_path / "parts").iterdir()) == []


def test_a_run_without_workers_ends_in_time(region: Region, tmp_path: Path) -> None:
    market_of(region)
    with pytest.raises(Cancelled):
        run_now(region.bus, "tower", quiet, stop=Stop(0.5), solver=in_parts(tmp_path, 2, by_jobs(region.bus)))
    with region.bus.database.read() as session:
        assert session.scalars(select(MatchRun.status)).all() == ["cancelled"]


def test_a_part_that_fails_fails_the_run(region: Region, tmp_path: Path) -> None:
    market_of(region)

    def report(percent: int, message: str) -> None:
        with region.bus.database.write() as session:
            for job in session.scalars(select(Job).where(Job.task == PART)):
                job.state, job.message = "failed", "disk full"

    with pytest.raises(PartFailed, match="disk full"):
        run_now(region.bus, "tower", report, stop=Stop(30), solver=in_parts(tmp_path, 2, by_jobs(region.bus)))


def test_dask_gives_the_same(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed: Any = pytest.importorskip("distributed", reason="install requirements-dev.txt to run parts on Dask")
    market_of(region)
    _, whole = run_now(region.bus, None, quiet)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, scheduler_port=0
    ) as cluster:
        solver = in_parts(tmp_path, 3, by_dask(cluster.scheduler_address))
        _, parted = run_now(region.bus, None, quiet, stop=Stop(60), solver=solver)
    assert parted.answer_hash == whole.answer_hash
    assert solve_folder.__module__.startswith("app.engine")
