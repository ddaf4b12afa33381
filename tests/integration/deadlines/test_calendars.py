"""Years of calendars: kept when first counted by, taken over when published, loaded by the administrator; nothing past moves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.db.work import Bus, UnitOfWork
from app.deadlines import ClockView, clocks_of, meet_deadline, pause_deadline, resume_deadline, start_deadline
from app.deadlines.arrangement import ListedDay, read_year
from app.deadlines.calendars import LoadYear, load_year, publish_years
from app.deadlines.jobs import handlers, recount_all
from app.deadlines.models import CalendarYear, Deadline, DeadlineEntry
from app.deadlines.replay import replay
from app.kernel import workcalendar
from app.kernel.actor import ANONYMOUS, SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.event import Event
from tests.support import places

CN = get_profile("cn-default")
SUBJECT = ("access_request", "r1")
HEAD = "date,kind,name_en,name_zh\n"
SPRING = "".join(f"2097-02-{day:02},off,Spring Festival,春节\n" for day in range(11, 19))
FILE = (HEAD + "2097-01-01,off,New Year's Day,元旦\n" + SPRING + "2097-02-10,workday,Spring Festival,春节\n").encode()


@pytest.fixture
def owner_id(bus: Bus) -> int:
    with bus.database.write() as session:
        return places.organisation(session, "Grid", "power").id


@pytest.fixture
def told(bus: Bus) -> Iterator[list[Event]]:
    events: list[Event] = []
    before = list(bus.subscribers)
    bus.subscribers[:] = [lambda work, event: events.append(event)]
    yield events
    bus.subscribers[:] = before


def call(bus: Bus, use_case: Callable[..., Any], *args: Any) -> Any:
    return do(bus, lambda work: use_case(work, *args))


def do(bus: Bus, action: Callable[[UnitOfWork], Any]) -> Any:
    return bus.execute(lambda work, _: action(work), SYSTEM, None)


def start(bus: Bus, owner_id: int, at: datetime, **more: Any) -> None:
    do(bus, lambda work: start_deadline(work, CN, "request_answer", *SUBJECT, owner_id, at, **more))


def the_clock(bus: Bus) -> ClockView:
    (only,) = bus.ask(clocks_of, SYSTEM, *SUBJECT)
    assert isinstance(only, ClockView)
    return only


def listed(days: bytes = FILE) -> LoadYear:
    return LoadYear("working_days:CN", 2097, read_year(days), "State Council Notice [2096] 1")


BEFORE_SPRING = datetime(2097, 2, 1, 2, tzinfo=UTC)


def test_a_provisional_date_is_counted_again_when_the_year_is_loaded(bus: Bus, owner_id: int, told: list[Event]) -> None:
    start(bus, owner_id, BEFORE_SPRING, concerned=(owner_id + 7,))
    before = the_clock(bus)
    assert before.provisional
    assert before.steps[-1].en.startswith("Provisional")
    assert do(bus, lambda work: load_year(work, listed())) == 2
    assert recount_all(bus) == {"deadline.confirmed": 1, "deadline.recounted": 0}
    after = the_clock(bus)
    assert not after.provisional
    assert after.due_on is not None
    loaded, confirmed = told
    assert (loaded.action, loaded.after["source"], loaded.after["citation"]) == ("calendar.loaded", "file", listed().citation)
    assert loaded.after["dates_counted_again"] == 1
    assert confirmed.action == "deadline.confirmed"
    assert confirmed.before == {"due_on": str(before.due_on)}
    assert confirmed.after["due_on"] == str(after.due_on) != confirmed.after["was_due_on"]
    assert confirmed.organisation_ids == (owner_id, owner_id + 7)
    assert any("make-up workday (Spring Festival)" in step.en for step in after.steps)
    assert recount_all(bus) == {"deadline.confirmed": 0, "deadline.recounted": 0}
    assert all(one.agrees for one in bus.ask(replay, SYSTEM))


def test_loading_is_the_administrators_alone(bus: Bus) -> None:
    with pytest.raises(DomainError) as refused:
        bus.execute(load_year, ANONYMOUS, listed())
    assert refused.value.code == "sign_in_required"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("2096-01-01,off,New Year's Day,元旦\n", "does not lie in the year"),
        ("2097-1-1,off,New Year's Day,元旦\n", "is no date"),
        ("2097-01-01,off,a,一\n2097-01-01,off,a,一\n", "listed twice"),
        ("2097-01-01,free,a,一\n", "off or workday"),
        ("2097-01-02,workday,a,一\n", "plain week already"),
        ("2097-01-01,off,,\n", "both languages"),
        ("2097-02-10,workday,a,一\n", "No day off"),
    ],
)
def test_a_file_with_a_wrong_line_is_refused_whole(bus: Bus, lines: str, complaint: str) -> None:
    with pytest.raises(DomainError) as refused:
        do(bus, lambda work: load_year(work, listed((HEAD + lines).encode())))
    assert any(complaint in one.detail.en for one in refused.value.problems), refused.value.problems
    with bus.database.read() as session:
        assert session.scalars(select(CalendarYear)).all() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"day,kind\n", b"date,kind,name_en,name_zh\n2097-01-01,off,a,b,c,d\n"])
def test_what_is_no_such_file_says_what_is(content: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        read_year(content)
    assert refused.value.code == "calendar_file"


def test_a_file_from_a_spreadsheet_is_read_with_its_mark_and_blanks() -> None:
    (only,) = read_year("\ufeffdate,kind,name_en,name_zh\r\n 2097-01-01 , off , a , 一 \r\n".encode())
    assert only == ListedDay("2097-01-01", "off", "a", "一")


def test_a_year_that_is_published_is_taken_over_as_an_event(
    bus: Bus, owner_id: int, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package learns of the year: the same function, other data."""
    start(bus, owner_id, BEFORE_SPRING)
    was = the_clock(bus).due_on
    assert bus.execute(publish_years, SYSTEM, None) == 0
    published = replace(workcalendar.year_of("working_days:CN", 2097), provisional=False)
    days = {**published.days, date(2097, 2, 20): workcalendar.DayRule(False, workcalendar.WEEKEND)}
    monkeypatch.setattr("app.deadlines.calendars.year_of", lambda calendar, year: replace(published, days=days))
    assert bus.execute(publish_years, SYSTEM, None) == 1
    assert recount_all(bus)["deadline.confirmed"] == 1
    assert [event.action for event in told] == ["calendar.published", "deadline.confirmed"]
    assert told[1].before == {"due_on": str(was)}
    assert bus.execute(publish_years, SYSTEM, None) == 0
    assert all(one.agrees for one in bus.ask(replay, SYSTEM))


