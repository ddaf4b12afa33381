"""The demo's year up to today: who asked whom for what, when, and what came of it; with the needs that they asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely

from app.demo.asking import Asked, need_facts
from app.demo.ground import Ground
from app.demo.register import FIRST_OPENED, Entry, openings
from app.needs.checking import NeedFacts

UNDERWAY = 75  # days from asking to the month in which what was asked for begins


@dataclass(frozen=True, slots=True)
class Row:
    """`asked`: days before today. `fate`: a method of `Fates`."""

    asker: str
    kind: str
    owner: str
    asked: int
    fate: str


ROWS = (
    Row("carrier_a", "tower", "grid", 318, "billed"),
    Row("carrier_b", "tower", "towerco", 314, "billed"),
    Row("police", "tower", "lighting", 309, "billed"),
    Row("grid", "room", "carrier_a", 303, "billed"),
    Row("carrier_c", "tower", "grid", 297, "refused"),
    Row("carrier_a", "duct", "metro", 290, "billed"),
    Row("carrier_b", "room", "metro", 284, "ended"),
    Row("carrier_c", "tower", "towerco", 276, "lapsed"),
    Row("carrier_a", "tower", "lighting", 268, "billed"),
    Row("metro", "cable", "grid", 262, "billed"),
    Row("carrier_b", "tower", "grid", 255, "turned_down"),
    Row("carrier_a", "tower", "grid", 247, "with_conditions"),
    Row("police", "tower", "towerco", 238, "billed"),
    Row("carrier_c", "duct", "lighting", 230, "refused"),
    Row("carrier_b", "tower", "lighting", 222, "billed"),
    Row("grid", "duct", "carrier_b", 214, "billed"),
    Row("carrier_a", "room", "grid", 206, "given_back"),
    Row("carrier_c", "tower", "lighting", 199, "silent"),
    Row("carrier_b", "cable", "metro", 190, "billed"),
    Row("metro", "room", "carrier_a", 183, "billed"),
    Row("carrier_a", "tower", "towerco", 176, "billed"),
    Row("carrier_b", "tower", "grid", 168, "appealed"),
    Row("carrier_c", "room", "metro", 160, "with_conditions"),
    Row("police", "tower", "grid", 152, "billed"),
    Row("carrier_a", "tower", "lighting", 143, "withdrawn"),
    Row("carrier_b", "duct", "metro", 134, "billed"),
    Row("carrier_a", "cable", "grid", 126, "billed"),
    Row("carrier_c", "tower", "grid", 117, "given_back"),
    Row("carrier_b", "tower", "lighting", 109, "refused"),
    Row("carrier_a", "tower", "towerco", 101, "built"),
    Row("carrier_c", "duct", "metro", 92, "built"),
    Row("carrier_a", "tower", "grid", 84, "turned_down"),
    Row("carrier_b", "tower", "towerco", 76, "built"),
    Row("metro", "duct", "carrier_b", 69, "built"),
    Row("carrier_a", "tower", "grid", 60, "refused"),
    Row("carrier_b", "room", "grid", 52, "agreed"),
    Row("carrier_a", "tower", "lighting", 46, "disputed"),
)
ROUGHLY_M = 900  # how much farther one looks for what is shown by its cell alone
ALONE = {"tower": (238_000, 0), "duct": (16_000, 340), "cable": (22_000, 95), "room": (186_000, 0)}  # yuan, and a metre
ASKS: dict[str, tuple[dict[str, object], int]] = {  # what is asked of each kind, and within how many metres
    "tower": ({"mounts": 1, "height_m": 10, "load_kg": 30, "wind_area_m2": 0.4, "power_kw": 0}, 150),
    "duct": ({"holes": 1}, 60),
    "cable": ({"pairs": 2}, 60),
    "room": ({"rack_units": 8, "power_kw": 3, "backup_min": 60}, 400),
}
QUANTITY = {"tower": 1, "duct": 1, "cable": 2, "room": 8}
WORDS = {"tower": "站址", "duct": "管孔", "cable": "纤芯对", "room": "机位"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row with the need that was entered for it."""

    row: Row
    asked: Asked


def begins(today: date, row: Row) -> date:
    """The first day of the month in which what was asked for begins."""
    by = today - timedelta(days=row.asked - UNDERWAY)
    return (by.replace(day=1) + timedelta(days=32)).replace(day=1)


def wanted(ground: Ground, listed: Sequence[Entry], today: date, told: date, rows: Sequence[Row]) -> Iterator[Wanted]:
    """For each of `rows` a need beside something that its owner had opened from the first day, a thing of its own; none where
    nothing of the sort is listed."""
    days = openings(listed)
    open_ = [entry for entry, day in zip(listed, days, strict=True) if day == FIRST_OPENED and entry.terms.price_minor]
    taken: set[int] = set()
    for number, row in enumerate(ROWS, 1):
        places = [
            place
            for place, entry in enumerate(open_)
            if entry.owner == row.owner and entry.asset.kind == row.kind and place not in taken
        ]
        if not places:
            continue
        place = places[number * 7 % len(places)]
        taken.add(place)
        if row in rows:
            yield Wanted(row, Asked(row.asker, _need(ground, row, number, open_[place], begins(today, row), told)))


def _need(ground: Ground, row: Row, number: int, entry: Entry, start: date, told: date) -> NeedFacts:
    requirements, radius = ASKS[row.kind]
    geometry = entry.asset.geometry
    assert geometry is not None
    if row.kind in ("duct", "cable"):
        ends = [ground.near(end, 5, 30) for end in (geometry.coords[0], geometry.coords[-1])]
        shape, where = "route", shapely.LineString(ends)
    else:
        shape, where = "circle", shapely.Point(ground.near((geometry.x, geometry.y), 10, 60))
    radius += ROUGHLY_M if entry.terms.tier == "T1" else 0
    each = (entry.terms.price_minor or 0) // 100
    whole, a_metre = ALONE[row.kind]
    return need_facts(
        row.kind,
        f"{WORDS[row.kind]} {start.year}-{number:02d}",
        shape,
        where,
        radius,
        dict(requirements),
        told,
        each * 2 * QUANTITY[row.kind],
        "normal",
        "T1",
        start=start,
        alone=whole + round(a_metre * entry.asset.attributes.get("length_m", 0)) + 1_000 * (number % 17),
    )
