"""A worker whose lease ended, and whose job another one took up, changes nothing of the job any more, however its own work ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.jobs import LEASE, Cancelled, Job, Lease, Turn, Worker, ask_cancel
from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock

Act = Callable[[Lease], None]


def started(bus: Bus) -> None:
    bus.execute(lambda work, _: work.enqueue("dig", {}), SYSTEM, None)


def worker(bus: Bus, name: str, act: Act = lambda lease: None) -> Worker:
    made = Worker(bus.database, bus.clock, {"dig": lambda lease, args: act(lease)})
    made.name = name
    return made


def row(bus: Bus) -> dict[str, object]:
    with bus.database.read() as session:
        found = session.scalars(select(Job)).one()
        return {column.key: getattr(found, column.key) for column in Job.__table__.columns}


def fails(lease: Lease) -> None:
    raise ValueError("the ground is too hard")


def stops(lease: Lease) -> None:
    raise Cancelled


def reports(lease: Lease) -> None:
    try:
        lease.report(99, "nearly done")
    except Exception as error:  # what a handler would write down as its failure
        raise AssertionError("a lost lease is no failure") from error
    raise AssertionError("the lease is lost")


@pytest.mark.parametrize("act", [lambda lease: None, fails, stops, reports], ids=["done", "failed", "cancelled", "reported"])
def test_who_lost_the_lease_ends_nothing(bus: Bus, clock: FixedClock, act: Act) -> None:
    taken: list[Turn | None] = []
    left: list[dict[str, object]] = []

    def late(lease: Lease) -> None:
        clock.advance(LEASE + timedelta(seconds=1))
        taken.append(worker(bus, "second").claim())
        left.append(row(bus))
        act(lease)

    started(bus)
    assert worker(bus, "first", late).run_one()
    assert [turn and turn.number for turn in taken] == [2]
    assert (left[0]["state"], left[0]["worker"], left[0]["attempts"]) == ("running", "second", 2)
    assert row(bus) == left[0]


def test_the_beat_of_who_lost_the_lease_lengthens_nobodys(bus: Bus, clock: FixedClock) -> None:
    class Once(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            before, _ = self.is_set(), self.set()
            return before

    started(bus)
    first, second = worker(bus, "first"), worker(bus, "second")
    lost = first.claim()
    clock.advance(LEASE + timedelta(seconds=1))
    held = second.claim()
    assert lost is not None
    assert held is not None
    clock.advance(timedelta(seconds=5))
    first._beat(lost, Once())
    assert row(bus)["lease_until"] == clock.now() - timedelta(seconds=5) + LEASE
    second._beat(held, Once())
    assert row(bus)["lease_until"] == clock.now() + LEASE


def test_a_lease_that_ended_and_that_nobody_took_is_still_ones_own(bus: Bus, clock: FixedClock) -> None:
    def late(lease: Lease) -> None:
        clock.advance(LEASE + timedelta(seconds=1))
        lease.report(50, "half")
        clock.advance(LEASE + timedelta(seconds=1))

    started(bus)
    assert worker(bus, "first", late).run_one()
    ended = row(bus)
    assert (ended["state"], ended["attempts"], ended["progress"], ended["message"]) == ("done", 1, 100, "half")
    assert (ended["finished_at"], ended["lease_until"]) == (clock.now(), None)


def test_a_job_is_tried_five_times_and_one_that_is_asked_to_stop_stops(bus: Bus, clock: FixedClock) -> None:
    started(bus)
    states = []
    for _ in range(6):
        worker(bus, "first", fails).run_one()
        states.append(row(bus)["state"])
        clock.advance(timedelta(hours=1))
    assert states == ["queued"] * 4 + ["failed"] * 2
    assert "the ground is too hard" in str(row(bus)["message"])
    started(bus)

    def asked(lease: Lease) -> None:
        with bus.database.write() as session:
            ask_cancel(session, lease.job_id)
        lease.report(10)

    assert worker(bus, "first", asked).run_one()
    with bus.database.read() as session:
        assert session.scalars(select(Job.state).order_by(Job.id)).all() == ["failed", "cancelled"]
