"""The FCC's antenna structures, 96,948 towers dealt out to five owners by the stated hash: imported, searched, shown on the map and
matched. What comes back is held to the file alone: owners by the hash, distances by Karney's geodesic.

The suite takes every fourth row on SQLite and every twentieth on PostgreSQL; `WHOLE=1` takes all of them on both.
"""

from __future__ import annotations

import csv
import hashlib
import math
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from pyproj import Geod
from sqlalchemy import func, select

from app.accounts.models import CompetenceGrant, Organisation
from app.assets import Asset
from app.db.work import Bus
from app.kernel.actor import Role
from app.listings import Listing
from app.matching import Match
from app.matching.run import run_now
from app.needs import Need
from scripts import fcc_towers
from tests.support import market, places
from tests.support.programs import Program
from tests.unit.maps.decoding import read_tile

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
GEOD = Geod(ellps="WGS84")
# in the sea, by the map's outlines of the nation: refused by row
OUTSIDE = {63287, 64493, 65633, 66306, 78662, 78684, 93094}
RADIUS_M, NEEDS, TIE_M = 3000, 60, 0.02
EVERY = {"sqlite": 4, "postgresql": 20}


@dataclass
class Nation:
    """`towers`: registration number → lon, lat of what was imported. `every`: of so many rows of the file one."""

    bus: Bus
    owners: dict[str, Program]
    carrier: Program
    towers: dict[str, tuple[float, float]]
    every: int


