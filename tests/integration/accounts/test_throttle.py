"""Attempts are counted where all worker processes count together, in windows by the database's clock."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.config import Settings
from app.db import attempts
from app.db.work import Bus
from app.kernel.actor import Role
from app.kernel.clock import FixedClock
from tests.support import timing
from tests.support.people import PAGE, PASSWORD, csrf, organisation, person, signed_in


def test_two_processes_count_together(app: Flask, bus: Bus, settings: Settings) -> None:
    """Three wrong passwords at one, two at the other: the sixth is turned away by both."""
    person(bus, organisation(bus), name="Li Wei")
    other = create_app(settings)
    other.extensions["infrashare_bus"].clock = bus.clock
    timing.follow(other.extensions["infrashare_bus"])
    try:
        codes = []
        for at in (app, other, app, other, app, other, app):
            client = at.test_client()
            wrong = {"csrf_token": csrf(client), "email": "li.wei@example.com", "password": "wrong"}
            codes.append(client.post("/sign-in", data=wrong, headers=PAGE).status_code)
        assert codes == [422] * 5 + [429] * 2
    finally:
        other.extensions["infrashare_bus"].database.dispose()


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 422)])
def test_behind_a_proxy_each_sender_is_counted_alone(app: Flask, bus: Bus, settings: Settings, proxies: int, last: int) -> None:
    """And without one, nobody gets more attempts by claiming an address."""
    made = create_app(replace(settings, proxies=proxies))
    made.extensions["infrashare_bus"].clock = bus.clock
    timing.follow(made.extensions["infrashare_bus"])
    try:
        client = made.test_client()
        token = csrf(client)
        codes = []
        for number in range(21):
            wrong = {"csrf_token": token, "email": f"p{number}@example.com", "password": "wrong"}
            sender = {"X-Forwarded-For": f"192.0.2.{number}"}
            codes.append(client.post("/sign-in", data=wrong, headers={**PAGE, **sender}).status_code)
        assert codes == [422] * 20 + [last]
    finally:
        made.extensions["infrashare_bus"].database.dispose()


def test_a_window_ends_by_itself_and_is_swept(bus: Bus, clock: FixedClock) -> None:
    def tried(key: str) -> int:
        with bus.database.write() as session:
            return attempts.count(session, key, 60, 1)

    assert [tried("a"), tried("a"), tried("b")] == [1, 2, 1]
    with bus.database.read() as session:
        assert (attempts.counted(session, "a"), attempts.counted(session, "c")) == (2, 0)
        assert attempts.ends_at(session, "a") == clock.now() + timedelta(seconds=60)
        kept = session.execute(text("SELECT key FROM attempt_count")).scalars().all()
    assert all(len(key) == 64 for key in kept), "an address is not kept in words"
    clock.advance(timedelta(seconds=60))
    with bus.database.read() as session:
        assert attempts.counted(session, "a") == 0
    assert tried("b") == 1
    with bus.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM attempt_count")).scalar() == 1


@pytest.mark.parametrize("writers", [6])
def test_none_is_lost_among_many_writers(bus: Bus, writers: int) -> None:
    def work() -> None:
        for _ in range(10):
            with bus.database.write() as session:
                attempts.count(session, "one", 60, 1)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with bus.database.read() as session:
        assert attempts.counted(session, "one") == 10 * writers


def test_many_guesses_at_once_get_no_further_than_one_by_one(app: Flask, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is counted before it is judged: no password is looked at before all twelve are counted or turned away."""
    person(bus, organisation(bus), name="Li Wei")
    real, told, all_here = PasswordHasher.verify, threading.Condition(), 12
    judged: list[str] = []
    codes: list[int] = []

    def verify(self: PasswordHasher, kept: str, given: str) -> bool:
        with told:
            judged.append(given)
            told.notify_all()
            told.wait_for(lambda: len(judged) + codes.count(429) == all_here, timeout=60)
        return bool(real(self, kept, given))

    def guess(client: FlaskClient, form: dict[str, str]) -> None:
        code = client.post("/sign-in", data=form, headers=PAGE).status_code
        with told:
            codes.append(code)
            told.notify_all()

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    clients = [app.test_client() for _ in range(all_here)]
    forms = [{"csrf_token": csrf(client), "email": "li.wei@example.com", "password": "wrong"} for client in clients]
    threads = [threading.Thread(target=guess, args=both) for both in zip(clients, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [422] * 5 + [429] * 7
    assert len(judged) == 5


def test_right_passwords_take_nothing_from_who_comes_after(app: Flask, bus: Bus) -> None:
    who = person(bus, organisation(bus), name="Li Wei")
    for _ in range(6):
        signed_in(app, who)
    client = app.test_client()
    wrong = {"csrf_token": csrf(client), "email": who.name, "password": "wrong"}
    assert [client.post("/sign-in", data=wrong, headers=PAGE).status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_session_guesses_its_own_password_as_seldom_wherever_it_is_asked_for(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus), Role.MANAGER, name="Li Wei"))
    token = {"X-CSRFToken": csrf(client, "/account")}
    by_api = [client.post("/api/v1/me/reauthentication", json={"password": "no"}, headers=token).status_code for _ in range(3)]
    change = {"current": "no", "new": "quite another secret 7"}
    by_page = [client.post("/account/password", data=change, headers={**PAGE, **token}).status_code for _ in range(3)]
    assert (by_api, by_page) == ([422] * 3, [422, 422, 429])
    assert client.post("/api/v1/me/reauthentication", json={"password": PASSWORD}, headers=token).status_code == 429


def test_a_guess_is_given_back_to_its_own_window(bus: Bus, clock: FixedClock) -> None:
    def taken(most: int) -> dict[str, datetime] | None:
        with bus.database.write() as session:
            return attempts.take(session, {"a": (60, most)})

    first = taken(2)
    clock.advance(timedelta(seconds=60))
    assert first is not None
    assert taken(2) is not None
    with bus.database.write() as session:
        attempts.give_back(session, first)
        assert attempts.counted(session, "a") == 1, "the window that is over is not the one that is open"
    second = taken(2)
    assert second is not None
    assert taken(2) is None
