"""New Zealand through the product, whole: 38,128 structures as tower listings, 19,278 cells as needs. What a run finds and
stores is every pair by Karney's geodesic, computed from the files alone; one need goes on to committed capacity by the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from flask import Flask
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import CompetenceGrant
from app.assets import Asset
from app.db.work import Bus
from app.engine import Params, solve
from app.kernel.actor import Role
from app.ledger import Claim
from app.listings import Listing
from app.matching import Match, NeedResult
from app.matching.run import run_now
from app.matching.source import Scope, load_problem
from app.needs import Need
from scripts import nz_needs
from tests.support import market, new_zealand, places
from tests.support.programs import Program, Programs, decide, drafted, sign_and_submit

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
Find = Callable[[str], Path]
Pairs = set[tuple[str, str]]
STRUCTURES = (
    "--kind",
    "tower",
    "--organisation",
    "Transpower",
    "--map",
    "MXLOCATION=title",
    "--map",
    "OBJECTID=reference",
    "--default",
    "structure=power_line",
    "--default",
    "structure_height_m=35",
    "--default",
    "antenna_top_limit_m=25",
    "--default",
    "platform=2",
    "--default",
    "load_kg=200",
    "--default",
    "wind_area_m2=2",
    "--provenance",
    "derived",
)
TIE_M = 0.02  # the engine's distances are this near to Karney's: pairs so close to the rim may fall on either side


@dataclass
class Country:
    """What the files say: places by the reference under which they were imported."""

    bus: Bus
    people: Programs
    structures: dict[str, tuple[float, float]]
    cells: dict[str, tuple[float, float, float]]  # lon, lat, radius
    low: frozenset[str]  # cells that the stated default of 25 m serves


@pytest.fixture
def nation() -> Iterator[None]:
    with new_zealand.jurisdiction():
        yield


@pytest.fixture
def country(nation: None, app: Flask, bus: Bus, shared_data: Find, tmp_path: Path) -> Country:
    """All of it on SQLite; on PostgreSQL the first 4,000 structures and every tenth cell."""
    whole = bus.database.is_sqlite
    source, structures = _structures(shared_data("transpower_nz/Structures-shp.zip"), tmp_path, None if whole else 4000)
    path, cells, low = _cells(shared_data("nz_cells_opencellid/cell-towers.geojson.gz"), tmp_path, 1 if whole else 10)
    people = _people(app, bus)
    administration = people.administration
    body = {
        "region": "NZ",
        "name": "New Zealand 2026",
        "name_zh": "新西兰 2026",
        "opens_on": "2026-06-01",
        "closes_on": "2026-12-01",
    }
    address = f"/needs-lists/{administration.send('/needs-lists', body, status=201)['id']}"
    _run(app, "listings", "import", source, *STRUCTURES)
    _run(app, "needs", "import", path, "--list", "New Zealand 2026", "--provenance", "derived")
    assert administration.send(f"{address}/publish", version=administration.version(address))["published"] == len(cells)
    return Country(bus, people, structures, cells, low)


def _structures(archive: Path, folder: Path, first: int | None) -> tuple[Path, dict[str, tuple[float, float]]]:
    meta, _, wkb, data = pyogrio.raw.read(archive, max_features=first)
    numbers = data[list(meta["fields"]).index("OBJECTID")]
    xy = shapely.get_coordinates(shapely.from_wkb(wkb))
    lon, lat = Transformer.from_crs(2193, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    found = {str(int(number)): (x, y) for number, x, y in zip(numbers, lon.tolist(), lat.tolist(), strict=True)}
    if first is None:
        assert len(found) == 38_128
        return archive, found
    target = folder / "structures.gpkg"
    pyogrio.raw.write(target, wkb, data, meta["fields"], geometry_type="Point", crs=meta["crs"], driver="GPKG")
    return target, found


def _cells(source: Path, folder: Path, step: int) -> tuple[Path, dict[str, tuple[float, float, float]], frozenset[str]]:
    features = list(nz_needs.features(source))
    assert len(features) == 19_278
    low = frozenset(f["properties"]["reference"] for f in features if f["properties"]["height_m"] <= 25)
    target = folder / "needs.geojson"
    target.write_text(json.dumps({"type": "FeatureCollection", "features": features[::step]}), encoding="utf-8")
    return (
        target,
        {f["properties"]["reference"]: (*f["geometry"]["coordinates"], f["properties"]["radius_m"]) for f in features[::step]},
        low,
    )


def _people(app: Flask, bus: Bus) -> Programs:
    """Transpower, the three carriers, the national administration and the power regulator, as programs."""
    with bus.database.write() as session:

        def program(name: str, sector: str, role: Role = Role.MANAGER, kind: str = "company") -> Program:
            made = places.organisation(session, name, sector, profile=new_zealand.PROFILE, kind=kind)
            return Program(market.signed_in(app, session, made, role), made.ref, made.id)

        def authority(name: str, sector: str, what: str, sectors: list[str]) -> Program:
            made = program(name, sector, Role.OFFICER, "authority")
            session.add(
                CompetenceGrant(
                    organisation_id=made.organisation_id, authority=what, level="national", sectors=sectors, regions=["NZ"]
                )
            )
            row = session.get_one(places.Organisation, made.organisation_id)
            made.colleague = Program(market.signed_in(app, session, row, Role.OFFICER), made.organisation, made.organisation_id)
            return made

        owner, spark, one = program("Transpower", "power"), program("Spark", "telecom"), program("One NZ", "telecom")
        program("2degrees", "telecom")
        ministry = authority("Ministry of Communications", "telecom", "communications", [])
        return Programs(bus, owner, spark, one, ministry, authority("Electricity Authority", "power", "sector", ["power"]))


def _run(app: Flask, *arguments: object) -> None:
    done = app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output


def karney(country: Country) -> tuple[Pairs, Pairs]:
    """(pairs surely within reach, pairs perhaps within reach): every pair by `pyproj.Geod`, near ones looked up on the national
    grid."""
    cells, structures = list(country.cells), list(country.structures)
    here = np.array([country.cells[name] for name in cells])
    there = np.array([country.structures[name] for name in structures])
    grid = Transformer.from_crs(4326, 2193, always_xy=True)
    flat = cKDTree(np.column_stack(grid.transform(there[:, 0], there[:, 1])))  # its scale is within 1 %
    near = flat.query_ball_point(np.column_stack(grid.transform(here[:, 0], here[:, 1])), here[:, 2] * 1.05 + 5)
    need = np.repeat(np.arange(len(cells)), [len(found) for found in near])
    listing = np.concatenate([np.asarray(found, np.int64) for found in near])
    metres = Geod(ellps="WGS84").inv(here[need, 0], here[need, 1], there[listing, 0], there[listing, 1])[2]

    def pairs(slack: float) -> Pairs:
        inside = metres <= here[need, 2] + slack
        return {(cells[n], structures[li]) for n, li in zip(need[inside].tolist(), listing[inside].tolist(), strict=True)}

    return pairs(-TIE_M), pairs(TIE_M)


def names_of(session: Session) -> tuple[dict[int, str], dict[int, str]]:
    """Need id → reference of the cell, listing id → number of the structure."""
    needs = session.execute(select(Need.id, Need.owner_ref))
    listings = session.execute(select(Listing.id, Asset.owner_ref).join(Asset, Asset.id == Listing.asset_id))
    return {row[0]: str(row[1]) for row in needs}, {row[0]: str(row[1]) for row in listings}


def engine_pairs(problem: Any, needs: dict[int, str], listings: dict[int, str]) -> tuple[Pairs, str]:
    """Every pair that the engine finds in reach in what the database holds, and the hash of its answer."""
    solved = solve(problem, Params(keep_pairs=True))
    assert solved.pairs is not None
    need_ids, listing_ids = problem.needs.id.tolist(), problem.listings.id.tolist()
    rows = zip(solved.pairs.need.tolist(), solved.pairs.listing.tolist(), strict=True)
    return {(needs[need_ids[n]], listings[listing_ids[li]]) for n, li in rows}, solved.answer_hash


def test_every_pair_is_found_and_stored(country: Country) -> None:
    _, result = run_now(country.bus, None, lambda percent, message: None)
    with country.bus.database.read() as session:
        problem = load_problem(session, Scope(kind="tower"))
        needs, listings = names_of(session)
        stored = {(needs[row[0]], listings[row[1]]) for row in session.execute(select(Match.need_id, Match.listing_id))}
        counted = {needs[row.need_id]: (row.in_reach, row.feasible) for row in session.scalars(select(NeedResult))}
        statuses = {str(row[0]): row[1] for row in session.execute(select(Need.owner_ref, Need.status))}
    assert (len(problem.listings), len(problem.needs)) == (len(country.structures), len(country.cells))
    sure, possible = karney(country)
    found, answer_hash = engine_pairs(problem, needs, listings)
    assert len(sure) > (1_000 if country.bus.database.is_sqlite else 100)
    assert sure <= found <= possible
    assert answer_hash == result.answer_hash
    near: dict[str, Pairs] = {name: set() for name in country.cells}
    for pair in found:
        near[pair[0]].add(pair)
    by_need = {name: pairs if name in country.low else set() for name, pairs in near.items()}
    assert counted == {name: (len(near[name]), len(pairs)) for name, pairs in by_need.items()}
    assert statuses == {name: "matched" if pairs else "published" for name, pairs in by_need.items()}
    whole = {pair for pairs in by_need.values() if len(pairs) <= result.params.top_k for pair in pairs}
    crowded = {name for name, pairs in by_need.items() if len(pairs) > result.params.top_k}
    assert stored <= set().union(*by_need.values())
    assert {pair for pair in stored if pair[0] not in crowded} == whole
    assert all(sum(pair in stored for pair in by_need[name]) >= result.params.top_k for name in crowded)
    one_need_to_committed_capacity(country)


def one_need_to_committed_capacity(country: Country) -> None:
    """The first matched need of Spark, by the API alone: request, offer, agreement, both regulators, committed capacity."""
    people = country.people
    spark = people.requester
    need = spark.get("/needs?mine=1&status=matched&limit=1")["results"][0]["id"]
    best = spark.get(f"/needs/{need}/matches")["results"][0]
    assert best["colour"] == "green", best
    assert all(reason["passed"] for reason in best["reasons"])
    body = {"need": need, "listing": best["listing"]["id"], "submit": True}
    asked = f"/access-requests/{spark.send('/access-requests', body, status=201)['id']}"
    # the structures carry no price: the owner names one
    people.owner.send(f"{asked}/accept", {"price_minor": 600_000}, version=people.owner.version(asked))
    agreement = drafted(people, asked)
    sign_and_submit(people, agreement)
    for regulator in (people.administration, people.regulator):
        decide(regulator, agreement)
    assert spark.get(agreement)["status"] == "in_force"
    committed = select(func.count()).select_from(Claim).where(Claim.kind == "committed", Claim.state == "active")
    with country.bus.database.read() as session:
        assert session.scalar(committed)
