"""/api/v1/jobs: what failed in the background, for the platform's administrator."""

from __future__ import annotations

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.admin.queries import FailedJob, background
from app.admin.service import retry_job
from app.web.execute import ask
from app.web.idempotency import execute_once
from app.web.policy import policy
from app.web.shapes import MOMENT, REF, TEXT, WHOLE, answers, many, maybe, named, record

blueprint = Blueprint("jobs_api", __name__, url_prefix="/api/v1", description="Work in the background that has failed")

FAILED_JOB = named(
    "FailedJob",
    record(
        id=REF, task=TEXT, attempts=WHOLE, created_at=MOMENT, finished_at=maybe(MOMENT), worker=maybe(TEXT), why=TEXT, told=TEXT
    ),
)
BACKGROUND = named("Background", record(queued=WHOLE, scheduled=WHOLE, running=WHOLE, failed=WHOLE, results=many(FAILED_JOB)))
RETRIED = named("RetriedJob", record(id=REF, state=TEXT))


@blueprint.get("/jobs")
@policy("job.list")
@answers(BACKGROUND)
def index() -> Response:
    """How many jobs wait, run and have failed, and the newest of those that have failed."""
    view = ask(background)
    return jsonify({**view.counts, "results": [_json(job) for job in view.failed]})


@blueprint.post("/jobs/<ref>/retry")
@policy("job.retry")
@answers(RETRIED)
def retry(ref: str) -> Response:
    """Let a failed job be started again, as often as at first."""
    return execute_once(retry_job, ref, lambda _none: jsonify({"id": ref, "state": "queued"}))


def _json(job: FailedJob) -> dict[str, object]:
    return {
        "id": job.ref,
        "task": job.task,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "worker": job.worker,
        "why": job.why,
        "told": job.told,
    }
