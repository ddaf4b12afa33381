"""API tokens: scopes, expiry, last use, revocation; shown once, kept as a hash; Bearer and Basic."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.access_tokens import RevokeToken, revoke_token
from app.accounts.models import ApiToken, Membership, User
from app.accounts.secret import checksum, digest, is_token, new_token
from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from tests.support.people import PAGE, actor, bearer, csrf, made_token, organisation, person, post, signed_in


def test_a_token_has_a_prefix_and_a_checksum() -> None:
    made = new_token()
    assert is_token(made.text)
    assert made.text.startswith(f"ifs_{made.prefix}_")
    swapped = made.text[:-1] + ("a" if made.text[-1] != "a" else "b")
    assert not is_token(swapped)
    assert not is_token(made.text + "0")
    assert checksum("") == "000000"


def test_a_program_is_known_by_bearer_and_by_basic(client: FlaskClient, bus: Bus) -> None:
    power = organisation(bus)
    text = made_token(bus, person(bus, power))
    basic = base64.b64encode(f"token:{text}".encode()).decode()
    for header in (bearer(text), {"Authorization": f"Basic {basic}"}):
        answer = client.get("/api/v1/me", headers=header)
        assert answer.status_code == 200
        assert answer.json is not None
        assert (answer.json["organisation"], answer.json["scopes"], answer.json["roles"]) == (power.ref, ["read"], ["admin"])


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer ifs_aaaaaaaa_" + "0" * 42,
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Bearer ",
        "Digest x",
    ],
)
def test_what_is_no_token_is_refused(client: FlaskClient, bus: Bus, header: str) -> None:
    answer = client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code in (400, 401)
    assert answer.mimetype == "application/problem+json"


def test_a_token_is_never_read_from_the_query(client: FlaskClient, bus: Bus) -> None:
    text = made_token(bus, person(bus, organisation(bus)))
    assert client.get(f"/api/v1/me?token={text}&access_token={text}").status_code == 401


def test_only_the_hash_is_kept(bus: Bus) -> None:
    text = made_token(bus, person(bus, organisation(bus)))
    with bus.database.read() as session:
        row = session.scalars(select(ApiToken)).one()
        assert row.secret_hash == digest(text)
        kept = " ".join(str(getattr(row, column.key)) for column in ApiToken.__table__.columns)
        assert text.split("_")[2] not in kept


def test_a_token_expires(client: FlaskClient, bus: Bus, clock: FixedClock) -> None:
    text = made_token(bus, person(bus, organisation(bus)), days=1)
    clock.advance(timedelta(hours=23, minutes=59))
    assert client.get("/api/v1/me", headers=bearer(text)).status_code == 200
    clock.advance(timedelta(minutes=1))
    assert client.get("/api/v1/me", headers=bearer(text)).status_code == 401


def test_the_last_use_is_noted_at_most_once_a_minute(client: FlaskClient, bus: Bus, clock: FixedClock) -> None:
    text = made_token(bus, person(bus, organisation(bus)))
    seen = []
    for step in (0, 30, 30):
        clock.advance(timedelta(seconds=step))
        client.get("/api/v1/me", headers=bearer(text))
        with bus.database.read() as session:
            seen.append(session.scalars(select(ApiToken.last_used_at)).one())
    assert seen == [clock.now() - timedelta(seconds=60), clock.now() - timedelta(seconds=60), clock.now()]


def test_a_reading_token_changes_nothing(client: FlaskClient, bus: Bus) -> None:
    platform = organisation(bus, "Platform", sector="other", kind="platform")
    root = person(bus, platform, "administrator", name="Root")
    body = {"name": "New", "sector": "power"}
    refused = client.post("/api/v1/organisations", json=body, headers=bearer(made_token(bus, root, "read")))
    assert refused.status_code == 403
    made = client.post("/api/v1/organisations", json=body, headers=bearer(made_token(bus, root, "write")))
    assert made.status_code == 201


def test_no_token_manages_credentials_or_people(client: FlaskClient, bus: Bus) -> None:
    power = organisation(bus)
    header = bearer(made_token(bus, person(bus, power), "write"))
    assert client.post("/api/v1/tokens", json={"name": "more"}, headers=header).status_code == 403
    for path in (
        "/account",
        "/account/password",
        f"/organisations/{power.ref}/invitations",
        "/account/tokens",
        f"/organisations/{power.ref}/agents",
    ):
        assert client.post(path, data={}, headers={**header, **PAGE}).status_code == 403, path


def test_a_token_ends_with_the_membership_and_with_the_person(client: FlaskClient, bus: Bus) -> None:
    power = organisation(bus)
    who, other = person(bus, power), person(bus, power, name="Han Mei")
    first, second = made_token(bus, who), made_token(bus, other)
    with bus.database.write() as session:
        session.execute(update(Membership).where(Membership.user_id == who.id).values(ended_at=bus.clock.now()))
        session.execute(update(User).where(User.id == other.id).values(status="deactivated"))
    assert client.get("/api/v1/me", headers=bearer(first)).status_code == 401
    assert client.get("/api/v1/me", headers=bearer(second)).status_code == 401


def test_a_token_revokes_itself_and_no_token_of_another(client: FlaskClient, bus: Bus) -> None:
    power = organisation(bus)
    who, other = person(bus, power), person(bus, power, name="Han Mei")
    text, foreign = made_token(bus, who, "write"), made_token(bus, other)
    with bus.database.read() as session:
        refs = {row.user_id: row.ref for row in session.scalars(select(ApiToken))}
    assert client.delete(f"/api/v1/tokens/{refs[other.id]}", headers=bearer(text)).status_code == 404
    with pytest.raises(DomainError, match="nothing here"):
        bus.execute(revoke_token, actor(bus, who), RevokeToken(refs[other.id]))
    assert client.get("/api/v1/me", headers=bearer(foreign)).status_code == 200
    assert client.delete(f"/api/v1/tokens/{refs[who.id]}", headers=bearer(text)).status_code == 204
    assert client.get("/api/v1/me", headers=bearer(text)).status_code == 401


def test_a_person_makes_a_token_on_a_page_and_sees_it_once(app: Flask, bus: Bus) -> None:
    browser = signed_in(app, person(bus, organisation(bus)))
    wrong = post(browser, "/account/tokens", {"name": "", "scope": "all", "days": "9999"})
    assert wrong.status_code == 422
    shown = post(browser, "/account/tokens", {"name": "QGIS", "scope": "read", "days": "30"})
    text = next(word for word in shown.text.replace("<", " ").replace(">", " ").split() if is_token(word))
    assert app.test_client().get("/api/v1/me", headers=bearer(text)).status_code == 200
    again = browser.get("/account/tokens", headers=PAGE).text
    assert "QGIS" in again
    assert text not in again


def test_a_session_makes_a_token_through_the_api_only_with_csrf(app: Flask, bus: Bus) -> None:
    browser = signed_in(app, person(bus, organisation(bus)))
    assert browser.post("/api/v1/tokens", json={"name": "x"}).status_code == 400
    made = browser.post("/api/v1/tokens", json={"name": "x"}, headers={"X-CSRFToken": csrf(browser, "/account")})
    assert made.status_code == 201
    assert is_token(made.json["token"])
    assert made.headers["Location"] == f"/api/v1/tokens/{made.json['id']}"
