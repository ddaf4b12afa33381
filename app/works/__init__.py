"""Works projects: planned civil works with space and power reserved for communications, and who joins them. What other features may
use is exported here."""

from __future__ import annotations

from app.works.announcing import (
    AddElement,
    AnnounceWorks,
    DraftWorks,
    ElementIn,
    ReserveMore,
    add_element,
    announce_works,
    draft_works,
    reserve_more,
)
from app.works.changing import SlipWorks, slip_works
from app.works.joining import AnswerJoin, AskToJoin, PassOn, answer_join, ask_to_join, pass_on
from app.works.models import WorksProject
from app.works.queries import competent

__all__ = [
    "AddElement",
    "AnnounceWorks",
    "AnswerJoin",
    "AskToJoin",
    "DraftWorks",
    "ElementIn",
    "PassOn",
    "ReserveMore",
    "SlipWorks",
    "WorksProject",
    "add_element",
    "announce_works",
    "answer_join",
    "ask_to_join",
    "competent",
    "draft_works",
    "pass_on",
    "reserve_more",
    "slip_works",
]
