"""Twenty shifted circles: somebody asks about one hidden place from twenty sides, through everything that takes a place, a
radius or a box, and keeps the transcript. What was learned is every place inside the cell that would have given the same one.

The attack is real: played on a listing that shows itself exactly, it narrows the place down.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, radians

import pytest
import shapely
from flask import Flask

from app.db.work import Bus
from app.disclosure import cell_bounds
from app.kernel.geometry import destination
from tests.contract.walk import scene as walk
from tests.contract.walk.scene import Thing
from tests.integration.disclosing import questions, requester
from tests.integration.disclosing.requester import Scene
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import people
from tests.support import programs as by

CELL = cell_bounds(114.0645, 22.545)
MIDDLE = ((CELL[0] + CELL[2]) / 2, (CELL[1] + CELL[3]) / 2)
CIRCLES = 20
RADIUS_M = 1000.0
Transcript = list[tuple[str, int, bytes]]


def circles() -> list[tuple[float, float]]:
    """Centres all around, at distances where the edge of the circle cuts the cell."""
    found = []
    for number in range(CIRCLES):
        lon, lat = destination(MIDDLE, 360 / CIRCLES * number, RADIUS_M - 450 + 45 * number)
        found.append((round(lon, 6), round(lat, 6)))
    return found


def places(cell: tuple[float, float, float, float] = CELL, inset: float = 0.01) -> list[tuple[float, float]]:
    """The middle of the cell, and its corners."""
    west, south, east, north = cell
    aside, up = (east - west) * inset, (north - south) * inset
    corners = [(x, y) for x in (west + aside, east - aside) for y in (south + up, north - up)]
    return [MIDDLE, *corners]


def about_places(scene: Scene, need: str) -> dict[str, set[str]]:
    """Every address that can be asked about a place, with what it reads: found by asking each route of the map once."""
    things = {name: Thing(ref) for name, ref in {**scene.refs, "asset": scene.refs["hidden"], "need": need}.items()}
    asking = questions.Asking(walk.Scene(scene.app, scene.programs.bus, things, {}), {}, scene.api, scene.person)
    found, unknown = {}, set()
    for route in questions.reading():
        if "<int:z>" not in route.path:
            path = next(asking.paths(route))
            with questions.noting(scene.app):
                asking.ask(path)
            names = asking.names(route, path)
            unknown |= {f"{route.path}: {name}" for name in questions.unplaced(names)}
            if next(questions.about(names, 0, 0, 0), None) or "bbox" in names:
                found[path] = names
    assert not unknown, f"say in questions.PLACES how to ask about a place with {sorted(unknown)}"
    assert len(found) >= 6, found
    return found


def asked(scene: Scene, needs: list[str], places: dict[str, set[str]]) -> Iterator[str]:
    """Every question about a place. One that asks about nothing but a need is the same for every circle."""
    listing = scene.refs["listing"]
    for (lon, lat), need in zip(circles(), needs, strict=True):
        for path, names in places.items():
            yield from (f"{path}?{query}" for query in questions.about(names, lon, lat, RADIUS_M))
        yield f"/api/v1/needs/{need}"
        yield f"/api/v1/needs/{need}/matches"
        yield f"/api/v1/needs/{need}/matches/{listing}"  # why not: margins, scores, the smallest change
    yield from (
        "/api/v1/needs?limit=100",
        "/needs/",
        "/cobuilding",
        "/api/v1/cobuild-groups",
        "/allocations",
        "/api/v1/allocations",
    )
    yield from (f"{path}?bbox={box}" for path, names in places.items() if "bbox" in names for box in bisected())
    yield from (f"/maps/tiles/listings/{z}/{x}/{y}.mvt" for z, x, y in requester.TILES)
    yield from (f"/maps/tiles/listings/16/{x}/{y}.mvt" for x in range(53532, 53536) for y in range(28580, 28584))


def bisected() -> Iterator[str]:
    """The cell cut in halves, both ways, again and again."""
    west, south, east, north = CELL
    for parts in (2, 4, 8):
        xs = [west + (east - west) * n / parts for n in range(parts + 1)]
        ys = [south + (north - south) * n / parts for n in range(parts + 1)]
        yield from (f"{a},{south},{b},{north}" for a, b in pairwise(xs))
        yield from (f"{west},{a},{east},{b}" for a, b in pairwise(ys))


def transcript(scene: Scene, needs: list[str], places: dict[str, set[str]]) -> Transcript:
    found = []
    for address in dict.fromkeys(asked(scene, needs, places)):
        is_page = not address.startswith(("/api/", "/maps/"))
        answer = (scene.person if is_page else scene.api).get(address, headers=people.PAGE if is_page else {})
        body = answer.data
        for pattern, instead in requester.RANDOM:
            body = pattern.sub(instead, body)
        found.append((address, answer.status_code, body))
    return found


def prepared(app: Flask, bus: Bus, tier: str) -> tuple[Scene, list[str]]:
    """Twenty needs, each a circle; the tower at the cell's middle."""
    programs = by.shenzhen(app, bus)
    tower = {**LISTING["asset"], "geometry": {"type": "Point", "coordinates": list(MIDDLE)}}
    made = programs.owner.send("/listings", {**LISTING, "tier": tier, "asset": tower}, status=201)
    refs = {"hidden": made["asset"]["id"], "listing": made["id"]}
    round_ = by.open_round(programs)
    body = {**NEED, "needs_list": round_.rpartition("/")[2], "radius_m": RADIUS_M}
    needs = [
        str(
            programs.requester.send("/needs", {**body, "geometry": {"type": "Point", "coordinates": list(centre)}}, status=201)[
                "id"
            ]
        )
        for centre in circles()
    ]
    by.publish_round(programs, round_)
    programs.work_off()
    who = people.person(bus, people.Made(0, programs.requester.organisation, ""), "manager", name="Asker")
    return Scene(app, programs, refs, programs.requester.client, people.signed_in(app, who)), needs


