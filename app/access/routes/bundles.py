"""Use cases of a request for a whole bundle: ask for every need of it at once, and ask for the next best where a leg failed."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sqlalchemy import or_, select

from app.access.routes.asking import Asked, ask_owners, by_owner, sort_legs
from app.access.routes.choosing import ASKABLE, bundle_of, failed_of, members
from app.access.routes.finding import route_over, sections_of
from app.access.routes.legs import legs_of, settle, state_of
from app.access.routes.models import RouteLeg, RouteRequest
from app.access.routes.rules import ACTIVE, FAILED, ROUTE
from app.access.routes.service import event_of, load, touch
from app.db.work import UnitOfWork
from app.kernel.errors import declare, fail
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.listings import Listing
from app.matching import need_question
from app.needs import Need

declare(
    "bundle_not_whole",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "A bundle is asked for whole. Choose a match for each of: {needs}.",
    "需求包须整体申请，请为以下需求逐一选择资源：{needs}。",
)
declare(
    "bundle_not_published",
    HTTPStatus.CONFLICT,
    "A bundle is asked for once all its needs are published. Not yet: {needs}.",
    "需求包中的需求须全部发布后方可申请，尚未发布：{needs}。",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """With what a need is asked for: one listing, or every section of a route."""

    need_ref: str
    listing_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskBundle:
    """`parts`: one for each need of the bundle that is still to be served."""

    ref: str
    parts: tuple[Chosen, ...]
    message: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class TakeOtherMatch:
    """`ref`: of the request of which a leg failed."""

    ref: str
    part: Chosen
    seen_version: int | None = None


def ask_bundle(work: UnitOfWork, command: AskBundle) -> str:
    """Ask for every need of a bundle at once, all or nothing. Who may: managers of its organisation.

    Raises `not_found`, `bundle_not_whole`, `bundle_not_published`, `route_open`, and what an access request raises."""
    bundle = bundle_of(work, command.ref)
    work.permit("route_request.create", Subject(requester_id=bundle.organisation_id))
    needs = members(work.session, bundle.id)
    chosen = {part.need_ref: part for part in command.parts if part.listing_refs}
    _check_whole(needs, command, chosen)
    if early := [need.title for need in needs if need.status not in ASKABLE]:
        raise fail("bundle_not_published", needs=_listed(early))
    _check_free(work, bundle.id, needs)
    route = RouteRequest(
        need_id=needs[0].id,
        bundle_id=bundle.id,
        requester_id=bundle.organisation_id,
        region=needs[0].region,
        units=len(needs),
        window_start=min(need.window_start for need in needs),
        window_end=max(need.window_end for need in needs),
        terms={},
        figures={},
        message=command.message,
        purpose=command.purpose,
        round=1,
        created_at=work.now,
    )
    work.session.add(route)
    work.session.flush()
    asked: list[dict[str, Any]] = []
    for need in needs:
        asked += _ask(work, route, need, chosen[need.ref].listing_refs, len(asked))
    if not asked:
        raise fail("route_needs_nobody")
    after = {"status": route.status, "bundle": bundle.ref, "needs": [need.ref for need in needs], "legs": asked}
    work.emit(event_of(route, "bundle_asked", {}, after))
    return route.ref


def take_other_match(work: UnitOfWork, command: TakeOtherMatch) -> int:
    """Ask with another match for a need of which a leg failed; what stands of the bundle is kept. Returns the new version.

    Raises `not_found`, `not_matched`, `leg_bound`, and what an access request raises."""
    route = load(work, command.ref, command.seen_version)
    before, after = route.status, ROUTE.move(route.status, "reroute")
    need = work.session.scalar(select(Need).where(Need.ref == command.part.need_ref))
    legs = [(leg, request) for leg, request in legs_of(work.session, route) if need is not None and leg.need_id == need.id]
    if need is None or route.bundle_id is None or not legs:
        raise fail("not_found")
    if not any(state_of(leg, request) in FAILED for leg, request in legs):
        raise fail("not_matched")
    if failed_of(work.session, route, need.id) & set(command.part.listing_refs):
        raise fail("not_matched")
    kept, left = sort_legs(work, route, frozenset(command.part.listing_refs), need.id)
    route.round, route.status = route.round + 1, after
    asked = _ask(work, route, need, command.part.listing_refs, legs[0][0].position, kept)
    touch(work, route)
    settle(work, route)
    said = {"status": route.status, "round": route.round, "need": need.ref, "legs": asked, "left": left}
    work.emit(event_of(route, "bundle_changed", {"status": before}, said))
    return route.version


def _ask(
    work: UnitOfWork,
    route: RouteRequest,
    need: Need,
    refs: tuple[str, ...],
    first: int,
    kept: set[str] | frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """The legs of one need: of a route one for each owner, else one."""
    if need.shape == "route":
        question = need_question(work, need.ref)
        found = route_over(work, question, refs)
        asked = Asked(question.units, question.window_start, question.window_end)
        return ask_owners(work, route, need, by_owner(sections_of(found), kept), asked, first)
    owners = work.session.scalars(select(Listing.owner_id).where(Listing.ref.in_(refs))).all()
    if len(refs) != 1 or len(owners) != 1:
        raise fail("not_found" if len(refs) == 1 else "not_matched")
    return ask_owners(work, route, need, {owners[0]: refs}, Asked(), first)


def _check_whole(needs: list[Need], command: AskBundle, chosen: dict[str, Chosen]) -> None:
    missing = [need.title for need in needs if need.ref not in chosen]
    if missing or not needs:
        raise fail("bundle_not_whole", needs=_listed(missing))
    if set(chosen) != {need.ref for need in needs} or len(chosen) != len(command.parts):
        raise fail("not_found")


def _check_free(work: UnitOfWork, bundle_id: int, needs: list[Need]) -> None:
    """No other whole request of the bundle, or of one of its needs, is open. Raises `route_open`."""
    of_needs = select(RouteLeg.route_id).where(RouteLeg.need_id.in_([need.id for need in needs]), RouteLeg.left_at.is_(None))
    other = work.session.scalar(
        select(RouteRequest.ref).where(
            RouteRequest.status.in_(ACTIVE), or_(RouteRequest.bundle_id == bundle_id, RouteRequest.id.in_(of_needs))
        )
    )
    if other is not None:
        raise fail("route_open", ref=other)


def _listed(titles: list[str]) -> Text:
    return Text("; ".join(titles) or "–", "；".join(titles) or "–")
