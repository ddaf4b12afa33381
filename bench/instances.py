"""A generated national marketplace as columns: cities by Zipf's law, corridors between them, a thin countryside.

Four fifths of the needs stand near a listing; reach is short where listings are dense, as a radio planner's is. Every kind
draws what its declaration reads. `claimed`: the share of listings whose first capacity is partly taken for a while. The same
seed makes the same columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.engine import MISSING, Listings, Needs, Places, Problem, build_problem
from app.engine.compile import KindTables, compile_kinds, currency_code

Draw = Callable[[np.random.Generator, int], NDArray[Any]]
BOX = (100.0, 122.0, 22.0, 45.0)
CITIES, NEIGHBOURS = 300, 3
URBAN, CORRIDOR, RING = 0.72, 0.18, 0.25
ORGANISATIONS = 60
TODAY, HORIZON_DAYS = 739_617, 3650
DENSE_M, RURAL = 1500, 4.0
DEGREE_M = 110_900.0


@dataclass(frozen=True)
class Mix:
    """One kind's share of listings and of needs, median reach and yearly price, and what the names in its declaration draw
    (whole units)."""

    listings: float
    needs: float
    reach_m: float
    price: int
    has: dict[str, Draw]
    asks: dict[str, Draw]


def _gamma(scale: float) -> Draw:
    return lambda rng, n: rng.gamma(2, scale, n)


def _poisson(mean: float) -> Draw:
    return lambda rng, n: rng.poisson(mean, n)


def _one_of(*values: float) -> Draw:
    return lambda rng, n: rng.choice(values, n)


MIXES = {
    "tower": Mix(
        0.45,
        0.55,
        800,
        20_000,
        {
            "antenna_top_limit_m": _gamma(14),
            "mounts_unstrengthened": _one_of(1, 2, 3, 3),
            "platform": _poisson(2.2),
            "load_kg": _gamma(150),
            "wind_area_m2": _gamma(2.5),
            "power_kw": _gamma(3),
        },
        {
            "height_m": _gamma(9),
            "mounts": _one_of(1, 1, 1, 2, 3),
            "load_kg": _gamma(40),
            "wind_area_m2": _gamma(0.6),
            "power_kw": _gamma(1),
        },
    ),
    "duct": Mix(
        0.30,
        0.20,
        500,
        3_000,
        {
            "bore_mm": _one_of(50, 75, 100, 110),
            "largest_cable_mm": _one_of(35, 53, 70, 77),  # half of such a bore by area
            "hole": _poisson(2.0),
            "subduct": _poisson(1.5),
        },
        {"holes": _one_of(1, 1, 2), "subducts": _one_of(0, 0, 1), "cable_diameter_mm": _one_of(12, 16, 22)},
    ),
    "cable": Mix(
        0.15,
        0.15,
        800,
        1_500,
        {"attenuation_db_km": _one_of(0.19, 0.22, 0.25), "loss_db": _gamma(1.0), "core": _one_of(2, 4, 8, 12, 24, 48, 96)},
        {
            "pairs": _one_of(1, 1, 2, 4, 12),
            "attenuation_db_km": _one_of(0.2, 0.25, 0.3),
            "loss_budget_db": _one_of(0, 0, 3, 6, 12),
        },
    ),
    "room": Mix(
        0.10,
        0.10,
        1_800,
        5_000,
        {
            "floor_load_kn_m2": _one_of(4, 6, 8, 10),
            "backup_min": _gamma(60),
            "rack_unit": _poisson(20),
            "power_kw": _gamma(6),
            "floor_area_m2": _gamma(10),
        },
        {
            "rack_units": _one_of(2, 4, 8, 20),
            "power_kw": _gamma(1.5),
            "floor_area_m2": _gamma(2),
            "floor_load_kn_m2": _one_of(3, 5, 7),
            "backup_min": _gamma(15),
        },
    ),
}


def national(listings: int = 1_000_000, needs: int = 100_000, seed: int = 1, claimed: float = 0.0) -> Problem:
    """The market as a problem. O(n log n)."""
    rng = np.random.default_rng(seed)
    kinds = tuple(k for k in KINDS.all() if k.name in MIXES)
    tables, cities = compile_kinds(kinds), _cities(rng)
    offer = _listings(rng, kinds, tables, cities, listings, claimed)
    return build_problem(kinds, offer, _needs(rng, kinds, tables, cities, offer.place, needs))


Cities = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _cities(rng: np.random.Generator) -> Cities:
    """Places, weights and spreads in km."""
    west, east, south, north = BOX
    places = np.column_stack((rng.uniform(west, east, CITIES), rng.uniform(south, north, CITIES)))
    weight = np.arange(1, CITIES + 1) ** -0.8
    return places, weight / weight.sum(), 2.0 * (weight / np.median(weight)) ** 0.38


def _points(rng: np.random.Generator, n: int, cities: Cities) -> Places:
    places, weight, spread = cities
    west, east, south, north = BOX
    city, dice = rng.choice(CITIES, n, p=weight), rng.random(n)
    far = np.where(rng.random(n) < RING, rng.exponential(3.0, n), rng.rayleigh(1.0, n)) * spread[city] * 1000
    turn = rng.uniform(0, 2 * np.pi, n)
    urban = _moved(places[city], far * np.cos(turn), far * np.sin(turn))
    near = cKDTree(places).query(places, k=NEIGHBOURS + 1)[1][city, rng.integers(1, NEIGHBOURS + 1, n)]
    along = rng.random((n, 1))
    corridor = _moved(places[city] * (1 - along) + places[near] * along, rng.normal(0, 300, n), rng.normal(0, 300, n))
    country = np.column_stack((rng.uniform(west, east, n), rng.uniform(south, north, n)))
    at = np.where((dice < URBAN)[:, None], urban, np.where((dice < URBAN + CORRIDOR)[:, None], corridor, country))
    return Places.points(at[:, 0].copy(), at[:, 1].copy())


def _moved(at: NDArray[np.float64], east_m: NDArray[np.float64], north_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack((at[:, 0] + east_m / (DEGREE_M * np.cos(np.radians(at[:, 1]))), at[:, 1] + north_m / DEGREE_M))


def _drawn(
    rng: np.random.Generator,
    kind: NDArray[np.int16],
    names: tuple[tuple[str, ...], ...],
    draws: list[dict[str, Draw]],
    width: int,
    whole: bool,
) -> NDArray[np.int64]:
    """[n, width] thousandths: each kind's columns as its mix draws them; whole units where capacity is counted."""
    out = np.full((len(kind), width), MISSING, np.int64)
    for k, columns in enumerate(names):
        rows = np.flatnonzero(kind == k)
        for c, name in enumerate(columns):
            value = draws[k][name](rng, len(rows))
            out[rows, c] = np.rint(value).astype(np.int64) * 1000 if whole else np.rint(value * 1000).astype(np.int64)
    return out


