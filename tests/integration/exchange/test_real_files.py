"""Real files through the dry run: needs list, metro in BD-09, the Dutch pair, towers of New Zealand, spans of Kenya."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import pyogrio.raw
import pytest
import shapely
from pyproj import Geod

from app.exchange.crs import parse_crs
from app.exchange.drafts import Draft
from app.exchange.mapping import Mapping
from app.exchange.targets import Subject
from tests.unit.exchange.making import csv, run

pytestmark = pytest.mark.real_data
GEOD = Geod(ellps="WGS84")
Find = Callable[[str], Path]


@pytest.fixture(scope="module")
def province(shared_data: Find) -> Draft:
    return run(shared_data("needs_list_samples/province_2026q3.xlsx"), Subject.NEEDS)


def test_the_province_list_has_exactly_its_errors(province: Draft, shared_data: Find) -> None:
    expected = json.loads(shared_data("needs_list_samples/province_2026q3.expected.json").read_text(encoding="utf-8"))
    assert [(p.row, p.column) for p in province.problems] == [(e["row"], e["column"]) for e in expected["errors"]]
    assert province.read == expected["rows"]
    assert {row.row for row in province.rows} == set(range(5, 245)) - {e["row"] for e in expected["errors"]}
    codes = {
        "quantity is not a number": "not_number",
        "negative quantity": "too_low",
        "longitude and latitude are swapped": "coordinates_swapped",
        "route without an end": "route_without_end",
        "no organisation": "no_organisation",
        "unknown kind": "unknown_kind",
        "window ends before it starts": "window_reversed",
        "no such day": "no_such_day",
    }
    assert [p.code for p in province.problems] == [codes[e["why"]] for e in expected["errors"]]


def test_the_province_list_lands_in_shenzhen_in_wgs84(province: Draft) -> None:
    assert province.crs == {"需求清单": "GCJ-02"}
    lon, lat = np.median([row.geometry.representative_point().coords[0] for row in province.rows], axis=0)
    assert (lon, lat) == pytest.approx((114.05, 22.6), abs=0.1)
    row = next(r for r in province.rows if r.row == 7)
    back = shapely.get_coordinates(row.geometry)[0]
    assert GEOD.inv(*back, 114.05765, 22.628058)[2] == pytest.approx(560, abs=150)
    assert not any(row.assumed for row in province.rows)


def test_the_dutch_pair_agrees_within_five_millimetres(shared_data: Find) -> None:
    pair = [
        shapely.get_coordinates(shapely.from_wkb(pyogrio.raw.read(shared_data(f"crs_pair_dutch/dutch_addresses_{code}.gpkg"))[2]))
        for code in (28992, 4326)
    ]
    lon, lat, sound = parse_crs("EPSG:28992").to_lonlat(pair[0][:, 0], pair[0][:, 1])
    assert sound.all()
    assert GEOD.inv(lon, lat, pair[1][:, 0], pair[1][:, 1])[2].max() < 0.005


def test_the_dutch_pair_through_the_importer(shared_data: Find) -> None:
    """Without a declared system: the GeoPackage states its own."""
    given = {"kind": "room", "organisation": "G", "defaults": {"rack_unit": "1"}}
    one, two = (run(shared_data(f"crs_pair_dutch/dutch_addresses_{code}.gpkg"), **given) for code in (28992, 4326))  # type: ignore[arg-type]
    assert (set(one.crs.values()), set(two.crs.values())) == ({"EPSG:28992"}, {"EPSG:4326"})
    assert len(one.rows) == len(two.rows) == 2481
    assert (
        max(GEOD.inv(a.geometry.x, a.geometry.y, b.geometry.x, b.geometry.y)[2] for a, b in zip(one.rows, two.rows, strict=True))
        < 0.005
    )


def _stations(script: str) -> Iterator[tuple[str, float, float]]:
    for line in json.loads(script[script.index("[") :].rstrip().rstrip(";")):
        for station in (line[0] if isinstance(line, list) else line or {}).get("stations", []):
            yield station["name"], station["position"]["lng"], station["position"]["lat"]


def test_the_shanghai_metro_in_bd09_lands_on_its_lines(shared_data: Find, tmp_path: Path) -> None:
    script = shared_data("metro_cn_baidu/shanghai_line_bd09.js").read_text(encoding="utf-8")
    rows = "".join(f"{name},{lon},{lat},1\n" for name, lon, lat in _stations(script))
    draft = run(csv(tmp_path, "name,lon,lat,rack units\n" + rows), kind="room", organisation="Metro", crs="BD-09")
    assert not draft.problems
    assert len(draft.rows) > 250
    lines = run(
        shared_data("metro_cn_osm/cn-shanghai-metro.geojson.gz"), kind="cable", organisation="OSM", defaults={"core": "2"}
    )
    tracks = np.array([row.geometry for row in lines.rows])
    tree = shapely.STRtree(tracks)
    distances = []
    for row in draft.rows:
        nearest = shapely.shortest_line(row.geometry, tracks[tree.nearest(row.geometry)])
        distances.append(GEOD.geometry_length(nearest))
    assert median(distances) < 10


def test_the_towers_of_new_zealand(shared_data: Find) -> None:
    settled = Mapping(defaults={"structure": "power_line", "structure_height_m": "35", "platform": "2", "load_kg": "200"})
    settled.set("MXLOCATION", "title")
    draft = run(shared_data("transpower_nz/Structures-shp.zip"), kind="tower", organisation="Transpower", mapping=settled)
    assert not draft.problems
    assert len(draft.rows) == 38128
    assert set(draft.crs.values()) == {"EPSG:2193"}
    assert draft.assumed["structure_height_m"] == 38128
    west, south, east, north = shapely.total_bounds([row.geometry for row in draft.rows])
    assert (west > 166, south > -48, east < 179, north < -34) == (True,) * 4
    assert draft.rows[0].values["name"] == "AHA-DOB-A0241A"


@pytest.mark.parametrize(
    ("operator", "spans"),
    [
        ("BCS/ofds_BCS_Kenya", 11),
        ("JTL/ofds_JTL_Kenya", 27),
        ("Liquid_Intelligent_Technologies/ofds_liquid_kenya", 21),
        ("NOFBI/ofds_NOFBI_Kenya", 112),
    ],
)
def test_spans_of_kenya_name_their_operators(shared_data: Find, operator: str, spans: int) -> None:
    settled = Mapping(defaults={"core": "4"})
    settled.set("network.name" if "NOFBI" in operator else "networkProviders.name", "organisation")
    draft = run(shared_data(f"ofds_networks/Kenya/{operator}_spans.geojson"), kind="cable", mapping=settled)
    assert not draft.problems
    assert len(draft.rows) == spans
    assert len({row.values["organisation"] for row in draft.rows}) == 1
