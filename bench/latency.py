"""Latency of pages, tiles and the API with 100,000 published listings and 2,000 needs, on both databases.

gunicorn with two workers of eight threads on loopback, its clients on the same machine; a person signed in for pages, a
token for the API. The peer is `/healthz` of the same server under the same load: what is above it is ours, so that the ratio
says how much a page does, not how good it is. Nothing is cached between requests; every connection is new. Rounds are
bounded in time: where n is below a hundred, p99 is the slowest request seen. PostgreSQL runs without `fsync`, which reads do
not use. The need is the one of most matches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.access import AccessRequest
from app.db.work import Bus
from app.listings import Listing
from app.matching import Match
from app.needs import Need, NeedsList
from app.web.pagination import pack
from bench import common, databases, market, market_cases, server
from bench.server import Target

JOB = "Latency"
PAGE, LIST = "/listings/", "/api/v1/listings"
ROUNDS, ALONE, TOGETHER, CLIENTS = 3, 30, 64, 8
CITY = (114.06, 22.55)


def run() -> list[common.Row]:
    rows: list[common.Row] = []
    with databases.both(f"market-{market.LISTINGS}") as places:
        for place in places:
            made = market.prepared(place)
            bus = place.bus()
            people = market_cases.open_cases(bus)
            databases.settle(place)
            with server.serving(place) as port:
                cookies = {role: server.sign_in(port, email, made.password) for role, email in people.items()}
                rows += _measure(place, port, targets(create_app(place.settings), bus, cookies, made.token))
            bus.database.dispose()
    return rows


def targets(app: Flask, bus: Bus, cookies: Mapping[str, str], token: str) -> list[Target]:
    """What is asked for: the addresses that people open most, and those that are hardest on the database."""
    page, program = {"Cookie": cookies["requester"]}, {"Authorization": f"Bearer {token}"}
    with bus.database.read() as session:
        middle = session.scalar(select(func.max(Listing.id))) or 0
        listing = session.scalar(
            select(Listing.ref).where(Listing.kind == "tower", Listing.face_tier == "T2").order_by(Listing.id).limit(1)
        )
        need = session.scalar(
            select(Need.ref)
            .join(Match, Match.need_id == Need.id)
            .where(Need.organisation_id == select(func.min(Need.organisation_id)).scalar_subquery())
            .group_by(Need.ref, Need.id)
            .order_by(func.count().desc(), Need.id)
            .limit(1)
        )
    deep, around = {path: _cursor(app, path, (middle // 2,)) for path in (PAGE, LIST)}, "114.0,22.5,114.1,22.6"
    return [
        Target("home", "/", page),
        Target("listings, first page", "/listings/", page),
        Target("listings, deep page", f"{PAGE}?after={deep[PAGE]}", page),
        Target("listings, kind, sector and region", "/listings/?kind=tower&sector=power&region=440300", page),
        Target("listings, box on the map", f"/listings/?bbox={around}", page),
        Target("listings, words", "/listings/?q=tower+0123", page),
        Target("listings, free capacity", "/listings/?kind=tower&free.load_kg=400", page),
        Target("listings by price", "/listings/?sort=price", page),
        Target("one listing", f"/listings/{listing}", page),
        Target("needs", "/needs/", page),
        Target("one need, matched live", f"/needs/{need}", page),
        *(
            Target(f"tile of listings, zoom {z}", f"/maps/tiles/listings/{z}/{x}/{y}.mvt", page)
            for z, x, y in map(tile_at, (8, 11, 14))
        ),
        *_roles(bus, cookies, need),
        Target("API listings", "/api/v1/listings", program),
        Target("API listings, deep page", f"{LIST}?after={deep[LIST]}", program),
        Target("API listings, box", f"/api/v1/listings?bbox={around}", program),
        Target("API matches of a need", f"/api/v1/needs/{need}/matches", program),
    ]


def _roles(bus: Bus, cookies: Mapping[str, str], need: str | None) -> list[Target]:
    """What each role works with: boards, tasks, and what is set beside one another."""
    pages = {role: {"Cookie": cookie} for role, cookie in cookies.items()}
    with bus.database.read() as session:
        listed = session.scalar(select(NeedsList.ref).order_by(NeedsList.id).limit(1))
        best = select(Listing.ref).join(Match, Match.listing_id == Listing.id).join(Need, Need.id == Match.need_id)
        beside = session.scalars(best.where(Need.ref == need).order_by(Listing.id).limit(5)).all()
        request = session.scalar(select(AccessRequest.ref).order_by(AccessRequest.id).limit(1))
    owner, asker, head = pages["owner"], pages["requester"], pages["administration"]
    return [
        Target("home of an owner", "/", owner),
        Target("listings, one's own", "/listings/?owner=mine", owner),
        Target("listings, one's own by words", "/listings/?owner=mine&q=N0123", owner),
        Target("assets", "/assets/", owner),
        *(Target(f"tasks of the {role}", "/tasks", page) for role, page in pages.items()),
        *(Target(f"calendar of the {role}", "/tasks/calendar", page) for role, page in pages.items()),
        *(Target(f"inbox of the {role}", "/inbox", page) for role, page in pages.items()),
        Target("board of an owner", "/boards/owner", owner),
        Target("board of a requester", "/boards/requester", asker),
        Target("board of the oversight", "/boards/oversight", head),
        Target("saved searches", "/searches/", asker),
        Target("five listings beside one another", f"/needs/{need}/compare?listing={'&listing='.join(beside)}", asker),
        Target("what if", f"/needs/{need}/what-if", asker),
        Target("what if, asked farther", f"/needs/{need}/what-if?radius_m=4000", asker),
        Target("requests", "/requests/", owner),
        Target("one request", f"/requests/{request}", asker),
        Target("needs lists", "/needs/lists", head),
        Target("one needs list", f"/needs/lists/{listed}", head),
        Target("workspace of a needs list", f"/needs/lists/{listed}/workspace", head),
        Target("workspace, what is double", f"/needs/lists/{listed}/workspace?show=duplicates", head),
        Target("gap map", "/cobuilding/gaps", head),
    ]


def _cursor(app: Flask, path: str, key: tuple[int]) -> str:
    """A cursor of the list at `path`, sealed with the key of the server that is asked."""
    with app.test_request_context(path):
        return pack(key)


def tile_at(zoom: int) -> tuple[int, int, int]:
    """The tile that holds the middle of the largest city."""
    lon, lat = CITY
    n, phi = 2**zoom, math.radians(lat)
    return zoom, int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(phi)) / math.pi) / 2 * n)


def _measure(place: databases.Place, port: int, wanted: list[Target]) -> list[common.Row]:
    """In rounds over all targets, each beside the peer, so that a busy moment is unfair to all alike."""
    plain = Target("healthz", "/healthz", {})
    for target in [plain, *wanted]:
        server.measure(port, target, 8, 4)  # both workers have seen it
    alone: dict[str, list[float]] = {}
    together: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for target in [plain, *wanted]:
            alone.setdefault(target.name, []).extend(server.measure(port, target, ALONE, 1).taken)
            together.setdefault(target.name, []).extend(server.measure(port, target, TOGETHER, CLIENTS).taken)
    instance = f"{market.LISTINGS:,} listings, {place.name}"
    return [
        common.row(
            f"{JOB}: {target.name}",
            instance,
            f"ms, {name}, {metric}",
            getattr(server.Latency(taken[target.name]), name),
            len(taken[target.name]),
            "/healthz",
            getattr(server.Latency(taken[plain.name]), name),
        )
        for target in wanted
        for metric, taken in (("one client", alone), (f"{CLIENTS} clients", together))
        for name in ("p50", "p99")
    ]