def _listings(
    rng: np.random.Generator, kinds: tuple[AssetKind, ...], tables: KindTables, cities: Cities, n: int, claimed: float
) -> Listings:
    mixes = [MIXES[k.name] for k in kinds]
    kind = rng.choice(len(kinds), n, p=[m.listings for m in mixes]).astype(np.int16)
    place = _points(rng, n, cities)
    start = TODAY + rng.integers(0, 400, n)
    values, capacities, _ = tables.widths
    free = _drawn(rng, kind, tables.capacity_names, [m.has for m in mixes], capacities, whole=True)
    taken = np.flatnonzero((rng.random(n) < claimed) & (free[:, 0] >= 1000))
    count = np.zeros(free.size, np.int64)
    count[taken * capacities] = 1
    opens = TODAY + rng.integers(0, 1500, len(taken))
    return Listings(
        id=np.arange(1, n + 1),
        kind=kind,
        place=place,
        price_minor=(np.array([m.price for m in mixes])[kind] * 100 * rng.lognormal(0, 0.4, n)).astype(np.int64),
        currency=np.full(n, currency_code("CNY"), np.int32),
        start=start,
        end=np.minimum(TODAY + HORIZON_DAYS, start + rng.integers(365, HORIZON_DAYS, n)),
        owner=rng.integers(1, ORGANISATIONS, n),
        values=_drawn(rng, kind, tables.supply_names, [m.has for m in mixes], values, whole=False),
        offered=free,
        total=free.copy(),
        claim_ptr=np.concatenate(([0], np.cumsum(count))),
        claim_slot=np.ones(len(taken), np.int32),
        claim_start=opens,
        claim_end=opens + rng.integers(100, 1500, len(taken)),
        claim_amount=np.full(len(taken), 1000),
    )


def _needs(
    rng: np.random.Generator, kinds: tuple[AssetKind, ...], tables: KindTables, cities: Cities, offered: Places, n: int
) -> Needs:
    mixes = [MIXES[k.name] for k in kinds]
    kind = rng.choice(len(kinds), n, p=[m.needs for m in mixes]).astype(np.int16)
    near = rng.choice(len(offered.lon), int(n * 0.8))
    beside = _moved(
        np.column_stack((offered.lon[near], offered.lat[near])), rng.normal(0, 1500, len(near)), rng.normal(0, 1500, len(near))
    )
    rest = _points(rng, n - len(near), cities)
    at = rng.permutation(np.concatenate((beside, np.column_stack((rest.lon, rest.lat)))))
    fifth = cKDTree(np.column_stack((offered.lon, offered.lat))).query(at, k=5)[0][:, 4] * 100_000
    reach = np.array([m.reach_m for m in mixes])[kind] * rng.lognormal(0, 0.6, n) * np.where(fifth > DENSE_M, RURAL, 1)
    start = TODAY + rng.integers(0, 1500, n)
    return Needs(
        id=np.arange(1, n + 1),
        kind=kind,
        place=Places.points(at[:, 0].copy(), at[:, 1].copy()),
        radius_mm=np.rint(np.clip(reach, 100, 50_000) * 1000).astype(np.int64),
        budget_minor=(np.array([m.price for m in mixes])[kind] * 100 * rng.lognormal(0.35, 0.3, n)).astype(np.int64),
        currency=np.full(n, currency_code("CNY"), np.int32),
        start=start,
        end=np.minimum(TODAY + HORIZON_DAYS, start + rng.integers(180, 2000, n)),
        organisation=rng.integers(1, ORGANISATIONS, n),
        values=_drawn(rng, kind, tables.demand_names, [m.asks for m in mixes], tables.widths[2], whole=False),
        bonus=np.zeros(n, np.int64),
    )
