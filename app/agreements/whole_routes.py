"""A request by route becomes agreements, one with each owner, all in one transaction or none; and a leg whose agreement came to
nothing breaks its route again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.access import agree_route, leg_lost
from app.agreements.models import Agreement
from app.agreements.service import Drafted, draft_from
from app.db.work import UnitOfWork
from app.kernel.event import Event

LOST = ("agreement.withdrawn", "agreement.refused")


@dataclass(frozen=True, slots=True)
class TakeRoute:
    """`ref`: of the request by route whose offers are taken together."""

    ref: str
    seen_version: int | None = None


def take_route(work: UnitOfWork, command: TakeRoute) -> list[Drafted]:
    """Take every leg's open offer and draft an agreement with each owner, or nothing at all. Who may: managers of the requester.

    Raises `illegal_transition` while a leg does not stand, `hold_lapsed`."""
    return [draft_from(work, request, offer) for request, offer in agree_route(work, command.ref, command.seen_version)]


def lose_leg(work: UnitOfWork, event: Event) -> None:
    """An agreement was withdrawn or refused: if it was on a leg, its route is broken."""
    if event.subject_type == "agreement" and event.action in LOST:
        request_id = work.session.scalars(select(Agreement.request_id).where(Agreement.ref == event.subject_ref)).one()
        leg_lost(work, request_id)
