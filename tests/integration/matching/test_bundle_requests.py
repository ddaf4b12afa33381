"""One request for a whole bundle: tower and backhaul of a site, asked of every owner at once, agreed whole or not at all; the next
best where a leg fails."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import exc, text

from tests.integration.matching.test_route_requests import NEED as BACKHAUL
from tests.integration.matching.test_route_requests import get, post, refuse, two_owners
from tests.integration.matching.test_routes import A
from tests.support import people
from tests.support.asking import Region, asked, listed, published

TOWER = {"geometry": {"type": "Point", "coordinates": A}, "title": "Macro at A"}


def bundled(region: Region) -> tuple[str, str, str]:
    """A tower and its backhaul over two owners: the bundle and its two needs, published; two towers that match."""
    two_owners(region)
    listed(region, at=A, height=40, title="First tower")
    listed(region, at=A, height=30, title="Second tower")
    needs = asked(region, **TOWER), asked(region, **BACKHAUL)
    bundle = region.carrier.post("/api/v1/bundles", json={"name": "Site A", "needs": list(needs)})
    assert bundle.status_code == 201, bundle.json
    published(region)
    assert bundle.json is not None
    return str(bundle.json["id"]), *needs


def best(region: Region, bundle: str) -> list[dict[str, Any]]:
    """The first option of every need."""
    found = get(region.carrier, f"/bundles/{bundle}/options")["needs"]
    return [{"need": one["need"]["id"], "listings": one["options"][0]["listings"]} for one in found]


def legs(region: Region, ref: str) -> list[tuple[str, str, str]]:
    shown = get(region.carrier, f"/route-requests/{ref}")["route_legs"]
    return [(leg["request"]["need"]["title"], leg["request"]["owner"]["name"], leg["status"]) for leg in shown]


def accept_all(region: Region, ref: str) -> None:
    for leg in get(region.carrier, f"/route-requests/{ref}")["route_legs"]:
        owner = region.grid if leg["request"]["owner"]["name"] == "Southern Grid" else region.city
        if not leg["stands"]:
            post(owner, f"/access-requests/{leg['request']['id']}/accept", {})


def test_a_bundle_is_one_request_with_a_leg_for_each_need_and_owner_and_agreed_whole(region: Region) -> None:
    bundle, tower, backhaul = bundled(region)
    ref = post(region.carrier, f"/bundles/{bundle}/request", {"parts": best(region, bundle)}, 201)["id"]
    view = get(region.carrier, f"/route-requests/{ref}")
    assert (view["status"], view["bundle"], view["quantity"], view["legs"], view["figures"]) == ("open", bundle, 2, 3, None)
    assert legs(region, ref) == [
        ("Macro at A", "Southern Grid", "submitted"),
        ("Backhaul", "Southern Grid", "submitted"),
        ("Backhaul", "City Works", "submitted"),
    ]
    again = region.carrier.post(f"/api/v1/bundles/{bundle}/request", json={"parts": best(region, bundle)})
    assert (again.status_code, (again.json or {})["code"]) == (409, "route_open")
    assert {
        one["id"] for need in (tower, backhaul) for one in get(region.carrier, f"/route-requests?need={need}")["results"]
    } == {ref}
    post(region.carrier, f"/route-requests/{ref}/take", status=409)
    accept_all(region, ref)
    first = view["route_legs"][0]["request"]["id"]
    assert post(region.carrier, f"/access-requests/{first}/accept-offer", status=409)["code"] == "leg_of_route"
    with pytest.raises(exc.DBAPIError, match="a leg is taken with its route only"), region.bus.database.write() as session:
        session.execute(text("UPDATE offer SET status = 'agreed'"))
    assert len(post(region.carrier, f"/route-requests/{ref}/take", status=201)["agreements"]) == 3
    assert get(region.carrier, f"/route-requests/{ref}")["status"] == "agreed"


def test_a_bundle_is_asked_for_whole_and_by_its_own_organisation(region: Region) -> None:
    bundle, tower, _ = bundled(region)
    parts = best(region, bundle)
    short = post(region.carrier, f"/bundles/{bundle}/request", {"parts": parts[:1]}, 422)
    assert (short["code"], "Backhaul" in short["detail"]) == ("bundle_not_whole", True)
    foreign = [*parts, {"need": "0000000000000", "listings": parts[0]["listings"]}]
    post(region.carrier, f"/bundles/{bundle}/request", {"parts": foreign}, 404)
    post(region.rival, f"/bundles/{bundle}/request", {"parts": parts}, 404)
    assert region.rival.get(f"/api/v1/bundles/{bundle}/options").status_code == 404
    with region.bus.database.write() as session:
        session.execute(text("UPDATE need SET status = 'submitted' WHERE ref = :ref"), {"ref": tower})
    assert post(region.carrier, f"/bundles/{bundle}/request", {"parts": parts}, 409)["code"] == "bundle_not_published"
    with region.bus.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM access_request")) == 0  # nothing of it was asked


def test_where_a_leg_fails_the_next_best_is_offered_and_what_stands_is_kept(region: Region) -> None:
    bundle, tower, _ = bundled(region)
    parts = best(region, bundle)
    ref = post(region.carrier, f"/bundles/{bundle}/request", {"parts": parts}, 201)["id"]
    accept_all_but_the_tower(region, ref)
    assert get(region.carrier, f"/route-requests/{ref}/next-matches")["needs"] == []
    failed = parts[0]["listings"]
    refuse_tower(region, ref)
    assert get(region.carrier, f"/route-requests/{ref}")["status"] == "broken"
    (choice,) = get(region.carrier, f"/route-requests/{ref}/next-matches")["needs"]
    assert choice["need"]["id"] == tower
    (option,) = choice["options"]
    assert option["listings"] != failed
    assert (
        post(region.carrier, f"/route-requests/{ref}/replace", {"need": tower, "listings": failed}, 422)["code"] == "not_matched"
    )
    post(region.carrier, f"/route-requests/{ref}/replace", {"need": tower, "listings": option["listings"]})
    assert legs(region, ref) == [
        ("Macro at A", "Southern Grid", "submitted"),
        ("Backhaul", "Southern Grid", "accepted"),
        ("Backhaul", "City Works", "accepted"),
    ]
    accept_all(region, ref)
    assert get(region.carrier, f"/route-requests/{ref}")["status"] == "standing"
    assert [leg["status"] for leg in get(region.carrier, f"/route-requests/{ref}")["past_legs"]] == ["refused"]


def accept_all_but_the_tower(region: Region, ref: str) -> None:
    for leg in get(region.carrier, f"/route-requests/{ref}")["route_legs"][1:]:
        owner = region.grid if leg["request"]["owner"]["name"] == "Southern Grid" else region.city
        post(owner, f"/access-requests/{leg['request']['id']}/accept", {})


def refuse_tower(region: Region, ref: str) -> None:
    """The first leg of the grid is the tower's."""
    refuse(region, region.grid, ref, "Southern Grid")


