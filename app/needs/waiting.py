"""Tasks of an administration with its needs lists: to publish one whose time to collect is over, to give each entry its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from app.db.work import Reader
from app.kernel.permission import OFFICERS
from app.kernel.text import Text
from app.needs.models import Need, NeedsList
from app.needs.rules import ENTERED_STATES
from app.web.waiting import TaskKind, Waiting, task_kind

PUBLISH = task_kind("needs_list.publish", Text("Publish a needs list", "发布需求清单"), OFFICERS)
CONCLUDE = task_kind("needs_list.conclude", Text("Give the entries of a needs list their outcome", "办结需求清单条目"), OFFICERS)
ANNOUNCED = Text("the day of publishing that the list announced", "清单公告的发布日期")
COLLECTED = Text("the list takes no more entries from that day", "自该日起清单不再征集")


def own_rounds(reader: Reader) -> Iterator[Waiting]:
    own = reader.actor.organisation_id
    if own is None or not reader.actor.competences:
        return
    mine = select(NeedsList).where(NeedsList.administration_id == own)
    ended = mine.where(NeedsList.status == "open", NeedsList.closes_on <= reader.today)
    for row in reader.session.scalars(ended):
        yield _task(reader, PUBLISH, row, row.publishes_on or row.closes_on)
    open_entries = select(Need.needs_list_id, func.count()).where(Need.status.in_(ENTERED_STATES)).group_by(Need.needs_list_id)
    published = list(reader.session.scalars(mine.where(NeedsList.status == "published")))
    counted = open_entries.where(Need.needs_list_id.in_([row.id for row in published]))
    waiting = dict(reader.session.execute(counted).all()) if published else {}
    for row in published:
        if row.id in waiting:
            yield _task(reader, CONCLUDE, row, None)


def _task(reader: Reader, kind: TaskKind, row: NeedsList, due_on: date | None) -> Waiting:
    name = row.name_zh if row.name_zh and reader.actor.locale.startswith("zh") else row.name
    since = row.updated_at or row.created_at
    why = None if due_on is None else ANNOUNCED if row.publishes_on else COLLECTED
    return Waiting(kind, "needs_list", row.ref, name, row.administration_id, since, row.region, due_on=due_on, why=why)


WAITING = [own_rounds]
