"""Corridor layers: loaded from files by page, program and command, followed by trenches, taken away again; whose they are."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from app.exchange.corridors.lines import read_lines
from app.kernel.errors import DomainError
from tests.integration.cobuilding.test_groups import groups, reckoned
from tests.integration.cobuilding.test_trenches import pair
from tests.support.asking import HERE, Region

BEND = [[HERE[0] - 0.01, HERE[1] + 0.001], [HERE[0] + 0.01, HERE[1] + 0.0015], [HERE[0] + 0.04, HERE[1] + 0.001]]
METRO = Path(__file__).resolve().parents[4] / "shared" / "data" / "metro_cn_osm"


def layer(**more: Any) -> dict[str, Any]:
    return {
        "region": "440300",
        "name": "Metro",
        "sort": "rail",
        "source": "Survey 2026",
        "lines": [{"name": "Line 1", "coordinates": BEND}],
        **more,
    }


def feature_file(crs: str | None = None, geometry: dict[str, Any] | None = None) -> bytes:
    shape = geometry or {"type": "LineString", "coordinates": BEND}
    point = {"type": "Feature", "properties": {"name": "Station"}, "geometry": {"type": "Point", "coordinates": HERE}}
    line = {"type": "Feature", "properties": {"name": "Line 1"}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [line, point]}).encode()


def test_a_trench_follows_the_layer_and_leaves_it_when_it_is_taken_away(region: Region) -> None:
    made = region.administration.post("/api/v1/corridor-layers", json=layer())
    assert made.status_code == 201, made.json
    pair(region)
    reckoned(region)
    [group] = groups(region.administration)
    assert {s["corridor"] for s in group["site"]["sections"]} == {"Line 1", None}
    assert max(s["length_m"] for s in group["site"]["sections"] if s["corridor"]) > 1500
    assert region.administration.delete(f"/api/v1/corridor-layers/{made.json['id']}").status_code == 204
    assert reckoned(region).superseded == 1
    [group] = groups(region.administration)
    assert {s["corridor"] for s in group["site"]["sections"]} == {None}


def test_only_the_administration_of_the_region_loads_and_sees_layers(region: Region) -> None:
    for client in (region.carrier, region.far, region.grid, region.evaluator):
        assert client.post("/api/v1/corridor-layers", json=layer()).status_code in (403, 404)
    made = region.administration.post("/api/v1/corridor-layers", json=layer()).json["id"]
    assert [one["id"] for one in region.administration.get("/api/v1/corridor-layers").json["results"]] == [made]
    assert region.far.get("/api/v1/corridor-layers").json["results"] == []
    assert region.far.delete(f"/api/v1/corridor-layers/{made}").status_code in (403, 404)
    assert region.carrier.get("/api/v1/corridor-layers").status_code in (403, 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": [{"coordinates": [HERE, HERE]}]},
        {"lines": [{"coordinates": [[0, 89.5], [1, 89.5]]}]},
        {"lines": [{"coordinates": [HERE]}]},
        {"sort": "river"},
    ],
    ids=["no length", "at a pole", "one point", "unknown sort"],
)
def test_what_is_no_corridor_is_refused(region: Region, wrong: dict[str, Any]) -> None:
    assert region.administration.post("/api/v1/corridor-layers", json=layer(**wrong)).status_code == 422


def test_the_page_loads_a_file_and_says_what_is_missing(region: Region) -> None:
    page = {"Accept": "text/html"}
    form = {"name": "Metro", "sort": "rail", "source": "Survey", "region": "440000"}
    refused = region.administration.post("/corridors", data=form, headers=page)
    assert refused.status_code == 422
    sent = {**form, "file": (io.BytesIO(feature_file()), "metro.geojson")}
    loaded = region.administration.post("/corridors", data=sent, headers=page)
    assert loaded.status_code == 303
    shown = region.administration.get("/corridors", headers=page).text
    assert "Metro" in shown
    [kept] = region.administration.get("/api/v1/corridor-layers").json["results"]
    assert (kept["lines"], kept["region"]) == (1, "440000")
    assert region.administration.post(f"/corridors/{kept['id']}/drop", headers=page).status_code == 303
    assert region.administration.get("/api/v1/corridor-layers").json["results"] == []


def test_the_command_loads_for_the_regions_administration(region: Region, tmp_path: Path) -> None:
    file = tmp_path / "metro.geojson"
    file.write_bytes(feature_file())
    answer = region.app.test_cli_runner().invoke(
        args=["corridors", "load", str(file), "--region", "440300", "--name", "Metro", "--sort", "rail", "--source", "Survey"]
    )
    assert answer.exit_code == 0, answer.output
    assert "1 lines in" in answer.output
    assert "1 others left out" in answer.output
    [kept] = region.administration.get("/api/v1/corridor-layers").json["results"]
    assert kept["administration"]["name"] == "Guangdong Communications Administration"


def test_a_file_in_a_chinese_datum_is_turned_into_wgs_84(tmp_path: Path) -> None:
    file = tmp_path / "metro.geojson"
    file.write_bytes(feature_file())
    plain, turned = read_lines(file, file.name), read_lines(file, file.name, "GCJ-02")
    assert (len(plain.lines), plain.others) == (1, 1)
    assert turned.crs == "GCJ-02"
    assert 0.002 < abs(plain.lines[0].line[0][0] - turned.lines[0].line[0][0]) < 0.01
    with pytest.raises(DomainError):
        read_lines(file, file.name, "EPSG:0")


@pytest.mark.skipif(not METRO.exists(), reason="real metro lines are not beside the clone")
def test_real_metro_lines_are_read() -> None:
    found = read_lines(METRO / "cn-foshanGuangzhou-metro.geojson", "metro.geojson")
    assert len(found.lines) > 20
    assert all(105 < x < 120 and 20 < y < 25 for line in found.lines for x, y in line.line)
