"""What a bundle can be asked with: for each of its needs the best matches, or the best routes; and the next best where a leg failed.
Questions to matching, on what the requester may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.routes.finding import failed_before, refs_of, sections_of
from app.access.routes.legs import legs_of, state_of
from app.access.routes.models import RouteRequest
from app.access.routes.rules import FAILED
from app.accounts import OrganisationName
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.matching import Pair, Part, RouteView, find_routes, need_matches, need_question
from app.needs import Bundle, Need, NeedView, need_detail

SHOWN = 3  # options of a need
ASKABLE = ("published", "matched")


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve a need: a listing that matches, or every section of a route. `score`: None of a route."""

    refs: tuple[str, ...]
    titles: tuple[str, ...]
    owners: tuple[OrganisationName, ...]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A need and its options, the best first."""

    need: NeedView
    options: tuple[Option, ...]


def bundle_of(reader: Reader, ref: str) -> Bundle:
    """A bundle of the actor's own organisations. Raises `not_found`."""
    bundle = reader.session.scalar(select(Bundle).where(Bundle.ref == ref))
    if bundle is None or bundle.organisation_id not in reader.actor.subtree:
        raise fail("not_found")
    return bundle


def members(session: Session, bundle_id: int) -> list[Need]:
    """The needs of a bundle that are still to be served, in the order in which they were written."""
    found = session.scalars(select(Need).where(Need.bundle_id == bundle_id, Need.status != "left").order_by(Need.id))
    return [need for need in found if need.quantity_outstanding > 0]


def bundle_choices(reader: Reader, ref: str) -> list[Choice]:
    """What each need of a bundle can be asked with. Raises `not_found`."""
    bundle = bundle_of(reader, ref)
    reader.permit("bundle.edit", Subject(requester_id=bundle.organisation_id))
    return [_choice(reader, need, frozenset()) for need in members(reader.session, bundle.id)]


def next_matches(reader: Reader, ref: str) -> list[Choice]:
    """For each need of a bundle of which a leg failed: the next best that no leg of it failed on. Raises `not_found`."""
    route = reader.session.scalar(select(RouteRequest).where(RouteRequest.ref == ref))
    if route is None or route.bundle_id is None or route.requester_id not in reader.actor.subtree:
        raise fail("not_found")
    now = [leg.need_id for leg, request in legs_of(reader.session, route) if state_of(leg, request) in FAILED]
    needs = [reader.session.get_one(Need, need_id) for need_id in dict.fromkeys(now)]
    return [_choice(reader, need, failed_of(reader.session, route, need.id)) for need in needs]


def failed_of(session: Session, route: RouteRequest, need_id: int) -> frozenset[str]:
    """Refs of the listings that a leg of the need failed on, in any round."""
    now = [(leg, request) for leg, request in legs_of(session, route) if state_of(leg, request) in FAILED]
    every = [*now, *failed_before(session, route)]
    return refs_of(session, [request for leg, request in every if leg.need_id == need_id])


def _choice(reader: Reader, need: Need, without: Collection[str]) -> Choice:
    view = need_detail(reader, need.ref)
    if need.status not in ASKABLE:
        return Choice(view, ())
    return Choice(view, _routes(reader, view, without) if view.shape == "route" else _listings(reader, view, without))


def _listings(reader: Reader, need: NeedView, without: Collection[str]) -> tuple[Option, ...]:
    found = need_matches(reader, need.ref, Part(SHOWN + len(without), 0, False)).matches
    return tuple(_listing(pair) for pair in found if pair.listing.ref not in without and _is_others(reader, pair))[:SHOWN]


def _is_others(reader: Reader, pair: Pair) -> bool:
    return pair.listing.owner.id not in reader.actor.subtree


def _listing(pair: Pair) -> Option:
    return Option((pair.listing.ref,), (pair.listing.title,), (pair.listing.owner,), pair.score)


def _routes(reader: Reader, need: NeedView, without: Collection[str]) -> tuple[Option, ...]:
    question = replace(need_question(reader, need.ref), without=frozenset(without), alternatives=SHOWN, diversity="none")
    return tuple(_route(route) for route in find_routes(reader, question).routes if route.asks_others)[:SHOWN]


def _route(route: RouteView) -> Option:
    sections = sections_of(route)
    return Option(tuple(s.face.ref for s in sections), tuple(s.face.title for s in sections), route.owners)