def test_the_pages_lead_from_a_need_of_the_bundle_to_the_next_best(region: Region) -> None:
    bundle, tower, _ = bundled(region)
    page = f"/route-requests/bundles/{bundle}"
    assert page in region.carrier.get(f"/needs/{tower}", headers=people.PAGE).text
    shown = region.carrier.get(page, headers=people.PAGE).text
    assert "First tower" in shown
    form: dict[str, Any] = {"need": [part["need"] for part in best(region, bundle)]}
    form |= {f"option.{part['need']}": " ".join(part["listings"]) for part in best(region, bundle)}
    asked_ = people.post(region.carrier, page, form, page=page)
    assert asked_.status_code == 303, asked_.text
    ref = asked_.location.rpartition("/")[2]
    assert "Site A" in region.carrier.get(asked_.location, headers=people.PAGE).text
    refuse_tower(region, ref)
    offered = region.carrier.get(f"{asked_.location}/next-matches", headers=people.PAGE).text
    (option,) = get(region.carrier, f"/route-requests/{ref}/next-matches")["needs"][0]["options"]
    assert option["titles"][0] in offered
    version = str(get(region.carrier, f"/route-requests/{ref}")["version"])
    instead = {"version": version, "need": tower, f"option.{tower}": option["listings"][0]}
    people.post(region.carrier, f"{asked_.location}/replace", instead, page=asked_.location)
    assert get(region.carrier, f"/route-requests/{ref}")["status"] == "open"