@pytest.fixture
def nation(app: Flask, bus: Bus, shared_data: Callable[[str], Path], tmp_path: Path) -> Nation:
    path = tmp_path / "towers.csv"
    every = 1 if os.environ.get("WHOLE") else EVERY["sqlite" if bus.database.is_sqlite else "postgresql"]
    read, refused, towers = sampled(shared_data("fcc_asr/antennas.csv.gz"), path, every)
    with bus.database.write() as session:

        def program(name: str, role: Role = Role.MANAGER, kind: str = "company") -> Program:
            made = places.organisation(session, name, "telecom", profile="us-fcc", kind=kind)
            return Program(market.signed_in(app, session, made, role), made.ref, made.id)

        owners = {name: program(name) for name in fcc_towers.OWNERS}
        carrier, office = program("Example Wireless"), program("Federal Commission", Role.OFFICER, "authority")
        grant = {"authority": "communications", "level": "national", "sectors": [], "regions": ["US"]}
        session.add(CompetenceGrant(organisation_id=office.organisation_id, **grant))
    said = load(app, "listings", path, "--organisation", fcc_towers.OWNERS[0], "--kind", "tower", *TOWERS)
    assert f"{read} rows read, {len(towers)} sound, {len(refused)} problems" in said
    assert all(f"D{row}:" in said for row in refused)
    needs = {"region": "US", "name": "US 2026", "opens_on": "2026-06-01", "closes_on": "2026-12-01"}
    address = f"/needs-lists/{office.send('/needs-lists', needs, status=201)['id']}"
    wishes = tmp_path / "needs.csv"
    wishes.write_text(WISHES + "".join(wish(number, towers[number]) for number in list(towers)[:: len(towers) // NEEDS]))
    load(app, "needs", wishes, "--list", "US 2026", "--organisation", "Example Wireless", "--kind", "tower", *ASKED)
    office.send(f"{address}/publish", version=office.version(address))
    return Nation(bus, owners, carrier, towers, every)


def sampled(source: Path, target: Path, every: int) -> tuple[int, list[int], dict[str, tuple[float, float]]]:
    """Write every so manyth row; how many those are, which of them lie in the sea, and where the others are."""
    fcc_towers.main(str(source), str(target))
    with target.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert len(lines) == 96_948
    chosen = list(enumerate(lines, 2))[::every]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(line for _, line in chosen)])
    refused = [row for row, (number, _) in enumerate(chosen, 2) if number in OUTSIDE]
    kept = (line for number, line in chosen if number not in OUTSIDE)
    return len(chosen), refused, {line[0]: (float(line[3]), float(line[4])) for line in kept}


TOWERS = (
    "--crs",
    "EPSG:4326",
    "--default",
    "structure=lattice",
    "--default",
    "platform=3",
    "--provenance",
    "derived",
    "--valid-rows",
)
ASKED = ("--crs", "EPSG:4326", "--provenance", "derived")
WISHES = "id,lon,lat,radius,quantity,top of antenna,load,wind area,start,end\n"


def wish(number: str, at: tuple[float, float]) -> str:
    """A mount near a tower, 700 m to its north."""
    return f"{number},{at[0]},{at[1] + 0.0063},{RADIUS_M},1,1,0,0,2027-01-01,2031-12-31\n"


def load(app: Flask, subject: str, path: Path, *options: str) -> str:
    done = app.test_cli_runner().invoke(args=[subject, "import", str(path), *options])
    assert done.exit_code == 0, done.output[-3000:]
    return str(done.output)


def owner_by_the_hash(number: str) -> str:
    """As docs and script state it, written once more."""
    return fcc_towers.OWNERS[int(hashlib.sha256(number.encode()).hexdigest()[:8], 16) % 5]


def near(nation: Nation, at: tuple[float, float], radius_m: float) -> dict[str, float]:
    """Number → metres of every tower within the radius, by Karney."""
    numbers = list(nation.towers)
    there = np.array([nation.towers[number] for number in numbers])
    close = np.flatnonzero(np.abs(there[:, 1] - at[1]) < radius_m / 100_000)
    here = np.broadcast_to(at, (len(close), 2))
    metres = GEOD.inv(here[:, 0], here[:, 1], there[close, 0], there[close, 1])[2]
    return {numbers[place]: m for place, m in zip(close.tolist(), metres.tolist(), strict=True) if m <= radius_m}


def test_towers_of_several_owners(nation: Nation) -> None:
    owners_follow_from_the_number(nation)
    the_search_finds_what_is_near(nation)
    the_map_shows_it(nation)
    every_pair_is_matched(nation)


def owners_follow_from_the_number(nation: Nation) -> None:
    with nation.bus.database.read() as session:
        rows = session.execute(
            select(Asset.owner_ref, Organisation.name, Asset.provenance, Asset.assumed)
            .join(Listing, Listing.asset_id == Asset.id)
            .join(Organisation, Organisation.id == Listing.owner_id)
        ).all()
    assert {row[0] for row in rows} == set(nation.towers)
    assert len(rows) == len(nation.towers)
    assert all(row[1] == owner_by_the_hash(row[0]) for row in rows)
    assert {row[2] for row in rows} == {"derived"}
    assert all({"structure", "platform"} <= set(row[3]) for row in rows)
    dealt = Counter(row[1] for row in rows)
    for name, owner in nation.owners.items():
        assert owner.get("/listings?owner=mine&limit=1")["count"] == dealt[name]


def the_search_finds_what_is_near(nation: Nation) -> None:
    """By distance, as the owner of some of it and as a carrier that sees all of it."""
    houston, radius = (-95.3698, 29.7604), 30_000
    expected = near(nation, houston, radius)
    assert len(expected) > 100 // nation.every
    query = f"/listings?lon={houston[0]}&lat={houston[1]}&radius_m={radius}&limit=1000"
    found = nation.carrier.get(query)
    assert found["count"] == len(expected)
    metres = [row["distance_m"] for row in found["results"]]
    assert metres == sorted(metres)
    assert metres == pytest.approx(sorted(expected.values()), abs=0.1)
    name, owner = next(iter(nation.owners.items()))
    assert owner.get(f"{query}&owner=mine")["count"] == sum(owner_by_the_hash(number) == name for number in expected)


def the_map_shows_it(nation: Nation) -> None:
    """Every tower of one tile is on it, one by one or counted."""
    z, (lon, lat) = 9, (-95.3698, 29.7604)
    n = 2**z
    x, y = int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)

    def column_and_row(at: tuple[float, float]) -> tuple[int, int]:
        return int((at[0] + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(at[1]))) / math.pi) / 2 * n)

    answer = nation.carrier.client.get(f"/maps/tiles/listings/{z}/{x}/{y}.mvt")
    assert answer.status_code == 200
    marks = read_tile(answer.data)["listings"]
    inside = [m for m in marks if all(0 <= px < 4096 and 0 <= py < 4096 for part in m.parts for px, py in part)]
    shown = sum(int(mark.properties.get("count", 1)) for mark in inside)
    assert shown == sum(column_and_row(at) == (x, y) for at in nation.towers.values())


def every_pair_is_matched(nation: Nation) -> None:
    run_now(nation.bus, None, lambda percent, message: None)
    with nation.bus.database.read() as session:
        stored = session.execute(
            select(Need.owner_ref, Asset.owner_ref)
            .join(Match, Match.need_id == Need.id)
            .join(Listing, Listing.id == Match.listing_id)
            .join(Asset, Asset.id == Listing.asset_id)
        )
        pairs = {(str(row[0]), str(row[1])) for row in stored}
        needs = session.scalar(select(func.count()).select_from(Need)) or 0
    assert needs >= NEEDS
    for number in {need for need, _ in pairs}:
        at = nation.towers[number]
        place = (at[0], at[1] + 0.0063)
        matched = {tower for need, tower in pairs if need == number}
        surely, perhaps = near(nation, place, RADIUS_M - TIE_M), near(nation, place, RADIUS_M + TIE_M)
        assert set(surely) <= matched <= set(perhaps), number
    assert len({need for need, _ in pairs}) == needs, "each wish lies beside a tower"
