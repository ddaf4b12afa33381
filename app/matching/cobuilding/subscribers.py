"""A finished match run has the groups reckoned anew; a need that left takes its groups with it."""

from __future__ import annotations

from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.matching.cobuilding.service import leave_groups


def follow(work: UnitOfWork, event: Event) -> None:
    if event.action == "match_run.done":
        work.enqueue("cobuild.reckon", {"match_run": event.subject_ref}, key="cobuild.reckon")
    elif event.subject_type == "need":
        leave_groups(work, event.subject_ref)


SUBSCRIBERS = (follow,)
