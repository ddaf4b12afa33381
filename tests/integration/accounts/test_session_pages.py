"""Signing in and out, throttled and against forged forms; acting for another organisation; sessions that end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import EndedSession, Organisation, User
from app.accounts.people import SignOut, note_sign_out
from app.audit.models import AuditRecord
from app.db.work import Bus
from tests.support.people import PAGE, PASSWORD, actor, csrf, member, organisation, person, post, signed_in

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def seal(app: Flask) -> Any:
    """What signs the session's cookie."""
    return SecureCookieSessionInterface().get_signing_serializer(app)


def test_a_person_signs_in_and_reaches_the_page_that_asked(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus))
    client = app.test_client()
    turned_away = client.get("/account?tab=1", headers=PAGE)
    assert turned_away.status_code == 302
    door = turned_away.headers["Location"]
    assert door.startswith("/sign-in?next=/account")
    form = client.get(door, headers=PAGE).text
    target = re.search(r'name="next" value="([^"]+)"', form)
    assert target is not None
    answer = client.post(
        "/sign-in",
        data={
            "csrf_token": csrf(client),
            "email": f" {who.name.upper()} ",
            "password": PASSWORD,
            "next": target[1],
        },
        headers=PAGE,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?tab=1")
    assert "City Power" in client.get("/account", headers=PAGE).text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(app: Flask, bus: Bus, target: str) -> None:
    who = person(bus, organisation(bus))
    client = app.test_client()
    answer = post(client, "/sign-in", {"email": who.name, "password": PASSWORD, "next": target}, page="/sign-in")
    assert answer.headers["Location"] == "/"


def test_unknown_address_and_wrong_password_get_the_same_answer(client: FlaskClient, bus: Bus) -> None:
    person(bus, organisation(bus), name="Li Wei")
    pages = []
    for email in ("li.wei@example.com", "nobody@example.com"):
        answer = post(client, "/sign-in", {"email": email, "password": "not the password"}, page="/sign-in")
        assert answer.status_code == 422
        pages.append(re.sub(r'name="csrf_token" value="[^"]+"|value="[^"]+@example.com"', "", answer.text))
    assert pages[0] == pages[1]


def test_unknown_addresses_cost_the_same_work(
    app: Flask, bus: Bus, real_passwords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(bus, organisation(bus), name="Li Wei")
    verified: list[str] = []
    real = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, kept, given: verified.append(kept) or real(self, kept, given))
    for email in ("li.wei@example.com", "nobody@example.com"):
        post(app.test_client(), "/sign-in", {"email": email, "password": "not the password"}, page="/sign-in")
    assert len(verified) == 2
    assert {kept.split("$")[3] for kept in verified} == {"m=65536,t=3,p=4"}


def test_an_account_is_throttled_and_another_one_is_not(app: Flask, bus: Bus) -> None:
    who = organisation(bus)
    person(bus, who, name="Li Wei")
    other = person(bus, who, name="Han Mei")
    client = app.test_client()
    token = csrf(client)
    codes = [
        client.post(
            "/sign-in", data={"csrf_token": token, "email": "Li.Wei@example.com", "password": "wrong"}, headers=PAGE
        ).status_code
        for _ in range(6)
    ]
    assert codes == [422] * 5 + [429]
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "email": "li.wei@example.com", "password": PASSWORD}, headers=PAGE
    )
    assert answer.status_code == 429, "the right password does not open a throttled account"
    signed_in(app, other)


def test_an_address_is_throttled_over_many_accounts(app: Flask, bus: Bus) -> None:
    client = app.test_client()
    token = csrf(client)
    codes = [
        client.post(
            "/sign-in", data={"csrf_token": token, "email": f"p{n}@example.com", "password": "wrong"}, headers=PAGE
        ).status_code
        for n in range(21)
    ]
    assert codes == [422] * 20 + [429]


def test_an_outdated_hash_is_made_anew_at_the_next_sign_in(app: Flask, bus: Bus, real_passwords: None) -> None:
    who = person(bus, organisation(bus))
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with bus.database.write() as session:
        session.execute(update(User).where(User.id == who.id).values(password_hash=weak))
    signed_in(app, who)
    with bus.database.read() as session:
        assert session.get_one(User, who.id).password_hash.split("$")[3] == "m=65536,t=3,p=4"


