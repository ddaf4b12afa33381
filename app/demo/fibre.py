"""The demo's long-distance fibre: cables of four owners that meet at joint sites, and a tunnel that two of them share.

Two ways lead from the Science Park to Luohu: along the metro and, farther north, along the power line; east of Luohu every cable
runs through one tunnel of the metro, so there is a route there but no second one that fails apart from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import shapely
from sqlalchemy import select

from app.assets import AssetDraft
from app.assets.models import Asset
from app.db.work import UnitOfWork
from app.demo.asking import Asked, need_facts
from app.demo.ground import Point
from app.demo.register import Entry, list_one
from app.kernel.geometry import destination, length_m
from app.listings.service import ListingTerms

SITES: dict[str, Point] = {
    "科技园": (113.9532, 22.5405),
    "车公庙": (114.0238, 22.5368),
    "市民中心": (114.0592, 22.5432),
    "罗湖": (114.1178, 22.5462),
    "西丽": (113.9540, 22.5812),
    "龙华": (114.0280, 22.6185),
    "布吉": (114.1160, 22.6030),
    "科技园北": (113.9541, 22.5421),
    "罗湖北": (114.1190, 22.5478),
    "莲塘": (114.1712, 22.5608),
}
OWNERS = ("metro", "grid", "towerco", "lighting")  # the tunnel's owner first: its cables need the tunnel
TUNNEL = "F-TUNNEL"


@dataclass(frozen=True, slots=True)
class Line:
    """A cable of `owner` from site to site, over `by`; `hosted_by`: the owner's number of what it lies in."""

    owner: str
    number: str
    start: str
    end: str
    by: tuple[Point, ...]
    kind: str
    cores: int
    yuan: int
    db_km: float
    hosted_by: str | None = None
    tier: str = "T2"


LINES = (
    Line("metro", "F-M1", "科技园", "车公庙", ((113.985, 22.5375),), "duct", 24, 9_000, 0.21),
    Line("metro", "F-M2", "车公庙", "市民中心", ((114.041, 22.537),), "duct", 24, 5_000, 0.21),
    Line("metro", "F-M3", "市民中心", "罗湖", ((114.088, 22.541),), "duct", 24, 8_000, 0.22),
    Line("towerco", "F-T1", "车公庙", "市民中心", ((114.040, 22.5415),), "duct", 48, 4_200, 0.20),
    Line("towerco", "F-T2", "市民中心", "布吉", ((114.082, 22.575),), "duct", 48, 7_400, 0.20),
    Line("grid", "F-G1", "科技园北", "西丽", ((113.947, 22.560),), "opgw", 72, 4_800, 0.19),
    Line("grid", "F-G2", "西丽", "龙华", ((113.985, 22.605),), "opgw", 72, 6_900, 0.19, tier="T1"),
    Line("grid", "F-G3", "龙华", "布吉", ((114.071, 22.622),), "opgw", 72, 7_200, 0.19),
    Line("grid", "F-G4", "布吉", "罗湖北", ((114.126, 22.575),), "adss", 24, 5_600, 0.20),
    Line("grid", "F-G5", "罗湖", "莲塘", ((114.145, 22.552),), "duct", 24, 5_200, 0.20, TUNNEL),
    Line("towerco", "F-T3", "罗湖", "莲塘", ((114.1452, 22.5521),), "duct", 48, 4_900, 0.20, TUNNEL),
    Line("lighting", "F-L1", "科技园", "车公庙", ((113.988, 22.5452),), "duct", 12, 8_200, 0.23),
)


def _at(site: str, owner: str) -> Point:
    """An owner's joint a few metres from the middle of the site."""
    lon, lat = destination(SITES[site], 90.0 * OWNERS.index(owner), 4.0)
    return round(lon, 6), round(lat, 6)


def _path(line: Line) -> list[Point]:
    return [_at(line.start, line.owner), *line.by, _at(line.end, line.owner)]


def _terms(title: str, today: date, yuan: int | None, tier: str) -> ListingTerms:
    return ListingTerms(
        title=title,
        window_start=date(today.year, 1, 1),
        window_end=date(today.year + 15, 1, 1),
        price_minor=None if yuan is None else yuan * 100,
        currency="CNY",
        tier=tier,
    )


def _tunnel(today: date) -> Entry:
    path = [_at("罗湖", "metro"), (114.1451, 22.5521), _at("莲塘", "metro")]
    attributes = {"deployment": "tray", "length_m": round(length_m(path), 1), "bore_mm": 110}
    draft = AssetDraft(
        kind="duct",
        name="莲塘隧道管廊",
        owner_ref=TUNNEL,
        geometry=shapely.LineString(path),
        attributes=attributes,
        capacity={"hole": 6, "subduct": 8},
        provenance="demo",
    )
    return Entry("metro", draft, _terms("莲塘隧道管廊", today, None, "T2"))


def _cable(line: Line, today: date) -> Entry:
    path = _path(line)
    title = f"{line.start}—{line.end} {'OPGW' if line.kind == 'opgw' else '光缆'}"
    draft = AssetDraft(
        kind="cable",
        name=f"{title} {line.number}",
        owner_ref=line.number,
        geometry=shapely.LineString(path),
        attributes={
            "cable_type": line.kind,
            "fibre_type": "g652",
            "length_m": round(length_m(path) * 1.04, 1),
            "attenuation_db_km": line.db_km,
            "splices": 2,
        },
        capacity={"core": line.cores},
        provenance="demo",
    )
    return Entry(line.owner, draft, _terms(title, today, line.yuan, line.tier))


def lay(work: UnitOfWork, command: tuple[str, date]) -> int:
    """List the fibre of one owner, as its owner would. Returns how many listings."""
    owner, today = command
    mine = [line for line in LINES if line.owner == owner]
    if owner == "metro":
        list_one(work, _tunnel(today))
    for line in mine:
        entry = _cable(line, today)
        if line.hosted_by is not None:
            host = work.session.scalars(select(Asset.ref).where(Asset.owner_ref == line.hosted_by)).one()
            entry = replace(entry, asset=replace(entry.asset, hosted_by=(host,)))
        list_one(work, entry)
    return len(mine)


def needs(today: date) -> Iterator[Asked]:
    """Two A–B needs of a carrier: one that can be served twice over, one that the tunnel spoils."""
    for title, start, end, pairs, yuan in (
        ("科技园—罗湖 双路由", "科技园", "罗湖", 2, 120_000),
        ("科技园—莲塘 双路由", "科技园", "莲塘", 1, 90_000),
    ):
        ends = [destination(SITES[site], 45.0, 60.0) for site in (start, end)]
        line = shapely.LineString([(round(lon, 6), round(lat, 6)) for lon, lat in ends])
        yield Asked("carrier_a", need_facts("cable", title, "route", line, 300, {"pairs": pairs}, today, yuan, "high", "T1"))
