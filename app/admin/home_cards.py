"""Home of the platform's administrator: jobs that have failed for good."""

from __future__ import annotations

from app.admin.queries import background
from app.db.work import Reader
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url


def failed_jobs(reader: Reader) -> HomeCard | None:
    if not reader.actor.is_administrator:
        return None
    view = background(reader)
    rows = (HomeRow(job.task, page_url("jobs.index"), job.why) for job in view.failed[:SHOWN])
    return HomeCard(
        Text("Jobs that have failed", "失败的后台任务"),
        view.counts["failed"],
        Text("No job has failed.", "没有失败的后台任务。"),
        tuple(rows),
        page_url("jobs.index"),
        5,
    )


CARDS = [failed_jobs]
