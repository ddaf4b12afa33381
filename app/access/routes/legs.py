"""The legs of a route and what becomes of it when one is answered, runs out or is lost. Part of others' use cases; emits nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import AccessRequest
from app.access.routes.models import RouteLeg, RouteRequest
from app.access.routes.rules import after_answer
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event

Leg = tuple[RouteLeg, AccessRequest]


def legs_of(session: Session, route: RouteRequest, past: bool = False) -> list[Leg]:
    """The legs that the route has now (`past`: those that left it), in its order, each with its request."""
    left = RouteLeg.left_at.is_not(None) if past else RouteLeg.left_at.is_(None)
    statement = (
        select(RouteLeg, AccessRequest)
        .join(AccessRequest, AccessRequest.id == RouteLeg.request_id)
        .where(RouteLeg.route_id == route.id, left)
        .order_by(RouteLeg.position, RouteLeg.id)
    )
    return [(leg, request) for leg, request in session.execute(statement)]


def route_of(session: Session, request_id: int) -> RouteRequest | None:
    """The route that a request is a leg of at present."""
    return session.scalar(
        select(RouteRequest)
        .join(RouteLeg, RouteLeg.route_id == RouteRequest.id)
        .where(RouteLeg.request_id == request_id, RouteLeg.left_at.is_(None))
    )


def state_of(leg: RouteLeg, request: AccessRequest) -> str:
    """The state of a leg: its request's, or withdrawn where its agreement came to nothing."""
    return "withdrawn" if leg.lost_at is not None else request.status


def check_alone(work: UnitOfWork, request: AccessRequest) -> None:
    """The offer on a leg is taken with its whole route. Raises `leg_of_route`."""
    route = route_of(work.session, request.id)
    if route is not None and route.status != "agreed":
        raise fail("leg_of_route", ref=route.ref)


def follow(work: UnitOfWork, event: Event) -> None:
    """A leg was answered, withdrawn, or its offer ran out: the route stands or is broken with it, in the same transaction."""
    if event.subject_type != "access_request":
        return
    request = work.session.scalar(select(AccessRequest).where(AccessRequest.ref == event.subject_ref))
    if request is not None and (route := route_of(work.session, request.id)) is not None:
        settle(work, route)


def settle(work: UnitOfWork, route: RouteRequest) -> None:
    """Bring the route to the state that its legs give it."""
    work.session.flush()
    after = after_answer(route.status, [state_of(*leg) for leg in legs_of(work.session, route)])
    if after != route.status:
        route.status, route.version, route.updated_at = after, route.version + 1, work.now
        work.session.flush()


def leg_lost(work: UnitOfWork, request_id: int) -> None:
    """The agreement on a leg was withdrawn or refused: the route is broken."""
    leg = work.session.scalar(select(RouteLeg).where(RouteLeg.request_id == request_id, RouteLeg.left_at.is_(None)))
    if leg is not None and leg.lost_at is None:
        leg.lost_at = work.now
        settle(work, work.session.get_one(RouteRequest, leg.route_id))


def legs_together(session: Session, request_id: int) -> Sequence[int] | None:
    """Ids of the requests for all legs of a request's route, itself among them; None where it is no leg."""
    route = route_of(session, request_id)
    return None if route is None else [request.id for _, request in legs_of(session, route)]
