"""Entries of a needs list over the API: written in every kind and shape, changed by version, submitted, withdrawn; and who sees
them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import HERE, Region, asked, move, need_body, pointers, published

ROUTE = {"type": "LineString", "coordinates": [[114.05, 22.54], [114.06, 22.55]]}
AREA = {"type": "Polygon", "coordinates": [[[114.05, 22.53], [114.07, 22.53], [114.07, 22.55], [114.05, 22.55], [114.05, 22.53]]]}
EVERY = [
    ("tower", "circle", None, 300, {"mounts": 1, "height_m": 20}, 1),
    ("tower", "area", AREA, 0, {"mounts": 4, "height_m": 20}, 4),
    ("duct", "route", ROUTE, 200, {}, None),
    ("duct", "area", AREA, 50, {}, None),
    ("cable", "route", ROUTE, 500, {}, None),
    ("cable", "circle", None, 800, {}, None),
    ("room", "circle", None, 1000, {}, None),
    ("room", "area", AREA, 0, {}, None),
]


def requirements(region: Region, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What is given, and the stated default of every other required field."""
    declared = region.carrier.get(f"/api/v1/kinds/{kind}").json["requirements"]
    return {f["name"]: f.get("default") or 1 for f in declared if f.get("required")} | given


@pytest.mark.parametrize(("kind", "shape", "geometry", "radius_m", "given", "quantity"), EVERY)
def test_every_kind_in_every_shape(
    region: Region, kind: str, shape: str, geometry: Any, radius_m: float, given: dict[str, Any], quantity: int | None
) -> None:
    place = geometry or {"type": "Point", "coordinates": HERE}
    ref = asked(region, kind=kind, shape=shape, geometry=place, radius_m=radius_m, requirements=requirements(region, kind, given))
    seen = region.carrier.get(f"/api/v1/needs/{ref}")
    assert (seen.json["kind"], seen.json["shape"], seen.json["status"], seen.json["region"]) == (
        kind,
        shape,
        "submitted",
        "440304",
    )
    assert seen.json["geometry"]["type"] == place["type"]
    assert seen.json["quantity"] == seen.json["quantity_outstanding"] == (quantity or seen.json["quantity"]) > 0


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"kind": "lighthouse"}, {"/kind"}),
        ({"shape": "route", "geometry": ROUTE}, {"/shape"}),
        ({"shape": "circle", "geometry": AREA}, {"/shape"}),
        ({"radius_m": 0}, {"/radius_m"}),
        ({"radius_m": 300_000}, {"/radius_m"}),
        ({"window_end": "2027-01-01"}, {"/window_end"}),
        ({"latest_start": "2031-01-01"}, {"/latest_start"}),
        ({"title": "  "}, {"/title"}),
        ({"requirements": {"mounts": 0, "height_m": 25, "wheels": 4}}, {"/requirements/mounts", "/requirements/wheels"}),
        ({"requirements": {}}, {"/requirements/mounts", "/requirements/height_m"}),
        ({"geometry": {"type": "Point", "coordinates": [2.35, 48.85]}}, {"/geometry"}),
        ({"geometry": {"type": "Point", "coordinates": [22.5, 114.0]}}, {"/geometry"}),
        (
            {
                "geometry": {"type": "Polygon", "coordinates": [[[114, 22], [115, 23], [115, 22], [114, 23], [114, 22]]]},
                "shape": "area",
            },
            {"/geometry"},
        ),
        ({"geometry": {"type": "Point"}}, {"/geometry"}),
        ({"geometry": {"type": "Point", "coordinates": ["a", None]}}, {"/geometry"}),
        ({"budget_minor": -1}, {"/budget_minor"}),
        ({"tier": "T9"}, {"/tier"}),
        ({"currency": "yuan"}, {"/currency"}),
        ({"currency": "ZZZ", "budget_minor": 4}, {"/currency"}),
        ({"alternative": {"cost_minor": 3}}, {"/alternative/description"}),
        ({"colour": "red"}, {"/colour"}),
        ({"title": " ", "window_end": "2026-01-01", "radius_m": -1}, {"/title", "/window_end", "/radius_m"}),
    ],
)
def test_all_that_is_wrong_is_told_at_once_by_pointer(region: Region, wrong: dict[str, Any], expected: set[str]) -> None:
    answer = region.carrier.post("/api/v1/needs", json=need_body(region.list_ref, **wrong))
    assert answer.status_code == 422
    assert pointers(answer) == expected
    assert region.carrier.get("/api/v1/needs").json["count"] == 0


