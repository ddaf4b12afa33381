"""Starting a job again that has failed for good."""

from __future__ import annotations

from sqlalchemy import select

from app.db.jobs import Job, try_again
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event


def retry_job(work: UnitOfWork, ref: str) -> None:
    """The job waits again, with as many starts as at first. Raises `not_found`, or `illegal_transition` when it has not failed."""
    work.permit("job.retry")
    job = work.session.scalar(select(Job).where(Job.ref == ref))
    if job is None:
        raise fail("not_found")
    state, attempts = job.state, job.attempts
    if not try_again(work.session, job.id):
        raise fail("illegal_transition", subject="job", state=state, action="retry")
    work.emit(Event("job.retried", "job", ref, (), {"state": state}, {"state": "queued", "task": job.task, "attempts": attempts}))
