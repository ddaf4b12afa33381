"""A synthetic national market: listings and needs that crowd into cities and along corridors, and their feasible pairs.

Four kinds with seven capacity columns; needs last from half a year to five and a half, and are weighted 1 to 8. `scarce` markets
have a tenth of the listings for as many needs. Everything from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from app.engine.allocation import AllocationProblem, Demands, Loads, Options, Supplies, build_allocation

Floats, Ints = NDArray[np.float64], NDArray[np.int64]
CITIES, ZIPF, URBAN, CORRIDOR, TAIL = 300, 0.8, 0.72, 0.18, 0.25
BOX = (100.0, 122.0, 22.0, 45.0)
LISTING_KINDS, NEED_KINDS = (0.45, 0.30, 0.15, 0.10), (0.55, 0.20, 0.15, 0.10)
RADIUS_M = np.array((800.0, 500.0, 800.0, 1800.0))
PRICE = np.array((20_000, 3_000, 1_500, 5_000))
HORIZON, COLUMNS = 3650, 7


@dataclass(frozen=True)
class Market:
    """Rows of listings and needs, plane coordinates in metres (each kind in its own layer)."""

    where: Floats
    kind: Ints
    amount: Ints
    price: Ints
    owner: Ints
    radius: Floats
    start: Ints
    end: Ints
    priority: Ints


def instance(listings: int, needs: int, wider: float = 1.0, seed: int = 1) -> AllocationProblem:
    """The allocation of `needs` to what is feasible among `listings`; `wider` stretches every radius."""
    rng = np.random.default_rng(seed)
    cities = _cities(rng)
    supply, demand = _market(rng, listings, cities, False, None), None
    demand = _market(rng, needs, cities, True, supply)
    need, listing, distance = _pairs(supply, demand, wider)
    ok = (
        (supply.amount[listing] >= demand.amount[need]).all(axis=1)
        & (supply.price[listing] <= demand.price[need])
        & (supply.owner[listing] != demand.owner[need])
    )
    need, listing, distance = need[ok], listing[ok], distance[ok]
    spare = np.minimum(1, (supply.amount[listing, :4] - demand.amount[need, :4]).max(axis=1) / 8)
    saved = 1 - supply.price[listing] / demand.price[need]
    score = 400 * (1 - distance / (demand.radius[need] * wider)) + 300 * saved + 200 * spare
    points = 1000 + score.astype(np.int64)
    return build_allocation(
        Demands.indivisible(needs, demand.priority),
        Supplies.plain(supply.amount),
        Loads(demand.start, demand.end, demand.amount),
        Options.whole(need, listing, need, points),
    )


def _cities(rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Places in metres, weights by Zipf, spread in metres."""
    west, east, south, north = BOX
    lon, lat = rng.uniform(west, east, CITIES), rng.uniform(south, north, CITIES)
    weight = np.arange(1, CITIES + 1) ** -ZIPF
    weight /= weight.sum()
    where = np.column_stack((lon * 111_320 * np.cos(np.radians(33)), lat * 110_900))
    return where, weight, 2000 * (weight / np.median(weight)) ** 0.38


