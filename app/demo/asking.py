"""The demo's needs: what carriers, police and metro ask for around the listed things, in one published round and one that
collects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely

from app.demo.ground import DISTRICTS, Ground
from app.demo.register import Entry
from app.needs.checking import NeedFacts

ASKERS = ("carrier_a", "carrier_b", "carrier_a", "carrier_c", "police")


@dataclass(frozen=True, slots=True)
class Asked:
    organisation: str
    facts: NeedFacts


PURPOSES = {5: "universal_service", 11: "emergency"}  # of every twelve
NOTES = {"universal_service": "电信普遍服务第九批试点", "emergency": "防汛应急通信保障任务"}


def need_facts(
    kind: str,
    title: str,
    shape: str,
    geometry: shapely.Geometry,
    radius: float,
    requirements: dict[str, object],
    today: date,
    budget: int,
    priority: str,
    tier: str,
    purpose: str = "general",
    start: date | None = None,
    alone: int | None = None,
) -> NeedFacts:
    """A need for five years, from next January where no `start` is given, with what its requester would build alone. `budget`,
    `alone`: yuan."""
    start = start or date(today.year + 1, 1, 1)
    return NeedFacts(
        kind=kind,
        title=title,
        shape=shape,
        geometry=geometry,
        radius_m=radius,
        requirements=requirements,
        window_start=start,
        window_end=start.replace(year=start.year + 5),
        latest_start=start + timedelta(days=180),
        minimum_term_months=36,
        budget_minor=budget * 100,
        priority=priority,
        purpose=purpose,
        note=NOTES.get(purpose),
        tier=tier,
        accepts_cobuild=True,
        provenance="demo",
        alternative={"description": "自建同类设施", "cost_minor": (alone or budget * 14) * 100, "days": 210},
    )


def needs(ground: Ground, listed: Sequence[Entry], today: date) -> Iterator[Asked]:
    """Eight in ten stand near something listed; the others show what no owner serves."""
    towers = [e for e in listed if e.asset.kind == "tower"]
    lines = {kind: [e for e in listed if e.asset.kind == kind] for kind in ("duct", "cable")}
    rooms = [e for e in listed if e.asset.kind == "room"]
    for number in range(1, 61):
        asker, priority = ASKERS[number % len(ASKERS)], ("high", "normal", "normal", "low")[number % 4]
        tier = ("T0", "T1", "T2")[number % 3]
        if number % 5 == 0:
            at = ground.point(DISTRICTS[number % len(DISTRICTS)])
        else:
            place = ground.dice.choice(towers).asset.geometry
            at = ground.near((place.x, place.y), 30, 380) if place is not None else ground.point(DISTRICTS[0])
        height = ground.dice.choice([12, 15, 18, 20, 25, 30])
        yield Asked(
            asker,
            need_facts(
                "tower",
                f"{height} m 天线站址 {number:03d}",
                "circle",
                shapely.Point(at),
                ground.dice.choice([200, 300, 500]),
                {
                    "mounts": 1,
                    "height_m": height,
                    "load_kg": ground.dice.choice([40, 60, 90]),
                    "wind_area_m2": ground.dice.choice([0.6, 0.8, 1.2]),
                    "power_kw": ground.dice.choice([0, 1.5, 3]),
                },
                today,
                ground.dice.randrange(8_000, 32_000, 500),
                priority,
                tier,
                PURPOSES.get(number % 12, "general"),
            ),
        )
    for kind, quantity, unit in (("duct", "holes", 1), ("cable", "pairs", 4)):
        for number in range(1, 16):
            path = ground.dice.choice(lines[kind]).asset.geometry
            assert path is not None
            start, end = path.coords[0], path.coords[-1]
            route = shapely.LineString([ground.near(start, 5, 40), ground.near(end, 5, 40)])
            word = "管孔" if kind == "duct" else "纤芯对"
            yield Asked(
                ASKERS[number % len(ASKERS)],
                need_facts(
                    kind,
                    f"{word}路由 {number:02d}",
                    "route",
                    route,
                    60,
                    {quantity: unit},
                    today,
                    ground.dice.randrange(5_000, 20_000, 500),
                    "normal",
                    "T0",
                ),
            )
    for number in range(1, 13):
        place = ground.dice.choice(rooms).asset.geometry
        assert place is not None
        yield Asked(
            ASKERS[number % len(ASKERS)],
            need_facts(
                "room",
                f"机房机位 {number:02d}",
                "circle",
                shapely.Point(ground.near((place.x, place.y), 50, 600)),
                800,
                {"rack_units": ground.dice.choice([8, 20, 42]), "power_kw": ground.dice.choice([3, 6]), "backup_min": 60},
                today,
                60_000,
                "normal",
                "T1",
            ),
        )
