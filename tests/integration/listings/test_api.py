"""/api/v1/kinds, /assets and /listings over HTTP, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.catalogue.declaration import AssetKind
from app.db.work import Bus
from app.kernel.actor import Role
from tests.support import market
from tests.support.places import organisation

TOWER: dict[str, Any] = {
    "kind": "tower",
    "name": "Shennan 12",
    "geometry": {"type": "Point", "coordinates": [114.0579, 22.5431]},
    "attributes": {"structure": "monopole", "structure_height_m": 35},
    "capacity": {"platform": 3, "load_kg": 400.5},
}
OFFER: dict[str, Any] = {"title": "Platforms", "window_start": "2026-07-01", "price_minor": 1_200_000}


@dataclass
class World:
    app: Flask
    grid: FlaskClient
    editor: FlaskClient
    reader: FlaskClient
    carrier: FlaskClient


@pytest.fixture
def world(app: Flask, bus: Bus) -> World:
    with bus.database.write() as session:
        grid, carrier = organisation(session, "Southern Grid", "power"), organisation(session, "Carrier")
        return World(
            app,
            market.signed_in(app, session, grid),
            market.signed_in(app, session, grid, Role.EDITOR),
            market.signed_in(app, session, grid, scopes=("read",)),
            market.signed_in(app, session, carrier),
        )


@pytest.fixture
def toy() -> Iterator[AssetKind]:
    with market.toy_kind() as kind:
        yield kind


def made(world: World, **more: Any) -> dict[str, Any]:
    answer = world.grid.post("/api/v1/listings", json={**OFFER, "asset": TOWER, "publish": True, **more})
    assert answer.status_code == 201, answer.json
    return answer.json


def errors(answer: Any) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in answer.json["errors"]}


def test_nothing_without_signing_in(world: World) -> None:
    stranger = world.app.test_client()
    for address in ("/api/v1/listings", "/api/v1/assets", "/api/v1/listings/" + "0" * 13):
        assert stranger.get(address).status_code == 401
    assert stranger.get("/api/v1/kinds").status_code == 200


def test_an_asset_is_registered_read_and_changed(world: World) -> None:
    made = world.grid.post("/api/v1/assets", json={**TOWER, "owner_ref": "SZ-0012"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.json["capacity"] == {"platform": 3, "load_kg": 400.5}
    assert made.json["attributes"]["antenna_top_limit_m"] == 35
    assert made.json["derived"] == ["antenna_top_limit_m", "mounts_unstrengthened"]
    address = made.headers["Location"]
    changed = world.grid.patch(
        address, json={"attributes": {"structure_height_m": 40, "power_type": "ac"}}, headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json["attributes"] == {
        "structure": "monopole",
        "structure_height_m": 40,
        "antenna_top_limit_m": 40,
        "mounts_unstrengthened": 50,
        "power_type": "ac",
    }
    cleared = world.grid.patch(address, json={"attributes": {"power_type": None}}, headers={"If-Match": '"2"'})
    assert "power_type" not in cleared.json["attributes"]
    assert world.carrier.get(address).status_code == 404
    assert world.carrier.patch(address, json={"name": "Mine"}, headers={"If-Match": '"3"'}).status_code == 404


def test_a_change_names_the_version_it_saw(world: World) -> None:
    address = f"/api/v1/listings/{made(world)['id']}"
    assert world.grid.patch(address, json={"price_minor": 1}).status_code == 428
    assert world.grid.patch(address, json={"price_minor": 1}, headers={"If-Match": '"9"'}).status_code == 412
    assert world.grid.post(f"{address}/suspend").status_code == 428
    assert world.grid.post(f"{address}/suspend", headers={"If-Match": '"1"'}).json["status"] == "suspended"
    assert world.grid.post(f"{address}/publish", headers={"If-Match": '"2"'}).json["code"] == "illegal_transition"


def test_every_fault_has_its_pointer_and_its_language(world: World) -> None:
    body = {
        **OFFER,
        "title": " ",
        "asset": {**TOWER, "attributes": {"structure": "castle", "wheels": 4}, "capacity": {"platform": 0.5}},
    }
    answer = world.grid.post("/api/v1/listings", json=body, headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert errors(answer) == {
        "/title": "required",
        "/asset/attributes/structure": "not_choice",
        "/asset/attributes/wheels": "unknown_field",
        "/asset/attributes/structure_height_m": "required",
        "/asset/capacity/platform": "not_whole",
    }
    assert any("结构类型" in error["detail"] for error in answer.json["errors"])
    nested = world.grid.post("/api/v1/listings", json={**OFFER, "asset": {**TOWER, "colour": "red"}})
    assert list(errors(nested)) == ["/asset/colour"]
    outside = world.grid.post("/api/v1/assets", json={**TOWER, "geometry": {"type": "Point", "coordinates": [2.3, 48.8]}})
    assert errors(outside) == {"/geometry": "outside_regions"}


@pytest.mark.parametrize(
    ("crs", "coordinates"),
    [("GCJ-02", [114.0630, 22.5404]), ("EPSG:4490", [114.0579, 22.5431]), ("EPSG:4547", [505952.5, 2493893.1])],
)
def test_the_declared_system_is_kept_and_the_place_stored_in_wgs84(world: World, crs: str, coordinates: list[float]) -> None:
    answer = world.grid.post(
        "/api/v1/assets", json={**TOWER, "declared_crs": crs, "geometry": {"type": "Point", "coordinates": coordinates}}
    )
    lon, lat = answer.json["geometry"]["coordinates"]
    assert answer.json["declared_crs"] == crs
    assert abs(lon - 114.0579) < 0.002
    assert abs(lat - 22.5431) < 0.002


def test_a_key_makes_one_listing_however_often_it_is_sent(world: World) -> None:
    sent = [
        world.grid.post("/api/v1/listings", json={**OFFER, "asset": TOWER}, headers={"Idempotency-Key": "k-1"}) for _ in range(2)
    ]
    assert sent[0].json["id"] == sent[1].json["id"]
    assert world.grid.get("/api/v1/listings?owner=mine").json["count"] == 1
    other = world.grid.post(
        "/api/v1/listings", json={**OFFER, "title": "Other", "asset": TOWER}, headers={"Idempotency-Key": "k-1"}
    )
    assert other.status_code == 422


def test_roles_and_scopes_hold(world: World) -> None:
    body = {**OFFER, "asset": TOWER}
    assert world.reader.post("/api/v1/listings", json=body).status_code == 403
    assert world.editor.post("/api/v1/listings", json={**body, "publish": True}).status_code == 403
    draft = world.editor.post("/api/v1/listings", json=body).json["id"]
    assert world.editor.post(f"/api/v1/listings/{draft}/publish", headers={"If-Match": '"1"'}).status_code == 403
    assert world.carrier.get(f"/api/v1/listings/{draft}").status_code == 404


def test_another_organisation_sees_no_more_than_the_tier(world: World) -> None:
    ref = made(world, tier="T1", asset={**TOWER, "address": "1 Shennan Road", "owner_ref": "SZ-9"})["id"]
    seen = world.carrier.get(f"/api/v1/listings/{ref}").json
    assert seen["asset"]["geometry"]["coordinates"] != TOWER["geometry"]["coordinates"]
    assert not {"name", "address", "owner_ref"} & set(seen["asset"])
    assert "tier" not in seen
    whole = str(world.carrier.get("/api/v1/listings").json) + str(seen)
    for secret in ("114.0579", "22.5431", "Shennan", "SZ-9"):
        assert secret not in whole
    hidden = made(world, tier="T0", asset=TOWER)["id"]
    assert world.carrier.get(f"/api/v1/listings/{hidden}").status_code == 404
    assert world.carrier.get("/api/v1/listings").json["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=tower", 2),
        ("kind=duct", 0),
        ("sector=power", 2),
        ("sector=telecom", 0),
        ("region=440300", 2),
        ("region=110000", 0),
        ("q=SECOND", 1),
        ("q=%25", 0),
        ("price_minor_max=600", 1),
        ("price_minor_min=600", 1),
        ("bbox=114,22,115,23", 2),
        ("bbox=10,22,11,23", 0),
        ("lon=114.05&lat=22.54&radius_m=2000", 2),
        ("lon=114.05&lat=22.54&radius_m=10", 0),
        ("free=platform:3", 2),
        ("free=platform:4", 0),
        ("free=load_kg:300&free=platform:1&free_from=2026-08-01&free_until=2027-01-01", 2),
        ("free=platform:1&free_from=2026-06-01", 0),
        ("owner=mine", 0),
        ("status=withdrawn", 0),
        ("currency=CNY", 2),
        ("currency=USD", 0),
        ("sort=-price", 2),
        ("limit=1", 2),
    ],
)
def test_filters_are_named_as_the_field(world: World, query: str, count: int) -> None:
    made(world, price_minor=500)
    made(world, title="The second one", price_minor=700)
    answer = world.carrier.get(f"/api/v1/listings?{query}")
    assert answer.status_code == 200, answer.json
    assert answer.json["count"] == count


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=5,0,1,1",
        "lon=5",
        "free=platform",
        "free=platform:x",
        "sort=secret",
        "limit=0",
        "after=!!",
        "radius_m=9e9",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(world: World, query: str) -> None:
    assert world.carrier.get(f"/api/v1/listings?{query}").status_code in (400, 422)


def test_lists_page_by_their_links(world: World) -> None:
    refs = [made(world)["id"] for _ in range(3)]
    first = world.carrier.get("/api/v1/listings?limit=2&sort=created")
    assert [row["id"] for row in first.json["results"]] == refs[:2]
    assert 'rel="next"' in first.headers["Link"]
    second = world.carrier.get(first.json["next"])
    assert ([row["id"] for row in second.json["results"]], second.json["next"]) == (refs[2:], None)
    assert [row["id"] for row in world.carrier.get(second.json["previous"]).json["results"]] == refs[:2]


def test_hosts_cannot_form_a_circle(world: World) -> None:
    first = world.grid.post("/api/v1/assets", json=TOWER).json["id"]
    second = world.grid.post("/api/v1/assets", json={**TOWER, "hosted_by": [first]}).json["id"]
    third = world.grid.post("/api/v1/assets", json={**TOWER, "hosted_by": [second]}).json["id"]
    answer = world.grid.patch(f"/api/v1/assets/{first}", json={"hosted_by": [third]}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["code"]) == (422, "host_cycle")
    assert [host["id"] for host in world.grid.get(f"/api/v1/assets/{second}").json["hosts"]] == [third]
    hidden = world.carrier.post("/api/v1/assets", json={**TOWER, "hosted_by": [first]})
    assert errors(hidden) == {"/hosted_by": "unknown_host"}


def test_a_kind_that_nobody_ships_goes_all_the_way(world: World, toy: AssetKind) -> None:
    declared = world.carrier.get(f"/api/v1/kinds/{toy.name}").json
    assert [field["name"] for field in declared["attributes"]] == ["colour", "depth_cm", "locked", "inspected_on", "key_place"]
    schemas = world.carrier.get("/api/v1/openapi.json").json["components"]["schemas"]
    assert schemas["ToyCabinetAttributes"]["required"] == ["colour"]
    assert {"$ref": "#/components/schemas/ToyCabinetCapacity"} in schemas["AssetCapacity"]["anyOf"]
    body = {
        "kind": toy.name,
        "name": "Cabinet",
        "geometry": TOWER["geometry"],
        "capacity": {"shelf": 4, "weight_kg": 20},
        "attributes": {"colour": "rouge", "locked": "是", "inspected_on": "2026-01-02", "key_place": "under the mat"},
    }
    ref = made(world, asset=body, offered={"shelf": 2})["id"]
    seen = world.carrier.get(f"/api/v1/listings/{ref}").json
    assert seen["asset"]["attributes"] == {"colour": "red", "locked": True, "inspected_on": "2026-01-02"}
    assert seen["opened"] == {"shelf": {"unit": "position", "total": 4, "offered": 2, "free": 2}}
    wrong = world.grid.post(
        "/api/v1/assets",
        json={
            **body,
            "attributes": {"colour": "green"},
            "geometry": {"type": "LineString", "coordinates": [[114, 22.5], [114.1, 22.5]]},
        },
    )
    assert errors(wrong) == {"/attributes/colour": "not_choice", "/geometry": "geometry_kind"}


def test_a_kind_is_gone_when_it_is_taken_out(world: World) -> None:
    assert "ToyCabinetAttributes" not in world.carrier.get("/api/v1/openapi.json").json["components"]["schemas"]
    answer = world.grid.post("/api/v1/assets", json={**TOWER, "kind": "toy_cabinet"})
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_kind")
