"""Tasks after the entry into force: make-ready to finish, installations to accept, ends to answer, removals to confirm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.agreements import Agreement
from app.db.work import Reader
from app.fulfilment.building import CLOCK
from app.fulfilment.models import Ending, Installation, MakeReadyItem
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.waiting import TaskKind, Waiting, task_kind

ACCEPT = task_kind("fulfilment.accept", Text("Accept or return an installation", "验收安装"), WRITERS)
ANSWER_END = task_kind("fulfilment.answer_end", Text("Answer the proposed end of an agreement", "答复终止提议"), WRITERS)
CONFIRM_REMOVAL = task_kind("fulfilment.confirm_removal", Text("Confirm a removal", "确认拆除"), WRITERS)
MAKE_READY = task_kind("fulfilment.make_ready", Text("Finish the make-ready", "完成施工准备"), WRITERS)
FIRST_ITEM = Text("the first day on which an open item is due", "最早一项未完成工作的期限")


def to_answer(reader: Reader) -> Iterator[Waiting]:
    """What the other party did."""
    mine = reader.actor.subtree
    of_it = Installation.agreement_id == Agreement.id
    yield from _tasks(
        reader, ACCEPT, exists().where(of_it, Installation.status == "waiting", Installation.recorded_by.not_in(mine))
    )
    ending = Ending.agreement_id == Agreement.id
    proposed = and_(ending, Ending.status == "proposed", Ending.proposed_by.is_not(None), Ending.proposed_by.not_in(mine))
    yield from _tasks(reader, ANSWER_END, exists().where(proposed))
    removed = and_(ending, Ending.status == "agreed", Ending.removal_by.is_not(None), Ending.removal_by.not_in(mine))
    yield from _tasks(reader, CONFIRM_REMOVAL, exists().where(removed))


def to_make_ready(reader: Reader) -> Iterator[Waiting]:
    """Make-ready of the reader's own assets that is not finished."""
    mine = reader.actor.subtree
    first = (
        select(Agreement, func.min(MakeReadyItem.due_on))
        .join(MakeReadyItem, MakeReadyItem.agreement_id == Agreement.id)
        .where(MakeReadyItem.status == "open", Agreement.owner_id.in_(mine))
        .group_by(Agreement.id)
    )
    for agreement, due_on in reader.session.execute(first):
        yield Waiting(
            MAKE_READY,
            "agreement",
            agreement.ref,
            agreement.title,
            agreement.owner_id,
            _since(agreement),
            agreement.region,
            agreement.requester_id,
            (CLOCK,),
            due_on,
            FIRST_ITEM if due_on else None,
            at=("fulfilment", agreement.ref),
        )


def _tasks(reader: Reader, kind: TaskKind, waiting: ColumnElement[bool]) -> Iterator[Waiting]:
    mine = reader.actor.subtree
    own = or_(Agreement.owner_id.in_(mine), Agreement.requester_id.in_(mine))
    for row in reader.session.scalars(select(Agreement).where(own, waiting)):
        ours, theirs = (row.owner_id, row.requester_id) if row.owner_id in mine else (row.requester_id, row.owner_id)
        yield Waiting(kind, "agreement", row.ref, row.title, ours, _since(row), row.region, theirs, at=("fulfilment", row.ref))


def _since(row: Agreement) -> datetime:
    return row.updated_at or row.created_at


WAITING = [to_answer, to_make_ready]
