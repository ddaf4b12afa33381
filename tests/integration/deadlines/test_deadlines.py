"""Clocks through their life, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.catalogue.profiles import get_profile
from app.db.jobs import Worker
from app.db.work import Bus, UnitOfWork
from app.deadlines import (
    ClockView,
    Deadline,
    clocks_of,
    clocks_waiting,
    due_dates_of,
    meet_deadline,
    overdue,
    pause_deadline,
    resume_deadline,
    start_deadline,
)
from app.deadlines.jobs import handlers
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.event import Event
from tests.support import places

CN, US = get_profile("cn-default"), get_profile("us-fcc")
REQUEST = ("access_request", "r1")


@pytest.fixture
def owner_id(bus: Bus) -> int:
    with bus.database.write() as session:
        return places.organisation(session, "Grid", "power").id


@pytest.fixture
def told(bus: Bus) -> Iterator[list[Event]]:
    """What was announced."""
    events: list[Event] = []
    before = list(bus.subscribers)
    bus.subscribers[:] = [lambda work, event: events.append(event)]
    yield events
    bus.subscribers[:] = before


def do(bus: Bus, action: Callable[[UnitOfWork], Any]) -> Any:
    return bus.execute(lambda work, _: action(work), SYSTEM, None)


def start(bus: Bus, owner_id: int, rule: str = "request_answer", **more: Any) -> None:
    do(bus, lambda work: start_deadline(work, more.pop("profile", CN), rule, *REQUEST, owner_id, work.now, **more))


def the_clock(bus: Bus) -> ClockView:
    (only,) = bus.ask(clocks_of, SYSTEM, *REQUEST)
    assert isinstance(only, ClockView)
    return only


def test_a_started_clock_says_what_is_due_when_and_why(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id)  # 1 July 2026, a Wednesday, in Beijing
    clock = the_clock(bus)
    assert clock.due_on == date(2026, 7, 22)
    assert clock.due_at == datetime(2026, 7, 22, 16, tzinfo=UTC)
    assert clock.counted.en == "15 working days from the day after 1 Jul 2026"
    assert clock.steps[1].en == "2 Jul 2026 – 3 Jul 2026: counted, days 1–2 (working day)"
    assert (clock.status, clock.is_late, clock.provisional) == ("running", False, False)
    assert clock.consequence.zh.startswith("记入")
    assert [waiting.rule for waiting in bus.ask(clocks_waiting, SYSTEM, [owner_id])] == ["request_answer"]


def test_lists_ask_for_the_nearest_date_only(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id)
    start(bus, owner_id, "request_completeness")
    with bus.database.read() as session:
        assert due_dates_of(session, "access_request", ["r1", "r2"]) == {"r1": date(2026, 7, 8)}
        assert due_dates_of(session, "access_request", []) == {}


def test_a_clock_runs_once_at_a_time(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id)
    with pytest.raises(DomainError) as twice:
        start(bus, owner_id)
    assert twice.value.code == "clock_running"
    do(bus, lambda work: meet_deadline(work, *REQUEST, "request_answer"))
    start(bus, owner_id)
    assert [clock.status for clock in bus.ask(clocks_of, SYSTEM, *REQUEST)] == ["met", "running"]


def test_the_database_too_refuses_a_second_running_clock(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id)

    def copy(work: UnitOfWork) -> None:
        row = work.session.scalars(select(Deadline)).one()
        kept = {c.key: getattr(row, c.key) for c in Deadline.__table__.columns if c.key not in ("id", "ref")}
        work.session.add(Deadline(**kept))
        work.session.flush()

    with pytest.raises(IntegrityError):
        do(bus, copy)


def test_a_rule_that_the_profile_lacks_is_refused(bus: Bus, owner_id: int) -> None:
    with pytest.raises(DomainError) as unknown:
        start(bus, owner_id, "make_ready")
    assert unknown.value.code == "no_such_clock"


def test_a_met_clock_is_not_late_and_waits_for_nobody(bus: Bus, owner_id: int, clock: FixedClock) -> None:
    start(bus, owner_id)
    do(bus, lambda work: meet_deadline(work, *REQUEST, "request_answer"))
    clock.advance(timedelta(days=60))
    assert (the_clock(bus).status, the_clock(bus).is_late) == ("met", False)
    assert bus.ask(clocks_waiting, SYSTEM, [owner_id]) == ()
    assert do(bus, lambda work: meet_deadline(work, *REQUEST, "request_answer")) == []


def test_silence_passes_once_and_may_still_be_met_late(bus: Bus, owner_id: int, clock: FixedClock, told: list[Event]) -> None:
    start(bus, owner_id)
    worker = Worker(bus.database, clock, handlers(bus))
    clock.instant = datetime(2026, 7, 22, 15, 59, 59, tzinfo=UTC)
    assert not worker.run_one()
    assert bus.ask(overdue, SYSTEM) == ()
    clock.advance(timedelta(seconds=1))
    assert [late.subject_ref for late in bus.ask(overdue, SYSTEM)] == ["r1"]
    assert worker.run_one()
    assert not worker.run_one()
    assert [(event.action, event.organisation_ids) for event in told] == [("deadline.passed", (owner_id,))]
    assert the_clock(bus).status == "passed"
    assert len(bus.ask(overdue, SYSTEM, [owner_id])) == 1
    assert bus.ask(overdue, SYSTEM, [owner_id + 1]) == ()
    do(bus, lambda work: meet_deadline(work, *REQUEST, "request_answer"))
    assert (the_clock(bus).status, the_clock(bus).is_late) == ("met", True)


def test_a_pause_stops_the_clock_until_it_is_resumed(bus: Bus, owner_id: int, clock: FixedClock, told: list[Event]) -> None:
    start(bus, owner_id)
    worker = Worker(bus.database, clock, handlers(bus))
    clock.instant = datetime(2026, 7, 6, 2, tzinfo=UTC)  # Monday, day 3
    do(bus, lambda work: pause_deadline(work, *REQUEST, "request_answer", "joint_survey"))
    assert (the_clock(bus).status, the_clock(bus).due_on) == ("paused", None)
    clock.instant = datetime(2026, 7, 23, 2, tzinfo=UTC)
    assert worker.run_one()  # the check that was queued for the old date
    assert told == []
    do(bus, lambda work: resume_deadline(work, *REQUEST, "request_answer"))
    resumed = the_clock(bus)
    assert resumed.due_on == date(2026, 8, 10)  # 2 days counted before, 13 from 23 July on
    assert any("现场联合勘察" in step.zh for step in resumed.steps)
    clock.instant = datetime(2026, 8, 10, 16, tzinfo=UTC)
    assert worker.run_one()
    assert [event.action for event in told] == ["deadline.passed"]


def test_pauses_need_a_listed_reason_and_a_running_clock(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id)
    for act, code in (
        (lambda work: pause_deadline(work, *REQUEST, "request_answer", "holiday"), "pause_not_allowed"),
        (lambda work: resume_deadline(work, *REQUEST, "request_answer"), "clock_not_running"),
        (lambda work: pause_deadline(work, *REQUEST, "offer_acceptance", "joint_survey"), "clock_not_running"),
    ):
        with pytest.raises(DomainError) as refused:
            do(bus, act)
        assert refused.value.code == code


def test_an_order_without_a_set_time_has_a_clock_without_a_date(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id, profile=US, units=7000)
    clock = the_clock(bus)
    assert (clock.due_on, clock.due_at, clock.is_late) == (None, None, False)
    assert "No set time" in clock.counted.en
