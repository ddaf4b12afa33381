"""Whatever interrupts an import, the register holds all of it or nothing, and the import can go on: a worker that is killed, a
person who stops the check, a database that fails at any statement, a file that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.assets import Asset
from app.bootstrap import job_handlers
from app.config import ROOT, Settings
from app.db.jobs import Job, Lease, Worker
from app.db.work import Bus
from app.exchange import files, taking_back
from app.exchange.checking import ask_for_check, cancel_check, check_import
from app.exchange.models import ImportProblem, ImportRow
from app.exchange.queries import ImportView, import_detail, import_problems
from app.exchange.service import CommitImport, MoveImport, commit_import, undo_import
from app.exchange.taking_back import TAKE_BACK, begin_undo
from app.kernel.actor import Actor
from app.kernel.clock import FixedClock
from app.ledger import Capacity
from app.listings import Listing, ListingFilter, list_listings
from tests.integration.exchange.conftest import TOWERS, Importer, World
from tests.support import people
from tests.support.programs import row_counts
from tests.unit.exchange.making import csv

OPTIONS = {"kind": "tower", "crs": "EPSG:4490"}
ROWS = TOWERS + "".join(f"T-{n},Tower {n},114.0{n % 9},22.5{n % 7},lattice,30,3\n" for n in range(40)) + "T-x,x,1,2,3,4\n"


@pytest.fixture
def member(bus: Bus, world: World) -> Actor:
    """Somebody whom a job can find again."""
    made = people.Made(world.power.organisation_id or 0, world.power.organisation_ref or "", "Southern Grid")
    return people.actor(bus, people.person(bus, made))


def count(bus: Bus, model: type) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def work_off(bus: Bus, app: Flask, handlers: dict[str, Any] | None = None) -> None:
    with app.app_context():
        worker = Worker(bus.database, bus.clock, {**job_handlers(bus), **(handlers or {})})
        while worker.run_one():
            pass


class Watched(Lease):
    """A lease that does something first when its job has come so far."""

    def __init__(self, lease: Lease, at: int, act: Callable[[], None]) -> None:
        self.lease, self.at, self.act, self.job_id = lease, at, act, lease.job_id

    def report(self, percent: int, message: str = "") -> None:
        if percent >= self.at:
            self.act()
        self.lease.report(percent, message)


@pytest.mark.parametrize("percent", [2, 10, 60, 70, 98])
def test_a_check_is_stopped_while_it_runs(
    bus: Bus, member: Actor, importer: Importer, tmp_path: Path, app: Flask, percent: int
) -> None:
    view = importer(member, csv(tmp_path, ROWS), **OPTIONS)
    bus.execute(ask_for_check, member, view.ref)
    check = job_handlers(bus)["import.check"]

    def watched(lease: Lease, args: dict[str, Any]) -> None:
        check(Watched(lease, percent, lambda: bus.execute(cancel_check, member, view.ref)), args)

    work_off(bus, app, {"import.check": watched})
    stopped = bus.ask(import_detail, member, view.ref)
    assert (stopped.status, stopped.sound_rows, stopped.problem_count) == ("failed", 0, 0)
    assert stopped.job is not None
    assert stopped.job.state == "cancelled"
    assert (count(bus, ImportRow), count(bus, ImportProblem), count(bus, Asset)) == (0, 0, 0)
    bus.execute(ask_for_check, member, view.ref)
    work_off(bus, app)
    again = bus.ask(import_detail, member, view.ref)
    assert (again.status, again.sound_rows, again.problem_count) == ("checked", 40, view.problem_count)


KILLED = """
import os, signal, sys
from app.bootstrap import job_handlers, make_bus
from app.config import Settings
from app.db.jobs import Job, Worker
from app.exchange import taking_back
from sqlalchemy import select
taking_back.PIECE = 10
task, at = sys.argv[1], int(sys.argv[2])
bus = make_bus(Settings.from_env())
handler = job_handlers(bus)[task]
class Dying:
    def __init__(self, lease): self.lease = lease
    def report(self, percent, message=""):
        self.lease.report(percent, message)
        if percent >= at: os.kill(os.getpid(), signal.SIGKILL)
with bus.database.read() as session:
    wanted = session.scalars(select(Job.id).where(Job.task == task)).one()
Worker(bus.database, bus.clock, {task: lambda lease, args: handler(Dying(lease), args)}).run_one(wanted)
"""


def killed(settings: Settings, task: str, percent: int) -> None:
    """A worker takes the job and is killed when it has come so far."""
    known = {"DATABASE_URL": settings.database_url, "INFRASHARE_VAR": str(settings.var), "SECRET_KEY": settings.secret_key}
    command = [sys.executable, "-c", KILLED, task, str(percent)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **known}, timeout=300, check=False)
    assert done.returncode == -signal.SIGKILL


def lease_ends(bus: Bus, clock: FixedClock, task: str) -> None:
    """So long passes that the killed worker's job may be taken by another."""
    with bus.database.read() as session:
        job = session.scalars(select(Job).where(Job.task == task)).one()
        assert (job.state, job.attempts) == ("running", 1)
        assert job.lease_until is not None
        clock.instant = job.lease_until + timedelta(seconds=1)


