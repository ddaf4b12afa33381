"""Tasks of who is invited to a needs list, and of whose entry is to be merged."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.needs.keeping.models import ListInvitation, NeedMerge
from app.needs.models import Need, NeedsList
from app.web.waiting import Waiting, task_kind

ENTER = task_kind(
    "needs_list.answer", Text("Enter your needs in a list, or say that you have none", "提交需求或说明无需求"), WRITERS
)
CONSENT = task_kind("need_merge.answer", Text("Consent to the merge of a need", "答复需求合并提议"), WRITERS)
CLOSES = Text("the list takes no entries from that day", "自该日起清单不再征集")


def to_enter(reader: Reader) -> Iterator[Waiting]:
    entered = exists().where(
        Need.needs_list_id == NeedsList.id, Need.organisation_id == ListInvitation.organisation_id, Need.status != "draft"
    )
    found = (
        select(ListInvitation, NeedsList)
        .join(NeedsList, NeedsList.id == ListInvitation.needs_list_id)
        .where(
            ListInvitation.organisation_id.in_(reader.actor.subtree),
            ListInvitation.declined_at.is_(None),
            NeedsList.status == "open",
            NeedsList.closes_on > reader.today,
            ~entered,
        )
    )
    for invitation, round_ in reader.session.execute(found):
        name = round_.name_zh if round_.name_zh and reader.actor.locale.startswith("zh") else round_.name
        yield Waiting(
            ENTER,
            "needs_list",
            round_.ref,
            name,
            invitation.organisation_id,
            invitation.invited_at,
            round_.region,
            round_.administration_id,
            due_on=round_.closes_on,
            why=CLOSES,
        )


def to_consent(reader: Reader) -> Iterator[Waiting]:
    found = select(NeedMerge, Need).join(Need, Need.id == NeedMerge.need_id)
    mine = found.where(NeedMerge.status == "proposed", Need.organisation_id.in_(reader.actor.subtree))
    for row, need in reader.session.execute(mine):
        yield Waiting(CONSENT, "need_merge", row.ref, need.title, need.organisation_id, row.proposed_at, need.region)


WAITING = [to_enter, to_consent]
