"""The whole life by hand: forms that a browser sends, page after page, on both databases, in both languages."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Membership, Organisation, User
from app.assets import Asset
from app.kernel.actor import Role
from tests.support import people, places
from tests.support.life import World

ROLES = {
    "owner": Role.MANAGER,
    "requester": Role.MANAGER,
    "administration": Role.OFFICER,
    "power_regulator": Role.OFFICER,
    "stranger": Role.MANAGER,
}


class Browsers(dict[str, FlaskClient]):
    """A browser for each role, signed in when it is first used."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world

    def __missing__(self, name: str) -> FlaskClient:
        with self.world.bus.database.write() as session:
            person = User(
                email=f"{name}@example.org",
                name=f"{name} person",
                locale="en",
                password_hash=people.password_hash(),
                created_at=places.MADE_AT,
            )
            session.add(person)
            session.flush()
            organisation = session.get_one(Organisation, getattr(self.world, name.removesuffix("_2")).organisation_id)
            session.add(
                Membership(
                    user_id=person.id,
                    organisation_id=organisation.id,
                    role=ROLES[name.removesuffix("_2")].value,
                    created_at=places.MADE_AT,
                )
            )
        self[name] = people.signed_in(self.app, people.Made(person.id, person.ref, person.email))
        return self[name]


@pytest.fixture
def browsers(app: Flask, world: World) -> Browsers:
    return Browsers(app, world)


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=people.PAGE)
    assert answer.status_code == status, answer.text[-3000:]
    return answer.text


