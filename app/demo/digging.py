"""The demo's routes that nothing serves: along a planned metro line in Bao'an three carriers and the police want ducts, so that one
trench would do; and the line itself, which the administration has loaded as a corridor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import shapely

from app.demo.asking import Asked, need_facts
from app.demo.ground import Point
from app.kernel.geometry import destination
from app.matching import LineIn, LoadLayer

METRO: tuple[Point, ...] = (
    (113.8716, 22.5702), (113.8748, 22.5841), (113.8702, 22.5993), (113.8589, 22.6144), (113.8463, 22.6289), (113.8379, 22.6461),
    (113.8301, 22.6633),
)  # fmt: skip
ROUTES = (  # who, from which bend to which, metres beside the line, holes, yuan
    ("carrier_a", 0, 4, 60, 4, 190_000),
    ("carrier_b", 0, 3, 90, 2, 140_000),
    ("carrier_c", 1, 5, 70, 3, 190_000),
    ("police", 2, 5, 40, 1, 120_000),
    ("carrier_b", 4, 6, 110, 2, 110_000),
)


def layer(region: str) -> LoadLayer:
    line = LineIn("宝安线规划走廊", METRO)
    return LoadLayer(region, "轨道交通规划走廊", "rail", "演示数据（demo data）", "EPSG:4326", (line,))


def needs(today: date) -> Iterator[Asked]:
    for number, (asker, first, last, beside, holes, yuan) in enumerate(ROUTES, 1):
        ends = [destination(METRO[bend], 80.0, float(beside)) for bend in (first, last)]
        route = shapely.LineString([(round(lon, 6), round(lat, 6)) for lon, lat in ends])
        title = f"宝安沿线管道 {number:02d}"
        yield Asked(asker, need_facts("duct", title, "route", route, 60, {"holes": holes}, today, yuan, "normal", "T0"))
