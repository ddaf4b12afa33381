"""Who is in reach: against Karney's geodesic, everywhere on the globe, for points, lines, areas and routes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from app.engine import ListingRow, NeedRow, Params, explain, problem_from_rows, solve
from app.engine.earth import between, ecef_cm
from tests.unit.engine.oracle import GEOD, THING

TIE_MM = 20  # the rule at the radius may differ from the geodesic by this much
PLACES = {
    "antimeridian": (180.0, -17.0),
    "antimeridian, written west": (-180.0, 66.0),
    "north pole": (33.0, 89.999),
    "south pole": (-120.0, -89.9995),
    "both poles' edge": (10.0, -90.0),
    "band border": (116.0, 40.0),
    "null island": (0.0, 0.0),
    "Wellington": (174.78, -41.29),
}


def pairs_of(listings: list[ListingRow], needs: list[NeedRow]) -> dict[tuple[int, int], int]:
    problem = problem_from_rows((THING,), listings, needs)
    pairs = solve(problem, Params(keep_pairs=True, near_k=0)).pairs
    assert pairs is not None
    keys = zip(problem.needs.id[pairs.need].tolist(), problem.listings.id[pairs.listing].tolist(), strict=True)
    found = dict(zip(keys, pairs.distance_mm.tolist(), strict=True))
    assert len(found) == len(pairs.need), "a pair twice"
    return found


def listing(id_: int, place: shapely.Geometry) -> ListingRow:
    return ListingRow(id_, "thing", 1, place)


def need(id_: int, place: shapely.Geometry, radius_m: float) -> NeedRow:
    return NeedRow(id_, "thing", 2, place, radius_m)


def agree(
    found: dict[tuple[int, int], int], exact: dict[tuple[int, int], float], radius: dict[int, float], slack_mm: float = TIE_MM
) -> None:
    """`exact`: metres of every pair. Same set but for ties, same distance within the slack."""
    for key, metres in exact.items():
        limit = radius[key[0]] * 1000
        if abs(metres * 1000 - limit) > slack_mm:
            assert (key in found) == (metres * 1000 <= limit), (key, metres, found.get(key))
        if key in found:
            assert abs(found[key] - metres * 1000) <= slack_mm
    assert found.keys() <= exact.keys()


@pytest.mark.parametrize("name", PLACES)
def test_points_anywhere(backend: str, name: str) -> None:
    rng, (lon, lat), n, m = np.random.default_rng(len(name)), PLACES[name], 1500, 60
    far = rng.uniform(0, 8000, n)
    far[:200] = 2000.0  # on the circle itself
    lons, lats, _ = GEOD.fwd(np.full(n, lon), np.full(n, lat), rng.uniform(0, 360, n), far)
    at = rng.integers(0, n, m)
    centres = [(lon, lat, 2000.0), *((lons[a], lats[a], float(r)) for a, r in zip(at, rng.integers(100, 4000, m), strict=True))]
    listings = [listing(i, shapely.Point(lons[i], lats[i])) for i in range(n)]
    needs = [need(10_000 + q, shapely.Point(x, y), r) for q, (x, y, r) in enumerate(centres)]
    exact = {}
    for q, (x, y, _) in enumerate(centres):
        d = GEOD.inv(np.full(n, x), np.full(n, y), lons, lats)[2]
        exact |= {(10_000 + q, i): float(d[i]) for i in range(n)}
    agree(pairs_of(listings, needs), exact, {10_000 + q: c[2] for q, c in enumerate(centres)})


@pytest.mark.parametrize("radius_km", [1, 20, 100, 300, 499])
@pytest.mark.parametrize("lat", [-89.0, -45.0, 0.0, 30.0, 71.0])
def test_the_arc_is_good_to_the_largest_reach(radius_km: int, lat: float) -> None:
    """Without rounding to centimetres the arc is within 1 mm; with it, within 2 cm."""
    n = 2000
    lons, lats, _ = GEOD.fwd(np.full(n, 20.0), np.full(n, lat), np.linspace(0, 360, n), np.full(n, radius_km * 1000.0))
    a, b = ecef_cm(np.full(n, 20.0), np.full(n, lat)).astype(float), ecef_cm(np.array(lons), np.array(lats)).astype(float)
    assert np.abs(between(a, a, b, b) - radius_km * 1_000_000).max() <= TIE_MM


def walk(rng: np.random.Generator, start: tuple[float, float], legs: int, leg_m: float) -> list[tuple[float, float]]:
    points, heading = [start], rng.uniform(0, 360)
    for _ in range(legs):
        heading += rng.normal(0, 40)
        lon, lat, _ = GEOD.fwd(*points[-1], heading, leg_m * rng.uniform(0.3, 1.5))
        points.append((lon, lat))
    return points


def dense(points: list[tuple[float, float]], step_m: float, geodesic: bool = False) -> np.ndarray:  # type: ignore[type-arg]
    """A line as points close together; straight in longitude and latitude, or along the geodesic."""
    out = [points[:1]]
    for (x0, y0), (x1, y1) in pairwise(points):
        x1 -= 360 * round((x1 - x0) / 360)
        k = max(2, int(GEOD.inv(x0, y0, x1, y1)[2] / step_m))
        if geodesic:
            out.append([*GEOD.npts(x0, y0, x1, y1, k), (x1, y1)])
        else:
            f = np.linspace(0, 1, k + 1)[1:]
            out.append(np.column_stack((x0 + (x1 - x0) * f, y0 + (y1 - y0) * f)))  # type: ignore[arg-type]
    return np.concatenate([np.asarray(o, float) for o in out])


@pytest.mark.parametrize("centre", [(174.78, -41.29), (180.0, 12.0), (-30.0, 84.0)])
def test_lines_by_their_nearest_point(backend: str, centre: tuple[float, float]) -> None:
    rng = np.random.default_rng(5)
    lines = []
    for _ in range(25):
        lon, lat, _ = GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(0, 6000))
        lines.append(walk(rng, (lon, lat), int(rng.integers(1, 6)), float(rng.choice([60, 700, 3000]))))
    circles, exact, radius = [], {}, {}
    samples = [dense(line, 2.0) for line in lines]
    for q in range(15):
        lon, lat, _ = GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(0, 6000))
        radius[1000 + q] = float(rng.integers(100, 3000))
        circles.append(need(1000 + q, shapely.Point(lon, lat), radius[1000 + q]))
        for i, s in enumerate(samples):
            exact[1000 + q, i] = float(min(GEOD.inv(np.full(len(s), lon), np.full(len(s), lat), s[:, 0], s[:, 1])[2]))
    found = pairs_of([listing(i, shapely.LineString(line)) for i, line in enumerate(lines)], circles)
    agree(found, exact, radius, slack_mm=100)  # the oracle itself steps by 2 m: up to 1 cm off sideways at 50 m, more when near
    assert found


@pytest.mark.parametrize("legs", [1, 4])
@pytest.mark.parametrize("leg_m", [60.0, 300.0])
def test_short_routes_among_points_alone(backend: str, legs: int, leg_m: float) -> None:
    """A route of one section is a line too: its nearest point counts, not where it was drawn from."""
    rng, centre = np.random.default_rng(8), (180.0, 12.0)
    n = 100
    lons, lats, _ = GEOD.fwd(np.full(n, centre[0]), np.full(n, centre[1]), rng.uniform(0, 360, n), rng.uniform(0, 6000, n))
    routes, radius = [], {}
    exact: dict[tuple[int, int], float] = {}
    for q in range(8):
        lon, lat, _ = GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(0, 6000))
        line = walk(rng, (lon, lat), legs, leg_m)
        radius[1000 + q] = float(rng.integers(100, 3000))
        routes.append(need(1000 + q, shapely.LineString(line), radius[1000 + q]))
        x, y = dense(line, 0.5).T
        each = np.tile(np.arange(n), len(x))
        metres = GEOD.inv(np.repeat(x, n), np.repeat(y, n), lons[each], lats[each])[2].reshape(len(x), n).min(axis=0)
        exact |= {(1000 + q, i): float(metres[i]) for i in range(n)}
    found = pairs_of([listing(i, shapely.Point(lons[i], lats[i])) for i in range(n)], routes)
    agree(found, exact, radius, slack_mm=100)
    assert found


def test_routes_reach_lines_within_their_corridor(backend: str) -> None:
    rng, centre = np.random.default_rng(6), (179.9, -38.0)
    lines = [walk(rng, GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(0, 40_000))[:2], 3, 800.0) for _ in range(30)]
    routes, exact, radius = [], {}, {}
    samples = [dense(line, 12.0) for line in lines]
    for q in range(4):
        ends = [GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(5000, 40_000))[:2] for _ in range(2)]
        radius[1000 + q] = float(rng.integers(500, 6000))
        routes.append(need(1000 + q, shapely.LineString(ends), radius[1000 + q]))
        path = dense(ends, 60.0, geodesic=True)
        for i, s in enumerate(samples):
            a, b = np.repeat(np.arange(len(path)), len(s)), np.tile(np.arange(len(s)), len(path))
            p, t = ecef_cm(path[:, 0], path[:, 1]).astype(float), ecef_cm(s[:, 0], s[:, 1]).astype(float)
            d = between(p[a], p[a], t[b], t[b])
            exact[1000 + q, i] = float(d.min()) / 1000
    found = pairs_of([listing(i, shapely.LineString(line)) for i, line in enumerate(lines)], routes)
    for key, metres in exact.items():  # the oracle's points can only be farther apart than the lines, by at most half their steps
        assert key not in found or found[key] <= metres * 1000 + 30
        assert key not in found or found[key] >= metres * 1000 - 30_000
        assert key in found or metres > radius[key[0]] - 0.05
    assert 5 < len(found) < len(exact)


def square(lon: float, lat: float, half: float) -> list[tuple[float, float]]:
    return [(lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half)]


@pytest.mark.parametrize("lon", [20.0, 179.98, -179.98])
def test_areas_hold_what_lies_inside(backend: str, lon: float) -> None:
    """Needs and listings as areas, with a hole, across the antimeridian; 0 m apart where they meet."""
    ring, hole = square(lon, 50.0, 0.1), square(lon, 50.0, 0.02)
    area = (
        shapely.Polygon([((x + 180) % 360 - 180, y) for x, y in ring], [[((x + 180) % 360 - 180, y) for x, y in hole]])
        if abs(lon) < 90
        else (shapely.Polygon(ring, [hole]))
    )
    inside, in_hole, outside = (lon + 0.05, 50.01), (lon, 50.0), (lon + 0.11, 50.0)
    points = [shapely.Point((x + 180) % 360 - 180, y) for x, y in (inside, in_hole, outside)]
    crossing = shapely.LineString([outside, inside])
    listings = [
        *(listing(i, p) for i, p in enumerate(points)),
        listing(3, crossing),
        listing(4, shapely.Polygon(square(lon + 0.1, 50.1, 0.01))),
    ]
    found = pairs_of(listings, [need(1000, area, 0), need(1001, area, 800)])
    assert {k: v for k, v in found.items() if k[0] == 1000} == {(1000, 0): 0, (1000, 3): 0, (1000, 4): 0}
    beyond = GEOD.inv(*outside, lon + 0.1, 50.0)[2]
    assert {k[1] for k in found if k[0] == 1001} == {0, 2, 3, 4}
    assert abs(found[1001, 2] / 1000 - beyond) < 0.5
    as_listing = pairs_of([listing(9, area)], [need(2000 + i, p, 800) for i, p in enumerate(points)])
    assert as_listing[2000, 9] == 0
    assert as_listing[2002, 9] == found[1001, 2]
    assert (2001, 9) not in as_listing


def test_a_drawn_antimeridian_polygon_unwraps() -> None:
    """Vertices that jump from 179.9 to −179.9 mean the short way."""
    area = shapely.Polygon([(179.9, 0), (-179.9, 0), (-179.9, 0.2), (179.9, 0.2)])
    found = pairs_of([listing(1, shapely.Point(-179.95, 0.1)), listing(2, shapely.Point(0, 0.1))], [need(9, area, 0)])
    assert found == {(9, 1): 0}


def test_far_pairs_have_their_distance() -> None:
    """Anywhere on earth, for an explanation."""
    problem = problem_from_rows((THING,), [listing(1, shapely.Point(-3.7, 40.4))], [need(2, shapely.Point(174.8, -41.3), 1000)])
    assert abs(explain(problem, 0, 0).distance_mm / 1000 - GEOD.inv(-3.7, 40.4, 174.8, -41.3)[2]) < 0.01


def test_the_radius_is_closed(backend: str) -> None:
    place = shapely.Point(10, 10)
    other = shapely.Point(*GEOD.fwd(10, 10, 77, 1500)[:2])
    problem = problem_from_rows((THING,), [listing(1, other)], [need(2, place, 3000)])
    far = explain(problem, 0, 0).distance_mm
    for radius_m, inside in ((far / 1000, True), ((far - 1) / 1000, False)):
        assert bool(pairs_of([listing(1, other)], [need(2, place, radius_m)])) == inside
