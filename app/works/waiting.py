"""Tasks of works: requests to join that wait for the sponsor, works that an organisation answers whether it joins, works that lack
their mandatory reservation."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from app.db.work import Reader
from app.kernel.permission import OFFICERS, WRITERS
from app.kernel.text import Text
from app.web.waiting import Waiting, task_kind
from app.works.joining import ASK
from app.works.models import WorksJoin, WorksProject
from app.works.projects import ANSWER, SUBJECT
from app.works.queries import overseen_rows

REPLY = task_kind("works.answer", Text("Answer a request to join your works", "答复工程加入申请"), WRITERS)
JOIN = task_kind("works.join", Text("Say whether you join works", "答复是否加入工程"), WRITERS)
LACKING = task_kind("works.lacking", Text("Works without their reservation for communications", "未落实通信预留的工程"), OFFICERS)
LAST_DAY = Text("the last day on which a request to join is in time", "加入申请的截止日期")
PERMIT = Text("the day of the permit", "许可日期")


def to_answer(reader: Reader) -> Iterator[Waiting]:
    found = select(WorksProject, WorksJoin).join(WorksJoin, WorksJoin.project_id == WorksProject.id)
    mine = found.where(WorksProject.sponsor_id.in_(reader.actor.subtree), WorksJoin.status.in_(("waiting", "late")))
    for project, row in reader.session.execute(mine):
        yield Waiting(
            REPLY,
            ASK,
            row.ref,
            f"{project.name} · {row.what}",
            project.sponsor_id,
            row.created_at,
            project.region,
            row.organisation_id,
            (ANSWER,),
            at=(SUBJECT, project.ref),
        )


def to_join(reader: Reader) -> Iterator[Waiting]:
    """Announced works of others whose window is open and to which the reader's organisation has not answered."""
    actor = reader.actor
    if actor.organisation_id is None or actor.competences or not actor.roles & WRITERS:
        return
    answered = exists().where(WorksJoin.project_id == WorksProject.id, WorksJoin.organisation_id == actor.organisation_id)
    wanted = (
        WorksProject.status == "announced",
        WorksProject.join_until >= reader.today,
        WorksProject.sponsor_id.not_in(actor.subtree),
        ~answered,
    )
    for row in reader.session.scalars(select(WorksProject).where(*wanted)):
        since = row.updated_at or row.created_at
        yield Waiting(
            JOIN,
            SUBJECT,
            row.ref,
            row.name,
            actor.organisation_id,
            since,
            row.region,
            row.sponsor_id,
            due_on=row.join_until,
            why=LAST_DAY,
        )


def lacking(reader: Reader) -> Iterator[Waiting]:
    """Where the reader is competent."""
    actor = reader.actor
    if not actor.competences or actor.organisation_id is None:
        return
    for row in overseen_rows(reader):
        since = row.updated_at or row.created_at
        yield Waiting(
            LACKING,
            SUBJECT,
            row.ref,
            row.name,
            actor.organisation_id,
            since,
            row.region,
            row.sponsor_id,
            due_on=row.permit_on,
            why=PERMIT,
        )


WAITING = [to_answer, to_join, lacking]
