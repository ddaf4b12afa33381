"""A kind that nobody ships goes through the whole main job: adding one is one declaration, and nothing else knows its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.catalogue.declaration import AssetKind, Choice, Criterion, Dimension, Field, Geometry, Sort
from app.catalogue.declaration import Test as CriterionTest
from app.catalogue.kinds import KINDS
from app.db.work import Bus
from app.exchange.columns import column_set
from app.exchange.targets import Subject
from app.kernel.text import Text
from app.maps.mvt import Tile
from tests.support import people
from tests.support import programs as by
from tests.support.programs import Programs

PLACE = (114.0579, 22.5431)
BEACON = AssetKind(
    name="beacon",
    label=Text("Beacon", "航标"),
    plural=Text("Beacons", "航标"),
    summary=Text("Lights at the water", "水边的灯标"),
    geometry=(Geometry.POINT,),
    need_geometry=("circle", "area"),
    quantity="brackets",
    icon="tower",
    hue="tower",
    aliases=("beacon", "航标"),
    attributes=(
        Field(
            "lamp",
            Text("Lamp colour", "灯色"),
            "choice",
            required=True,
            choices=(Choice("amber", Text("Amber", "黄"), ("yellow",)), Choice("white", Text("White", "白"))),
        ),
        Field("fog_horn", Text("Fog horn", "雾号"), "boolean"),
    ),
    dimensions=(
        Dimension("arm", Text("Arms", "支臂"), Sort.SLOTS, "position"),
        Dimension("ballast_kg", Text("Ballast", "压载"), Sort.QUANTITY, "kg"),
    ),
    requirements=(
        Field("brackets", Text("Brackets", "支架"), "integer", unit="position", minimum=1, maximum=20, required=True, default=1),
        Field("ballast_kg", Text("Ballast", "压载"), unit="kg", minimum=0, maximum=500, default=0),
        Field(
            "lamp",
            Text("Lamp colour", "灯色"),
            "choice",
            choices=(Choice("amber", Text("Amber", "黄")), Choice("white", Text("White", "白"))),
        ),
        Field("fog_horn", Text("Fog horn", "雾号"), "boolean"),
    ),
    criteria=(
        Criterion(
            "brackets",
            Text("Arms", "支臂"),
            CriterionTest.CAPACITY,
            supply="arm",
            demand="brackets",
            unit="position",
            weight=20,
            passed=Text("{supply} free, {demand} asked.", "空闲 {supply}，所需 {demand}。"),
            failed=Text("Only {supply} free, {demand} asked.", "只有 {supply}，所需 {demand}。"),
            change=Text("ask for {value}", "改为 {value}"),
        ),
        Criterion(
            "ballast",
            Text("Ballast", "压载"),
            CriterionTest.CAPACITY,
            supply="ballast_kg",
            demand="ballast_kg",
            unit="kg",
            weight=10,
            passed=Text("{supply} free: {margin} to spare.", "空闲 {supply}，余 {margin}。"),
            failed=Text("Only {supply} free: {margin} short.", "只有 {supply}，缺 {margin}。"),
            change=Text("reduce to {value}", "降到 {value}"),
        ),
        Criterion(
            "lamp",
            Text("Lamp colour", "灯色"),
            CriterionTest.EQUALS,
            supply="lamp",
            demand="lamp",
            weight=5,
            movable=False,
            passed=Text("The lamp is {supply}.", "灯色为{supply}。"),
            failed=Text("The lamp is {supply}, not {demand}.", "灯色为{supply}，而非{demand}。"),
        ),
        Criterion(
            "fog_horn",
            Text("Fog horn", "雾号"),
            CriterionTest.PROVIDES,
            supply="fog_horn",
            demand="fog_horn",
            weight=5,
            movable=False,
            passed=Text("It has a fog horn.", "有雾号。"),
            failed=Text("It has no fog horn.", "没有雾号。"),
        ),
    ),
)
LISTING: dict[str, Any] = {
    "title": "Arms of a beacon",
    "window_start": "2026-07-01",
    "window_end": "2036-07-01",
    "price_minor": 60_000,
    "tier": "T2",
    "publish": True,
    "asset": {
        "kind": "beacon",
        "name": "Beacon 4",
        "geometry": {"type": "Point", "coordinates": list(PLACE)},
        "attributes": {"lamp": "amber", "fog_horn": True},
        "capacity": {"arm": 4, "ballast_kg": 90},
    },
}
NEED: dict[str, Any] = {
    "kind": "beacon",
    "title": "Two sensors",
    "shape": "circle",
    "geometry": {"type": "Point", "coordinates": [114.058, 22.543]},
    "radius_m": 300,
    "requirements": {"brackets": 2, "ballast_kg": 30, "lamp": "amber", "fog_horn": True},
    "window_start": "2027-01-01",
    "window_end": "2030-01-01",
    "budget_minor": 200_000,
    "alternative": {"description": "A beacon of our own"},
    "submit": True,
}


@pytest.fixture
def beacon() -> Iterator[AssetKind]:
    """In use while the test runs."""
    yield KINDS.add(BEACON)
    KINDS.remove(BEACON.name)


@pytest.fixture
def programs(app: Flask, bus: Bus, beacon: AssetKind) -> Programs:
    return by.shenzhen(app, bus)


def browser(app: Flask, bus: Bus) -> FlaskClient:
    company = people.organisation(bus, "Harbour Office")
    return people.signed_in(app, people.person(bus, company, name="Wang Fang"))


def need(programs: Programs, round_: str, **more: Any) -> str:
    body = {**NEED, "needs_list": round_.rpartition("/")[2], **more}
    return str(programs.requester.send("/needs", body, status=201)["id"])


def test_the_whole_main_job(programs: Programs) -> None:
    owner, requester = programs.owner, programs.requester
    listing = owner.send("/listings", LISTING, status=201)
    asset = listing["asset"]["id"]
    assert listing["asset"]["attributes"] == {"lamp": "amber", "fog_horn": True}
    round_ = by.open_round(programs)
    fits, fails = (
        need(programs, round_),
        need(programs, round_, requirements={**NEED["requirements"], "lamp": "white", "brackets": 5}, budget_minor=400_000),
    )
    by.publish_round(programs, round_)
    run = by.match(programs)
    assert (run["matched_needs"], run["rejections"]["beacon"]["lamp"] >= 1) == (1, True)
    found = requester.get(f"/needs/{fits}/matches")
    assert (found["colour"], [m["listing"]["id"] for m in found["results"]]) == ("green", [listing["id"]])
    reasons = {r["criterion"]: r["detail"] for r in found["results"][0]["reasons"]}
    assert reasons["brackets"] == "4 positions free, 2 positions asked."
    assert reasons["ballast"] == "90 kg free: 60 kg to spare."
    assert "Amber" in reasons["lamp"]
    assert reasons["fog_horn"] == "It has a fog horn."
    chinese = requester.get(f"/needs/{fits}/matches", **{"Accept-Language": "zh-CN"})["results"][0]["reasons"]
    assert "灯色为黄。" in {r["detail"] for r in chinese}
    why_not = requester.get(f"/needs/{fails}/matches")["alternates"][0]
    assert {r["criterion"] for r in why_not["reasons"] if not r["passed"]} == {"lamp", "brackets"}
    assert why_not["smallest_change"] is None, "no change of the need moves a lamp"
    request = f"/access-requests/{requester.send('/access-requests', {'need': fits, 'listing': listing['id'], 'submit': True}, status=201)['id']}"
    by.offered(programs, request)
    agreement = by.drafted(programs, request)
    by.sign_and_submit(programs, agreement)
    for who in (programs.administration, programs.regulator):
        by.decide(who, agreement)
    assert owner.get(agreement)["status"] == "in_force"
    claims = owner.get(f"/assets/{asset}/capacity")["claims"]
    assert {(c["dimension"], c["slot"], c["amount"], c["kind"]) for c in claims} == {
        ("arm", 1, 1, "committed"),
        ("arm", 2, 1, "committed"),
        ("ballast_kg", None, 30, "committed"),
    }
    assert requester.get(f"/needs/{fits}")["outcome"] == "served"


def test_what_contradicts_the_declaration_is_refused(programs: Programs) -> None:
    wrong = {
        **LISTING,
        "asset": {**LISTING["asset"], "attributes": {"lamp": "green", "voltage_kv": 4}, "capacity": {"platform": 2}},
    }
    refused = programs.owner.send("/listings", wrong, status=422)
    assert {e["pointer"]: e["code"] for e in refused["errors"]} == {
        "/asset/attributes/lamp": "not_choice",
        "/asset/attributes/voltage_kv": "unknown_field",
        "/asset/capacity/platform": "unknown_field",
    }


def test_its_pages_are_made_from_the_declaration(app: Flask, bus: Bus, beacon: AssetKind, programs: Programs) -> None:
    listing = programs.owner.send("/listings", LISTING, status=201)["id"]
    client = browser(app, bus)
    for path in ("/listings/new?kind=beacon", "/assets/new?kind=beacon"):
        form = client.get(path, headers=people.PAGE)
        assert form.status_code == 200
        for field in (*beacon.attributes, *(beacon.dimensions)):
            assert re.search(rf'name="[\w.]*\b{field.name}"', form.text), f"{path} lacks {field.name}"
            assert field.label.en in form.text
    by.open_round(programs)  # without a list that collects there is nothing to enter
    asked = client.get("/needs/new?kind=beacon", headers=people.PAGE)
    assert asked.status_code == 200
    for field in beacon.requirements:
        assert re.search(rf'name="[\w.]*\b{field.name}"', asked.text), field.name
    assert "Beacon" in client.get("/listings/?kind=beacon", headers=people.PAGE).text
    shown = client.get(f"/listings/{listing}", headers=people.PAGE)
    assert shown.status_code == 200
    assert "Amber" in shown.text
    chinese = client.get("/listings/new?kind=beacon", headers={**people.PAGE, "Accept-Language": "zh-CN"})
    assert chinese.status_code == 200


def test_programs_are_told_of_it(programs: Programs) -> None:
    schemas = programs.owner.get("/openapi.json")["components"]["schemas"]
    assert set(schemas["BeaconAttributes"]["properties"]) == {"lamp", "fog_horn"}
    assert set(schemas["BeaconCapacity"]["properties"]) == {"arm", "ballast_kg"}
    assert schemas["BeaconRequirements"]["required"] == ["brackets"]
    assert programs.owner.get("/kinds/beacon")["quantity"] == "brackets"


def test_it_brings_its_columns_to_imports(beacon: AssetKind) -> None:
    for subject, wanted in (
        (Subject.LISTINGS, {"lamp", "fog_horn", "arm", "ballast_kg"}),
        (Subject.NEEDS, {"brackets", "ballast_kg", "lamp", "fog_horn"}),
    ):
        own = {
            field.name
            for target in column_set(subject, KINDS.all()).targets.values()
            if "beacon" in target.by_kind
            for _, field in [target.by_kind["beacon"]]
        }
        assert wanted <= own, subject


def test_the_map_shows_it(programs: Programs, app: Flask) -> None:
    programs.owner.send("/listings", LISTING, status=201)
    z = 14
    x = int((PLACE[0] + 180) / 360 * 2**z)
    y = next(n for n in range(2**z) if Tile(z, x, n).bounds(0)[1] <= PLACE[1] <= Tile(z, x, n).bounds(0)[3])
    tile = programs.requester.client.get(f"/maps/tiles/listings/{z}/{x}/{y}.mvt")
    assert (tile.status_code, b"beacon" in tile.data) == (200, True)
    other = programs.requester.client.get(f"/maps/tiles/listings/{z}/{x}/{y}.mvt?kind=tower")
    assert b"beacon" not in other.data


def test_nothing_of_it_stays_behind() -> None:
    assert BEACON.name not in KINDS
