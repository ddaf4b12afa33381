"""The unit of work: what a use case or a query may reach, and how one runs to its single commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.clock import database_now
from app.db.jobs import enqueue
from app.db.session import Database, is_retriable
from app.kernel.actor import Actor
from app.kernel.clock import Clock
from app.kernel.event import Event
from app.kernel.permission import Subject, permit

T = TypeVar("T")
C = TypeVar("C")
ATTEMPTS = 5
VIA: ContextVar[str] = ContextVar("via", default="")  # the route, command or job that asks


@dataclass
class Reader:
    """A query's world: a read-only session, who asks, and the time.

    `now`: by the application's clock, for what is recorded and for legal clocks. `database_now`: by the database's, read once
    a transaction, for what expires: holds, jobs, leases."""

    session: Session
    actor: Actor
    now: datetime
    zone: tzinfo = UTC
    sightings: dict[int, Any] = field(default_factory=dict, init=False)  # what of whose assets was shown, by asset
    _database_now: datetime | None = field(default=None, init=False)

    @property
    def today(self) -> date:
        """The day it is where the marketplace is: in China the eighth of March begins eight hours before it does in UTC."""
        return self.now.astimezone(self.zone).date()

    @property
    def database_now(self) -> datetime:
        if self._database_now is None:
            self._database_now = self.session.scalars(select(database_now())).one()
        return self._database_now

    def permit(self, policy: str, subject: Subject = Subject()) -> None:
        """Raise `not_found`, `forbidden` or `illegal_transition` unless the actor may."""
        permit(policy, self.actor, subject)


@dataclass
class UnitOfWork(Reader):
    """A use case's world. `emit` announces a change: exactly one audit row is made of each event."""

    request_id: str = ""
    publish: Callable[[UnitOfWork, Event], None] = lambda work, event: None
    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.session.flush()
        self.events.append(event)
        self.publish(self, event)

    def enqueue(self, task: str, args: Mapping[str, Any], *, key: str | None = None, delay_s: float = 0.0) -> int:
        """Save a job in this transaction; a waiting job with the same `key` is not doubled."""
        return enqueue(self.session, task, args, self.database_now, key=key, delay_s=delay_s)


UseCase = Callable[[UnitOfWork, C], T]


class Recorder(Protocol):
    """Keeps what was shown: in the transaction of a use case, and before the answer of a query leaves."""

    def within(self, work: UnitOfWork) -> None: ...

    def after_read(self, reader: Reader) -> None: ...


@dataclass
class Bus:
    """Runs use cases and queries. Subscribers are called inside the transaction, in the order they were added."""

    database: Database
    clock: Clock
    zone: tzinfo = UTC  # of the jurisdiction: what day it is
    subscribers: list[Callable[[UnitOfWork, Event], None]] = field(default_factory=list)
    recorder: Recorder | None = None

    def today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()

    def _publish(self, work: UnitOfWork, event: Event) -> None:
        for subscriber in self.subscribers:
            subscriber(work, event)

    def execute(
        self,
        use_case: UseCase[C, T],
        actor: Actor,
        command: C,
        *,
        request_id: str = "",
        around: Callable[[UnitOfWork, Callable[[], T]], T] | None = None,
    ) -> T:
        """Run `use_case` in one transaction. `around` may keep or replay the answer in it (idempotency)."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.database.write() as session:
                    work = UnitOfWork(session, actor, self.clock.now(), self.zone, request_id=request_id, publish=self._publish)
                    run = partial(use_case, work, command)
                    answer = run() if around is None else around(work, run)
                    if self.recorder is not None and work.sightings:
                        self.recorder.within(work)
                    return answer
            except Exception as error:
                if attempt == ATTEMPTS or not is_retriable(error):
                    raise
                time.sleep(0.02 * attempt)
        raise AssertionError("unreachable")

    def ask(self, query: Callable[..., T], actor: Actor, *args: Any, **options: Any) -> T:
        """Run `query(reader, *args, **options)` in a read-only transaction."""
        with self.database.read() as session:
            reader = Reader(session, actor, self.clock.now(), self.zone)
            answer = query(reader, *args, **options)
            if self.recorder is not None and reader.sightings:
                self.recorder.after_read(reader)
            return answer
