"""Pages of the register and its listings as browsers get them: forms made from the kind, refusals in place, nothing above the
tier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.catalogue.declaration import AssetKind
from app.db.work import Bus
from app.listings import Listing
from tests.support import market, people

LISTING = {
    "kind": "tower",
    "asset.name": "Shennan 12",
    "asset.shape": "point",
    "asset.lon": "114.0579",
    "asset.lat": "22.5431",
    "asset.attributes.structure": "monopole",
    "asset.attributes.structure_height_m": "35",
    "asset.capacity.platform": "3",
    "asset.address": "1 Shennan Road",
    "title": "Platforms",
    "window_start": "2026-07-01",
    "price": "12,000.50",
    "tier": "T1",
    "publish": "1",
}


@pytest.fixture
def owner(app: Flask, bus: Bus) -> FlaskClient:
    return people.signed_in(app, people.person(bus, people.organisation(bus, "Southern Grid"), "manager"))


@pytest.fixture
def rival(app: Flask, bus: Bus) -> FlaskClient:
    return people.signed_in(
        app, people.person(bus, people.organisation(bus, "Carrier", sector="telecom"), "manager", name="Wu Fang")
    )


@pytest.fixture
def toy() -> Iterator[AssetKind]:
    with market.toy_kind() as kind:
        yield kind


def seen(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=people.PAGE)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text


def sent(client: FlaskClient, path: str, data: dict[str, Any]) -> Any:
    return people.post(client, path, data, page="/listings/new?kind=tower")


def made(client: FlaskClient, **more: str) -> str:
    answer = sent(client, "/listings/new", {**LISTING, **more})
    assert answer.status_code == 303, re.findall(r'field-error".*?</p>', answer.text)
    return str(answer.headers["Location"])


def test_a_listing_goes_from_the_form_to_its_page_and_through_its_life(owner: FlaskClient) -> None:
    page = made(owner)
    shown = seen(owner, page)
    for words in (
        "Platforms",
        "¥\u00a012,000.50",
        "3\u00a0positions free of 3\u00a0positions",
        "Futian District",
        "by rule, not stated by the owner",
        "1 Shennan Road",
    ):
        assert words in shown
    for action, words in (("suspend", "Suspended"), ("resume", "Open"), ("withdraw", "Withdrawn")):
        version = re.search(r'name="version" value="(\d+)"', seen(owner, page))
        assert version is not None
        assert sent(owner, f"{page}/{action}", {"version": version[1]}).status_code == 303
        assert f'">{words}</span>' in seen(owner, page)
    assert "/edit" not in seen(owner, page)


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(owner: FlaskClient) -> None:
    answer = sent(
        owner,
        "/listings/new",
        {**LISTING, "asset.attributes.structure_height_m": "tall", "asset.lat": "", "price": "cheap", "title": ""},
    )
    assert answer.status_code == 422
    for name in ("asset.lat", "price"):
        assert f'href="#f-{name}"' in answer.text
    answer = sent(
        owner,
        "/listings/new",
        {**LISTING, "asset.attributes.structure_height_m": "tall", "title": "", "window_last": "2026-01-01"},
    )
    for name in ("asset.attributes.structure_height_m", "title", "window_last"):
        assert f'href="#f-{name}"' in answer.text
    assert 'value="Shennan 12"' in answer.text
    assert 'value="tall"' in answer.text


def test_the_last_day_there_is_means_no_end(owner: FlaskClient) -> None:
    made = sent(owner, "/listings/new", {**LISTING, "window_last": "9999-12-31"})
    assert made.status_code == 303
    assert "9999" not in owner.get(made.headers["Location"] + "/edit").text


def test_an_old_form_does_not_overwrite(owner: FlaskClient) -> None:
    page = made(owner)
    terms = {name: LISTING[name] for name in ("title", "window_start", "price", "tier")}
    assert sent(owner, f"{page}/edit", {**terms, "title": "First", "version": "1"}).status_code == 303
    late = sent(owner, f"{page}/edit", {**terms, "title": "Second", "version": "1"})
    assert late.status_code == 422
    assert "Somebody changed this" in late.text
    assert "First" in seen(owner, page)


def test_another_organisation_sees_the_face_and_no_way_to_change_it(owner: FlaskClient, rival: FlaskClient) -> None:
    page = made(owner)
    shown = seen(rival, page) + seen(rival, "/listings/") + seen(rival, "/assets/?owner=all")
    for secret in ("114.0579", "22.5431", "Shennan"):
        assert secret not in shown
    assert "/edit" not in shown
    assert rival.get(f"{page}/edit", headers=people.PAGE).status_code == 403
    assert people.post(rival, f"{page}/withdraw", {"version": "1"}).status_code == 403
    hidden = made(owner, tier="T0")
    assert rival.get(hidden, headers=people.PAGE).status_code == 404


def test_an_asset_is_registered_changed_and_moved(owner: FlaskClient) -> None:
    form = {name.removeprefix("asset."): value for name, value in LISTING.items() if name.startswith("asset.")}
    page = str(sent(owner, "/assets/new", {**form, "kind": "tower", "owner_ref": "SZ-9"}).headers["Location"])
    assert "SZ-9" in seen(owner, "/assets/?q=sz-9")
    edit = seen(owner, f"{page}/edit")
    assert 'value="35.0"' in edit or 'value="35"' in edit
    changed = {**form, "kind": "tower", "attributes.structure_height_m": "", "capacity.platform": "2", "version": "1"}
    assert 'href="#f-attributes.structure_height_m"' in sent(owner, f"{page}/edit", changed).text
    assert sent(owner, f"{page}/edit", {**changed, "attributes.structure_height_m": "41"}).status_code == 303
    assert "41\u00a0m" in seen(owner, page)
    assert sent(owner, f"{page}/deactivate", {"version": "2"}).status_code == 303
    assert "Inactive" in seen(owner, page)


def test_the_filter_bar_narrows_and_says_when_nothing_is_left(owner: FlaskClient) -> None:
    made(owner, title="The long one")
    assert "The long one" in seen(owner, "/listings/?q=LONG&kind=tower&free.platform=3&region=440300&owner=")
    for query in ("free.platform=4&kind=tower", "q=short", "sector=telecom", "region=110000"):
        assert "No listing fits these filters." in seen(owner, f"/listings/?{query}")


def test_a_kind_that_nobody_ships_has_its_form_and_page(owner: FlaskClient, toy: AssetKind) -> None:
    assert "Toy cabinet" in seen(owner, "/listings/new")
    form = seen(owner, f"/listings/new?kind={toy.name}")
    for name in ("asset.attributes.colour", "asset.attributes.inspected_on", "asset.capacity.shelf", "offered.weight_kg"):
        assert f'name="{name}"' in form
    page = made(
        owner,
        **{"kind": toy.name, "asset.attributes.colour": "blue", "asset.capacity.shelf": "4", "asset.attributes.locked": "true"},
    )
    shown = seen(owner, page)
    for words in ("Colour", "Blue", "Locked", "Yes", "Shelves"):
        assert words in shown
    owner.set_cookie("language", "zh_CN")
    assert "玩具柜" in seen(owner, "/listings/?kind=toy_cabinet")
    assert "颜色" in seen(owner, page)


def test_what_cannot_be_read_and_what_is_missing_are_told_together_each_with_its_link(owner: FlaskClient) -> None:
    wrong = {**LISTING, "asset.lon": "", "asset.lat": "", "asset.paste": "22.5 114.1", "asset.name": "", "title": ""}
    answer = sent(owner, "/listings/new", wrong | {"asset.attributes.structure_height_m": "tall"})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    summary = answer.text.split("data-error-summary")[1].split("</ul>")[0]
    for field in ("asset.paste", "asset.name", "title", "asset.attributes.structure_height_m"):
        assert f'href="#f-{field}"' in summary
        assert f'id="e-{field}"' in answer.text
    told = re.findall(r'href="#f-([^"]+)"', summary)
    places = [answer.text.index(f'id="f-{field}"') for field in told]
    assert places == sorted(places)
    assert "longitude comes first" in summary
    assert "asset.lon" not in summary


@pytest.mark.parametrize(
    ("typed", "longitude"),
    [({"asset.declared_crs": "GCJ-02"}, 114.052), ({"asset.declared_crs": "other", "asset.crs_other": "4490"}, 114.0579)],
)
def test_a_place_is_taken_in_the_system_that_is_stated(
    owner: FlaskClient, bus: Bus, typed: dict[str, str], longitude: float
) -> None:
    assert sent(owner, "/listings/new", LISTING | typed).status_code == 303
    with bus.database.read() as session:
        stored = session.scalars(select(Listing)).one()
        assert stored.geom.x == pytest.approx(longitude, abs=0.002)
        assert stored.asset.declared_crs == ("GCJ-02" if "GCJ-02" in typed.values() else "EPSG:4490")
