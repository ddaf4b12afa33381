"""A million published listings: tiles, lists and panning, on both databases.

Tiles of every zoom that counts or draws otherwise, narrowed and not, with their size; lists as people narrow them; and the longest
task of a browser's main thread while a person pans and zooms over the densest city (Chromium, PerformanceObserver). The peer is
`/healthz` of the same server under the same load. Each address is asked a little: nothing is cached between requests.
*Processor*: of the server and of the database's server, which a shared machine does not stretch as it does the clock.
`BENCH_LISTINGS` makes a smaller market for a look; the instance says how many there were.
"""

from __future__ import annotations

import os
from urllib.request import Request

from bench import common, databases, market, panning, server
from bench.latency import tile_at
from bench.server import Target

JOB = "Million"
LISTINGS = int(os.environ.get("BENCH_LISTINGS", "1000000"))
NEEDS, ROUNDS, ALONE = 200, 3, 30
ZOOMS = (4, 6, 8, 9, 10, 11, 12, 13, 14, 16)
NARROWED = "?kind=tower&price_minor_max=1200000&height_m_min=30"
BOX = "114.0,22.5,114.1,22.6"


def run() -> list[common.Row]:
    rows: list[common.Row] = []
    with databases.both(f"market-{LISTINGS}") as places:
        for place in places:
            made = market.prepared(place, LISTINGS, NEEDS, places[0])
            instance = f"{LISTINGS:,} listings, {place.name}"
            with server.serving(place) as port:
                cookie = server.sign_in(port, made.email, made.password)
                rows += _latencies(port, instance, {"Cookie": cookie})
                rows += _panning(port, instance, cookie)
    return rows


def targets(page: dict[str, str]) -> list[Target]:
    tiles = [
        Target(f"tile, zoom {z}{words}", f"/maps/tiles/listings/{z}/{x}/{y}.mvt{query}", page)
        for z, x, y in map(tile_at, ZOOMS)
        for words, query in (("", ""), (", towers", "?kind=tower"))
    ]
    tiles += [
        Target(f"tile, zoom {z}, by price and height", f"/maps/tiles/listings/{z}/{x}/{y}.mvt{NARROWED}", page)
        for z, x, y in map(tile_at, (8, 12, 14))
    ]
    near = "lon=114.06&lat=22.55"
    line = "wkt=LINESTRING(113.9%2022.5,114.0%2022.55,114.2%2022.6)&radius_m=500"
    return [
        *tiles,
        Target("list, first page", "/listings/", page),
        Target("list, kind, sector and region", "/listings/?kind=tower&sector=power&region=440300", page),
        Target("list, price and height", "/listings/?kind=tower&price_to=12000&height_m_min=30", page),
        Target("list, part of the map", f"/listings/?bbox={BOX}", page),
        Target("list, free capacity", "/listings/?kind=tower&free.load_kg=400", page),
        Target("list, by price", "/listings/?sort=price", page),
        Target("list, near a point, 2 km", f"/listings/?{near}&radius_m=2000", page),
        Target("list, near a point, 50 km", f"/listings/?{near}&radius_m=50000", page),
        Target("list, along a line", f"/listings/?{line}", page),
        Target("list, words", "/listings/?q=tower+012345", page),
    ]


def _latencies(port: server.Port, instance: str, page: dict[str, str]) -> list[common.Row]:
    plain = Target("healthz", "/healthz", {})
    wanted = targets(page)
    taken: dict[str, list[float]] = {}
    worked: dict[str, float] = {}
    for target in [plain, *wanted]:
        server.measure(port, target, 4, 2)  # both workers have seen it
    for _ in range(ROUNDS):
        for target in [plain, *wanted]:
            before = port.used()
            taken.setdefault(target.name, []).extend(server.measure(port, target, ALONE, 1).taken)
            worked[target.name] = worked.get(target.name, 0.0) + port.used() - before
    peer = server.Latency(taken[plain.name]).p95
    rows = [
        common.row(
            f"{JOB}: {target.name}",
            instance,
            "ms, p95, one client",
            server.Latency(taken[target.name]).p95,
            len(taken[target.name]),
            "/healthz",
            peer,
        )
        for target in wanted
    ]
    rows += [
        common.row(
            f"{JOB}: {target.name}",
            instance,
            "ms of processor, mean, server and database",
            round(worked[target.name] / len(taken[target.name]) * 1000, 1),
            len(taken[target.name]),
        )
        for target in wanted
    ]
    sizes = {target.name: _bytes(port, target) for target in wanted if target.name.startswith("tile")}
    return rows + [
        common.row(f"{JOB}: {name}", instance, "KB, not compressed", round(size / 1000, 1), 1) for name, size in sizes.items()
    ]


def _bytes(port: int, target: Target) -> int:
    with server.DIRECT.open(Request(f"http://127.0.0.1:{port}{target.path}", headers=dict(target.headers))) as answer:
        return len(answer.read())


def _panning(port: int, instance: str, cookie: str) -> list[common.Row]:
    found = panning.longest_tasks(f"http://127.0.0.1:{port}", cookie, f"/listings/?map=11/{22.55}/{114.06}")
    if found is None:
        return []
    return [
        common.row(f"{JOB}: panning and zooming", instance, "ms, longest task", round(max(found, default=0.0), 1), len(found)),
        common.row(f"{JOB}: panning and zooming", instance, "tasks over 200 ms", sum(task > 200 for task in found), len(found)),
    ]
