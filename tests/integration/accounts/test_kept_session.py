"""The session's cookie is set where the session changes and to keep it alive, never with files and what pages fetch."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from app.db.work import Bus
from app.web.sessions import EVERY_S, KEPT_AT
from tests.support.people import PAGE, organisation, person, signed_in


def grow_older(app: Flask, client: FlaskClient) -> None:
    """The session as it would be had its cookie been set `EVERY_S` earlier."""
    seal = SecureCookieSessionInterface().get_signing_serializer(app)
    cookie = client.get_cookie("session")
    assert seal is not None
    assert cookie is not None
    kept = seal.loads(cookie.value)
    client.set_cookie("session", seal.dumps({**kept, KEPT_AT: kept[KEPT_AT] - EVERY_S}))


def test_only_a_page_after_a_while_keeps_a_session_alive(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    client.get("/", headers=PAGE)
    for path in ("/", "/account", "/static/images/icons.svg", "/api/v1/kinds"):
        assert client.get(path, headers=PAGE).headers.get("Set-Cookie") is None, path
    grow_older(app, client)
    for path in ("/static/images/icons.svg", "/api/v1/kinds"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers.get("Set-Cookie") is None, path
    assert "Expires=" in client.get("/account", headers=PAGE).headers["Set-Cookie"]
    assert client.get("/account", headers=PAGE).headers.get("Set-Cookie") is None


def test_an_answer_on_its_way_does_not_bring_back_a_session_that_was_left(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    client.get("/", headers=PAGE)
    late = app.test_client()
    left = client.get_cookie("session")
    assert left is not None
    late.set_cookie("session", left.value)
    assert late.get("/api/v1/kinds").headers.get("Set-Cookie") is None
    assert late.get("/account", headers=PAGE).headers.get("Set-Cookie") is None