def test_faults_are_told_in_chinese_too(region: Region) -> None:
    answer = region.carrier.post(
        "/api/v1/needs", json=need_body(region.list_ref, title=" "), headers={"Accept-Language": "zh-CN"}
    )
    assert answer.json["errors"][0]["detail"] == "请填写名称。"


def test_a_draft_changes_by_version_until_it_is_submitted(region: Region) -> None:
    ref = asked(region, submit=False)
    address, body = f"/api/v1/needs/{ref}", need_body(region.list_ref, title="Moved", radius_m=800)
    del body["needs_list"]
    assert region.carrier.put(address, json=body).status_code == 428
    assert region.carrier.put(address, json=body, headers={"If-Match": '"9"'}).status_code == 412
    changed = region.carrier.put(address, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert region.carrier.get(address).json["title"] == "Moved"
    assert region.carrier.post(f"{address}/submit").status_code == 428
    assert move(region.carrier, ref, "submit").status_code == 200
    late = region.carrier.put(address, json=body, headers={"If-Match": '"3"'})
    assert (late.status_code, late.json["code"]) == (409, "illegal_transition")


def test_the_alternative_is_stated_before_submission(region: Region) -> None:
    refused = region.carrier.post("/api/v1/needs", json=need_body(region.list_ref, alternative=None, submit=True))
    assert (refused.status_code, refused.json["code"], pointers(refused)) == (422, "alternative_missing", {"/alternative"})
    ref = asked(region, alternative=None, submit=False)
    assert move(region.carrier, ref, "submit").json["code"] == "alternative_missing"


def test_a_key_makes_one_need_however_often_it_is_sent(region: Region) -> None:
    body = need_body(region.list_ref)
    sent = [region.carrier.post("/api/v1/needs", json=body, headers={"Idempotency-Key": "n-1"}) for _ in range(2)]
    assert sent[0].json["id"] == sent[1].json["id"]
    assert sent[1].headers["Idempotency-Replayed"] == "true"
    assert region.carrier.get("/api/v1/needs").json["count"] == 1
    assert (
        region.carrier.post("/api/v1/needs", json={**body, "title": "Other"}, headers={"Idempotency-Key": "n-1"}).status_code
        == 422
    )


def test_editors_draft_and_managers_submit(region: Region) -> None:
    ref = asked(region, region.drafter, submit=False)
    assert move(region.drafter, ref, "submit").status_code == 403
    assert region.drafter.post("/api/v1/needs", json=need_body(region.list_ref, submit=True)).status_code == 403
    assert move(region.carrier, ref, "submit").status_code == 200
    assert move(region.drafter, ref, "withdraw").status_code == 403


def test_a_need_is_withdrawn_from_any_open_state_once(region: Region) -> None:
    draft, entered = asked(region, submit=False), asked(region)
    assert move(region.carrier, draft, "withdraw").status_code == 200
    assert move(region.carrier, entered, "withdraw", reason="The site was built.").status_code == 200
    seen = region.carrier.get(f"/api/v1/needs/{entered}").json
    assert (seen["status"], seen["outcome"], seen["outcome_reason"]) == ("left", "withdrawn", "The site was built.")
    assert move(region.carrier, entered, "withdraw").json["code"] == "illegal_transition"


def visible_to(region: Region, who: str, ref: str) -> str | None:
    """T1, T2, T3 or None; list, count, detail, box and matches agree."""
    client = getattr(region, who)
    rows = {row["id"]: row for row in client.get("/api/v1/needs?limit=100").json["results"]}
    detail = client.get(f"/api/v1/needs/{ref}")
    box = client.get("/api/v1/needs?bbox=114,22,115,23").json
    assert (ref in rows) == (detail.status_code == 200)
    assert (ref in {row["id"] for row in box["results"]}) == (detail.status_code == 200)
    assert client.get("/api/v1/needs").json["count"] == len(rows)
    if detail.status_code != 200:
        assert detail.status_code == 404
        assert client.get(f"/api/v1/needs/{ref}/matches").status_code == 404
        for step in ("submit", "withdraw"):
            assert client.post(f"/api/v1/needs/{ref}/{step}", headers={"If-Match": '"1"'}).status_code in (403, 404)
        return None
    assert rows[ref]["tier_seen"] == detail.json["tier_seen"]
    inside = detail.json["tier_seen"] == "T3"
    assert (
        ("budget_minor" in detail.json) == ("alternative" in rows[ref]) == inside
    )  # a budget is for insiders, however open the place
    assert client.get(f"/api/v1/needs/{ref}/matches").status_code == (200 if inside else 404)
    return str(detail.json["tier_seen"])


NOBODY = dict.fromkeys(("rival", "city", "far", "regulator", "evaluator", "administration"))
WATCHED = {**NOBODY, "administration": "T3", "regulator": "T3", "evaluator": "T3"}


@pytest.mark.parametrize(("tier", "others"), [("T0", None), ("T1", "T1"), ("T2", "T2")])
def test_who_sees_a_need_in_each_state(region: Region, tier: str, others: str | None) -> None:
    draft, entered = asked(region, submit=False, tier=tier), asked(region, tier=tier)
    for who, seen in {**NOBODY, "carrier": "T3"}.items():
        assert visible_to(region, who, draft) == seen, who
    for who, seen in {**NOBODY, "administration": "T3", "carrier": "T3"}.items():
        assert visible_to(region, who, entered) == seen, who
    published(region)
    for who, seen in {**WATCHED, "city": others, "grid": others, "far": others, "carrier": "T3", "drafter": "T3"}.items():
        assert visible_to(region, who, entered) == seen, who
    assert visible_to(region, "administration", draft) is None


def test_an_administration_cannot_feel_for_drafts(region: Region) -> None:
    ref = asked(region, submit=False)
    for step, body in (
        ("outcome", {"outcome": "served"}),
        ("carry-over", {"needs_list": region.list_ref}),
        ("merge", {"into": ref}),
    ):
        answer = region.administration.post(f"/api/v1/needs/{ref}/{step}", json=body, headers={"If-Match": '"1"'})
        assert answer.status_code == 404, step


def test_at_t1_nothing_shows_where_in_its_cell_a_need_is(region: Region) -> None:
    here, there = (
        asked(region, tier="T1", owner_ref="SECRET-1"),
        asked(region, tier="T1", geometry={"type": "Point", "coordinates": [114.0561, 22.5410]}),
    )
    published(region)
    seen = [region.city.get(f"/api/v1/needs/{ref}").json for ref in (here, there)]
    assert seen[0]["geometry"] == seen[1]["geometry"] != {"type": "Point", "coordinates": HERE}
    assert not {"budget_minor", "alternative", "owner_ref", "note"} & set(seen[0])
    for west in (114.0565, 114.0575, 114.0585):  # no narrow box tells the two apart
        found = region.city.get(f"/api/v1/needs?bbox={west},22.53,114.07,22.56").json["count"]
        assert found in (0, 2)
    assert region.city.get("/api/v1/needs?q=SECRET-1").json["count"] == 0
    assert region.carrier.get("/api/v1/needs?q=SECRET-1").json["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("kind=tower", 2),
        ("kind=room", 1),
        ("status=open", 3),
        ("status=draft", 1),
        ("status=submitted", 2),
        ("region=440300", 3),
        ("region=110000", 0),
        ("q=HUAQIANG", 2),
        ("q=%25", 0),
        ("priority=high", 1),
        ("mine=1", 3),
        ("bbox=114,22,115,23", 3),
        ("bbox=10,22,11,23", 0),
        ("sort=title", 3),
        ("sort=start", 3),
        ("limit=1", 3),
        ("outcome=served", 0),
    ],
)
def test_filters(region: Region, query: str, count: int) -> None:
    asked(region)
    asked(region, submit=False, priority="high")
    asked(region, kind="room", title="A machine room", requirements=requirements(region, "room", {}))
    answer = region.carrier.get(f"/api/v1/needs?{query}")
    assert (answer.status_code, answer.json["count"]) == (200, count)


@pytest.mark.parametrize("sort", ["newest", "title", "start"])
def test_lists_page_by_their_links(region: Region, sort: str) -> None:
    for number in range(3):
        asked(region, title=f"Need {number}", window_start=f"2027-0{number + 1}-01")
    first = region.carrier.get(f"/api/v1/needs?limit=2&sort={sort}")
    second = region.carrier.get(first.json["next"])
    titles = [row["title"] for page in (first, second) for row in page.json["results"]]
    assert titles == (["Need 2", "Need 1", "Need 0"] if sort == "newest" else ["Need 0", "Need 1", "Need 2"])
    assert second.json["next"] is None
    assert [row["title"] for row in region.carrier.get(second.json["previous"]).json["results"]] == titles[:2]


@pytest.mark.parametrize("query", ["bbox=1,2,3", "bbox=5,0,1,1", "limit=0", "after=!!", "sort=secret"])
def test_a_filter_that_cannot_be_read_is_refused(region: Region, query: str) -> None:
    assert region.carrier.get(f"/api/v1/needs?{query}").status_code in (400, 422)
