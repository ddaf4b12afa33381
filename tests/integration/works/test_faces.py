"""Works through the API and on pages: the same use cases, who sees what, and forms that say what is wrong."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.db.work import Bus
from app.kernel.actor import Role
from tests.support import people
from tests.support import programs as by

ROUTE = {"type": "LineString", "coordinates": [[114.05, 22.53], [114.06, 22.54]]}
DUCT = {"kind": "duct", "name": "West gallery", "from_m": 0, "to_m": 1400, "capacity": {"hole": 8}, "reserved": {"hole": 2}}
WORKS: dict[str, Any] = {
    "kind": "tunnel",
    "name": "Harbour tunnel",
    "geometry": ROUTE,
    "from_m": 0,
    "to_m": 1400,
    "permit_on": "2026-09-09",
    "starts_on": "2026-10-01",
    "completes_on": "2029-01-01",
    "elements": [DUCT],
}


def test_a_life_by_the_api(app: Flask, bus: Bus) -> None:
    programs = by.shenzhen(app, bus)
    owner, requester, rival = programs.owner, programs.requester, programs.rival
    ref = owner.send("/works", WORKS, status=201)["id"]
    requester.get(f"/works/{ref}", 404)
    with programs.one_record("works.announced"):
        owner.send(f"/works/{ref}/announce", version=1)
    seen = requester.get(f"/works/{ref}")
    assert seen["works"]["join_until"] == "2026-08-09"
    assert seen["elements"][0]["asset"] is None  # the planned asset is its owner's to show
    assert {lack["dimension"] for lack in seen["lacks"]} == {"hole", "power_kw"}
    with programs.one_record("works.join_asked"):
        assert requester.send(f"/works/{ref}/joins", {"what": "Two cables"}, status=201)["status"] == "waiting"
    with programs.one_record("works.passed_on"):
        rival.send(f"/works/{ref}/passes", {"why": "No need"}, status=201)
    owner.send(f"/works/{ref}/elements/1/reserve", {"amounts": {"hole": 2}}, version=owner.version(f"/works/{ref}"))
    refusal = {"accept": False}
    owner.send(f"/works/{ref}/joins/1/answer", refusal, version=owner.version(f"/works/{ref}"), status=422)
    owner.send(f"/works/{ref}/joins/1/answer", {"accept": True}, version=owner.version(f"/works/{ref}"))
    slip = {"starts_on": "2026-10-01", "completes_on": "2029-06-01", "reason": "Ground water"}
    assert len(owner.send(f"/works/{ref}/slip", slip, version=owner.version(f"/works/{ref}"))["claims"]) == 4
    overseen = programs.administration.get("/works-overseen?lacking=true")
    assert [row["id"] for row in overseen["results"]] == [ref]
    requester.get("/works-overseen", 403)
    requester.send(f"/works/{ref}/joins/1/withdraw", status=204)
    close = {"action": "cancel", "reason": "No money"}
    owner.send(f"/works/{ref}/close", close, version=owner.version(f"/works/{ref}"))
    assert requester.get("/works?status=cancelled")["count"] == 1


def test_the_pages_lead_a_sponsor_from_the_form_to_the_announcement(app: Flask, bus: Bus) -> None:
    metro = people.organisation(bus, "Pengcheng Metro", sector="transport")
    client = people.signed_in(app, people.person(bus, metro, Role.MANAGER, name="Xu Lan"))
    wrong = people.post(client, "/works/new", {"name": "", "shape": "line", "wkt": "", "from_m": "0"}, page="/works/new")
    assert wrong.status_code == 422
    form = {name: str(value) for name, value in WORKS.items() if name not in ("geometry", "elements")}
    made = people.post(
        client, "/works/new", form | {"shape": "line", "wkt": "LINESTRING (114.05 22.53, 114.06 22.54)"}, page="/works/new"
    )
    assert made.status_code == 303, made.text
    page = made.location
    element = {
        "version": "1",
        "name": "West gallery",
        "element_kind": "duct",
        "from_m": "0",
        "to_m": "1400",
        "capacity.duct.hole": "8",
        "reserved.duct.hole": "9",
    }
    assert people.post(client, f"{page}/elements", element, page=page).status_code == 422
    assert people.post(client, f"{page}/elements", element | {"reserved.duct.hole": "4"}, page=page).status_code == 303
    assert people.post(client, f"{page}/announce", {"version": "2"}, page=page).status_code == 303
    shown = client.get(page, headers=people.PAGE).text
    assert "The reservation is lacking" in shown
    assert "West gallery" in shown
    assert "Harbour tunnel" in client.get("/works", headers=people.PAGE).text
    assert client.get("/", headers=people.PAGE).status_code == 200
