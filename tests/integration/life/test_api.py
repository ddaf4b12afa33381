"""The whole life through /api/v1, as programs of the four parties would live it, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.kernel.actor import Role
from tests.support import people
from tests.support.life import World
from tests.support.market import signed_in


@pytest.fixture
def clients(app: Flask, world: World) -> dict[str, FlaskClient]:
    roles = {
        "owner": Role.MANAGER,
        "requester": Role.MANAGER,
        "administration": Role.OFFICER,
        "administration_2": Role.OFFICER,
        "power_regulator": Role.OFFICER,
        "power_regulator_2": Role.OFFICER,
        "stranger": Role.MANAGER,
    }
    with world.bus.database.write() as session:
        return {
            name: signed_in(
                app, session, session.get_one(Organisation, getattr(world, name.removesuffix("_2")).organisation_id), role
            )
            for name, role in roles.items()
        }


def send(
    client: FlaskClient,
    path: str,
    body: dict[str, Any] | None = None,
    version: int | None = None,
    status: int = 200,
    **headers: str,
) -> Any:
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    answer = client.post(f"/api/v1{path}", json=body or {}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json


def read(client: FlaskClient, path: str, status: int = 200) -> Any:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == status, answer.text
    return answer.json


def test_the_whole_life(clients: dict[str, FlaskClient], world: World) -> None:
    owner, requester = clients["owner"], clients["requester"]
    made = send(requester, "/access-requests", {"need": world.need_ref, "listing": world.listing_ref}, status=201)
    request = f"/access-requests/{made['id']}"
    send(requester, f"{request}/submit", version=1)
    assert [r["id"] for r in read(owner, "/access-requests?side=owner&status=open")["results"]] == [made["id"]]
    seen = read(owner, request)
    assert (seen["status"], seen["amounts"], seen["due_on"]) == ("submitted", {"load_kg": 120.0, "platform": 2.0}, "2026-07-08")
    send(owner, f"{request}/accept", version=2)
    offer = read(requester, request)["offers"][0]
    assert (offer["status"], offer["slots"], offer["price_minor"]) == ("open", {"platform": [1, 2]}, 2_400_000)
    agreement = send(requester, f"{request}/accept-offer", version=3, status=201)["id"]
    path = f"/agreements/{agreement}"
    for client in (owner, requester):
        view = read(client, path)
        send(client, f"{path}/sign", {"content_hash": view["content_hash"]}, view["version"])
    assert read(owner, path)["status"] == "signed"
    send(owner, f"{path}/submit", version=read(owner, path)["version"])
    for name in ("administration", "power_regulator"):
        task = read(clients[name], "/approvals")["results"][0]
        whole = read(clients[name], f"/approvals/{task['id']}")
        assert whole["takes"] == [
            {"line": 1, "dimension": "platform", "amount": 2.0, "slots": [1, 2], "total": 4.0, "free_after": 2.0},
            {"line": 1, "dimension": "load_kg", "amount": 120.0, "slots": [], "total": 500.0, "free_after": 380.0},
        ]
        path_of_task, body = f"/approvals/{task['id']}", {name: whole[name] for name in ("content_hash", "ledger_hash")}
        for client, action in ((clients[name], "approve"), (clients[f"{name}_2"], "confirm")):
            proof = send(client, "/me/reauthentication", {"password": people.PASSWORD}, status=201)["proof"]
            version = read(client, path_of_task)["version"]
            send(client, f"{path_of_task}/{action}", body, version, Reauthentication=proof)
    assert read(requester, path)["status"] == "in_force"
    capacity = read(owner, f"/assets/{world.asset_ref}/capacity")
    assert {(c["kind"], c["slot"]) for c in capacity["claims"]} == {("committed", 1), ("committed", 2), ("committed", None)}
    assert read(owner, f"{path}/versions")["count"] == 1
    assert read(owner, f"{path}/versions/1")["content"]["agreement"] == agreement


def test_a_repeated_call_with_the_same_key_makes_one_request(clients: dict[str, FlaskClient], world: World) -> None:
    body = {"need": world.need_ref, "listing": world.listing_ref, "submit": True}
    first = send(clients["requester"], "/access-requests", body, status=201, **{"Idempotency-Key": "abc"})
    again = send(clients["requester"], "/access-requests", body, status=201, **{"Idempotency-Key": "abc"})
    assert first == again
    assert send(clients["requester"], "/access-requests", body, status=409)["code"] == "request_open"


def test_changes_name_the_version_they_saw(clients: dict[str, FlaskClient], world: World) -> None:
    ref = send(
        clients["requester"],
        "/access-requests",
        {"need": world.need_ref, "listing": world.listing_ref, "submit": True},
        status=201,
    )["id"]
    assert send(clients["owner"], f"/access-requests/{ref}/accept", status=428)["code"] == "version_required"
    assert send(clients["owner"], f"/access-requests/{ref}/accept", version=7, status=412)["code"] == "stale_version"
    answer = clients["owner"].get(f"/api/v1/access-requests/{ref}")
    assert answer.headers["ETag"] == '"1"'


def test_others_find_nothing(clients: dict[str, FlaskClient], world: World) -> None:
    stranger = clients["stranger"]
    ref = send(
        clients["requester"],
        "/access-requests",
        {"need": world.need_ref, "listing": world.listing_ref, "submit": True},
        status=201,
    )["id"]
    send(clients["owner"], f"/access-requests/{ref}/accept", version=1)
    for path, version in (
        (f"/access-requests/{ref}/accept", 2),
        (f"/access-requests/{ref}/withdraw", 2),
        (f"/access-requests/{ref}/accept-offer", 2),
    ):
        assert send(stranger, path, version=version, status=404)["code"] == "not_found"
    agreement = send(clients["requester"], f"/access-requests/{ref}/accept-offer", version=2, status=201)["id"]
    for path in (
        f"/access-requests/{ref}",
        f"/agreements/{agreement}",
        f"/agreements/{agreement}/versions",
        f"/assets/{world.asset_ref}/capacity",
    ):
        read(stranger, path, 404)
    for path in ("/access-requests", "/agreements", "/approvals"):
        assert read(stranger, path)["count"] == 0
    send(stranger, f"/agreements/{agreement}/withdraw", version=1, status=404)
    send(stranger, f"/agreements/{agreement}/submit", version=1, status=404)
    send(stranger, f"/assets/{world.asset_ref}/capacity/claims", {"kind": "reserve", "amounts": {"platform": 1}}, status=404)
    read(clients["administration"], f"/agreements/{agreement}", 404)  # a draft is not before it yet


def test_the_owner_keeps_its_capacity(clients: dict[str, FlaskClient], world: World) -> None:
    owner, path = clients["owner"], f"/assets/{world.asset_ref}/capacity"
    send(
        owner,
        f"{path}/claims",
        {"kind": "baseline", "amounts": {"platform": 1, "load_kg": 80}, "occupant": "China Tower"},
        status=201,
    )
    send(owner, f"{path}/claims", {"kind": "reserve", "amounts": {"platform": 1}}, status=201)
    assert (
        send(owner, f"{path}/claims", {"kind": "baseline", "amounts": {"platform": 1}}, status=422)["errors"][0]["pointer"]
        == "/occupant"
    )
    assert (
        send(owner, f"{path}/claims", {"kind": "unavailable", "amounts": {"platform": 3}}, status=409)["code"]
        == "capacity_in_use"
    )
    assert send(owner, f"{path}/claims", {"kind": "reserve", "amounts": {"helipads": 3}}, status=422)["code"] == "not_a_dimension"
    view = read(owner, path)
    platform = next(d for d in view["dimensions"] if d["dimension"] == "platform")
    assert (platform["total"], platform["free_now"], platform["profile"][0]["taken"]) == (
        4.0,
        2.0,
        {"baseline": 1.0, "reserve": 1.0},
    )
    refused = owner.put(f"/api/v1{path}", json={"totals": {"platform": 3}})
    assert (refused.status_code, refused.json["code"]) == (409, "capacity_in_use")
    reserve = next(c["id"] for c in view["claims"] if c["kind"] == "reserve")
    send(owner, f"{path}/claims/{reserve}/end")
    assert owner.put(f"/api/v1{path}", json={"totals": {"platform": 3}}).status_code == 200
    assert world.audit() == [
        "capacity.baseline_entered",
        "capacity.reserve_entered",
        "capacity.reserve_ended",
        "capacity.totals_set",
    ]
