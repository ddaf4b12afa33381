"""The demo's assets and listings: power lines with their towers and OPGW, lamp poles, tower sites, ducts, cables, rooms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import shapely

from app.assets import AssetDraft
from app.db.work import UnitOfWork
from app.demo.ground import DISTRICTS, Ground, Point
from app.kernel.geometry import length_m
from app.listings.service import CreateListing, ListingTerms, add_listing
from app.regions import locate_one, region_name

LINES = ((110.0, 21.5), (110.0, 24.0), (220.0, 27.0), (220.0, 31.0), (500.0, 36.0))


@dataclass(frozen=True, slots=True)
class Entry:
    """One asset with its listing, and whose it is."""

    owner: str
    asset: AssetDraft
    terms: ListingTerms


def _district(point: Point) -> str:
    code = locate_one(point[0], point[1], "cn")
    return region_name(code).zh if code else "深圳市"


def _terms(ground: Ground, today: date, title: str, yuan: tuple[int, int], tier: str = "T2", **more: Any) -> ListingTerms:
    price = ground.dice.randrange(yuan[0], yuan[1], 100) * 100
    return ListingTerms(
        title=title,
        window_start=date(today.year, 1, 1),
        window_end=date(today.year + 15, 1, 1),
        price_minor=price,
        currency="CNY",
        tier=tier,
        **more,
    )


def power_lines(ground: Ground, today: date) -> Iterator[Entry]:
    """High-voltage towers along lines; most are shown roughly (T1), some exactly."""
    for number in range(1, 15):
        voltage, conductor = LINES[number % len(LINES)]
        places = ground.walk(ground.point(DISTRICTS[number % len(DISTRICTS)]), ground.dice.uniform(0, 360), 360, 14)
        line = f"{int(voltage)} kV 鹏{number:02d}线"
        for order, place in enumerate(places, 1):
            height = conductor + ground.dice.uniform(8, 20)
            yield Entry(
                "grid_north" if _district(place) == "龙华区" else "grid",
                AssetDraft(
                    kind="tower",
                    name=f"{line} {order:02d}号塔",
                    owner_ref=f"PL{number:02d}-{order:03d}",
                    geometry=shapely.Point(place),
                    attributes={
                        "structure": "power_line",
                        "structure_height_m": round(height, 1),
                        "voltage_kv": voltage,
                        "lowest_conductor_m": round(conductor + ground.dice.uniform(-2, 6), 1),
                        "access_rule": "outage" if voltage > 110 else "escort",
                        "power_type": "none",
                        "utilisation_pct": ground.dice.randrange(45, 88),
                    },
                    capacity={"platform": 2, "load_kg": 1400, "wind_area_m2": 3.2, "power_kw": 2},
                    provenance="demo",
                    accuracy_m=0.5,
                    grade="important" if voltage >= 500 else "general",
                ),
                _terms(ground, today, f"{line} {order:02d}号塔", (9_000, 21_000), "T1" if order % 3 else "T2"),
            )


def lamp_poles(ground: Ground, today: date) -> Iterator[Entry]:
    for number in range(1, 20):
        district = DISTRICTS[number % len(DISTRICTS)]
        for order, place in enumerate(ground.walk(ground.point(district), ground.dice.uniform(0, 360), 90, 9, 5), 1):
            yield Entry(
                "lighting",
                AssetDraft(
                    kind="tower",
                    name=f"多功能灯杆 {number:02d}路-{order:02d}",
                    owner_ref=f"LP{number:02d}-{order:03d}",
                    geometry=shapely.Point(place),
                    attributes={
                        "structure": "lamp_pole",
                        "structure_height_m": ground.dice.choice([12, 15, 18, 24]),
                        "power_type": "ac",
                        "built_up": True,
                        "access_rule": "notice",
                        "backup_min": 0,
                    },
                    capacity={"platform": 2, "load_kg": 60, "wind_area_m2": 0.9, "power_kw": 3.5},
                    provenance="demo",
                    accuracy_m=0.3,
                ),
                _terms(ground, today, f"多功能灯杆 {number:02d}路-{order:02d}", (2_400, 5_200)),
            )


def tower_sites(ground: Ground, today: date) -> Iterator[Entry]:
    for number in range(1, 91):
        place = ground.point(DISTRICTS[number % len(DISTRICTS)])
        structure = ground.dice.choice(["lattice", "monopole", "rooftop"])
        yield Entry(
            "towerco",
            AssetDraft(
                kind="tower",
                name=f"岭南铁塔 {_district(place)} {number:03d}",
                owner_ref=f"LN-{number:04d}",
                geometry=shapely.Point(place),
                attributes={
                    "structure": structure,
                    "structure_height_m": ground.dice.choice([25, 30, 35, 40, 45, 50]),
                    "power_type": "dc48",
                    "power_supply": "direct",
                    "backup_min": ground.dice.choice([60, 120, 240]),
                    "access_rule": "notice",
                },
                capacity={"platform": ground.dice.choice([2, 3, 4]), "load_kg": 600, "wind_area_m2": 9, "power_kw": 12},
                provenance="demo",
            ),
            _terms(ground, today, f"岭南铁塔 {_district(place)} {number:03d}", (18_000, 36_000)),
        )


def ducts(ground: Ground, today: date) -> Iterator[Entry]:
    for number in range(1, 31):
        owner = ("lighting", "metro", "towerco")[number % 3]
        places = ground.walk(ground.point(DISTRICTS[number % len(DISTRICTS)]), ground.dice.uniform(0, 360), 240, 4, 8)
        for order, (start, end) in enumerate(pairwise(places), 1):
            yield Entry(
                owner,
                AssetDraft(
                    kind="duct",
                    name=f"管道 {number:02d}-{order}段",
                    owner_ref=f"D{number:02d}-{order}",
                    geometry=shapely.LineString([start, end]),
                    attributes={
                        "deployment": "tray" if owner == "metro" else "buried",
                        "length_m": round(length_m([start, end]), 1),
                        "bore_mm": ground.dice.choice([90, 100, 110]),
                        "chamber_from": f"{number:02d}-{order}",
                        "chamber_to": f"{number:02d}-{order + 1}",
                    },
                    capacity={"hole": ground.dice.choice([2, 4, 6]), "subduct": ground.dice.choice([0, 4, 8])},
                    provenance="demo",
                ),
                _terms(ground, today, f"管道 {number:02d}-{order}段", (3_000, 9_000)),
            )


def cables(ground: Ground, today: date) -> Iterator[Entry]:
    for number in range(1, 31):
        owner = "grid" if number % 3 else "metro"
        places = ground.walk(ground.point(DISTRICTS[number % len(DISTRICTS)]), ground.dice.uniform(0, 360), 900, 5, 15)
        if len(places) < 2:
            continue
        yield Entry(
            owner,
            AssetDraft(
                kind="cable",
                name=f"{'OPGW' if owner == 'grid' else '隧道光缆'} {number:02d}",
                owner_ref=f"C{number:02d}",
                geometry=shapely.LineString(places),
                attributes={
                    "cable_type": "opgw" if owner == "grid" else "duct",
                    "fibre_type": "g652",
                    "length_m": round(length_m(places), 1),
                    "attenuation_db_km": round(ground.dice.uniform(0.19, 0.25), 2),
                    "splices": len(places),
                },
                capacity={"core": ground.dice.choice([24, 48, 72])},
                provenance="demo",
            ),
            _terms(
                ground,
                today,
                f"{'OPGW' if owner == 'grid' else '隧道光缆'} {number:02d}",
                (4_000, 12_000),
                "T1" if owner == "grid" else "T2",
            ),
        )


def rooms(ground: Ground, today: date) -> Iterator[Entry]:
    for number in range(1, 41):
        owner, what = (("grid", "变电站通信机房"), ("metro", "地铁站通信机房"))[number % 2]
        place = ground.point(DISTRICTS[number % len(DISTRICTS)])
        yield Entry(
            owner,
            AssetDraft(
                kind="room",
                name=f"{_district(place)}{what} {number:02d}",
                owner_ref=f"R{number:03d}",
                geometry=shapely.Point(place),
                attributes={
                    "room_type": "room",
                    "floor_load_kn_m2": ground.dice.choice([6, 8, 10]),
                    "cooling_kw": 20,
                    "power_type": "dc48",
                    "feeds": 2,
                    "backup_min": ground.dice.choice([120, 240]),
                },
                capacity={"rack_unit": 84, "floor_area_m2": ground.dice.choice([20, 40]), "power_kw": 40},
                provenance="demo",
            ),
            _terms(ground, today, f"{_district(place)}{what} {number:02d}", (600, 1_400)),
        )


def carriers(ground: Ground, today: date) -> Iterator[Entry]:
    """What two carriers open in their turn: machine rooms and ducts."""
    for number in range(1, 11):
        place = ground.point(DISTRICTS[number % len(DISTRICTS)])
        title = f"{_district(place)}汇聚机房 {number:02d}"
        attributes = {
            "room_type": "room",
            "floor_load_kn_m2": 8,
            "cooling_kw": 30,
            "power_type": "dc48",
            "feeds": 2,
            "backup_min": 240,
        }
        draft = AssetDraft(
            kind="room",
            name=title,
            owner_ref=f"CA-{number:03d}",
            geometry=shapely.Point(place),
            attributes=attributes,
            capacity={"rack_unit": 126, "floor_area_m2": 30, "power_kw": 50},
            provenance="demo",
        )
        yield Entry("carrier_a", draft, _terms(ground, today, title, (700, 1_500)))
    for number in range(1, 5):
        places = ground.walk(ground.point(DISTRICTS[number % len(DISTRICTS)]), ground.dice.uniform(0, 360), 260, 3, 8)
        for order, (start, end) in enumerate(pairwise(places), 1):
            title = f"运营商乙管道 {number:02d}-{order}段"
            draft = AssetDraft(
                kind="duct",
                name=title,
                owner_ref=f"CB{number:02d}-{order}",
                geometry=shapely.LineString([start, end]),
                attributes={"deployment": "buried", "length_m": round(length_m([start, end]), 1), "bore_mm": 100},
                capacity={"hole": 6, "subduct": 8},
                provenance="demo",
            )
            yield Entry("carrier_b", draft, _terms(ground, today, title, (3_000, 8_000)))


GENERATORS: tuple[Callable[[Ground, date], Iterator[Entry]], ...] = (
    power_lines,
    lamp_poles,
    tower_sites,
    ducts,
    cables,
    rooms,
    carriers,
)
FIRST_OPENED, LAST_OPENED, AT_FIRST = 352, 24, 0.45  # days before today; the part that was open from the first day


def entries(ground: Ground, today: date) -> list[Entry]:
    """Everything that is listed, in a fixed order."""
    return [entry for generate in GENERATORS for entry in generate(ground, today)]


def openings(listed: Sequence[Entry]) -> list[int]:
    """How many days ago each entry was opened: of each owner's kinds a good part at once, the rest month by month."""
    count = Counter((entry.owner, entry.asset.kind) for entry in listed)
    before: Counter[tuple[str, str]] = Counter()
    days = []
    for entry in listed:
        of = entry.owner, entry.asset.kind
        part = before[of] / count[of]
        before[of] += 1
        months = max(1, round((part - AT_FIRST) / (1 - AT_FIRST) * (FIRST_OPENED - LAST_OPENED) / 30))
        days.append(FIRST_OPENED if part < AT_FIRST else FIRST_OPENED - 30 * months)
    return days


def list_one(work: UnitOfWork, entry: Entry) -> str:
    """Register the asset and publish its listing, as its owner would. Returns the asset's ref."""
    return add_listing(work, CreateListing(entry.terms, asset=entry.asset, publish=True)).asset.ref
