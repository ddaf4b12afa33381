"""Random small problems with every sort of criterion, claim and absence in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from app.engine import FOREVER, Capacity, Claim, ListingRow, NeedRow
from tests.unit.engine.oracle import GEOD, THING

COLOURS = ("red", "blue")


def scene(
    seed: int, listings: int = 12, needs: int = 6, centre: tuple[float, float] = (174.8, -41.3), spread_m: float = 3000
) -> tuple[
    list[ListingRow],
    list[NeedRow],
]:
    rng = np.random.default_rng(seed)
    return (
        [listing(rng, 100 + i, near(rng, centre, spread_m)) for i in rng.permutation(listings)],
        [need(rng, 500 + i, near(rng, centre, spread_m)) for i in rng.permutation(needs)],
    )


def near(rng: np.random.Generator, centre: tuple[float, float], spread_m: float) -> shapely.Point:
    lon, lat, _ = GEOD.fwd(*centre, rng.uniform(0, 360), spread_m * np.sqrt(rng.random()))
    return shapely.Point(lon, lat)


def maybe(rng: np.random.Generator, values: dict[str, Any], share: float = 0.8) -> dict[str, Any]:
    return {k: v for k, v in values.items() if rng.random() < share}


def listing(rng: np.random.Generator, id_: int, place: shapely.Geometry) -> ListingRow:
    start = int(rng.integers(1, 30))
    priced = rng.random() < 0.8
    return ListingRow(
        id_,
        THING.name,
        int(rng.integers(4)),
        place,
        price_minor=int(rng.integers(0, 300)) if priced else -1,
        currency=("NZD" if rng.random() < 0.85 else "CNY") if priced else "",
        start=start,
        end=FOREVER if rng.random() < 0.3 else start + int(rng.integers(1, 80)),
        values=maybe(
            rng,
            {
                "height_m": round(float(rng.uniform(0, 50)), 1),
                "loss_db": round(float(rng.uniform(0, 9)), 1),
                "colour": COLOURS[rng.integers(2)],
                "guarded": bool(rng.integers(2)),
            },
        ),
        capacity=maybe(
            rng,
            {
                "load_kg": quantity(rng),
                "core": slots(rng, 8),
                "rack": slots(rng, 6),
                "fill_pct": Capacity(int(rng.integers(0, 100)) * 1000, 100_000),
            },
        ),
    )


def quantity(rng: np.random.Generator) -> Capacity:
    total = int(rng.integers(0, 100)) * 1000
    claims = []
    for _ in range(rng.integers(0, 5)):
        start = int(rng.integers(1, 70))
        claims.append(Claim(start, start + int(rng.integers(1, 40)), amount_milli=int(rng.integers(0, 30_000))))
    return Capacity(int(rng.integers(0, total + 1)), total, tuple(claims))


def slots(rng: np.random.Generator, most: int) -> Capacity:
    total = int(rng.integers(0, most + 1))
    claims = []
    for _ in range(rng.integers(0, 6) if total else 0):
        start = int(rng.integers(1, 70))
        claims.append(Claim(start, start + int(rng.integers(1, 40)), slot=int(rng.integers(1, total + 1))))
    return Capacity(int(rng.integers(0, total + 1)) * 1000, total * 1000, tuple(claims))


def need(rng: np.random.Generator, id_: int, place: shapely.Geometry) -> NeedRow:
    start = int(rng.integers(1, 60))
    budget = rng.random() < 0.8
    return NeedRow(
        id_,
        THING.name,
        int(rng.integers(4)),
        place,
        radius_m=float(rng.integers(200, 4000)),
        budget_minor=int(rng.integers(0, 400)) if budget else -1,
        currency="NZD" if budget else "",
        start=start,
        end=start + int(rng.integers(1, 25)),
        values=maybe(
            rng,
            {
                "height_m": round(float(rng.uniform(0, 40)), 1),
                "loss_db": round(float(rng.uniform(0, 8)), 1),
                "colour": COLOURS[rng.integers(2)],
                "guarded": bool(rng.integers(2)),
                "load_kg": float(rng.integers(0, 60)),
                "pairs": int(rng.integers(0, 4)),
                "rack": int(rng.integers(0, 4)),
                "fill_pct": float(rng.integers(0, 60)),
            },
            0.5,
        ),
        bonus_milli=int(rng.choice([0, 0, 5_000, 30_000])),
    )