def test_what_a_killed_worker_left_is_taken_up_again(
    bus: Bus,
    member: Actor,
    importer: Importer,
    tmp_path: Path,
    app: Flask,
    settings: Settings,
    clock: FixedClock,
) -> None:
    view = importer(member, csv(tmp_path, ROWS), **OPTIONS)
    bus.execute(ask_for_check, member, view.ref)
    killed(settings, "import.check", 70)
    left = bus.ask(import_detail, member, view.ref)
    assert (left.status, left.is_running) == ("checking", True)
    lease_ends(bus, clock, "import.check")
    work_off(bus, app)
    again = bus.ask(import_detail, member, view.ref)
    assert (again.status, again.sound_rows, again.problem_count) == ("checked", 40, view.problem_count)
    assert count(bus, ImportRow) == 40
    with bus.database.read() as session:
        job = session.scalars(select(Job).where(Job.task == "import.check")).one()
        assert (job.state, job.attempts) == ("done", 2)


def test_an_undo_whose_worker_is_killed_goes_on_where_it_was(
    bus: Bus,
    world: World,
    importer: Importer,
    tmp_path: Path,
    app: Flask,
    settings: Settings,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = people.Made(world.power.organisation_id or 0, world.power.organisation_ref or "", "Southern Grid")
    manager = people.actor(bus, people.person(bus, made, "manager"))
    view = importer(manager, csv(tmp_path, ROWS), **OPTIONS)
    assert bus.execute(commit_import, manager, CommitImport(view.ref, rows="valid")) == 40
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)
    assert bus.execute(begin_undo, manager, MoveImport(view.ref)) is None
    killed(settings, TAKE_BACK, 50)  # half of the pieces of ten are gone
    left = bus.ask(import_detail, manager, view.ref)
    assert (left.status, left.is_running, left.findings["taken_back"]) == ("undoing", True, 20)
    assert [count(bus, model) for model in (Asset, Listing)] == [20, 20]
    assert bus.ask(list_listings, world.carrier, ListingFilter()).count == 0
    lease_ends(bus, clock, TAKE_BACK)
    work_off(bus, app)
    undone = bus.ask(import_detail, manager, view.ref)
    assert (undone.status, undone.findings["taken_back"]) == ("undone", 40)
    assert [count(bus, model) for model in (Asset, Listing, Capacity)] == [0, 0, 0]


class Broken(Exception):
    """What the database does at the statement that the test chose."""


@contextmanager
def failing_at(bus: Bus, number: int) -> Iterator[None]:
    """The engine fails at its `number`-th statement."""
    seen = [0]

    def before(*args: Any) -> None:
        seen[0] += 1
        if seen[0] == number:
            raise Broken

    event.listen(bus.database.engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(bus.database.engine, "before_cursor_execute", before)


def test_no_statement_that_fails_leaves_part_of_an_import(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    """Commit and undo, each broken at every one of its statements in turn."""

    def commit(view: ImportView) -> Any:
        return bus.execute(commit_import, world.power, CommitImport(view.ref, rows="valid"))

    def undo(view: ImportView) -> Any:
        return bus.execute(undo_import, world.power, MoveImport(view.ref))

    view = importer(world.power, csv(tmp_path, ROWS), **OPTIONS)
    for act in (commit, undo):
        before = row_counts(bus)
        for number in range(1, 200):
            try:
                with failing_at(bus, number):
                    act(view)
            except Broken:
                assert row_counts(bus) == before, f"statement {number}"
            else:
                break
        assert 8 < number < 199
        assert row_counts(bus) != before
    assert [count(bus, model) for model in (Asset, Listing, Capacity)] == [0, 0, 0]


def test_a_file_that_is_gone_is_said(bus: Bus, member: Actor, importer: Importer, tmp_path: Path, app: Flask) -> None:
    view = importer(member, csv(tmp_path, ROWS), **OPTIONS)
    with app.app_context():
        files.drop(view.sha256)
        check_import(bus, member, view.ref)
    after = bus.ask(import_detail, member, view.ref)
    assert after.status == "failed"
    assert [p.code for p in bus.ask(import_problems, member, view.ref).rows] == ["file_gone"]
    assert "here no longer. Upload it again." in (after.message or "")


def test_a_job_that_fails_for_good_is_said_and_can_be_asked_for_again(
    bus: Bus, member: Actor, importer: Importer, tmp_path: Path, app: Flask, clock: FixedClock
) -> None:
    """Its trace is for the administrator, in the job; the person is told that the check did not end, and sees no trace."""
    view = importer(member, csv(tmp_path, ROWS), **OPTIONS)
    bus.execute(ask_for_check, member, view.ref)
    check = job_handlers(bus)["import.check"]

    def fails(lease: Lease, args: dict[str, Any]) -> None:
        def act() -> None:
            raise Broken("at 60 %")

        check(Watched(lease, 60, act), args)

    for _ in range(5):
        work_off(bus, app, {"import.check": fails})
        clock.advance(timedelta(hours=1))
    left = bus.ask(import_detail, member, view.ref)
    assert (left.status, left.is_running) == ("checking", False)
    assert left.job is not None
    assert left.job.state == "failed"
    assert "Broken: at 60 %" in (left.job.message or "")
    assert count(bus, Asset) == 0
    bus.execute(ask_for_check, member, view.ref)
    work_off(bus, app)
    assert bus.ask(import_detail, member, view.ref).status == "checked"