def test_signing_out_needs_a_post(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    assert client.get("/sign-out", headers=PAGE).status_code == 405
    assert post(client, "/sign-out").status_code == 303
    assert client.get("/account", headers=PAGE).status_code == 302


def test_leaving_a_session_ends_it_wherever_its_cookie_was_copied_to(app: Flask, bus: Bus) -> None:
    power = organisation(bus)
    who = person(bus, power)
    here, elsewhere, thief = signed_in(app, who), signed_in(app, who), app.test_client()
    copied = here.get_cookie("session")
    assert copied is not None
    thief.set_cookie("session", copied.value)
    assert thief.get("/account", headers=PAGE).status_code == 200
    assert post(here, "/sign-out").status_code == 303
    thief.set_cookie("session", copied.value)
    assert thief.get("/account", headers=PAGE).status_code == 302
    thief.set_cookie("session", copied.value)
    assert thief.get("/api/v1/me").status_code == 401
    assert elsewhere.get("/account", headers=PAGE).status_code == 200, "another session of the same person goes on"
    left = thief.get_cookie("session")
    assert left is not None
    assert "_user_id" not in seal(app).loads(left.value), "no page keeps the copy alive"
    with bus.database.read() as session:
        row = session.scalars(select(AuditRecord).where(AuditRecord.action == "person.signed_out")).one()
        assert (row.chain, row.user_name) == (power.ref, "Li Wei")


def test_a_session_is_ended_once_and_forgotten_when_no_cookie_of_it_can_live(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus))
    here = signed_in(app, who)
    left, by = SignOut("twice", app.permanent_session_lifetime), actor(bus, who)
    for _ in range(2):
        bus.execute(note_sign_out, by, left)
    assert post(here, "/sign-out").status_code == 303
    with bus.database.write() as session:
        assert len(session.scalars(select(AuditRecord).where(AuditRecord.action == "person.signed_out")).all()) == 2
        session.execute(update(EndedSession).where(EndedSession.session_id == "twice").values(expires_at=LONG_AGO))
    signed_in(app, who)
    with bus.database.read() as session:
        assert len(session.scalars(select(EndedSession)).all()) == 1


def test_a_cookie_without_a_number_could_not_be_ended_and_opens_nothing(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    cookie = client.get_cookie("session")
    assert cookie is not None
    kept = seal(app).loads(cookie.value)
    client.set_cookie("session", seal(app).dumps({**kept, "_user_id": kept["_user_id"].rpartition(".")[0]}))
    assert client.get("/account", headers=PAGE).status_code == 302


# RFC 8058: mail programs follow them without a page of ours; the signature in the address is the proof
SIGNED_LINKS = {"searches.end_alerts", "tasks.stop"}


def test_every_form_refuses_a_post_without_its_token(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    fill = {"ref": "0" * 13}
    tried = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/ogc") or rule.endpoint in SIGNED_LINKS:
            continue
        path = re.sub(r"<[^>]+>", fill["ref"], rule.rule)
        answer = client.post(path, headers=PAGE)
        assert (answer.status_code, "csrf" in answer.text) == (400, True), rule.rule
        tried += 1
    assert tried >= 20


def test_a_deactivated_person_has_no_session(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus))
    client = signed_in(app, who)
    with bus.database.write() as session:
        session.execute(update(User).where(User.id == who.id).values(status="deactivated"))
    assert client.get("/account", headers=PAGE).status_code == 302


def test_a_deactivated_organisation_ends_the_sessions_for_it_alone(app: Flask, bus: Bus) -> None:
    power, road = organisation(bus), organisation(bus, "City Road", sector="transport")
    who = person(bus, power)
    member(bus, who, road, "viewer")
    client = signed_in(app, who)
    with bus.database.write() as session:
        session.execute(update(Organisation).where(Organisation.id == power.id).values(status="deactivated"))
    assert client.get("/account", headers=PAGE).status_code == 302, "never silently for another organisation"
    assert "City Road" in signed_in(app, who).get("/account", headers=PAGE).text


def test_one_acts_only_for_an_organisation_of_ones_own(app: Flask, bus: Bus) -> None:
    power, road, foreign = (
        organisation(bus),
        organisation(bus, "City Road", sector="transport"),
        organisation(bus, "Rival", sector="telecom"),
    )
    who = person(bus, power)
    member(bus, who, road, "viewer")
    client = signed_in(app, who)
    assert post(client, "/acting-for", {"organisation": foreign.ref}).status_code == 404
    assert post(client, "/acting-for", {"organisation": road.ref}).status_code == 303
    assert client.get("/organisation").headers["Location"].endswith(road.ref)


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus))
    here, elsewhere = signed_in(app, who), signed_in(app, who)
    assert post(here, "/account/password", {"current": "wrong", "new": "another long password"}).status_code == 422
    assert post(here, "/account/password", {"current": PASSWORD, "new": "short"}).status_code == 422
    assert elsewhere.get("/account", headers=PAGE).status_code == 200
    assert post(here, "/account/password", {"current": PASSWORD, "new": "another long password"}).status_code == 303
    assert here.get("/account", headers=PAGE).status_code == 200
    assert elsewhere.get("/account", headers=PAGE).status_code == 302
    signed_in(app, who, "another long password")


def test_the_language_is_kept_on_the_account(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus), locale="en")
    client = signed_in(app, who)
    client.get("/language/zh_CN", headers=PAGE)
    with bus.database.read() as session:
        assert session.get_one(User, who.id).locale == "zh_CN"


def test_signing_in_is_on_record(app: Flask, bus: Bus) -> None:
    power = organisation(bus)
    signed_in(app, person(bus, power))
    with bus.database.read() as session:
        row = session.scalars(select(AuditRecord).where(AuditRecord.action == "person.signed_in")).one()
        assert (row.chain, row.user_name, row.organisation_name) == (power.ref, "Li Wei", "City Power")
