"""The daily publication of the heads of all chains. It queues itself for the next day; starting the server queues the first."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context

from app.audit.heads import DAILY_S, NOTED, PUBLISH, Published, heads_of, publish
from app.audit.signing import signing_key
from app.config import Settings
from app.db.jobs import Handler, Lease
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.event import Event


def handlers(bus: Bus) -> dict[str, Handler]:
    def daily(lease: Lease, args: dict[str, Any]) -> None:
        publish_now(bus, _settings())
        bus.execute(queue_daily, SYSTEM, DAILY_S)

    return {PUBLISH: daily}


def queue_daily(work: UnitOfWork, delay_s: float) -> None:
    """See to it that a publication waits; one that waits already is not doubled."""
    work.enqueue(PUBLISH, {}, key=PUBLISH, delay_s=delay_s)


def publish_now(bus: Bus, settings: Settings) -> Published:
    """Append a line to the file, then note it on record: a line without its note is sound, a note without its line is a loss."""
    with bus.database.read() as session:
        heads = heads_of(session)
    line = publish(settings.heads_file, heads, bus.clock.now(), signing_key(settings.signing_key_file))
    bus.execute(note_published, SYSTEM, line)
    return line


def note_published(work: UnitOfWork, line: Published) -> None:
    work.emit(Event(NOTED, "heads", line.digest[:13], after={"line": line.line, "hash": line.digest}))


def _settings() -> Settings:
    found = current_app.config["SETTINGS"] if has_app_context() else Settings.from_env()
    assert isinstance(found, Settings)
    return found
