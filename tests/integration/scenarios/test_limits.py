"""What an asset does not allow is no match, is not offered, and comes into no agreement: the fill of a bore by the area of the cable,
the load of a floor."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.db.work import Bus
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import programs as by
from tests.support.programs import Programs

DUCT: dict[str, Any] = {
    "kind": "duct",
    "name": "Shennan S1",
    "geometry": {"type": "LineString", "coordinates": [[114.057, 22.543], [114.059, 22.543]]},
    "attributes": {"deployment": "buried", "bore_mm": 100, "subduct_bore_mm": 28, "fill_limit_pct": 50},
    "capacity": {"hole": 3, "subduct": 2},
}
ROOM: dict[str, Any] = {
    "kind": "room",
    "name": "Shennan R1",
    "geometry": {"type": "Point", "coordinates": [114.058, 22.543]},
    "attributes": {"room_type": "room", "floor_load_kn_m2": 6},
    "capacity": {"rack_unit": 84},
}


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    return by.shenzhen(app, bus)


def asked(programs: Programs, asset: dict[str, Any], requirements: dict[str, Any]) -> tuple[dict[str, Any], str, Any]:
    """(listing, path of the request, answer of matching)."""
    listing = programs.owner.send("/listings", {**LISTING, "asset": asset}, status=201)
    round_ = by.open_round(programs)
    body = {**NEED, "kind": asset["kind"], "needs_list": round_.rpartition("/")[2], "requirements": requirements}
    need = programs.requester.send("/needs", body, status=201)["id"]
    by.publish_round(programs, round_)
    by.match(programs)
    found = programs.requester.get(f"/needs/{need}/matches")
    made = programs.requester.send("/access-requests", {"need": need, "listing": listing["id"], "submit": True}, status=201)
    return listing, f"/access-requests/{made['id']}", found


def test_a_cable_that_fills_too_much_of_the_bore(programs: Programs) -> None:
    """80 mm fill 64 % of 100 mm, though it is narrower than the bore; a counter-offer of 70 mm passes, of a subduct does not."""
    listing, path, found = asked(programs, DUCT, {"holes": 1, "cable_diameter_mm": 80})
    assert found["results"] == []
    (near,) = found["alternates"]
    assert [r["detail"] for r in near["reasons"] if not r["passed"]] == [
        "Takes a cable of 70.7 mm only, by area of cable over bore: 9.3 mm less than asked."
    ]
    owner = programs.owner
    refused = owner.send(f"{path}/accept", {}, version=1, status=422)
    assert (refused["code"], [e["pointer"] for e in refused["errors"]]) == ("beyond_limit", ["/terms/cable_diameter_mm"])
    through = {"amounts": {"subduct": 1}, "terms": {"cable_diameter_mm": 20}}
    narrow = owner.send(f"{path}/counter", through, version=1, status=422)
    assert [(e["pointer"], e["detail"]) for e in narrow["errors"]] == [
        ("/amounts/subduct", "Subducts: a cable of 20 mm would fill 52 % of the bore's area, 50 % is allowed.")
    ]
    owner.send(f"{path}/counter", {"terms": {"cable_diameter_mm": 70}}, version=1)
    assert programs.requester.get(path)["offers"][0]["amounts"] == {"hole": 1}
    agreement = by.drafted(programs, path)
    line = {
        "asset": listing["asset"]["id"],
        "supplier": owner.organisation,
        "beneficiary": programs.requester.organisation,
        "starts": NEED["window_start"],
        "ends": NEED["window_end"],
        "listing": listing["id"],
        "price_minor": 1,
    }

    def edit(amounts: dict[str, int], status: int = 200) -> Any:
        body = {"lines": [{**line, "amounts": amounts}]}
        return owner.send(f"{agreement}/lines", body, version=owner.version(agreement), status=status, method="PUT")

    assert edit({"subduct": 1}, 422)["code"] == "beyond_limit"
    edit({"hole": 2})


def test_a_floor_that_carries_less(programs: Programs) -> None:
    _, path, found = asked(programs, ROOM, {"rack_units": 42, "floor_load_kn_m2": 8})
    assert found["results"] == []
    refused = programs.owner.send(f"{path}/accept", {}, version=1, status=422)
    assert [(e["pointer"], e["detail"]) for e in refused["errors"]] == [
        ("/terms/floor_load_kn_m2", "Floor carries only 6 kN/m²: 2 kN/m² short.")
    ]
    programs.owner.send(f"{path}/counter", {"terms": {"floor_load_kn_m2": 6}}, version=1)
    assert programs.requester.get(path)["offers"][0]["slots"] == {"rack_unit": list(range(1, 43))}
