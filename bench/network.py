"""A generated national network of several owners' sections: cities by Zipf's law, joints, handovers between owners, gaps.

A section joins neighbours of a Delaunay triangulation, each by one of three owners that are strong in its 30 km patch; owners
hand over where they meet at a place. The largest piece is kept. The same seed makes the same network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import Delaunay

from app.engine.csr import pointer
from app.engine.routing.near import clusters
from app.engine.routing.network import ENDLESS, HANDOVER, SPAN, Network

PROJECTION = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=WGS84"
BOX = (100.0, 122.0, 22.0, 45.0)
CITIES, OWNERS, PATCH_M, LONGEST_M = 300, 24, 30_000, 60_000
HANDOVER_MINOR = 3_000
Ints = NDArray[np.int64]


def joints(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Projected places: four fifths around cities, the rest anywhere."""
    west, east, south, north = BOX
    city = np.column_stack((rng.uniform(west, east, CITIES), rng.uniform(south, north, CITIES)))
    share = np.arange(1, CITIES + 1) ** -0.8
    of = rng.choice(CITIES, count, p=share / share.sum())
    spread = 0.05 * (share[of] / np.median(share)) ** 0.38
    around = city[of] + rng.normal(0, 1, (count, 2)) * spread[:, None]
    anywhere = np.column_stack((rng.uniform(west, east, count), rng.uniform(south, north, count)))
    lonlat = np.where((rng.random(count) < 0.8)[:, None], around, anywhere)
    x, y = Transformer.from_crs(4326, PROJECTION, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    return np.unique(np.column_stack((x, y)).round(), axis=0)


def national(places: int, seed: int = 3) -> Network:
    """About four edges for each of so many places."""
    rng = np.random.default_rng(seed)
    at = joints(rng, places)
    pairs, metres = _neighbours(rng, at)
    patch = (at[:, 0] // PATCH_M).astype(np.int64) * 7919 + (at[:, 1] // PATCH_M).astype(np.int64) * 104_729
    owner = (np.abs(patch[pairs[:, 0]]) * 31 + rng.choice(3, len(pairs), p=(0.55, 0.3, 0.15)) * 7) % OWNERS
    ends = pairs * OWNERS + owner[:, None]
    node = np.unique(ends)
    tail, head = np.searchsorted(node, ends[:, 0]), np.searchsorted(node, ends[:, 1])
    place, sections = node // OWNERS, len(pairs)
    over = [(k, np.flatnonzero(place[:-k] == place[k:])) for k in range(1, 5)]
    tail = np.concatenate((tail, *(here for _, here in over)))
    head = np.concatenate((head, *(here + k for k, here in over)))
    handed = len(tail) - sections
    length = np.concatenate(((metres * rng.uniform(1.05, 1.35, sections) * 1000).astype(np.int64), np.zeros(handed, np.int64)))
    rent = np.maximum(1, (length[:sections] / 1000 * rng.uniform(3, 8, sections)).astype(np.int64))
    free = np.concatenate((rng.poisson(2.2, sections), np.full(handed, ENDLESS)))
    return _largest_piece(at[place], node % OWNERS, place, tail, head, length, rent, free)


def _neighbours(rng: np.random.Generator, at: NDArray[np.float64]) -> tuple[Ints, NDArray[np.float64]]:
    """Edges of the triangulation that are not long for where they are, three quarters of them."""
    corner = Delaunay(at).simplices
    pairs = np.unique(np.sort(np.concatenate((corner[:, :2], corner[:, 1:], corner[:, [0, 2]])), axis=1), axis=0).astype(np.int64)
    metres = np.hypot(*(at[pairs[:, 0]] - at[pairs[:, 1]]).T)
    nearest = np.full(len(at), np.inf)
    for end in (0, 1):
        np.minimum.at(nearest, pairs[:, end], metres)
    usual = metres < 4.0 * np.maximum(nearest[pairs[:, 0]], nearest[pairs[:, 1]])
    keep = usual & (rng.random(len(pairs)) > 0.25) & (metres < LONGEST_M)
    return pairs[keep], metres[keep]


def _largest_piece(
    at: NDArray[np.float64], owner: Ints, place: Ints, tail: Ints, head: Ints, length: Ints, rent: Ints, free: Ints
) -> Network:
    """Numbered along a Z-order of kilometre squares, so that what is near is near in memory."""
    piece = clusters(len(at), tail, head)
    kept = np.flatnonzero(piece == np.bincount(piece).argmax())
    kept = kept[np.argsort(_z_order(((at[kept] - at.min(0)) / 200).astype(np.uint64)), kind="stable")]
    number = np.full(len(at), -1)
    number[kept] = np.arange(len(kept))
    edge = np.flatnonzero(number[tail] >= 0)
    lon, lat = Transformer.from_crs(PROJECTION, 4326, always_xy=True).transform(*at[kept].T)
    is_section = edge < len(rent)
    return Network(
        owner=owner[kept],
        site=np.unique(place[kept], return_inverse=True)[1].astype(np.int64),
        lon=np.asarray(lon),
        lat=np.asarray(lat),
        tail=number[tail[edge]],
        head=number[head[edge]],
        kind=np.where(is_section, SPAN, HANDOVER),
        span=np.where(is_section, edge, -1),
        length_mm=length[edge],
        rent_minor=np.where(is_section, np.concatenate((rent, np.zeros(len(tail) - len(rent), np.int64)))[edge], 0),
        once_minor=np.where(is_section, 0, HANDOVER_MINOR),
        loss_udb=length[edge] // 1_000_000 * 220_000 // 1000,
        free=free[edge],
        risk_ptr=pointer(np.zeros(len(edge), np.int64)),
        risk=np.zeros(0, np.int64),
    )


def _z_order(cell: NDArray[np.uint64]) -> NDArray[np.uint64]:
    spread = cell & np.uint64(0xFFFFFFFF)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread[:, 0] | (spread[:, 1] << np.uint64(1))


def far_pairs(network: Network, count: int, low_m: float, high_m: float, seed: int = 0) -> list[tuple[int, int]]:
    """Pairs of nodes that lie so far apart."""
    rng = np.random.default_rng(seed)
    x, y = Transformer.from_crs(4326, PROJECTION, always_xy=True).transform(network.lon, network.lat)
    found: list[tuple[int, int]] = []
    while len(found) < count:
        a = int(rng.integers(len(network)))
        far = np.hypot(x - x[a], y - y[a])
        there = np.flatnonzero((far > low_m) & (far < high_m))
        if len(there):
            found.append((a, int(rng.choice(there))))
    return found
