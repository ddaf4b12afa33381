"""Trenches from the register: which routes dig together, along what, what a member may know, and what the group says once open."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
import shapely

from app.matching.cobuilding.trench_source import ends_of
from tests.integration.cobuilding.test_groups import consent, groups, reckoned
from tests.support.asking import HERE, Region, asked, published

SECRET = "Ring of the rival"


def route(x: float, y: float, long: float = 0.02) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[HERE[0] + x, HERE[1] + y], [HERE[0] + x + long, HERE[1] + y]]}


def duct(region: Region, client: Any = None, **more: Any) -> str:
    body = {"kind": "duct", "shape": "route", "radius_m": 50, "geometry": route(0, 0), "requirements": {"holes": 2},
            "title": "Duct to the exchange", "accepts_cobuild": True, "tier": "T0", "alternative": {"description": "Own trench"}}  # fmt: skip
    return asked(region, client, **{**body, **more})


def pair(region: Region, **more: Any) -> tuple[str, str]:
    own = duct(region)
    other = duct(region, region.rival, **{"title": SECRET, "geometry": route(0.0005, 0.0003), **more})
    published(region)
    return own, other


def test_two_routes_beside_each_other_are_dug_once_and_nobody_pays_more_than_alone(region: Region) -> None:
    own, other = pair(region)
    assert (reckoned(region).needs, reckoned(region).kept) == (2, 1)
    [group] = groups(region.administration)
    members, site = {m["need"]: m for m in group["members"]}, group["site"]
    assert (group["form"], group["kind"], set(members)) == ("trench", "duct", {own, other})
    assert sum(m["share_minor"] for m in members.values()) == site["cost_minor"]
    assert sum(m["proportion_minor"] for m in members.values()) == site["cost_minor"]
    assert all(m["gain_minor"] > 0 and m["proportion_gain_minor"] > 0 for m in members.values())
    assert 2000 < site["length_m"] < 2400
    assert site["stable"]
    assert site["height_m"] is None
    assert sum(s["length_m"] for s in site["sections"]) == pytest.approx(site["length_m"])
    assert any(len(s["needs"]) == 2 for s in site["sections"])
    for ref, member in members.items():
        assert sum(s["length_m"] for s in site["sections"] if ref in s["needs"]) == pytest.approx(member["way_m"])


def test_every_section_and_every_route_is_on_the_map(region: Region) -> None:
    """Each under an id of its own: the map keeps one mark of an id."""
    own, other = pair(region)
    reckoned(region)
    [group] = groups(region.administration)
    drawn = features(region.administration.get(f"/cobuilding/{group['id']}", headers={"Accept": "text/html"}).text)
    sections = [mark for mark in drawn if mark["geometry"]["type"] == "MultiLineString"]
    assert len(sections) == len(group["site"]["sections"]) > 1
    assert len({mark["id"] for mark in drawn}) == len(drawn) == len(sections) + 2
    assert {mark["id"] for mark in drawn if mark["geometry"]["type"] == "LineString"} == {own, other}


def features(page: str) -> list[dict[str, Any]]:
    """What a page hands to its map."""
    found: list[dict[str, Any]] = json.loads(html.unescape(page.partition('data-features="')[2].partition('"')[0]))
    return found


@pytest.mark.parametrize(
    "other",
    [
        {"accepts_cobuild": False},
        {"geometry": route(0, 0.03)},
        {"window_start": "2028-06-01"},
        {"requirements": {"holes": 23}},
        {"shape": "circle", "geometry": {"type": "Point", "coordinates": HERE}},
    ],
    ids=["would not", "too far", "never at once", "too many ducts", "no route"],
)
def test_what_cannot_or_would_not_be_dug_together_is_not_grouped(region: Region, other: dict[str, Any]) -> None:
    pair(region, **other)
    assert reckoned(region).proposed == 0


def test_ducts_cables_and_areas_share_a_trench(region: Region) -> None:
    duct(region)
    duct(region, region.rival, kind="cable", requirements={"pairs": 4}, geometry=route(0.0005, 0.0003))
    x, y = HERE
    ring = [[x, y - 0.0002], [x + 0.02, y - 0.0002], [x + 0.02, y + 0.0002], [x, y + 0.0002], [x, y - 0.0002]]
    duct(region, region.grid, shape="area", geometry={"type": "Polygon", "coordinates": [ring]})
    published(region)
    reckoned(region)
    [group] = groups(region.administration)
    assert (group["needs"], group["organisations"], group["kind"]) == (3, 3, "duct")


def test_an_area_is_crossed_along_its_longest_extent() -> None:
    a, b = ends_of(shapely.Polygon([(0, 0), (2, 0.1), (2, 1), (0.1, 0.9)]))
    assert {a, b} == {(0.0, 0.0), (2.0, 1.0)}


def test_before_consent_a_member_learns_neither_who_nor_where_it_is_dug(region: Region) -> None:
    _, other = pair(region)
    reckoned(region)
    [group] = groups(region.carrier)
    assert (group["needs"], group["organisations"], group["site"], group["near"]) == (2, 2, None, [])
    assert [m["own"] for m in group["members"]] == [True]
    ref = group["id"]
    for address in (
        f"/api/v1/cobuild-groups/{ref}",
        "/api/v1/cobuild-groups",
        f"/cobuilding/{ref}",
        "/cobuilding",
        "/notices",
        "/",
    ):
        text = region.carrier.get(address, headers={"Accept": "*/*"}).text
        for hidden in (SECRET, other, "Rival Mobile", str(round(HERE[1] + 0.0003, 6))):
            assert hidden not in text, (address, hidden)


def test_the_last_consent_opens_the_trench(region: Region) -> None:
    own, other = pair(region)
    reckoned(region)
    ref = groups(region.carrier)[0]["id"]
    assert consent(region.carrier, ref).json["status"] == "proposed"
    assert consent(region.rival, ref).json["status"] == "agreed"
    [group] = groups(region.carrier)
    assert {m["need"] for m in group["members"]} == {own, other}
    assert group["site"]["sections"]
    for language, words in (("en", "Trench"), ("zh_CN", "管沟")):
        region.carrier.set_cookie("language", language)
        page = region.carrier.get(f"/cobuilding/{ref}", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert words in page.text
        assert "Rival Mobile" in page.text
