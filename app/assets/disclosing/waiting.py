"""Tasks of disclosure: requests for a closer look to answer, exemptions to decide."""

from __future__ import annotations

from collections.abc import Iterator

from app.assets.disclosing.queries import cases_to_decide, looks_to_answer
from app.db.work import Reader
from app.kernel.permission import OFFICERS, WRITERS
from app.kernel.text import Text
from app.web.waiting import Waiting, task_kind

LOOK = task_kind("closer_look.answer", Text("Answer a request for a closer look", "答复查看申请"), WRITERS | OFFICERS)
EXEMPT = task_kind("exemption.decide", Text("Decide an exemption from a duty", "裁定义务豁免"), OFFICERS)
MOST_WORDS = 120


def to_answer(reader: Reader) -> Iterator[Waiting]:
    own = reader.actor.organisation_id
    if own is None:
        return
    for look, region in looks_to_answer(reader):
        yield Waiting(
            LOOK,
            "closer_look",
            look.ref,
            look.purpose[:MOST_WORDS],
            look.owner_id or own,
            look.asked_at,
            region,
            look.requester_id,
        )


def to_decide(reader: Reader) -> Iterator[Waiting]:
    own = reader.actor.organisation_id
    if own is None or not reader.actor.competences:
        return
    for case in cases_to_decide(reader):
        yield Waiting(EXEMPT, "exemption", case.ref, case.reason[:MOST_WORDS], own, case.asked_at, case.region, case.owner_id)


WAITING = [to_answer, to_decide]
