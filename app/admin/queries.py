"""Jobs that have failed, and how many wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.db.clock import database_now
from app.db.jobs import DIED, Job
from app.db.work import Reader

SHOWN = 100


@dataclass(frozen=True, slots=True)
class FailedJob:
    """`why`: the line that says it. `told`: all that was left behind, a trace as a rule. `died`: its worker did, and could tell nothing."""

    ref: str
    task: str
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    worker: str | None
    why: str
    told: str
    died: bool


@dataclass(frozen=True, slots=True)
class Background:
    """`counts`: jobs by state, of those that wait the ones whose time is yet to come as `scheduled`; `failed`: the newest of them."""

    counts: Mapping[str, int]
    failed: tuple[FailedJob, ...]


def background(reader: Reader) -> Background:
    reader.permit("job.list")
    newest = select(Job).where(Job.state == "failed").order_by(Job.finished_at.desc(), Job.id.desc()).limit(SHOWN)
    return Background(counts(reader.session), tuple(_failed(job) for job in reader.session.scalars(newest)))


def counts(session: Session) -> dict[str, int]:
    later = (Job.state == "queued") & (Job.run_at > database_now())
    state = case((later, "scheduled"), else_=Job.state).label("state")
    rows = session.execute(select(state, func.count()).where(Job.state.in_(("queued", "running", "failed"))).group_by(state))
    return {"queued": 0, "scheduled": 0, "running": 0, "failed": 0, **{row[0]: row[1] for row in rows}}


def _failed(job: Job) -> FailedJob:
    told = (job.message or "").strip()
    return FailedJob(
        job.ref,
        job.task,
        job.attempts,
        job.created_at,
        job.finished_at,
        job.worker,
        why(told),
        told,
        told.startswith(DIED[: DIED.index("{")]),
    )


def why(told: str) -> str:
    """A trace says it in its last line, everything else in its first."""
    lines = told.splitlines() or [""]
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]
