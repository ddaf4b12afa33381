"""A job that kills its worker is started five times and has then failed, for a reason; the administrator starts it again."""

from __future__ import annotations

import os
import re
import signal
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.admin.queries import background
from app.admin.service import retry_job
from app.audit.models import AuditRecord
from app.db.jobs import LEASE, MAX_ATTEMPTS, Job, Lease, Worker
from app.db.work import Bus
from app.kernel.actor import SYSTEM, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from tests.support import people


def enqueue(bus: Bus, key: str | None = None) -> None:
    bus.execute(lambda work, _: work.enqueue("dig", {}, key=key), SYSTEM, None)


def kills(lease: Lease, args: dict[str, object]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die(bus: Bus) -> int:
    """One start in a process of its own, which the job kills with the worker in it. How the process ended."""
    bus.database.dispose()
    child = os.fork()
    if child == 0:  # pragma: no cover - it does not come back
        Worker(bus.database, bus.clock, {"dig": kills}).run_one()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def rows(bus: Bus) -> list[tuple[str, int]]:
    with bus.database.read() as session:
        return [(job.state, job.attempts) for job in session.scalars(select(Job).order_by(Job.id))]


def killed_for_good(bus: Bus, clock: FixedClock) -> None:
    enqueue(bus)
    for number in range(1, MAX_ATTEMPTS + 1):
        assert die(bus) == -signal.SIGKILL
        assert rows(bus) == [("running", number)]
        assert die(bus) == 0, "its lease still holds: nobody has it twice"
        clock.advance(LEASE + timedelta(seconds=1))
    assert die(bus) == 0, "it is not started a sixth time"


def test_a_job_that_kills_its_worker_fails_after_the_last_start(bus: Bus, clock: FixedClock) -> None:
    killed_for_good(bus, clock)
    assert rows(bus) == [("failed", MAX_ATTEMPTS)]
    found = bus.ask(background, SYSTEM)
    assert found.counts == {"queued": 0, "scheduled": 0, "running": 0, "failed": 1}
    assert "stopped without a word, and no start is left after 5" in found.failed[0].why
    assert found.failed[0].finished_at == clock.now()


def test_what_waits_behind_it_is_done(bus: Bus, clock: FixedClock) -> None:
    """A worker that finds a job to be given up goes on with the next one."""
    killed_for_good(bus, clock)
    with bus.database.write() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.lease_until = "running", clock.now() - timedelta(seconds=1)
    enqueue(bus)
    done: list[int] = []
    assert Worker(bus.database, bus.clock, {"dig": lambda lease, args: done.append(lease.job_id)}).run_one()
    assert len(done) == 1
    assert rows(bus) == [("failed", MAX_ATTEMPTS), ("done", 1)]


def test_it_is_started_again_by_hand_and_done_once(bus: Bus, clock: FixedClock) -> None:
    killed_for_good(bus, clock)
    ref = bus.ask(background, SYSTEM).failed[0].ref
    bus.execute(retry_job, SYSTEM, ref)
    done: list[int] = []
    worker = Worker(bus.database, bus.clock, {"dig": lambda lease, args: done.append(lease.job_id)})
    assert worker.run_one()
    assert not worker.run_one()
    assert rows(bus) == [("done", MAX_ATTEMPTS + 1)], "starts go on counting: a worker that wakes late has no turn"
    assert len(done) == 1
    with pytest.raises(DomainError) as caught:
        bus.execute(retry_job, SYSTEM, ref)
    assert caught.value.code == "illegal_transition"
    with bus.database.read() as session:
        assert session.scalars(select(AuditRecord.action)).all() == ["job.retried"]


def test_by_hand_it_gets_as_many_starts_as_at_first(bus: Bus, clock: FixedClock) -> None:
    killed_for_good(bus, clock)
    bus.execute(retry_job, SYSTEM, bus.ask(background, SYSTEM).failed[0].ref)
    for _ in range(MAX_ATTEMPTS):
        assert die(bus) == -signal.SIGKILL
        clock.advance(LEASE + timedelta(seconds=1))
    assert die(bus) == 0
    assert rows(bus) == [("failed", 2 * MAX_ATTEMPTS)]


def test_the_administrator_sees_it_and_starts_it_again(app: Flask, bus: Bus, clock: FixedClock) -> None:
    killed_for_good(bus, clock)
    platform = people.organisation(bus, "Platform", sector="other", kind="platform")
    admin = people.signed_in(app, people.person(bus, platform, Role.ADMINISTRATOR, name="Admin"))
    page = admin.get("/jobs/", headers=people.PAGE)
    assert "stopped without a word" in page.text
    assert "Jobs that have failed" in admin.get("/", headers=people.PAGE).text
    ref = re.findall(r'action="/jobs/([0-9a-z]{13})/retry"', page.text)[0]
    assert admin.get("/api/v1/jobs").json["failed"] == 1
    answer = admin.post(f"/jobs/{ref}/retry", data={"csrf_token": people.csrf(admin, "/jobs/")}, headers=people.PAGE)
    assert answer.status_code == 303
    assert rows(bus) == [("queued", MAX_ATTEMPTS)]
    again = admin.post(f"/jobs/{ref}/retry", data={"csrf_token": people.csrf(admin, "/jobs/")}, headers=people.PAGE)
    assert again.status_code == 409
    shown = app.test_cli_runner().invoke(args=["failed-jobs", "list"])
    assert shown.output == ""
