"""Reads of requests by route: for the requester, and the communications administration of the region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, true

from app.access.models import AccessRequest
from app.access.queries import offers_of, rows_of
from app.access.routes.legs import legs_of, route_of, state_of
from app.access.routes.models import RouteLeg, RouteRequest
from app.access.routes.rules import STANDS
from app.access.routes.service import subject_of
from app.access.routes.views import LegRow, RouteRequestView, RouteRow, SectionName
from app.access.sections import listings_of
from app.access.views import OfferView
from app.audit import HistoryRow, history
from app.catalogue.demand import supplied
from app.catalogue.kinds import KINDS
from app.db.containment import region_within_any
from app.db.paging import seek
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.timewindow import Window
from app.listings import Listing
from app.needs import Bundle, Need


@dataclass(frozen=True, slots=True)
class Found:
    results: Sequence[RouteRow]
    count: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


def visible(reader: Reader) -> ColumnElement[bool]:
    actor = reader.actor
    if actor.is_system:
        return true()
    parts: list[ColumnElement[bool]] = [RouteRequest.requester_id.in_(actor.subtree)]
    parts += [
        region_within_any(RouteRequest.region, c.regions) if c.regions else true()
        for c in actor.competences
        if c.authority == "communications"
    ]
    return or_(*parts) if parts else false()


def list_routes(
    reader: Reader,
    status: str | None = None,
    need_ref: str | None = None,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """Newest first, paged."""
    reader.permit("route_request.list")
    conditions = [visible(reader)]
    if status:
        conditions.append(RouteRequest.status == status)
    if need_ref:
        legs = select(RouteLeg.route_id).join(Need, Need.id == RouteLeg.need_id).where(Need.ref == need_ref)
        conditions.append(RouteRequest.id.in_(legs))
    joined: Any = select(RouteRequest, Need).join(Need, Need.id == RouteRequest.need_id).where(*conditions)
    counted = select(func.count()).select_from(RouteRequest).join(Need, Need.id == RouteRequest.need_id).where(*conditions)
    count = reader.session.scalar(counted) or 0
    backwards = before is not None
    rows = list(
        reader.session.execute(seek(joined, [(RouteRequest.id, True)], before if backwards else after, limit, reverse=backwards))
    )
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, after is not None)
    return Found(
        [_row(reader, route, need) for route, need in rows],
        count,
        (rows[-1][0].id,) if rows and has_next else None,
        (rows[0][0].id,) if rows and has_previous else None,
    )


def _row(reader: Reader, route: RouteRequest, need: Need) -> RouteRow:
    states = [state_of(*leg) for leg in legs_of(reader.session, route)]
    bundle = reader.session.get(Bundle, route.bundle_id) if route.bundle_id is not None else None
    return RouteRow(
        route.ref,
        route.status,
        route.version,
        KINDS[need.kind],
        bundle.name if bundle else need.title,
        need.ref,
        bundle.ref if bundle else None,
        len(states),
        sum(state in STANDS for state in states),
        Window(route.window_start, route.window_end),
        route.created_at,
    )


def route_detail(reader: Reader, ref: str) -> RouteRequestView:
    """One request by route with its legs, or `not_found`."""
    route = reader.session.scalar(select(RouteRequest).where(RouteRequest.ref == ref))
    if route is None:
        raise fail("not_found")
    reader.permit("route_request.view", subject_of(route))
    need = reader.session.get_one(Need, route.need_id)
    return RouteRequestView(
        _row(reader, route, need),
        route.units,
        route.round,
        _legs(reader, route, past=False),
        _legs(reader, route, past=True),
        dict(route.figures),
        route.message,
        route.purpose,
        subject_of(route),
        route.requester_id in reader.actor.subtree,
    )


def _legs(reader: Reader, route: RouteRequest, *, past: bool) -> list[LegRow]:
    session, legs = reader.session, legs_of(reader.session, route, past)
    requests = [(r, session.get_one(Need, leg.need_id), session.get_one(Listing, r.listing_id)) for leg, r in legs]
    found = []
    for (leg, request), row in zip(legs, rows_of(reader, requests), strict=True):
        sections = tuple(SectionName(one.ref, one.title) for one in listings_of(reader.session, request))
        offer = next((o for o in offers_of(reader, request) if o.status in ("open", "agreed")), None)
        is_less = _is_less(request, session.get_one(Need, leg.need_id), offer)
        found.append(LegRow(row, state_of(leg, request), sections, offer, is_less))
    return found


def _is_less(request: AccessRequest, need: Need, offer: OfferView | None) -> bool:
    """Whether an offer gives less, or for less long, than the leg asks."""
    if offer is None:
        return False
    kind = KINDS[need.kind]
    short = (supplied(kind, offer.amounts, request.asked) or 0) < int(request.asked[kind.quantity])
    return short or not offer.window.contains(Window(request.window_start, request.window_end))


def route_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """What happened to the route and to each of its legs, newest first. Raises `not_found`."""
    view = route_detail(reader, ref)
    rows = history(reader, "route_request", ref)
    for leg in (*view.legs, *view.past):
        rows += history(reader, "access_request", leg.request.ref)
    return sorted(rows, key=lambda row: row.at, reverse=True)


@dataclass(frozen=True, slots=True)
class LegOf:
    """What a reader of an access request may know of its route. `route_ref`: for the requester and the administration alone."""

    route_ref: str | None
    sections: tuple[SectionName, ...]


def leg_of(reader: Reader, request_ref: str) -> LegOf | None:
    """The route that a request is, or was, a leg of; None: it is none. The caller has shown that the reader may see the
    request."""
    request = reader.session.scalar(select(AccessRequest).where(AccessRequest.ref == request_ref))
    if request is None:
        return None
    leg = reader.session.scalar(select(RouteLeg).where(RouteLeg.request_id == request.id))
    if leg is None:
        return None
    route = route_of(reader.session, request.id) or reader.session.get_one(RouteRequest, leg.route_id)
    is_known = reader.session.scalar(select(RouteRequest.id).where(RouteRequest.id == route.id, visible(reader))) is not None
    sections = tuple(SectionName(one.ref, one.title) for one in listings_of(reader.session, request))
    return LegOf(route.ref if is_known else None, sections)


def open_route_of_need(reader: Reader, need_ref: str) -> str | None:
    """The ref of the request by route, or for a bundle, that the need is in, if the reader may see it."""
    legs = select(RouteLeg.route_id).join(Need, Need.id == RouteLeg.need_id).where(Need.ref == need_ref)
    return reader.session.scalar(
        select(RouteRequest.ref)
        .where(RouteRequest.id.in_(legs), RouteRequest.status != "withdrawn", visible(reader))
        .order_by(RouteRequest.id.desc())
        .limit(1)
    )
