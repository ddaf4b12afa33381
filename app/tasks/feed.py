"""A calendar of tasks that other programs subscribe to: made, revoked, and read by its secret (RFC 5545)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from app.accounts import actor_again, organisation_ref, person_ref
from app.db.work import Reader, UnitOfWork
from app.deadlines import ClockView, clocks_by_id
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.tasks.models import TaskFeed
from app.tasks.queries import Task, all_tasks

NAME = Text("Infrashare tasks, {organisation}", "Infrashare 待办，{organisation}")
FOLD = 75  # octets of a line (RFC 5545, 3.1)
PROVISIONAL = Text("Provisional: the calendar of that year is not published yet.", "暂定：该年度工作日安排尚未公布。")


@dataclass(frozen=True, slots=True)
class FeedView:
    """One's own live feed; its secret was shown once."""

    created_at: datetime
    last_read_at: datetime | None


def own_feed(reader: Reader) -> FeedView | None:
    row = _live(reader)
    return FeedView(row.created_at, row.last_read_at) if row is not None else None


def _live(reader: Reader) -> TaskFeed | None:
    actor = reader.actor
    mine = (TaskFeed.person_id == actor.user_id, TaskFeed.organisation_id == actor.organisation_id)
    return reader.session.scalar(select(TaskFeed).where(*mine, TaskFeed.revoked_at.is_(None)))


def make_feed(work: UnitOfWork, command: None = None) -> str:
    """Make a feed of what waits for the organisation acted for; an earlier one is revoked. Returns its secret, which is not kept."""
    work.permit("task.feed")
    actor = work.actor
    if actor.user_id is None or actor.organisation_id is None:
        raise fail("forbidden")
    was = _live(work)
    if was is not None:
        was.revoked_at = work.now
        work.session.flush()
    secret = secrets.token_urlsafe(32)
    row = TaskFeed(
        person_id=actor.user_id, organisation_id=actor.organisation_id, secret_hash=_digest(secret), created_at=work.now
    )
    work.session.add(row)
    work.session.flush()
    work.emit(Event("task_feed.made", "task_feed", row.ref, (actor.organisation_id,), {}, {"replaces": was is not None}))
    return secret


def revoke_feed(work: UnitOfWork, command: None = None) -> None:
    """From now on nobody reads it. None there: nothing happens."""
    work.permit("task.feed")
    row = _live(work)
    if row is not None:
        row.revoked_at = work.now
        work.emit(Event("task_feed.revoked", "task_feed", row.ref, (row.organisation_id,), {"live": True}, {"live": False}))


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """`base_url`: of this site, for the links."""

    secret: str
    base_url: str


def read_feed(work: UnitOfWork, command: ReadFeed) -> str:
    """The calendar, for whoever holds the secret, with what its person may see now. Raises `not_found` when it was revoked or its
    person no longer acts for the organisation."""
    work.permit("task.subscribed")
    live = (TaskFeed.secret_hash == _digest(command.secret), TaskFeed.revoked_at.is_(None))
    row = work.session.scalar(select(TaskFeed).where(*live))
    if row is None:
        raise fail("not_found")
    person, organisation = person_ref(work.session, row.person_id), organisation_ref(work.session, row.organisation_id)
    actor = actor_again(work.session, person, organisation, work.today) if person and organisation else None
    if actor is None:
        raise fail("not_found")
    row.last_read_at = work.now
    reader = Reader(work.session, actor, work.now, work.zone)
    tasks = [task for task in all_tasks(reader) if task.due_on is not None]
    clocks = clocks_by_id(reader, [task.clock_id for task in tasks if task.clock_id is not None])
    name = NAME.in_(actor.locale).format(organisation=actor.on_behalf.in_(actor.locale))
    return as_calendar(name, tasks, clocks, actor.locale, command.base_url, work.now)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def as_calendar(name: str, tasks: list[Task], clocks: dict[int, ClockView], locale: str, base_url: str, now: datetime) -> str:
    """One event of a whole day for each task, on the day by which it is to be done."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Infrashare//Tasks//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"]
    for task in tasks:
        lines += _event(task, clocks.get(task.clock_id or 0), locale, base_url, now)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(task: Task, clock: ClockView | None, locale: str, base_url: str, now: datetime) -> Iterator[str]:
    assert task.due_on is not None
    url = f"{base_url}/tasks/{task.kind.code}/{task.ref}"
    said = [clock.counted.in_(locale), clock.consequence.in_(locale)] if clock is not None else []
    said += [task.waiting.why.in_(locale)] if clock is None and task.waiting.why is not None else []
    said += [PROVISIONAL.in_(locale)] if task.provisional else []
    yield "BEGIN:VEVENT"
    yield f"UID:{task.kind.code}.{task.ref}@infrashare"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{task.due_on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{task.due_on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(task.kind.label.in_(locale) + ' · ' + task.waiting.title)}"
    yield f"DESCRIPTION:{_escaped(chr(10).join([*said, url]))}"
    yield f"URL:{url}"
    yield f"STATUS:{'TENTATIVE' if task.provisional else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for what, by in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(what, by)
    return text


def _folded(line: str) -> str:
    """No line longer than 75 octets, and no character cut in two."""
    parts: list[str] = []
    part = ""
    for character in line:
        if len((part + character).encode()) > FOLD - (1 if parts else 0):
            parts.append(part)
            part = ""
        part += character
    return "\r\n ".join([*parts, part]) + "\r\n"
