"""One request over several owners: a leg for each, an agreement only when all stand, the next best route when one fails."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import exc, text

from app.access.routes.rules import FAILED, ROUTE, STANDS, after_answer
from app.catalogue.profiles import get_profile
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.ledger import expire_overdue
from tests.integration.matching.test_routes import MIDDLE, NORTH, A, B, lay, near
from tests.support.asking import Region, asked, published

NEED = {
    "kind": "cable",
    "shape": "route",
    "geometry": {"type": "LineString", "coordinates": [A, B]},
    "radius_m": 100,
    "requirements": {"pairs": 2},
    "title": "Backhaul",
}


def post(client: FlaskClient, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    known = client.get(f"/api/v1{path.rpartition('/')[0]}")
    headers = {"If-Match": known.headers["ETag"]} if known.status_code == 200 and "ETag" in known.headers else {}
    answer = client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.json
    return dict(answer.json or {})


def get(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def refs(route: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(s["listing"]["id"] for leg in route["legs"] for s in leg["sections"]))


def wanted(region: Region) -> str:
    need = asked(region, **NEED)
    published(region)
    return need


def best(region: Region, need: str) -> list[str]:
    return refs(get(region.carrier, f"/routes?need={need}")["results"][0])


def ask(region: Region, need: str) -> str:
    return str(post(region.carrier, "/route-requests", {"need": need, "listings": best(region, need)}, 201)["id"])


def leg(region: Region, route: str, owner: str) -> dict[str, Any]:
    """The present leg of an owner."""
    legs = get(region.carrier, f"/route-requests/{route}")["route_legs"]
    return next(one for one in legs if one["request"]["owner"]["name"] == owner)


def accept(region: Region, client: FlaskClient, route: str, owner: str) -> None:
    post(client, f"/access-requests/{leg(region, route, owner)['request']['id']}/accept", {})


def refuse(region: Region, client: FlaskClient, route: str, owner: str) -> None:
    """On the ground of a viable alternative, with what it needs."""
    request = leg(region, route, owner)["request"]["id"]
    ground = get_profile("cn-default").refusal_grounds[0]
    evidence = {}
    for one in ground.evidence:
        made = client.post(
            "/api/v1/attachments",
            data={
                "subject_type": "access_request",
                "subject": request,
                "purpose": "evidence",
                "file": (io.BytesIO(b"measured on site"), "proof.txt"),
            },
        )
        assert made.status_code == 201, made.json
        evidence[one.code] = made.json["id"]
    post(client, f"/access-requests/{request}/refuse", {"ground": ground.code, "reason": "No.", "evidence": evidence})


def status(region: Region, route: str) -> str:
    return str(get(region.carrier, f"/route-requests/{route}")["status"])


def two_owners(region: Region) -> None:
    lay(region.grid, A, MIDDLE, name="West")
    lay(region.city, near(MIDDLE, 5), B, name="East")


def test_a_route_is_one_request_and_agreed_whole(region: Region) -> None:
    two_owners(region)
    need = wanted(region)
    route = ask(region, need)
    view = get(region.carrier, f"/route-requests/{route}")
    assert (view["status"], view["legs"], view["standing"]) == ("open", 2, 0)
    assert [one["request"]["owner"]["name"] for one in view["route_legs"]] == ["Southern Grid", "City Works"]
    accept(region, region.grid, route, "Southern Grid")
    assert status(region, route) == "open"
    post(region.carrier, f"/route-requests/{route}/take", status=409)
    accept(region, region.city, route, "City Works")
    assert status(region, route) == "standing"
    alone = post(region.carrier, f"/access-requests/{leg(region, route, 'City Works')['request']['id']}/accept-offer", status=409)
    assert alone["code"] == "leg_of_route"
    made = post(region.carrier, f"/route-requests/{route}/take", status=201)["agreements"]
    assert len(made) == 2
    owners = {get(region.carrier, f"/agreements/{one['id']}")["owner"]["name"] for one in made}
    assert owners == {"Southern Grid", "City Works"}
    assert status(region, route) == "agreed"


def test_a_leg_holds_all_its_sections_at_once(region: Region) -> None:
    lay(region.grid, A, MIDDLE, name="West one")
    lay(region.grid, MIDDLE, NORTH, name="West two", price_minor=2_000_000)
    lay(region.city, near(NORTH, 5), B, name="East")
    need = wanted(region)
    route = ask(region, need)
    grid = leg(region, route, "Southern Grid")
    assert [one["title"] for one in grid["sections"]] == ["West one", "West two"]
    accept(region, region.grid, route, "Southern Grid")
    offer = leg(region, route, "Southern Grid")["offer"]
    assert offer["price_minor"] == 2 * (1_000_000 + 2_000_000)
    held = [
        claim
        for one in get(region.grid, "/listings?kind=cable")["results"]
        if one["title"].startswith("West")
        for claim in get(region.grid, f"/assets/{get(region.grid, '/listings/' + one['id'])['asset']['id']}/capacity")["claims"]
    ]
    assert len([claim for claim in held if claim["kind"] == "held"]) == 8
    accept(region, region.city, route, "City Works")
    made = post(region.carrier, f"/route-requests/{route}/take", status=201)["agreements"]
    lines = [get(region.carrier, f"/agreements/{one['id']}")["lines"] for one in made]
    assert sorted(len(one) for one in lines) == [1, 2]


def test_a_leg_that_fails_offers_the_next_best_route_and_keeps_what_stands(region: Region) -> None:
    two_owners(region)
    lay(region.city, near(MIDDLE, 5), NORTH, B, name="Detour", price_minor=5_000_000)
    lay(region.rival, near(MIDDLE, 6), (114.0800, 22.5300), B, name="Way of a rival", price_minor=2_000_000)
    need = wanted(region)
    route = ask(region, need)
    accept(region, region.grid, route, "Southern Grid")
    refuse(region, region.city, route, "City Works")
    assert status(region, route) == "broken"
    other = get(region.carrier, f"/route-requests/{route}/next-route")["results"][0]
    titles = [s["listing"]["title"] for one in other["legs"] for s in one["sections"]]
    assert titles == ["West", "Way of a rival"]
    assert [one["price_minor"] for one in other["legs"] if one["sections"]] == [0, 12_010_959]  # two pairs for 1,096 days
    kept = leg(region, route, "Southern Grid")["request"]["id"]
    post(region.carrier, f"/route-requests/{route}/reroute", {"listings": best(region, need)}, status=409)
    post(region.carrier, f"/route-requests/{route}/reroute", {"listings": refs(other)})
    view = get(region.carrier, f"/route-requests/{route}")
    assert (view["status"], view["round"]) == ("open", 2)
    assert [one["request"]["owner"]["name"] for one in view["route_legs"]] == ["Southern Grid", "Rival Mobile"]
    assert [one["status"] for one in view["past_legs"]] == ["refused"]
    assert leg(region, route, "Southern Grid")["request"]["id"] == kept
    accept(region, region.rival, route, "Rival Mobile")
    assert status(region, route) == "standing"
    page = region.carrier.get(f"/route-requests/{route}")
    assert "Take the whole route" in page.text


def test_an_offer_that_runs_out_breaks_the_route_and_no_other_way_is_told(region: Region, clock: FixedClock) -> None:
    two_owners(region)
    route = ask(region, wanted(region))
    accept(region, region.grid, route, "Southern Grid")
    accept(region, region.city, route, "City Works")
    clock.advance(timedelta(days=60))
    region.bus.execute(lambda work, _: expire_overdue(work), SYSTEM, None)
    assert status(region, route) == "broken"
    other = get(region.carrier, f"/route-requests/{route}/next-route")
    assert other["results"] == []
    assert other["obstacle"] is not None
    fragment = region.carrier.get(f"/route-requests/{route}/next")
    assert "There is no other route" in fragment.text


def test_withdrawing_the_route_withdraws_its_legs(region: Region) -> None:
    two_owners(region)
    need = wanted(region)
    route = ask(region, need)
    accept(region, region.grid, route, "Southern Grid")
    assert post(region.carrier, "/route-requests", {"need": need, "listings": best(region, need)}, 409)["code"] == "route_open"
    post(region.carrier, f"/route-requests/{route}/withdraw")
    view = get(region.carrier, f"/route-requests/{route}")
    assert [one["status"] for one in view["route_legs"]] == ["withdrawn", "withdrawn"]
    assert ask(region, need) != route


def test_an_agreement_given_up_breaks_its_route(region: Region) -> None:
    two_owners(region)
    route = ask(region, wanted(region))
    accept(region, region.grid, route, "Southern Grid")
    accept(region, region.city, route, "City Works")
    first, _ = post(region.carrier, f"/route-requests/{route}/take", status=201)["agreements"]
    post(region.carrier, f"/agreements/{first['id']}/withdraw", {"reason": "Not any more."})
    assert status(region, route) == "broken"


def test_who_sees_what(region: Region) -> None:
    two_owners(region)
    need = wanted(region)
    wrong = best(region, need)[:1]
    assert post(region.carrier, "/route-requests", {"need": need, "listings": wrong}, 409)["code"] == "route_changed"
    route = ask(region, need)
    for stranger in (region.grid, region.city, region.rival):
        assert stranger.get(f"/api/v1/route-requests/{route}").status_code == 404
        assert stranger.get(f"/route-requests/{route}").status_code == 404
        assert get(stranger, "/route-requests")["count"] == 0
    assert region.administration.get(f"/route-requests/{route}").status_code == 200
    assert region.rival.post("/api/v1/route-requests", json={"need": need, "listings": wrong}).status_code == 404
    request = leg(region, route, "Southern Grid")["request"]["id"]
    page = region.grid.get(f"/requests/{request}").text
    assert "One leg of a route" in page
    assert route not in page
    assert "City Works" not in page
    assert f"/route-requests/{route}" in region.carrier.get(f"/requests/{request}").text


def test_the_page_asks_with_one_click(region: Region) -> None:
    two_owners(region)
    need = wanted(region)
    page = region.carrier.get(f"/routes?need={need}").text
    assert "Request this route" in page
    answer = region.carrier.post("/route-requests/", data={"need": need, "listing": best(region, need)})
    assert answer.status_code == 303
    shown = region.carrier.get(answer.headers["Location"])
    assert "Legs, one for each owner" in shown.text
    assert "Southern Grid" in shown.text
    assert "Backhaul" in region.carrier.get("/route-requests/").text


FOUR = (A, (114.0600, 22.5400), MIDDLE, (114.0800, 22.5400), B)


def dig(client: FlaskClient, *path: tuple[float, float], name: str, holes: int, subducts: int = 0) -> str:
    """A duct section of 100 mm holes and 28 mm subducts; the ref of its asset."""
    asset = {
        "kind": "duct",
        "name": name,
        "geometry": {"type": "LineString", "coordinates": path},
        "attributes": {"deployment": "buried", "bore_mm": 100, "subduct_bore_mm": 28, "fill_limit_pct": 50},
        "capacity": {"hole": holes, "subduct": subducts},
    }
    body = {"title": name, "window_start": "2026-07-01", "price_minor": 100_000, "publish": True, "asset": asset}
    answer = client.post("/api/v1/listings", json=body)
    assert answer.status_code == 201, answer.json
    return str(get(client, f"/listings/{answer.json['id']}")["asset"]["id"])


def test_a_cable_goes_through_the_spare_subduct_of_the_full_section(region: Region) -> None:
    """Free 2/0/3/1, the second with one spare 28 mm subduct, a 14 mm cable: capacity 1; the last hole reserved: the detour."""
    assets = []
    for n, (holes, subducts) in enumerate(((2, 0), (1, 1), (3, 0), (1, 0))):
        owner = region.grid if n % 2 else region.city
        assets.append(dig(owner, FOUR[n], FOUR[n + 1], name=f"S{n + 1}", holes=holes, subducts=subducts))
    baseline = {"kind": "baseline", "amounts": {"hole": 1}, "occupant": "China Telecom", "equipment": "GYTA53-96"}
    post(region.grid, f"/assets/{assets[1]}/capacity/claims", baseline, 201)
    need = asked(region, **{**NEED, "kind": "duct", "requirements": {"holes": 1, "cable_diameter_mm": 14}})
    thick = asked(region, **{**NEED, "kind": "duct", "title": "Thick", "requirements": {"holes": 1, "cable_diameter_mm": 20}})
    two = asked(region, **{**NEED, "kind": "duct", "title": "Two", "requirements": {"holes": 2, "cable_diameter_mm": 14}})
    published(region)
    best_one = get(region.carrier, f"/routes?need={need}")["results"][0]
    assert best_one["capacity"] == 1
    free = {s["listing"]["title"]: s["free"] for one in best_one["legs"] for s in one["sections"]}
    assert free == {"S1": 2, "S2": 1, "S3": 3, "S4": 1}
    for other in (thick, two):
        found = get(region.carrier, f"/routes?need={other}")
        assert (found["results"], found["obstacle"]["kind"]) == ([], "capacity")
    route = ask(region, need)
    accept(region, region.grid, route, "Southern Grid")
    accept(region, region.city, route, "City Works")
    held = get(region.grid, f"/assets/{assets[1]}/capacity")["claims"]
    assert [(one["dimension"], one["slot"]) for one in held if one["kind"] == "held"] == [("subduct", 1)]
    assert not any(one["less_than_asked"] for one in get(region.carrier, f"/route-requests/{route}")["route_legs"])
    post(region.carrier, f"/route-requests/{route}/withdraw")
    post(region.grid, f"/assets/{assets[3]}/capacity/claims", {"kind": "reserve", "amounts": {"hole": 1}}, 201)
    blocked = get(region.carrier, f"/routes?need={need}")
    assert blocked["results"] == []
    assert [s["listing"]["title"] for s in blocked["obstacle"]["sections"]] == ["S4"]
    dig(region.rival, FOUR[3], (114.0850, 22.5450), B, name="Detour", holes=1)
    detour = get(region.carrier, f"/routes?need={need}")["results"][0]
    assert "Detour" in [s["listing"]["title"] for one in detour["legs"] for s in one["sections"]]


@pytest.mark.parametrize("statement", ["UPDATE route_request SET status = 'agreed'", "UPDATE offer SET status = 'agreed'"])
def test_the_database_agrees_a_route_whole_or_not_at_all(region: Region, statement: str) -> None:
    two_owners(region)
    route = ask(region, wanted(region))
    accept(region, region.grid, route, "Southern Grid")
    with pytest.raises(exc.DBAPIError, match="leg"), region.bus.database.write() as session:
        session.execute(text(statement))


def test_the_whole_table_of_states() -> None:
    assert {(s, a): t for s, a, t in ROUTE.matrix() if t} == {
        ("open", "stand"): "standing",
        ("open", "break"): "broken",
        ("broken", "stand"): "standing",
        ("standing", "wait"): "open",
        ("broken", "wait"): "open",
        ("standing", "break"): "broken",
        ("agreed", "break"): "broken",
        ("broken", "reroute"): "open",
        ("standing", "agree"): "agreed",
        ("open", "withdraw"): "withdrawn",
        ("standing", "withdraw"): "withdrawn",
        ("broken", "withdraw"): "withdrawn",
    }
    whole: Callable[[str, list[str]], str] = after_answer
    for one in sorted(FAILED):
        assert whole("standing", ["accepted", one]) == "broken"
        assert whole("withdrawn", [one]) == "withdrawn"
    for one in sorted(STANDS):
        assert whole("open", [one, "accepted"]) == "standing"
    assert whole("open", ["submitted", "accepted"]) == "open"
    assert whole("open", []) == "open"
    assert whole("broken", ["disputed", "accepted"]) == "open"
    assert whole("standing", ["disputed", "accepted"]) == "open"
    assert whole("agreed", ["agreed", "agreed"]) == "agreed"
