"""The job table: durable, leased, at-least-once. Saved in the business transaction, run by `flask jobs work`.

Handlers are idempotent: a job whose worker died is taken again when its lease ends. Every start counts, also one that
a worker did not survive: after the last that is allowed the job has failed. SKIP LOCKED on PostgreSQL, BEGIN IMMEDIATE on
SQLite. When a job is due and when a lease ends is by the database's clock, which all workers share.
Workers look into the table; a message broker, where there is one, tells them sooner (`app.db.carrier`).
"""

from __future__ import annotations

import os
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, exists, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base, Row, UtcDateTime
from app.db.clock import database_now
from app.db.session import ANNOUNCED, Database
from app.kernel.clock import Clock

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
DIED = (
    "Its worker ({worker}) stopped without a word, and no start is left after {number}. A worker that is killed, by the system when memory "
    "runs out for instance, leaves no more than this."
)
LEAST_TOLD = 8  # percent: before, what is left cannot be told from how long it took


class Job(Row, Base):
    """state: queued, running, done, failed, cancelled. `key`: a waiting job with the same key is not doubled. `attempts`: how often
    it was started, of the `allowed`."""

    __tablename__ = "job"
    task: Mapped[str] = mapped_column(String(80))
    key: Mapped[str | None] = mapped_column(String(120))
    args: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    allowed: Mapped[int] = mapped_column(default=MAX_ATTEMPTS, server_default=str(MAX_ATTEMPTS))
    run_at: Mapped[datetime] = mapped_column(UtcDateTime())
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime())
    worker: Mapped[str | None] = mapped_column(String(120))
    progress: Mapped[int] = mapped_column(default=0)  # percent
    message: Mapped[str | None] = mapped_column(Text)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    __table_args__ = (Index("ix_job_claim", "state", "run_at"), Index("ix_job_key", "key", "state"))


class Cancelled(Exception):
    """The person who started the job asked for it to stop."""


class LeaseLost(BaseException):
    """Another worker has the job now. Not an `Exception`: a handler that writes down how its work failed must not write this
    down, the work goes on elsewhere."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One lease of one job. `number`: how many turns the job had with it; the row tells whose turn it is by it."""

    job_id: int
    number: int
    task: str
    args: dict[str, Any]
    is_last: bool = False

    def still(self) -> ColumnElement[bool]:
        """The job's row, as long as this turn lasts: nobody else took it up, and it has not ended."""
        return (Job.id == self.job_id) & (Job.attempts == self.number) & (Job.state == "running")


def enqueue(
    session: Session, task: str, args: Mapping[str, Any], now: datetime, *, key: str | None = None, delay_s: float = 0.0
) -> int:
    """Add a job to this transaction and return its id; with a `key`, an already queued one is returned instead."""
    if key is not None:
        waiting = session.scalar(select(Job.id).where(Job.key == key, Job.state == "queued").limit(1))
        if waiting is not None:
            return waiting
    job = Job(task=task, key=key, args=dict(args), run_at=now + timedelta(seconds=delay_s), created_at=now)
    session.add(job)
    session.flush()
    if delay_s <= 0:
        session.info.setdefault(ANNOUNCED, []).append(job.id)
    return job.id


@dataclass(frozen=True, slots=True)
class JobView:
    """What a page shows of a job."""

    id: int
    ref: str
    task: str
    state: str
    progress: int
    message: str | None
    left_s: int | None = None


def left_s(progress: int, begun: datetime, now: datetime) -> int | None:
    """Seconds that a job still takes if it goes on as it went; None while too little is done to say."""
    if not LEAST_TOLD <= progress < 100:
        return None
    return round((now - begun).total_seconds() * (100 - progress) / progress)


def job_view(session: Session, job_id: int) -> JobView | None:
    job = session.get(Job, job_id)
    if job is None:
        return None
    left = left_s(job.progress, job.run_at, _now(session)) if job.state == "running" else None
    return JobView(job.id, job.ref, job.task, job.state, job.progress, job.message, left)


def under_way(session: Session, key: str) -> bool:
    """Whether a job with the key is queued or running."""
    waiting = exists().where(Job.key == key, Job.state.in_(("queued", "running")))
    return bool(session.scalar(select(waiting)))


def ask_cancel(session: Session, job_id: int) -> None:
    """Ask a queued or running job to stop; its handler sees it at its next `report`."""
    session.execute(update(Job).where(Job.id == job_id, Job.state.in_(("queued", "running"))).values(cancel_asked=True))


def try_again(session: Session, job_id: int) -> bool:
    """Let a failed job be started as often again; False when it has not failed. Its starts go on counting, so that a worker of an
    earlier one, should it wake, has no turn."""
    waits = {"state": "queued", "run_at": _now(session), "finished_at": None, "cancel_asked": False, "progress": 0}
    again = update(Job).where(Job.id == job_id, Job.state == "failed").values(allowed=Job.attempts + MAX_ATTEMPTS, **waits)
    if session.scalar(again.returning(Job.id)) is None:
        return False
    session.info.setdefault(ANNOUNCED, []).append(job_id)
    return True