def learned(scene: Scene, needs: list[str], tried: list[tuple[float, float]]) -> tuple[list[tuple[float, float]], list[str]]:
    """The places that give the first place's transcript, and where the others differ."""
    first: Transcript = []
    same, told = [], []
    routes = about_places(scene, needs[0])
    for place in tried:
        scene.move(scene.refs["hidden"], *place)
        now = transcript(scene, needs, routes)
        first = first or now
        differing = [one[0] for one, other in zip(now, first, strict=True) if one != other]
        told += differing[:3]
        if not differing:
            same.append(place)
    return same, told


def area_m2(points: list[tuple[float, float]]) -> float:
    scale = cos(radians(MIDDLE[1])) * 111_320 * 110_800
    return float(shapely.MultiPoint(points).convex_hull.area) * scale


def corners_area(cell: tuple[float, float, float, float]) -> float:
    west, south, east, north = cell
    return area_m2([(west, south), (west, north), (east, south), (east, north)])


@pytest.mark.slow
@pytest.mark.parametrize("tier", ["T1", "T0"])
def test_twenty_circles_learn_no_more_than_the_cell(app: Flask, bus: Bus, tier: str) -> None:
    scene, needs = prepared(app, bus, tier)
    same, told = learned(scene, needs, places())
    assert told == []
    # places are a hundredth of the cell inside its edges
    assert area_m2(same) > 0.95 * corners_area(CELL), (area_m2(same), corners_area(CELL))


@pytest.mark.slow
def test_the_attack_is_one(app: Flask, bus: Bus) -> None:
    """On a listing that shows itself exactly the same questions tell every place from every other."""
    scene, needs = prepared(app, bus, "T2")
    same, told = learned(scene, needs, places()[:2])
    assert len(same) == 1
    assert told