def fields(text: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', text))


def send(client: FlaskClient, path: str, on: str, data: dict[str, Any] | None = None, status: int = 303) -> str:
    """Send a form of the page `on`; returns where it leads, or the page that came back."""
    given = {
        name: value
        for name, value in fields(page(client, on)).items()
        if name in ("csrf_token", "version", "content_hash", "ledger_hash")
    }
    answer = client.post(path, data={**given, **(data or {})}, headers=people.PAGE)
    assert answer.status_code == status, answer.text[-3000:]
    return answer.headers["Location"] if status == 303 else answer.text


def requested(browsers: dict[str, FlaskClient], world: World) -> str:
    start = f"/requests/new?need={world.need_ref}&listing={world.listing_ref}"
    assert "Request access" in page(browsers["requester"], start)
    data = {
        "need": world.need_ref,
        "listing": world.listing_ref,
        "quantity": "2",
        "do": "submit",
        "window_start": "2027-01-01",
        "window_last": "2029-12-31",
    }
    return send(browsers["requester"], "/requests/new", start, data)


def test_the_whole_life(browsers: dict[str, FlaskClient], world: World) -> None:
    request = requested(browsers, world)
    assert "waiting for the owner" in page(browsers["owner"], "/requests/?side=owner&status=open")
    send(browsers["owner"], f"{request}/accept", request, {"price": "24,000"})
    assert "¥" in page(browsers["requester"], request)
    agreement = send(browsers["requester"], f"/agreements/from/{request.rsplit('/', 1)[-1]}", request)
    for name in ("owner", "requester"):
        assert send(browsers[name], f"{agreement}/sign", agreement) == agreement
    send(browsers["owner"], f"/approvals/of/{agreement.rsplit('/', 1)[-1]}", agreement)
    for name in ("administration", "power_regulator"):
        inbox = page(browsers[name], "/approvals/")
        assert "1 agreement waits for your decision" in inbox
        found = re.search(r'href="(/approvals/[0-9a-z]{13})"', inbox)
        assert found is not None
        page(browsers[name], agreement)
        send(browsers[name], f"{found[1]}/decide", found[1], {"action": "approve"})
        assert "Proposed decision" in page(browsers[name], found[1])
        send(browsers[f"{name}_2"], f"{found[1]}/confirm", found[1])
        page(browsers[name], found[1])
    assert "in force" in page(browsers["requester"], agreement)
    assert "committed" in page(browsers["owner"], f"/assets/{world.asset_ref}/capacity/")
    for client, path in ((browsers["requester"], request), (browsers["owner"], agreement), (browsers["owner"], "/agreements/")):
        client.set_cookie("language", "zh_CN")
        assert "已生效" in page(client, path) or "已达成一致" in page(client, path)


def test_a_counter_offer_and_a_changed_agreement(browsers: dict[str, FlaskClient], world: World) -> None:
    request = requested(browsers, world)
    form = f"{request}/counter"
    wrong = send(
        browsers["owner"],
        form,
        form,
        {"amounts.platform": "many", "window_start": "2027-01-01", "window_last": "2029-12-31"},
        422,
    )
    assert "is not a number" in wrong
    good = {
        "amounts.platform": "1",
        "amounts.load_kg": "60",
        "price": "9000",
        "window_start": "2027-01-01",
        "window_last": "2029-12-31",
    }
    send(browsers["owner"], form, form, good)
    agreement = send(browsers["requester"], f"/agreements/from/{request.rsplit('/', 1)[-1]}", request)
    edit = f"{agreement}/edit"
    typed = {
        **fields(page(browsers["owner"], edit)),
        "terms": "Notice of two days.",
        "reason": "terms added",
        "l1.amount.platform": "2",
        "l1.amount.load_kg": "60",
        "l1.right": "lease",
        "l1.starts": "2027-01-01",
        "l1.last": "2029-12-31",
        "l1.price": "9500",
    }
    assert "Line 2" in send(browsers["owner"], edit, edit, {**typed, "do": "add", "add_asset": world.asset_ref}, 200)
    assert "Ends before" in send(browsers["owner"], edit, edit, {**typed, "l1.last": "2026-01-01"}, 422)
    send(browsers["owner"], edit, edit, typed)
    text = page(browsers["requester"], agreement)
    assert "Version 2" in text
    assert "Notice of two days." in text
    assert world.free() == {"platform": 2000, "load_kg": 440_000, "wind_area_m2": 12_000, "power_kw": 20_000}


def test_a_refusal_with_its_evidence(browsers: dict[str, FlaskClient], world: World) -> None:
    request = requested(browsers, world)
    owner, ref = browsers["owner"], request.rsplit("/", 1)[-1]
    form = f"{request}/refuse?ground=safety"
    assert "safety assessment" in page(owner, form)
    bounced = send(owner, f"{request}/refuse", form, {"ground": "safety", "reason": "It would fall."}, 422)
    assert "needs its evidence" in bounced
    send(
        owner,
        f"/attachments/to/access_request/{ref}",
        request,
        {"purpose": "evidence", "file": (io.BytesIO(b"%PDF-1.7 assessment"), "assessment.pdf"), "next": request},
    )
    found = re.search(r'<option value="([0-9a-z]{13})"[^>]*>assessment.pdf', page(owner, form))
    assert found is not None
    send(
        owner, f"{request}/refuse", form, {"ground": "safety", "reason": "It would fall.", "evidence.safety_assessment": found[1]}
    )
    assert "It would fall." in page(browsers["requester"], request)


def test_an_unsuitable_structure_leads_to_building_together(browsers: dict[str, FlaskClient], world: World) -> None:
    request = requested(browsers, world)
    with world.bus.database.write() as session:
        asset = session.get_one(Asset, world.asset_id)
        asset.attributes = {**asset.attributes, "strengthening": "main"}
    owner, ref = browsers["owner"], request.rsplit("/", 1)[-1]
    answer = page(owner, request)
    assert "not suitable for sharing (YD 5191)" in answer
    assert "Refuse: technically unsuitable" in answer
    assert "Make a counter-offer" not in answer
    form = f"{request}/refuse?ground=technical_unsuitability"
    send(
        owner,
        f"/attachments/to/access_request/{ref}",
        request,
        {"purpose": "evidence", "file": (io.BytesIO(b"%PDF-1.7 report"), "report.pdf"), "next": request},
    )
    found = re.search(r'<option value="([0-9a-z]{13})"[^>]*>report.pdf', page(owner, form))
    assert found is not None
    facts = {"ground": "technical_unsuitability", "reason": "The legs fail.", "evidence.technical_report": found[1]}
    send(owner, f"{request}/refuse", form, facts)
    told = page(browsers["requester"], request)
    assert "Build together instead" in told
    assert f'href="/needs/{world.need_ref}"' in told
    assert 'href="/cobuilding"' in told


def test_the_owner_keeps_its_capacity(browsers: dict[str, FlaskClient], world: World) -> None:
    owner, path = browsers["owner"], f"/assets/{world.asset_ref}/capacity/"
    send(owner, f"{path}claims", path, {"kind": "baseline", "amount.platform": "1", "occupant": "China Tower"})
    assert "China Tower" in page(owner, path)
    assert "4 positions is not possible" in send(owner, f"{path}claims", path, {"kind": "reserve", "amount.platform": "4"}, 422)
    assert "is not possible" in send(owner, f"{path}totals", path, {"total.platform": "0"}, 422)
    found = re.search(rf'action="({path}claims/[0-9a-z]{{13}}/end)"', page(owner, path))
    assert found is not None
    send(owner, found[1], path)
    send(owner, f"{path}totals", path, {"total.platform": "1"})


def test_numbers_held_together_are_one_row_and_end_together_or_one_by_one(browsers: dict[str, FlaskClient], world: World) -> None:
    owner, path = browsers["owner"], f"/assets/{world.asset_ref}/capacity/"
    send(owner, f"{path}claims", path, {"kind": "baseline", "amount.platform": "3", "occupant": "China Tower"})
    shown = page(owner, path)
    assert shown.count("China Tower") == 1
    assert "no. 1–3" in shown
    second = re.search(r'<option value="([0-9a-z]{13})">no. 2<', shown)
    ends = re.search(rf'action="({path}claims/[0-9a-z]{{13}}/end)"', shown)
    assert second is not None
    assert ends is not None
    send(owner, ends[1], path, {"one": second[1], "whole": "1"})
    assert "no. 1, 3" in page(owner, path)
    send(owner, ends[1], path, {"one": "", "whole": "1"})
    assert "Nothing is claimed." in page(owner, path)
    assert world.audit()[1:] == ["capacity.baseline_entered", "capacity.baseline_ended", "capacity.baseline_ended"]


def test_a_planned_asset_has_nothing_free_today(browsers: dict[str, FlaskClient], world: World) -> None:
    with world.bus.database.write() as session:
        session.execute(update(Asset).where(Asset.ref == world.asset_ref).values(available_from=date(2027, 3, 1)))
    owner, path = browsers["owner"], f"/assets/{world.asset_ref}/capacity/"
    shown = page(owner, path)
    assert "On its first day, 1 Mar 2027" in shown
    assert "nothing of it can be used before" in shown
    told = owner.get(f"/api/v1/assets/{world.asset_ref}/capacity").json
    assert {d["free_now"] for d in told["dimensions"]} == {0.0}
    platform = next(d for d in told["dimensions"] if d["dimension"] == "platform")
    assert (platform["profile"][0]["starts"], platform["profile"][0]["free"]) == ("2027-03-01", 4.0)


def test_strangers_find_nothing(browsers: dict[str, FlaskClient], world: World) -> None:
    request = requested(browsers, world)
    for path in (
        request,
        f"{request}/counter",
        f"{request}/refuse",
        f"/assets/{world.asset_ref}/capacity/",
        f"/requests/new?need={world.need_ref}&listing={world.listing_ref}",
    ):
        page(browsers["stranger"], path, 404)
    page(browsers["requester"], f"{request}/counter", 404)
    for path in ("/requests/", "/agreements/", "/approvals/"):
        page(browsers["stranger"], path)
