"""Searching listings as people do: by height, price, state, precision, free capacity in a period, near a point, a line or an area
in three coordinate systems; the tiles that follow; what cannot be read; and that no filter answers from a hidden place."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import shapely
from flask import Flask

from app.db.work import Bus
from app.disclosure import cell_bounds, snapped
from app.kernel import datum
from tests.integration.maps.test_tiles import marks
from tests.support import people
from tests.support.asking import HERE, Region, build, listed


@pytest.fixture
def region(app: Flask, bus: Bus) -> Region:
    return build(app, bus)


def found(region: Region, query: str, client: Any = None) -> set[str]:
    answer = (client or region.carrier).get(f"/api/v1/listings?{query}")
    assert answer.status_code == 200, answer.json
    return {row["title"] for row in answer.json["results"]}


def page(region: Region, query: str) -> str:
    answer = region.carrier.get(f"/listings/?{query}", headers=people.PAGE)
    assert answer.status_code == 200
    return str(answer.text)


def at(metres_east: float, metres_north: float = 0.0) -> list[float]:
    return [HERE[0] + metres_east / 102_700, HERE[1] + metres_north / 110_750]


def test_height_is_what_is_promised_not_what_stands_there(region: Region) -> None:
    listed(region, title="Mast", height=35)
    asset = {
        "kind": "tower",
        "name": "Line 14",
        "geometry": {"type": "Point", "coordinates": HERE},
        "attributes": {"structure": "power_line", "structure_height_m": 60, "lowest_conductor_m": 30, "voltage_kv": 110},
        "capacity": {"platform": 2},
    }
    listed(region, title="Line tower", asset=asset)
    assert found(region, "height_m_min=20") == {"Mast", "Line tower"}
    assert found(region, "height_m_min=34") == {"Mast"}
    assert found(region, "height_m_min=36") == set()


def test_a_change_of_the_asset_moves_its_height(region: Region) -> None:
    ref = listed(region, title="Mast", height=35)
    asset = region.grid.get(f"/api/v1/listings/{ref}").json["asset"]["id"]  # type: ignore[index]
    body = {"attributes": {"structure": "monopole", "structure_height_m": 45}}
    assert region.grid.patch(f"/api/v1/assets/{asset}", json=body, headers={"If-Match": '"1"'}).status_code == 200
    assert found(region, "height_m_min=40") == {"Mast"}


def test_state_and_precision(region: Region) -> None:
    listed(region, title="Exact")
    listed(region, title="Rough", tier="T1")
    assert found(region, "tier=T2") == {"Exact"}
    assert found(region, "tier=T1") == {"Rough"}
    assert found(region, "tier=T2&owner=mine", region.grid) == {"Exact"}
    assert found(region, "asset_status=operational") == {"Exact", "Rough"}
    assert found(region, "asset_status=planned") == set()


LINE = f"LINESTRING ({HERE[0] - 0.05} {HERE[1]}, {HERE[0] + 0.05} {HERE[1]})"
AREA = shapely.box(HERE[0] - 0.01, HERE[1] - 0.01, HERE[0] + 0.01, HERE[1] + 0.01).wkt


def test_along_a_line_and_in_an_area(region: Region) -> None:
    for name, place in (("On it", at(0)), ("300 m off", at(2000, 300)), ("900 m off", at(0, 900)), ("Beyond", at(9000, 0))):
        listed(region, title=name, at=place)
    assert found(region, f"wkt={quote(LINE)}&radius_m=310") == {"On it", "300 m off"}
    assert found(region, f"wkt={quote(LINE)}&radius_m=290") == {"On it"}
    assert found(region, f"wkt={quote(AREA)}") == {"On it", "900 m off"}
    assert found(region, f"wkt={quote(AREA)}&radius_m=1500") == {"On it", "900 m off", "300 m off"}
    rows = region.carrier.get(f"/api/v1/listings?wkt={quote(LINE)}&radius_m=1000").json["results"]  # type: ignore[index]
    assert [row["distance_m"] for row in rows] == pytest.approx([0, 300, 900], abs=3)
    text = page(region, f"wkt={quote(LINE)}&radius_m=1000")
    assert "of the drawn line" in text


def test_a_place_may_be_typed_in_gcj02_and_cgcs2000(region: Region) -> None:
    listed(region, title="Here")
    lon, lat = datum.from_wgs84(datum.Datum.GCJ02, *HERE)
    assert found(region, f"lon={lon}&lat={lat}&radius_m=5&crs=GCJ-02") == {"Here"}
    assert found(region, f"lon={lon}&lat={lat}&radius_m=200") == set()
    assert found(region, f"lon={HERE[0]}&lat={HERE[1]}&radius_m=5&crs=CGCS2000") == {"Here"}
    assert region.carrier.get("/api/v1/listings?lon=2.35&lat=48.85&radius_m=5&crs=GCJ-02").status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "wkt=LINESTRING%20(1%201,%202%202)",
        "wkt=POINT%20(1%201)&radius_m=5",
        "wkt=POLYGON%20((0%200,%201%201,%201%200,%200%201,%200%200))",
        "lon=114&radius_m=5",
        "lon=114&lat=22&radius_m=0",
        "height_m_min=tall",
    ],
)
def test_what_cannot_be_read_is_refused_by_the_api_and_left_out_by_the_page(region: Region, query: str) -> None:
    listed(region, title="Still here")
    assert region.carrier.get(f"/api/v1/listings?{query}").status_code == 422
    text = page(region, query)
    assert "Still here" in text
    assert "alert-warn" in text


def test_the_last_day_there_is_may_be_looked_for(region: Region) -> None:
    listed(region, title="Open without end")
    for query in ("free_from=9999-12-31", "free_until=9999-12-31", "free_from=9999-12-31&free_until=9999-12-31"):
        assert region.carrier.get(f"/api/v1/listings?{query}").json["count"] == 1
        assert "Open without end" in page(region, query)


def test_the_page_says_each_filter_and_how_to_drop_it(region: Region) -> None:
    listed(region, title="Fits")
    query = "kind=tower&free.platform=2&free_from=2027-01-01&price_to=20000&height_m_min=30&tier=T2"
    text = page(region, query)
    assert "Fits" in text
    for words in ("Mounting positions: 2", "up to", "from 30", "exact place", "free in"):
        assert words in text
    assert "Fits" not in page(region, query.replace("price_to=20000", "price_to=10000"))
    assert "prices in CNY" in text
    foreign = page(region, f"{query}&currency=EUR")  # what is typed is of the currency that stands beside it
    assert "prices in EUR" in foreign
    assert "Fits" not in foreign
    assert "€" in foreign
    assert '<option value="CNY" selected>' in text.replace("\n  value", " value")
    assert "Fits" not in page(region, query.replace("free.platform=2", "free.platform=4"))


def test_what_is_chosen_stands_on_the_page_even_if_no_row_has_it(region: Region) -> None:
    ref = listed(region, title="Chosen one")
    hidden = listed(region, title="Hidden one", tier="T0")
    assert "Chosen one" in page(region, f"q=nothing&chosen={ref}")
    assert "Hidden one" not in page(region, f"q=nothing&chosen={hidden}")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("height_m_min=30", 1),
        ("height_m_min=40", 0),
        ("price_minor_max=1000", 0),
        ("free=platform:2", 1),
        ("tier=T1", 0),
        ("q=mono", 1),
    ],
)
def test_tiles_follow_the_filters_and_then_count_nothing_hidden(region: Region, query: str, count: int) -> None:
    listed(region)
    listed(region, tier="T0")
    assert len(marks(region.carrier, query=query)) == count
    assert len(marks(region.carrier)) == 2


def test_counts_follow_the_filters_too(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.maps.listings.SINGLE", 2)
    for step, tier in enumerate(("T2", "T2", "T2", "T1", "T0", "T0")):
        listed(region, tier=tier, at=at(step * 100), height=20 + step)
    assert sum(mark.properties["count"] for mark in marks(region.carrier, z=6)) == 6
    assert sum(mark.properties["count"] for mark in marks(region.carrier, z=6, query="height_m_min=10")) == 4


@pytest.mark.parametrize("shape", ["circle", "line", "area"])
def test_no_filter_tells_where_in_its_cell_a_hidden_asset_stands(region: Region, shape: str) -> None:
    """Two worlds that differ only by where in its cell an asset stands answer every shifted place alike."""
    west, south, east, north = cell_bounds(*HERE)
    middle = snapped(shapely.Point(HERE))
    steps = [(west + (east - west) * i / 6, south + (north - south) * j / 6) for i in range(-2, 9, 2) for j in range(-2, 9, 2)]

    def query(lon: float, lat: float) -> str:
        if shape == "circle":
            return f"lon={lon}&lat={lat}&radius_m=300"
        if shape == "line":
            return f"wkt={quote(f'LINESTRING ({lon} {lat}, {lon + 0.001} {lat + 0.001})')}&radius_m=200"
        return f"wkt={quote(shapely.box(lon, lat, lon + 0.002, lat + 0.002).wkt)}"

    def answers() -> list[Any]:
        asked = [region.carrier.get(f"/api/v1/listings?{query(*step)}").json for step in steps]
        return [[(row["title"], row["distance_m"]) for row in one["results"]] for one in asked]  # type: ignore[index]

    ref = listed(region, tier="T1", title="Somewhere", at=[west + 1e-5, south + 1e-5])
    before = answers()
    asset = region.grid.get(f"/api/v1/listings/{ref}").json["asset"]["id"]  # type: ignore[index]
    moved = {"geometry": {"type": "Point", "coordinates": [east - 1e-5, north - 1e-5]}}
    assert region.grid.patch(f"/api/v1/assets/{asset}", json=moved, headers={"If-Match": '"1"'}).status_code == 200
    assert answers() == before
    assert any(before)
    assert found(region, f"lon={middle.x}&lat={middle.y}&radius_m=1") == {"Somewhere"}