def test_a_year_that_is_not_published_is_asked_for_daily(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id, BEFORE_SPRING)
    with bus.database.read() as session:
        waiting = session.execute(text("SELECT task FROM job WHERE task = 'deadlines.publish' AND state = 'queued'")).all()
    assert len(waiting) == 1


def test_changing_the_profile_rewrites_no_past(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id, BEFORE_SPRING)
    was = the_clock(bus)
    clocks = tuple(replace(c, length=99, label=c.consequence) if c.rule == "request_answer" else c for c in CN.clocks)
    register_profile(replace(CN, clocks=clocks, version="later"))
    try:
        assert the_clock(bus) == was
        assert was.profile_version == CN.version
        do(bus, lambda work: load_year(work, listed()))
        recount_all(bus)
        assert the_clock(bus).counted.en.startswith("15 working days")
        assert all(one.agrees for one in bus.ask(replay, SYSTEM))
    finally:
        unregister_profile(CN.code)


def test_every_past_instant_of_a_random_life_is_counted_again_as_stored(bus: Bus, owner_id: int, clock: FixedClock) -> None:
    """Random lives of clocks in unpublished years, while years are loaded and amended between: every state comes out as kept."""
    chance = random.Random(20260101)
    clock.instant = datetime(2096, 11, 1, 2, tzinfo=UTC)
    seen: list[tuple[datetime, str, Any]] = []
    for n in range(8):
        ref = f"r{n}"
        one = ("access_request", ref)
        call(bus, start_deadline, CN, "request_answer", *one, owner_id, clock.now())
        for _ in range(chance.randint(3, 6)):
            clock.advance(timedelta(days=chance.randint(0, 9), hours=chance.randint(0, 23)))
            move = chance.random()
            if move < 0.35 and (row := _row(bus, ref)).status in ("running", "paused"):
                act = resume_deadline if row.status == "paused" else pause_deadline
                more = () if row.status == "paused" else ("joint_survey",)
                call(bus, act, *one, "request_answer", *more)
            elif move < 0.5:
                call(bus, meet_deadline, *one, "request_answer")
            elif move < 0.7:
                off = f"2097-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
                call(bus, load_year, listed((HEAD + f"{off},off,Day,日\n").encode()))
                recount_all(bus)
            row = _row(bus, ref)
            if row.status == "running":
                handlers(bus)["deadlines.check"](None, {"ref": row.ref})  # type: ignore[arg-type]
            kept = _row(bus, ref)
            seen.append((clock.now(), ref, (kept.status, kept.due_on, kept.provisional)))
    found = bus.ask(replay, SYSTEM)
    assert len(found) > 20
    assert [one for one in found if not one.agrees] == []
    latest = {(at, ref): state for at, ref, state in seen}
    for (at, ref), state in latest.items():
        (then,) = bus.ask(replay, SYSTEM, ("access_request", ref), at)
        assert (then.status, then.due_on, then.provisional) == state


def _row(bus: Bus, ref: str) -> Deadline:
    with bus.database.read() as session:
        found = session.scalars(select(Deadline).where(Deadline.subject_ref == ref)).one()
        session.expunge(found)
        return found


def test_replay_finds_what_was_tampered_with(bus: Bus, owner_id: int) -> None:
    start(bus, owner_id, datetime(2026, 7, 1, 2, tzinfo=UTC))
    do(bus, lambda work: work.session.execute(text("UPDATE deadline SET due_on = '2026-07-23'")))
    (found,) = bus.ask(replay, SYSTEM)
    assert found.differs == ("now:due_on",)


@pytest.mark.parametrize("table", ["deadline_entry", "calendar_year"])
def test_the_database_keeps_what_was_counted(bus: Bus, owner_id: int, table: str) -> None:
    start(bus, owner_id, datetime(2026, 7, 1, 2, tzinfo=UTC))
    for statement in (f"UPDATE {table} SET number = 9", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"):
            call(bus, lambda work, sql: work.session.execute(text(sql)), statement)
    with bus.database.read() as session:
        assert session.scalars(select(DeadlineEntry.number)).all() == [1]
