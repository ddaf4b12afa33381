"""RabbitMQ brings the ids of jobs and the table stays the truth: a worker killed in the middle of a part, a broker killed and
started again, a broker that is not there; every part is solved once and the result is one machine's."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.bootstrap import job_handlers, make_bus
from app.config import Settings
from app.db.carrier import TableAlone
from app.db.jobs import Job, Lease, Worker, enqueue
from app.db.rabbit import Rabbit
from app.db.work import Bus
from app.engine import Stop
from app.matching.partitions import PART, by_jobs, in_parts
from app.matching.run import run_now
from tests.integration.matching.test_live import market_of, quiet, stored
from tests.integration.matching.test_live_processes import ends_lease
from tests.support import rabbitmq
from tests.support.asking import Region

pytestmark = pytest.mark.slow
PATIENCE_S = 180.0
NEVER_LOOKS = 3600.0  # of a worker that knows only what it is told
NOTE = "note"


@pytest.fixture(scope="module")
def broker() -> Iterator[rabbitmq.Broker]:
    with rabbitmq.running() as found:
        yield found


@pytest.fixture
def announcing(region: Region, broker: rabbitmq.Broker) -> Iterator[Region]:
    """A region whose commits tell the broker."""
    with region.bus.database.write() as session:
        session.execute(delete(Job))
    region.bus.database.carrier = Rabbit(broker.url)
    yield region
    region.bus.database.carrier = TableAlone()


def work(url: str, amqp_url: str, folder: Path, hangs: bool, look_s: float | None) -> None:
    """`flask jobs work` in a process of its own. Whoever ends a part writes a line; `hangs`: it never ends one."""
    os.environ["ENGINE_BACKEND"] = "numpy"
    bus = make_bus(Settings(database_url=url, secret_key="test" * 8, var=folder, testing=True, amqp_url=amqp_url))
    solve = job_handlers(bus)[PART]

    def part(lease: Lease, args: dict[str, Any]) -> None:
        if hangs:
            threading.Event().wait()
        solve(lease, args)
        _line(folder, args["folder"])

    handlers = {PART: part, NOTE: lambda lease, args: _line(folder, args["words"])}
    Worker(bus.database, bus.clock, handlers).run(threading.Event(), idle_s=look_s)


def _line(folder: Path, words: str) -> None:
    with (folder / "ended").open("a", encoding="utf-8") as ended:
        ended.write(f"{words}\n")


def ended(folder: Path) -> list[str]:
    path = folder / "ended"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@contextmanager
def workers(region: Region, broker: rabbitmq.Broker, folder: Path) -> Iterator[Callable[..., Any]]:
    """Starts a worker whenever it is called; all are killed at the end."""
    context, started = multiprocessing.get_context("fork"), list[Any]()

    def start(hangs: bool = False, look_s: float | None = None) -> Any:
        process = context.Process(target=work, args=(region.bus.database.url, broker.url, folder, hangs, look_s))
        process.start()
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.join()


def noted(bus: Bus, words: str) -> None:
    with bus.database.write() as session:
        enqueue(session, NOTE, {"words": words}, datetime(2026, 1, 1, tzinfo=UTC))


def until(true: Callable[[], bool], folder: Path) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < limit, ended(folder)
        time.sleep(0.05)


def test_a_message_wakes_a_worker_that_does_not_look(announcing: Region, broker: rabbitmq.Broker, tmp_path: Path) -> None:
    with workers(announcing, broker, tmp_path) as start:
        start(look_s=NEVER_LOOKS), start(look_s=NEVER_LOOKS)
        for number in range(20):
            noted(announcing.bus, str(number))
        until(lambda: len(ended(tmp_path)) >= 20, tmp_path)
    assert sorted(map(int, ended(tmp_path))) == list(range(20))


def test_a_message_that_comes_twice_does_the_job_once(announcing: Region, broker: rabbitmq.Broker, tmp_path: Path) -> None:
    with workers(announcing, broker, tmp_path) as start:
        noted(announcing.bus, "once")
        with announcing.bus.database.read() as session:
            job = session.scalars(select(Job.id)).one()
        announcing.bus.database.carrier.announce([job, job, job + 1000])
        start(look_s=NEVER_LOOKS)
        until(lambda: bool(ended(tmp_path)), tmp_path)
        noted(announcing.bus, "after")
        until(lambda: "after" in ended(tmp_path), tmp_path)
    assert ended(tmp_path) == ["once", "after"]


def test_what_is_rolled_back_is_not_announced(announcing: Region) -> None:
    told = list[int]()

    class Told(TableAlone):
        def announce(self, ids: Any) -> None:
            told.extend(ids)

    announcing.bus.database.carrier = Told()

    def breaks_off() -> None:
        with announcing.bus.database.write() as session:
            enqueue(session, NOTE, {}, datetime(2026, 1, 1, tzinfo=UTC))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    with announcing.bus.database.write() as session:
        enqueue(session, NOTE, {}, datetime(2026, 1, 1, tzinfo=UTC), delay_s=60)
        due = enqueue(session, NOTE, {}, datetime(2026, 1, 1, tzinfo=UTC))
        assert told == []
    assert told == [due]


def test_a_job_runs_though_the_broker_was_down_when_it_was_saved(
    announcing: Region, broker: rabbitmq.Broker, tmp_path: Path
) -> None:
    broker.kill()
    try:
        with workers(announcing, broker, tmp_path) as start:
            begin = time.monotonic()
            noted(announcing.bus, "without")
            assert time.monotonic() - begin < 30  # nobody waits for a broker that is away
            start()
            until(lambda: ended(tmp_path) == ["without"], tmp_path)
            broker.start()
            start(look_s=NEVER_LOOKS)
            until(lambda: _heard(announcing.bus, tmp_path), tmp_path)
    finally:
        if broker.process is None:
            broker.start()


def _heard(bus: Bus, folder: Path) -> bool:
    """Once the broker is back it is told again."""
    noted(bus, "with")
    return "with" in ended(folder)


def test_every_part_is_solved_once_though_a_worker_and_the_broker_die(
    announcing: Region, broker: rabbitmq.Broker, tmp_path: Path
) -> None:
    market_of(announcing)
    _, whole = run_now(announcing.bus, None, quiet)
    before = stored(announcing.bus)
    with announcing.bus.database.write() as session:
        session.execute(delete(Job))
    with workers(announcing, broker, tmp_path) as start:
        dying = start(hangs=True, look_s=NEVER_LOOKS)

        def report(percent: int, message: str) -> None:
            """Once the message has brought the first worker a part: it dies, the broker dies and comes back, others start."""
            with announcing.bus.database.read() as session:
                taken = session.scalar(
                    select(func.count(Job.id)).where(Job.state == "running", Job.worker.endswith(f":{dying.pid}"))
                )
            if dying.is_alive() and taken:
                dying.kill()
                dying.join()
                ends_lease(announcing.bus)  # the dead worker's alone: nobody else has begun
                broker.kill()
                broker.start()
                start(), start(), start()

        solver = in_parts(tmp_path / "parts", 6, by_jobs(announcing.bus))
        _, parted = run_now(announcing.bus, None, report, stop=Stop(PATIENCE_S), solver=solver)
    with announcing.bus.database.read() as session:
        attempts = sorted(session.scalars(select(Job.attempts).where(Job.task == PART)))
    assert not dying.is_alive()
    assert attempts == [1, 1, 1, 1, 1, 2]  # the dead worker's part
    assert len(ended(tmp_path)) == 6 == len(set(ended(tmp_path)))
    assert parted.answer_hash == whole.answer_hash
    assert stored(announcing.bus) == before
