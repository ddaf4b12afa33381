"""Routes over several owners' cables: what is found, what each viewer may know of it, and what stands in the way; both engines."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.asking import Region, asked, published

A, B = (114.0500, 22.5400), (114.0900, 22.5400)
MIDDLE = (114.0700, 22.5400)
NORTH = (114.0700, 22.5600)
WINDOW = {"window_start": "2027-01-01", "window_end": "2028-01-01"}
HALFWAY = (114.0600, 22.5400)


def lay(client: FlaskClient, *path: tuple[float, float], kind: str = "cable", **more: Any) -> dict[str, Any]:
    """List a cable (or a duct) along a path; the listing as its owner sees it."""
    capacity = {"core": more.pop("cores", 24)} if kind == "cable" else {"hole": 2}
    attributes = {"cable_type": "duct", "fibre_type": "g652", "attenuation_db_km": 0.2, "splices": 0}
    asset = {
        "kind": kind,
        "name": more.pop("name", f"{kind} {path[0]}"),
        "geometry": {"type": "LineString", "coordinates": path},
        "attributes": attributes if kind == "cable" else {"deployment": "buried"},
        "capacity": capacity,
        "hosted_by": more.pop("hosted_by", []),
        "grade": more.pop("grade", "general"),
    }
    body = {
        "title": asset["name"],
        "window_start": "2026-07-01",
        "price_minor": 1_000_000,
        "publish": True,
        "asset": asset,
        **more,
    }
    answer = client.post("/api/v1/listings", json=body)
    assert answer.status_code == 201, answer.json
    return dict(client.get(f"/api/v1/listings/{answer.json['id']}").json)


def routes(client: FlaskClient, **more: Any) -> dict[str, Any]:
    """The answer from A to B for a carrier that asks for two pairs over a year."""
    query = {"kind": "cable", "from": "{:f},{:f}".format(*A), "to": "{:f},{:f}".format(*B), "quantity": 2, **WINDOW, **more}
    answer = client.get("/api/v1/routes", query_string={k: v for k, v in query.items() if v is not None})
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def kinds(route: dict[str, Any]) -> list[str]:
    return [leg["kind"] for leg in route["legs"]]


def near(place: tuple[float, float], metres: float) -> tuple[float, float]:
    return place[0] + metres / 111_320 / math.cos(math.radians(place[1])), place[1]


def test_a_route_over_two_owners_is_told_by_leg(region: Region) -> None:
    lay(region.grid, A, MIDDLE, name="West")
    lay(region.city, near(MIDDLE, 5), B, name="East", price_minor=3_000_000)
    found = routes(region.carrier)
    (best,) = found["results"]
    assert kinds(best) == ["build", "span", "handover", "span", "build"]
    owners = [leg["owner"] and leg["owner"]["name"] for leg in best["legs"]]
    assert owners == [None, "Southern Grid", "Southern Grid", "City Works", None]
    assert best["legs"][2]["next_owner"]["name"] == "City Works"
    assert [leg["price_minor"] for leg in best["legs"][1:4]] == [2_000_000, 300_000, 6_000_000]
    assert best["price_minor"] == sum(leg["price_minor"] for leg in best["legs"])
    assert best["capacity"] == 12
    assert best["loss_db"] == pytest.approx(4.12 * 0.2 + 2 * 0.1 + 1.1 + 1.1 + 0.2, abs=0.02)
    assert found["obstacle"] is None
    assert found["pair"]["diverse"] is False


def test_the_narrowest_section_is_named(region: Region) -> None:
    lay(region.grid, A, MIDDLE, name="Wide")
    lay(region.city, MIDDLE, B, name="Narrow", cores=6)
    assert routes(region.carrier, quantity=3)["results"]
    found = routes(region.carrier, quantity=4)
    assert found["results"] == []
    assert found["obstacle"]["kind"] == "capacity"
    assert [s["listing"]["title"] for s in found["obstacle"]["sections"]] == ["Narrow"]
    assert "3 pairs of 4 pairs" in found["obstacle"]["detail"]
    chinese = region.carrier.get(
        "/api/v1/routes",
        query_string={"kind": "cable", "from": "{:f},{:f}".format(*A), "to": "{:f},{:f}".format(*B), "quantity": 4, **WINDOW},
        headers={"Accept-Language": "zh-CN"},
    )
    assert "最窄处：Narrow" in chinese.json["obstacle"]["detail"]


def test_capacity_is_what_is_free_in_the_window(region: Region) -> None:
    lay(region.grid, A, B, cores=8, window_end="2027-07-01")
    assert routes(region.carrier, window_end="2027-06-01")["results"]
    late = routes(region.carrier)
    assert late["results"] == []
    assert late["obstacle"]["kind"] == "capacity"


def test_pieces_and_nothing_at_all_are_told_apart(region: Region) -> None:
    assert "Nothing that you may see" in routes(region.carrier)["obstacle"]["detail"]
    lay(region.grid, A, HALFWAY)
    lay(region.city, MIDDLE, B)
    found = routes(region.carrier)["obstacle"]
    assert found["kind"] == "apart"
    assert "do not meet" in found["detail"]
    assert "nearest" in routes(region.carrier, to="114.2,22.7")["obstacle"]["detail"]


def test_a_loss_budget_is_kept_or_the_least_loss_is_told(region: Region) -> None:
    lay(region.grid, A, B)
    least = routes(region.carrier)["results"][0]["loss_db"]
    assert routes(region.carrier, loss_budget_db=least + 0.01)["results"]
    found = routes(region.carrier, loss_budget_db=least - 0.01)
    assert found["results"] == []
    assert found["obstacle"]["kind"] == "loss"
    assert f"{least:.2f} dB" in found["obstacle"]["detail"]
    long = routes(region.carrier, length_limit_m=4000)
    assert long["obstacle"]["kind"] == "length"


def test_two_ways_that_share_nothing(region: Region) -> None:
    lay(region.grid, A, B, name="Straight")
    lay(region.city, near(A, 60), NORTH, near(B, -60), name="Around")
    pair = routes(region.carrier)["pair"]
    assert (pair["diverse"], pair["proven"]) == (True, True)
    titles = [[s["listing"]["title"] for leg in pair[which]["legs"] for s in leg["sections"]] for which in ("first", "second")]
    assert titles == [["Straight"], ["Around"]]
    assert pair["price_minor"] == pair["bound_minor"]


def test_a_shared_host_is_inherited_and_named_only_as_far_as_it_is_open(region: Region) -> None:
    """Cable → duct → bridge: two cables of two owners in two ducts that hang from one bridge."""
    bridge = lay(region.grid, A, B, kind="duct", name="Harbour Bridge", tier="T2")["asset"]["id"]
    ducts = [
        lay(client, A, B, kind="duct", name=name, hosted_by=[bridge])["asset"]["id"]
        for client, name in ((region.grid, "North duct"), (region.city, "South duct"))
    ]
    lay(region.grid, A, B, name="North cable", hosted_by=ducts[:1])
    lay(region.city, near(A, 60), NORTH, near(B, -60), name="South cable", hosted_by=ducts[1:])
    seen = routes(region.carrier)["pair"]
    assert (seen["diverse"], seen["proven"]) == (False, True)
    assert [risk["title"] for risk in seen["unavoidable"]] == ["Harbour Bridge"]
    listing = next(
        one["id"] for one in region.grid.get("/api/v1/listings?kind=duct").json["results"] if one["title"] == "Harbour Bridge"
    )
    version = region.grid.get(f"/api/v1/listings/{listing}")
    moved = region.grid.post(f"/api/v1/listings/{listing}/suspend", headers={"If-Match": version.headers["ETag"]})
    assert moved.status_code < 300, moved.json
    hidden = routes(region.carrier)
    assert hidden["pair"]["diverse"] is False
    (risk,) = hidden["pair"]["unavoidable"]
    assert risk == {"title": "A structure that is not open to you", "kind": None, "owner": None, "geometry": None}
    assert "Harbour Bridge" not in str(hidden)


def test_what_is_roughly_known_stays_rough(region: Region) -> None:
    exact = (114.05512, 22.54123)
    lay(region.grid, A, exact, B, name="Rough", tier="T1")
    found = routes(region.carrier)
    (best,) = found["results"]
    assert best["approximate"]
    assert all(str(c) not in str(best) for c in exact)
    span = next(leg for leg in best["legs"] if leg["kind"] == "span")
    assert span["approximate"]
    assert span["sections"][0]["listing"]["tier_seen"] == "T1"
    mine = routes(region.grid)["results"][0]
    assert not mine["approximate"]
    assert [leg["price_minor"] for leg in mine["legs"] if leg["kind"] == "span"] == [0]


def test_a_counted_listing_is_no_part_of_a_strangers_network(region: Region) -> None:
    lay(region.grid, A, B, tier="T0")
    assert routes(region.carrier)["results"] == []
    assert routes(region.carrier)["compared"] == 0
    assert routes(region.grid)["results"]


def test_an_end_may_be_a_listing_and_an_own_span_costs_no_rent(region: Region) -> None:
    west = lay(region.grid, A, MIDDLE, name="West")
    lay(region.carrier, MIDDLE, B, name="Ours")
    found = routes(region.carrier, **{"from": None}, from_listing=west["id"], gap_m=300)
    assert found["results"] or found["obstacle"]
    best = routes(region.carrier)["results"][0]
    (ours,) = [leg for leg in best["legs"] if leg["owner"] and leg["owner"]["name"] == "Bay Mobile" and leg["kind"] == "span"]
    assert (ours["price_minor"], ours["sections"][0]["own"]) == (0, True)


def test_an_ab_need_asks_its_route(region: Region) -> None:
    lay(region.grid, A, B, name="Straight")
    need = asked(
        region,
        kind="cable",
        shape="route",
        geometry={"type": "LineString", "coordinates": [A, B]},
        radius_m=100,
        requirements={"pairs": 2},
        title="Backhaul",
    )
    tower = asked(region)
    published(region)
    found = region.carrier.get("/api/v1/routes", query_string={"need": need})
    assert found.status_code == 200
    assert (found.json["need"], found.json["quantity"], len(found.json["results"])) == (need, 2, 1)
    assert region.rival.get("/api/v1/routes", query_string={"need": need}).status_code == 404
    assert region.carrier.get("/api/v1/routes", query_string={"need": tower}).status_code == 422
    part = region.carrier.get(f"/needs/{need}/route")
    assert "Southern Grid" in part.text
    assert f"/routes?need={need}" in region.carrier.get(f"/needs/{need}").text
    assert f"/needs/{tower}/route" not in region.carrier.get(f"/needs/{tower}").text
    assert region.rival.get(f"/needs/{need}/route").status_code == 404


def test_what_is_no_question_is_refused_by_field(region: Region) -> None:
    def refused(**query: Any) -> set[str]:
        full = {"kind": "cable", "from": "{:f},{:f}".format(*A), "to": "{:f},{:f}".format(*B), **WINDOW, **query}
        answer = region.carrier.get("/api/v1/routes", query_string={k: v for k, v in full.items() if v is not None})
        assert answer.status_code == 422, answer.json
        return {str(e["pointer"]).rpartition("/")[2] for e in answer.json["errors"]}

    assert refused(to="{:f},{:f}".format(*A)) == {"to"}
    assert refused(kind="tower") == {"kind"}
    assert refused(to=None) == {"to"}
    assert refused(to="nan,1") == {"to"}
    assert refused(quantity=0) == {"quantity"}
    assert refused(window_end="2026-01-01") == {"window_end"}
    assert region.app.test_client().get("/api/v1/routes").status_code == 401


@pytest.mark.parametrize("name", ["start", "end", "quantity", "loss_budget_db", "length_limit_km", "handover", "build"])
@pytest.mark.parametrize("typed", ["9999-12-31", "9998-01-01", "1e308", "9" * 40, "-1", "nan"])
def test_the_page_takes_whatever_is_typed(region: Region, name: str, typed: str) -> None:
    """Answered, or refused at the field."""
    full = {"kind": "cable", "a_lon": A[0], "a_lat": A[1], "b_lon": B[0], "b_lat": B[1], "start": "2027-01-01", name: typed}
    page = region.carrier.get("/routes", query_string=full)
    assert page.status_code == 200
    answered, faults = "Nothing that you may see leads there" in page.text, page.text.count('class="field-error"')
    assert (answered, faults) in ((True, 0), (False, 1))


def test_the_page_tells_routes_pair_and_obstacle(region: Region) -> None:
    lay(region.grid, A, B, name="Straight")
    lay(region.city, near(A, 60), NORTH, near(B, -60), name="Around")
    typed = {"kind": "cable", "a_lon": A[0], "a_lat": A[1], "b_lon": B[0], "b_lat": B[1], "start": "2027-01-01"}
    page = region.carrier.get("/routes", query_string={**typed, "quantity": "2"})
    assert page.status_code == 200
    for words in (
        "Southern Grid",
        "Straight",
        "Two ways that share no section, site, duct, bridge or tunnel",
        "proven the cheapest",
    ):
        assert words in page.text
    second = region.carrier.get("/routes", query_string={**typed, "route": "second"}).text
    assert 'data-feature="second-1"' in second
    assert "At most 12 pairs" in region.carrier.get("/routes", query_string={**typed, "quantity": "13"}).text
    wrong = region.carrier.get("/routes", query_string={**typed, "a_lon": "200", "quantity": "x", "start": "soon"})
    assert wrong.status_code == 200
    assert "Longitude is a number" in wrong.text
    for name, value in (("a_lon", "200"), ("a_lat", A[1]), ("b_lon", B[0]), ("b_lat", B[1])):  # nothing typed is lost
        assert re.search(f'name="{name}"[^>]* value="{value}"', wrong.text), name
    assert f'value="{B[0]:.6f}"' in page.text
    assert "Give a whole number." in wrong.text
    assert region.app.test_client().get("/routes").status_code == 401


def test_the_command_tells_the_same(region: Region) -> None:
    lay(region.grid, A, B, name="Straight")
    place = [
        "--kind",
        "cable",
        "--from",
        "{:f},{:f}".format(*A),
        "--to",
        "{:f},{:f}".format(*B),
        "--window",
        "2027-01-01",
        "2028-01-01",
    ]
    told = region.app.test_cli_runner().invoke(args=["match", "route", *place])
    assert told.exit_code == 0, told.output
    assert "over Southern Grid" in told.output
    assert "no diverse pair: every route shares Straight" in told.output
    assert (
        "A and B are one place"
        in region.app.test_cli_runner().invoke(args=["match", "route", *place[:4], "--to", place[3], *place[6:]]).output
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["route", "--loss-db", "nan"], "  loss_budget_db: From 0 to 200."),
        (["route", "--quantity", "1000000000000"], "  quantity: From 1 to 1000."),
        (["route", "--to", "nan,1"], "  to: This is no place on Earth"),
        (["route", "--from", "22,114"], "  from: This is no place on Earth"),
        (["route", "--window", "2028-01-01", "2027-01-01"], "  window_end: The end comes after the start."),
        (["allocate", "--list", "nothing"], "There is nothing here that you can see."),
        (["cobuild", "--seed", "99999999999999999999"], "--seed"),
    ],
)
def test_a_command_says_what_is_wrong_where(region: Region, words: list[str], told: str) -> None:
    whole = ["--kind", "cable", "--from", "114,22", "--to", "114.1,22", "--window", "2027-01-01", "2028-01-01"]
    given = ["match", words[0], *(whole if words[0] == "route" else []), *words[1:]]
    answer = region.app.test_cli_runner().invoke(args=given)
    assert isinstance(answer.exception, SystemExit)
    assert answer.exit_code in (1, 2)
    assert told in answer.output