def _now(session: Session) -> datetime:
    now: datetime = session.scalars(select(database_now())).one()
    return now


class Lease:
    """A running job's handle: `report` progress; raises `Cancelled` when somebody asked to stop, `LeaseLost` when another
    worker has taken the job."""

    def __init__(self, worker: Worker, turn: Turn) -> None:
        self._worker, self._turn, self.job_id = worker, turn, turn.job_id

    def report(self, percent: int, message: str = "") -> None:
        values: dict[str, Any] = {"progress": max(0, min(100, percent))} | ({"message": message} if message else {})
        with self._worker.database.write() as session:
            told = update(Job).where(self._turn.still()).values(lease_until=_now(session) + LEASE, **values)
            cancel = session.scalar(told.returning(Job.cancel_asked))
        if cancel is None:
            raise LeaseLost
        if cancel:
            raise Cancelled


Handler = Callable[[Lease, dict[str, Any]], None]


class Worker:
    """Takes jobs one at a time. `handlers`: task name → function(lease, args). `clock`: what a job's end is recorded by."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self.database, self.clock, self.handlers = database, clock, handlers
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._one_at_a_time = threading.Lock()

    def claim(self, job_id: int | None = None) -> Turn | None:
        """Lease the next job, or this one, that is due, or whose worker let its lease end."""
        with self.database.read() as session:  # no write transaction while there is nothing to do
            now = _now(session)
            due = or_((Job.state == "queued") & (Job.run_at <= now), (Job.state == "running") & (Job.lease_until < now))
            due = due if job_id is None else due & (Job.id == job_id)
            if session.scalar(select(Job.id).where(due).limit(1)) is None:
                return None
        with self.database.write() as session:
            taken = select(Job).where(due).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
            while (job := session.scalar(taken)) is not None:
                if job.attempts < job.allowed:
                    job.state, job.worker, job.attempts, job.lease_until = "running", self.name, job.attempts + 1, now + LEASE
                    return Turn(job.id, job.attempts, job.task, dict(job.args), job.attempts >= job.allowed)
                self._give_up(session, job)
            return None

    def _give_up(self, session: Session, job: Job) -> None:
        """The last worker that had it let its lease end: it has failed, and says so before what was said last."""
        said = DIED.format(worker=job.worker, number=job.attempts)
        job.state, job.lease_until, job.finished_at = "failed", None, self.clock.now()
        job.message = f"{said}\n\n{job.message}" if job.message else said
        session.flush()

    def run_one(self, job_id: int | None = None) -> bool:
        """Run one job, or this one, to its end; False when none is due. One at a time, whoever asks."""
        with self._one_at_a_time:
            turn = self.claim(job_id)
            if turn is None:
                return False
            self._run(turn)
            return True

    def _run(self, turn: Turn) -> None:
        stop = threading.Event()
        beat = threading.Thread(target=self._beat, args=(turn, stop), daemon=True)
        beat.start()
        try:
            self.handlers[turn.task](Lease(self, turn), turn.args)
        except LeaseLost:
            return
        except Cancelled:
            self._finish(turn, "cancelled")
        except Exception:  # noqa: BLE001 - whatever a handler raises is kept with its trace, and tried again
            self._fail(turn, traceback.format_exc())
        else:
            self._finish(turn, "done", progress=100)
        finally:
            stop.set()
            beat.join()

    def _beat(self, turn: Turn, stop: threading.Event) -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            with self.database.write() as session:
                session.execute(update(Job).where(turn.still()).values(lease_until=_now(session) + LEASE))

    def _finish(self, turn: Turn, state: str, **values: Any) -> None:
        """Nothing, when the turn is over: the job's end is its next worker's to tell."""
        with self.database.write() as session:
            ended = {"state": state, "lease_until": None, "finished_at": self.clock.now()}
            session.execute(update(Job).where(turn.still()).values(**ended, **values))

    def _fail(self, turn: Turn, trace: str) -> None:
        """Try again with a growing pause, as often as is allowed; the trace is kept for the administrator."""
        if turn.is_last:
            self._finish(turn, "failed", message=trace)
            return
        with self.database.write() as session:
            due = _now(session) + timedelta(seconds=5 * 2 ** min(turn.number, MAX_ATTEMPTS))
            again = {"state": "queued", "lease_until": None, "message": trace, "run_at": due}
            session.execute(update(Job).where(turn.still()).values(**again))

    def run(self, stop: threading.Event, idle_s: float | None = None) -> None:
        """Work until `stop` is set: on what the carrier tells of, and on what a look into the table finds."""
        carrier = self.database.carrier
        with carrier.heard(lambda job_id: None if stop.is_set() else self.run_one(job_id)):
            while not stop.is_set():
                if not self.run_one():
                    stop.wait(idle_s or carrier.look_s)
