"""The same request sent twice at once with one key: one effect, one answer; with another body it is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.db.work import Bus
from app.kernel.actor import Role
from app.listings import Listing
from app.web.idempotency import KeptResponse
from tests.integration.main_job.test_tower_by_api import LISTING
from tests.support import market, places
from tests.support.programs import API

AT_ONCE = 6


@pytest.fixture
def owner(app: Flask, bus: Bus) -> Any:
    with bus.database.write() as session:
        made = places.organisation(session, "Southern Grid", "power")
        return market.signed_in(app, session, session.get_one(Organisation, made.id), Role.MANAGER)


def at_once(app: Flask, owner: Any, bodies: list[dict[str, Any]], key: str) -> list[Any]:
    """The answers to as many POSTs, sent when all are ready."""
    ready = threading.Barrier(len(bodies))

    def send(body: dict[str, Any]) -> Any:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = owner.environ_base["HTTP_AUTHORIZATION"]
        ready.wait(20)
        return client.post(f"{API}/listings", json=body, headers={"Idempotency-Key": key})

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def counts(bus: Bus) -> tuple[int, int]:
    with bus.database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(model)) or 0 for model in (Listing, KeptResponse))  # type: ignore[return-value]


def test_equal_requests_at_once_have_one_effect_and_one_answer(app: Flask, bus: Bus, owner: Any) -> None:
    answers = at_once(app, owner, [LISTING] * AT_ONCE, "the same")
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert counts(bus) == (1, 1)


def test_different_requests_at_once_under_one_key(app: Flask, bus: Bus, owner: Any) -> None:
    bodies = [{**LISTING, "title": f"Mast {n % 2}"} for n in range(AT_ONCE)]
    answers = at_once(app, owner, bodies, "the same")
    assert sorted(answer.status_code for answer in answers) == [201] * (AT_ONCE // 2) + [422] * (AT_ONCE // 2)
    assert {answer.json["code"] for answer in answers if answer.status_code == 422} == {"idempotency_mismatch"}
    assert counts(bus) == (1, 1)
