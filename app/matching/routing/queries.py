"""`find_routes`: one question answered on what the actor may see, in words and figures. Owns no search: the engine does."""

from __future__ import annotations

import time
from dataclasses import replace

from app.accounts import names
from app.db.work import Reader
from app.disclosure import anchor, cell_of
from app.engine import ENGINE_VERSION
from app.engine.routing import UDB, Ask, Limits, PairAnswer, Stitched, route, stitch
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.matching.queries import listing_face
from app.matching.routing.obstacles import obstacle_view
from app.matching.routing.question import End, RouteQuestion, check, line_kinds
from app.matching.routing.risks import RiskView, risk_views
from app.matching.routing.spans import survey
from app.matching.routing.telling import Telling, ends_udb
from app.matching.routing.terms import meeting_of, on_terms
from app.matching.routing.views import PairView, RouteAnswer, RouteView
from app.needs import NeedFilter, NeedView, need_detail, need_list

ANSWER_S = 4.0
COORDINATE_DIGITS = 5
LOOKED_AT, OF_EACH_KIND = 50, 3
NO_ROUTE = Text("This need is no A–B route.", "该需求不是 A–B 路由需求。")


def find_routes(reader: Reader, question: RouteQuestion) -> RouteAnswer:
    """Routes, a pair, or what stands in the way. Raises `invalid` for what is no question."""
    reader.permit("route.find")
    begun = time.monotonic()
    asked = on_terms(reader, check(question))
    ground = survey(reader, asked)
    made = stitch(ground.spans, (asked.start.place, asked.goal.place), ground.chambers, meeting_of(asked), cell_of)
    found = route(made.network, made.start, made.goal, _ask(asked, made))
    owners = names(reader.session, {face.owner.id for face in ground.faces.values()} | {span.owner for span in ground.spans})
    telling = Telling(made, ground, owners, asked)
    return RouteAnswer(
        asked,
        tuple(telling.route(one, key) for one, key in zip(found.routes, _keys(len(found.routes)), strict=True)),
        found.complete,
        _pair(reader, made, telling, found.pair),
        obstacle_view(made, ground, asked, found, telling),
        len(ground.faces),
        ground.beyond,
        ENGINE_VERSION,
        reader.now,
        time.monotonic() - begun,
    )


def _ask(question: RouteQuestion, made: Stitched) -> Ask:
    loss = question.loss_budget_db
    limits = Limits()
    if loss is not None:
        limits = replace(limits, loss_udb=round(loss * UDB))
    if question.length_limit_m is not None:
        limits = replace(limits, length_mm=round(question.length_limit_m * 1000))
    return Ask(
        units=question.units,
        days=question.days,
        limits=limits,
        ends_udb=ends_udb(made, question),
        alternatives=question.alternatives,
        distinct=True,
        diversity=question.diversity,
        seconds=ANSWER_S,
    )


def _keys(count: int) -> list[str]:
    return ["best", *(f"alternative-{number}" for number in range(1, count))][:count]


def _pair(reader: Reader, made: Stitched, telling: Telling, found: PairAnswer | None) -> PairView | None:
    if found is None:
        return None
    shared, every = found.shared, found.unavoidable
    ids = {int(made.risk_ids[r]) for one in (shared, every) if one is not None for r in one.risks}
    hosts = risk_views(reader, ids)

    def named(of: PairAnswer, kind: str) -> tuple[RiskView, ...]:
        exposure = of.shared if kind == "shared" else of.unavoidable
        return () if exposure is None else telling.risks(exposure, hosts)

    second: RouteView | None = None if found.second is None else telling.route(found.second, "second")
    return PairView(
        telling.route(found.first, "first"),
        second,
        shared is None,
        found.proven,
        found.bound_minor,
        named(found, "shared"),
        named(found, "unavoidable"),
    )


def need_question(reader: Reader, need_ref: str) -> RouteQuestion:
    """The question that an A–B need asks: its ends, its quantity, window and requirements. For its insiders only.

    Raises `not_found`; `invalid` where it is no route."""
    need = need_detail(reader, need_ref)
    if not need.is_internal:
        raise fail("not_found")
    if not asks_for_a_route(need):
        raise fail("invalid", [Problem("invalid", NO_ROUTE, pointer="/need")])
    (start_lon, start_lat), *_, (goal_lon, goal_lat) = need.geometry.coords
    return RouteQuestion(
        kind=need.kind,
        start=End(start_lon, start_lat),
        goal=End(goal_lon, goal_lat),
        units=need.quantity_outstanding or need.quantity,
        window_start=need.window_start,
        window_end=need.window_end,
        currency=need.currency,
        requirements=dict(need.requirements),
        loss_budget_db=need.requirements.get("loss_budget_db"),
        need_ref=need.ref,
        organisation_id=need.organisation.id,
    )


def to_begin_with(reader: Reader) -> list[NeedView]:
    """Open A–B needs of the asker's own, the newest of each kind: what its routes are most likely asked for."""
    if reader.actor.organisation_id is None:
        return []
    found = []
    for kind in line_kinds():
        own = need_list(reader, NeedFilter(kind=kind.name, mine=True), LOOKED_AT).results
        found += [need for need in own if need.status in ("published", "matched") and asks_for_a_route(need)][:OF_EACH_KIND]
    return found


def asks_for_a_route(need: NeedView) -> bool:
    """Whether a need is A–B over something that leads there."""
    return need.shape == "route" and need.geometry.geom_type == "LineString"


def listing_end(reader: Reader, listing_ref: str) -> End:
    """A or B at a listing, where it stands for the actor: a point, or the middle of a line."""
    face = listing_face(reader, listing_ref)
    lon, lat = anchor(face.geometry)
    return End(round(lon, COORDINATE_DIGITS), round(lat, COORDINATE_DIGITS), face.title, face.ref)