def _places(rng: np.random.Generator, n: int, cities: tuple[Floats, Floats, Floats]) -> Floats:
    """Around cities, along the lines between neighbours, and a few anywhere."""
    centre, weight, spread = cities
    kind, city = rng.random(n), rng.choice(CITIES, n, p=weight)
    far = np.where(rng.random(n) < TAIL, rng.exponential(3, n), rng.rayleigh(1, n)) * spread[city]
    angle = rng.uniform(0, 2 * np.pi, n)
    urban = centre[city] + far[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    next_to = cKDTree(centre).query(centre, k=4)[1][:, 1:][city, rng.integers(0, 3, n)]
    along = rng.random(n)[:, None]
    corridor = centre[city] * (1 - along) + centre[next_to] * along + rng.normal(0, 300, (n, 2))
    low, high = centre.min(axis=0), centre.max(axis=0)
    return np.where(
        (kind < URBAN)[:, None], urban, np.where((kind < URBAN + CORRIDOR)[:, None], corridor, rng.uniform(low, high, (n, 2)))
    )


def _market(rng: np.random.Generator, n: int, cities: tuple[Floats, Floats, Floats], asks: bool, supply: Market | None) -> Market:
    kind = rng.choice(4, n, p=NEED_KINDS if asks else LISTING_KINDS)
    where, radius = _places(rng, n, cities), np.zeros(n)
    if supply is not None:  # four needs in five are near a listing
        near = rng.random(n) < 0.8
        where[near] = supply.where[rng.integers(0, len(supply.where), near.sum())] + rng.normal(0, 1500, (int(near.sum()), 2))
        fifth = cKDTree(supply.where).query(where, k=5)[0][:, 4]
        radius = np.clip(RADIUS_M[kind] * rng.lognormal(0, 0.6, n) * np.where(fifth > 1500, 4, 1), 100, 50_000)
    start = rng.integers(0, 1500, n)
    return Market(
        where,
        kind,
        _asked(rng, kind) if asks else _offered(rng, kind),
        (PRICE[kind] * rng.lognormal(0.35 if asks else 0, 0.3 if asks else 0.4, n)).astype(np.int64),
        rng.integers(0, 60, n),
        radius,
        start,
        np.minimum(HORIZON, start + rng.integers(180, 2000, n)),
        rng.choice((1, 2, 3, 5, 8), n, p=(0.4, 0.3, 0.15, 0.1, 0.05)),
    )


def _offered(rng: np.random.Generator, kind: Ints) -> Ints:
    """Places by band, load, wind and power of towers; ducts by size; cores; rack units, power and depth."""
    out = np.zeros((len(kind), COLUMNS), np.int64)
    tower, duct, cable, room = ((kind == k) for k in range(4))
    out[tower, :4] = rng.poisson((1, 1.5, 1.2, 0.6), (tower.sum(), 4))
    for column, scale in ((4, 150), (5, 25), (6, 30)):
        out[tower, column] = rng.gamma(2, scale, tower.sum())
    out[duct, :4] = rng.poisson((2, 1.5, 1, 0.4), (duct.sum(), 4))
    out[cable, 0] = rng.choice((2, 4, 8, 12, 24, 48, 96), cable.sum())
    out[room, 0], out[room, 1] = rng.poisson(20, room.sum()), rng.gamma(2, 60, room.sum())
    out[room, 2] = rng.choice((400, 600, 800, 1000, 1200), room.sum())
    return out


def _asked(rng: np.random.Generator, kind: Ints) -> Ints:
    out = np.zeros((len(kind), COLUMNS), np.int64)
    tower, duct, cable, room = (np.flatnonzero(kind == k) for k in range(4))
    out[tower, rng.integers(0, 4, len(tower))] = rng.choice((1, 1, 1, 2, 3), len(tower))
    for column, scale in ((4, 40), (5, 6), (6, 10)):
        out[tower, column] = rng.gamma(2, scale, len(tower))
    out[duct, rng.integers(0, 4, len(duct))] = rng.choice((1, 1, 2), len(duct))
    out[cable, 0] = rng.choice((1, 2, 2, 4, 8, 24), len(cable))
    out[room, 0], out[room, 1] = rng.choice((2, 4, 8, 20), len(room)), rng.gamma(2, 15, len(room))
    out[room, 2] = rng.choice((300, 500, 700), len(room))
    return out


def _pairs(supply: Market, demand: Market, wider: float) -> tuple[Ints, Ints, Floats]:
    """(need, listing, metres) of one kind within the need's radius, by need and listing."""
    needs, listings = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for kind in range(4):
        asked, offered = np.flatnonzero(demand.kind == kind), np.flatnonzero(supply.kind == kind)
        found = cKDTree(supply.where[offered]).query_ball_point(demand.where[asked], demand.radius[asked] * wider)
        count = np.fromiter(map(len, found), np.int64, len(found))
        needs.append(np.repeat(asked, count))
        listings.append(offered[np.fromiter((i for one in found for i in one), np.int64, int(count.sum()))])
    need, listing = np.concatenate(needs), np.concatenate(listings)
    order = np.lexsort((listing, need))
    need, listing = need[order], listing[order]
    return need, listing, np.hypot(*(supply.where[listing] - demand.where[need]).T)
