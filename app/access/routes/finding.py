"""The route that is asked for, and the next best one when a leg fails: questions to matching, on what the requester may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import AccessRequest
from app.access.routes.legs import Leg, legs_of, state_of
from app.access.routes.models import RouteRequest
from app.access.routes.rules import FAILED
from app.access.sections import listings_of
from app.db.work import Reader
from app.kernel.errors import fail
from app.matching import MOST_ALTERNATIVES, RouteAnswer, RouteQuestion, RouteView, SectionView, find_routes, need_question
from app.needs import Need

TERMS = ("loss_budget_db", "length_limit_m", "handover_minor", "build_minor_m", "gap_m")


@dataclass(frozen=True, slots=True)
class Standing:
    """Refs of listings. `kept`: of the legs that stand or still wait; `failed`: of every leg that failed, of any round."""

    kept: frozenset[str]
    failed: frozenset[str]


def sections_of(route: RouteView) -> list[SectionView]:
    """In order, each listing once."""
    return list({section.face.ref: section for leg in route.legs for section in leg.sections}.values())


def route_over(reader: Reader, question: RouteQuestion, refs: Collection[str]) -> RouteView:
    """The route over exactly these listings, asked again now. Raises `route_changed`."""
    asked = replace(question, only=frozenset(refs), alternatives=MOST_ALTERNATIVES, diversity="none")
    for found in find_routes(reader, asked).routes:
        if {section.face.ref for section in sections_of(found)} == set(refs):
            return found
    raise fail("route_changed")


def question_of(reader: Reader, route: RouteRequest) -> RouteQuestion:
    """What the route was asked with: the need's question, the units and the window of then, the terms that were chosen."""
    need = reader.session.get_one(Need, route.need_id)
    asked = need_question(reader, need.ref)
    return replace(
        asked, units=route.units, window_start=route.window_start, window_end=route.window_end, **route_terms(route.terms)
    )


def route_terms(terms: dict[str, Any]) -> dict[str, Any]:
    """Those of a question's terms that were chosen."""
    return {name: terms[name] for name in TERMS if terms.get(name) is not None}


def standing(reader: Reader, route: RouteRequest) -> Standing:
    """What of the route stands, and what no other route may use."""
    session = reader.session
    now = legs_of(session, route)
    kept = [request for leg, request in now if state_of(leg, request) not in FAILED]
    failed = [request for leg, request in [*now, *failed_before(session, route)] if state_of(leg, request) in FAILED]
    lost = refs_of(session, failed)
    return Standing(refs_of(session, kept), lost - refs_of(session, kept))


def failed_before(session: Session, route: RouteRequest) -> list[Leg]:
    """Legs that left the route because they failed; one that was given up for another way may be asked for again."""
    return [
        (leg, request)
        for leg, request in legs_of(session, route, past=True)
        if leg.lost_at is not None or request.status in ("refused", "expired")
    ]


def refs_of(session: Session, requests: Sequence[AccessRequest]) -> frozenset[str]:
    """Refs of all listings that the requests ask for."""
    return frozenset(listing.ref for request in requests for listing in listings_of(session, request))


def next_route(reader: Reader, ref: str) -> RouteAnswer:
    """The next best route that avoids what failed; what stands costs nothing more, so that it is kept. Raises `not_found`."""
    route = reader.session.scalar(select(RouteRequest).where(RouteRequest.ref == ref))
    if route is None or route.bundle_id is not None or route.requester_id not in reader.actor.subtree:
        raise fail("not_found")
    known = standing(reader, route)
    question = replace(question_of(reader, route), without=known.failed, kept=known.kept, diversity="none", alternatives=1)
    return find_routes(reader, question)
