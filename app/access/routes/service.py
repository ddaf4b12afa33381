"""Use cases of a request by route: ask every owner on the way, take another way, withdraw, take the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from app.access.answers import agree
from app.access.models import AccessRequest, Offer
from app.access.routes.asking import Asked, ask_owners, by_owner, sort_legs
from app.access.routes.finding import question_of, route_over, route_terms, sections_of, standing
from app.access.routes.legs import legs_of, settle
from app.access.routes.models import RouteRequest
from app.access.routes.rules import ACTIVE, ROUTE
from app.access.rules import OPEN
from app.access.sections import listings_of
from app.access.service import MoveRequest, withdraw_request
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.version import check_version
from app.matching import RouteQuestion, RouteView, need_question
from app.needs import Need, need_detail


@dataclass(frozen=True, slots=True)
class AskRoute:
    """`listing_refs`: every section of the route that was seen, in any order. `terms`: those of the question that were chosen."""

    need_ref: str
    listing_refs: tuple[str, ...]
    message: str | None = None
    purpose: str | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeOtherRoute:
    """`listing_refs`: every section of the other route, those that stand among them."""

    ref: str
    listing_refs: tuple[str, ...]
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class MoveRoute:
    ref: str
    seen_version: int | None = None


def subject_of(route: RouteRequest) -> Subject:
    return Subject(requester_id=route.requester_id, region=route.region, status=route.status)


def load(work: UnitOfWork, ref: str, seen_version: int | None) -> RouteRequest:
    route = work.session.scalar(select(RouteRequest).where(RouteRequest.ref == ref).with_for_update())
    if route is None:
        raise fail("not_found")
    work.permit("route_request.move", subject_of(route))
    check_version(seen_version, route.version)
    return route


def ask_route(work: UnitOfWork, command: AskRoute) -> str:
    """Ask every owner on a route at once, one leg each. Who may: managers of the need's organisation.

    Raises `not_found`, `route_open`, `route_changed`, `route_needs_nobody`, and what an access request raises."""
    need = work.session.scalar(select(Need).where(Need.ref == command.need_ref))
    if need is None:
        raise fail("not_found")
    need_detail(work, need.ref)  # what one may not see is not there
    work.permit("route_request.create", Subject(requester_id=need.organisation_id))
    open_one = work.session.scalar(
        select(RouteRequest.ref).where(RouteRequest.need_id == need.id, RouteRequest.status.in_(ACTIVE))
    )
    if open_one is not None:
        raise fail("route_open", ref=open_one)
    question = replace(need_question(work, need.ref), **route_terms(dict(command.terms)))
    found = route_over(work, question, command.listing_refs)
    route = RouteRequest(
        need_id=need.id,
        requester_id=need.organisation_id,
        region=need.region,
        units=question.units,
        window_start=question.window_start,
        window_end=question.window_end,
        terms=route_terms(dict(command.terms)),
        figures=figures(found, question),
        message=command.message,
        purpose=command.purpose or need.title,
        round=1,
        created_at=work.now,
    )
    work.session.add(route)
    work.session.flush()
    asked = ask_owners(work, route, need, by_owner(sections_of(found), frozenset()), _asked(route))
    if not asked:
        raise fail("route_needs_nobody")
    work.emit(event_of(route, "route_asked", {}, {"status": route.status, "need": need.ref, "legs": asked}))
    return route.ref


def take_other_route(work: UnitOfWork, command: TakeOtherRoute) -> int:
    """Go round a leg that failed: keep the legs that stand on the other route, give up the rest, ask the new owners. Returns the
    new version.

    Raises `route_changed`, `leg_bound`."""
    route = load(work, command.ref, command.seen_version)
    if route.bundle_id is not None:
        raise fail("not_found")
    before, after = route.status, ROUTE.move(route.status, "reroute")
    need, known = work.session.get_one(Need, route.need_id), standing(work, route)
    question = replace(question_of(work, route), without=known.failed, kept=known.kept)
    found = route_over(work, question, command.listing_refs)
    kept, left = sort_legs(work, route, frozenset(command.listing_refs))
    route.round, route.status, route.figures = route.round + 1, after, figures(found, question)
    asked = ask_owners(work, route, need, by_owner(sections_of(found), kept), _asked(route))
    _renumber(work, route, [section.face.ref for section in sections_of(found)])
    touch(work, route)
    settle(work, route)
    said = {"status": route.status, "round": route.round, "legs": asked, "left": left}
    work.emit(event_of(route, "route_changed", {"status": before}, said))
    return route.version


def withdraw_route(work: UnitOfWork, command: MoveRoute) -> int:
    """Take the whole request back, with every leg that is not agreed. Returns the new version."""
    route = load(work, command.ref, command.seen_version)
    before, route.status = route.status, ROUTE.move(route.status, "withdraw")
    work.session.flush()
    for _, request in legs_of(work.session, route):
        if request.status in OPEN:
            withdraw_request(work, MoveRequest(request.ref))
    touch(work, route)
    work.emit(event_of(route, "route_withdrawn", {"status": before}, {"status": route.status}))
    return route.version


def agree_route(work: UnitOfWork, ref: str, seen_version: int | None = None) -> list[tuple[AccessRequest, Offer]]:
    """Take the open offers of all legs: the whole or nothing. Part of the use case that drafts the agreements.

    Raises `illegal_transition` while a leg does not stand, `hold_lapsed`."""
    route = load(work, ref, seen_version)
    before, route.status = route.status, ROUTE.move(route.status, "agree")
    work.session.flush()
    taken = [agree(work, request.ref) for _, request in legs_of(work.session, route) if request.status != "agreed"]
    touch(work, route)
    refs = [request.ref for request, _ in taken]
    work.emit(event_of(route, "route_agreed", {"status": before}, {"status": route.status, "legs": refs}))
    return taken


def figures(found: RouteView, question: RouteQuestion) -> dict[str, Any]:
    """What is kept of the route as it was asked for."""
    return {
        "length_m": round(found.length_m, 1),
        "price_minor": found.price_minor,
        "currency": question.currency,
        "loss_db": None if found.loss_db is None else round(found.loss_db, 3),
        "capacity": found.capacity,
        "handovers": found.handovers,
        "built_m": round(found.built_m, 1),
        "approximate": found.rough,
        "listings": [section.face.ref for section in sections_of(found)],
    }


def _asked(route: RouteRequest) -> Asked:
    return Asked(route.units, route.window_start, route.window_end)


def _renumber(work: UnitOfWork, route: RouteRequest, order: Sequence[str]) -> None:
    """The legs in the order of the way."""
    place = {ref: number for number, ref in enumerate(order)}
    for leg, request in legs_of(work.session, route):
        leg.position = min(place.get(listing.ref, len(order)) for listing in listings_of(work.session, request))
    work.session.flush()


def touch(work: UnitOfWork, route: RouteRequest) -> None:
    route.version, route.updated_at = route.version + 1, work.now
    work.session.flush()


def event_of(route: RouteRequest, action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Event:
    return Event(
        f"access.{action}",
        "route_request",
        route.ref,
        (route.requester_id,),
        before,
        after,
        route.region,
        {"route_id": route.id},
    )
