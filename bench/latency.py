"""Latency of pages, tiles and the API with 100,000 published listings and 2,000 needs, on both databases.

gunicorn with two workers of eight threads on loopback, its clients on the same machine; a person signed in for pages, a
token for the API. The peer is `/healthz` of the same server under the same load: what is above it is ours, so that the ratio
says how much a page does, not how good it is. Nothing is cached between requests; every connection is new. Rounds are
bounded in time: where n is below a hundred, p99 is the slowest request seen. PostgreSQL runs without `fsync`, which reads do
not use. The need is the one of most matches.
"""

from __future__ import annotations

import math

from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.db.work import Bus
from app.listings import Listing
from app.matching import Match
from app.needs import Need
from app.web.pagination import pack
from bench import common, databases, market, server
from bench.server import Target

JOB = "Latency"
PAGE, LIST = "/listings/", "/api/v1/listings"
ROUNDS, ALONE, TOGETHER, CLIENTS = 3, 30, 64, 8
CITY = (114.06, 22.55)


def run() -> list[common.Row]:
    rows: list[common.Row] = []
    with databases.both() as places:
        for place in places:
            bus = place.bus()
            made = market.fill(bus)
            databases.settle(place)
            with server.serving(place) as port:
                cookie = server.sign_in(port, made.email, made.password)
                rows += _measure(place, port, targets(create_app(place.settings), bus, cookie, made.token))
            bus.database.dispose()
    return rows


def targets(app: Flask, bus: Bus, cookie: str, token: str) -> list[Target]:
    """What is asked for: the addresses that people open most, and those that are hardest on the database."""
    page, program = {"Cookie": cookie}, {"Authorization": f"Bearer {token}"}
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
        Target("API listings", "/api/v1/listings", program),
        Target("API listings, deep page", f"{LIST}?after={deep[LIST]}", program),
        Target("API listings, box", f"/api/v1/listings?bbox={around}", program),
        Target("API matches of a need", f"/api/v1/needs/{need}/matches", program),
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
