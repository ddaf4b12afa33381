"""Asks the owners: an access request each, as the legs of one request. Part of others' use cases; emits nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.access.models import AccessRequest
from app.access.routes.legs import legs_of, state_of
from app.access.routes.models import RouteLeg, RouteRequest
from app.access.routes.rules import FAILED
from app.access.rules import OPEN
from app.access.sections import listings_of
from app.access.service import CreateRequest, MoveRequest, create_request, withdraw_request
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.matching import SectionView
from app.needs import Need


@dataclass(frozen=True, slots=True)
class Asked:
    """How much, and for when; None: what the need still asks for."""

    units: int | None = None
    start: date | None = None
    end: date | None = None


def by_owner(sections: Sequence[SectionView], kept: Collection[str]) -> dict[int, list[str]]:
    """Owner → the listings of its leg: those that are neither the requester's own nor kept; in the order of the way."""
    found: dict[int, list[str]] = {}
    for section in sections:
        if not section.own and section.face.ref not in kept:
            found.setdefault(section.face.owner.id, []).append(section.face.ref)
    return found


def ask_owners(
    work: UnitOfWork, route: RouteRequest, need: Need, legs: Mapping[int, Sequence[str]], asked: Asked, first: int = 0
) -> list[dict[str, Any]]:
    """An access request to each owner for its listings. `first`: the place of the first leg."""
    return [
        _ask(work, route, need, (owner_id, tuple(refs)), asked, first + place)
        for place, (owner_id, refs) in enumerate(legs.items())
    ]


def _ask(
    work: UnitOfWork, route: RouteRequest, need: Need, leg: tuple[int, tuple[str, ...]], asked: Asked, position: int
) -> dict[str, Any]:
    owner_id, refs = leg
    made = create_request(
        work,
        CreateRequest(
            need.ref,
            refs[0],
            route.message,
            route.purpose,
            asked.units,
            asked.start,
            asked.end,
            submit=True,
            further=refs[1:],
        ),
    )
    request = work.session.scalars(select(AccessRequest).where(AccessRequest.ref == made)).one()
    work.session.add(
        RouteLeg(
            route_id=route.id, request_id=request.id, need_id=need.id, owner_id=owner_id, round=route.round, position=position
        )
    )
    work.session.flush()
    return {"request": made, "listings": list(refs)}


def sort_legs(
    work: UnitOfWork, route: RouteRequest, wanted: frozenset[str], need_id: int | None = None
) -> tuple[set[str], list[str]]:
    """Keep the legs (of a need) whose sections are all wanted; the others leave, and those that wait or stand are withdrawn.
    Returns the refs of the listings that are kept, and of the requests that left. Raises `leg_bound`."""
    kept: set[str] = set()
    left: list[str] = []
    for leg, request in legs_of(work.session, route):
        if need_id is not None and leg.need_id != need_id:
            continue
        refs = {listing.ref for listing in listings_of(work.session, request)}
        state = state_of(leg, request)
        if state not in FAILED and refs <= wanted:
            kept |= refs
            continue
        if state == "agreed":
            raise fail("leg_bound", ref=request.ref)
        leg.left_at = work.now
        work.session.flush()
        left.append(request.ref)
        if request.status in OPEN:
            withdraw_request(work, MoveRequest(request.ref))
    return kept, left
