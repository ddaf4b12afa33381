"""Attempts are counted where all worker processes count together, in windows by the database's clock."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.config import Settings
from app.db import attempts
from app.db.work import Bus
from app.kernel.clock import FixedClock
from tests.support import timing
from tests.support.people import PAGE, csrf, organisation, person


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
