"""Every use case is one transaction with exactly one audit record; a subscriber that raises leaves nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditRecord
from app.db.work import Bus, UnitOfWork
from app.kernel.event import Event
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import programs as by
from tests.support.programs import Programs, row_counts

NO_CHANGE_OF_STATE = {"note_use"}  # when a token was last used
OF_MANY_THINGS = {"_store"}  # a run records itself, and each need that it moved


class Broken(RuntimeError):
    """What the test's subscriber raises."""


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    return by.shenzhen(app, bus)


@contextmanager
def counted(bus: Bus) -> Iterator[list[tuple[str, int]]]:
    """(use case and command, records) of every `execute` inside."""
    found: list[tuple[str, int]] = []
    original = bus.execute

    def records() -> int:
        with bus.database.read() as session:
            return session.scalar(select(func.count()).select_from(AuditRecord)) or 0

    def execute(use_case: Callable[..., Any], actor: Any, command: Any, **options: Any) -> Any:
        before = records()
        try:
            return original(use_case, actor, command, **options)
        finally:
            found.append((f"{use_case.__qualname__} {type(command).__name__}", records() - before))

    bus.execute = execute  # type: ignore[method-assign]
    try:
        yield found
    finally:
        bus.execute = original  # type: ignore[method-assign]


def life(programs: Programs) -> None:
    """Everything that happens to one agreement, and more of what its parties do."""
    owner, requester = programs.owner, programs.requester
    listing = owner.send("/listings", LISTING, status=201)
    asset, path = f"/assets/{listing['asset']['id']}", f"/listings/{listing['id']}"
    owner.send(asset, {"address": "1 Shennan Road"}, version=owner.version(asset), method="PATCH")
    owner.send(path, {"price_minor": 1_100_000}, version=owner.version(path), method="PATCH")
    for action in ("suspend", "resume"):
        owner.send(f"{path}/{action}", version=owner.version(path))
    owner.send(f"{asset}/capacity/claims", {"kind": "reserve", "amounts": {"platform": 1}}, status=201)
    owner.send(f"{asset}/capacity", {"totals": {"platform": 4}}, method="PUT")
    round_ = by.open_round(programs)
    body = {**NEED, "needs_list": round_.rpartition("/")[2]}
    need = requester.send("/needs", {**body, "submit": False}, status=201)["id"]
    requester.send(
        f"/needs/{need}", {k: v for k, v in body.items() if k not in ("needs_list", "submit")}, version=1, method="PUT"
    )
    requester.send(f"/needs/{need}/submit", version=requester.version(f"/needs/{need}"))
    by.publish_round(programs, round_)
    by.match(programs)
    request = f"/access-requests/{requester.send('/access-requests', {'need': need, 'listing': listing['id']}, status=201)['id']}"
    requester.send(request, {"message": "Please."}, version=1, method="PUT")
    requester.send(f"{request}/submit", version=2)
    by.attach(owner, "access_request", request.rpartition("/")[2], "photo.txt", "site_photo")
    owner.send(f"{request}/counter", {"amounts": {"platform": 1, "load_kg": 60}, "price_minor": 900_000}, version=3)
    agreement = by.drafted(programs, request)
    by.sign_and_submit(programs, agreement)
    for who in (programs.administration, programs.regulator):
        by.decide(who, agreement)
    assert owner.get(agreement)["status"] == "in_force"


def test_each_use_case_leaves_exactly_one_record(programs: Programs) -> None:
    with counted(programs.bus) as found:
        life(programs)
    assert len(found) > 20
    assert [
        (name, made) for name, made in found if made != 1 and name.split()[0] not in NO_CHANGE_OF_STATE | OF_MANY_THINGS
    ] == []
    assert [made for name, made in found if name.split()[0] in OF_MANY_THINGS and made < 1] == []


STEPS: dict[str, Callable[[Programs, Any], Any]] = {
    "listing.published": lambda p, _: p.owner.send("/listings", LISTING, status=500),
    "needs_list.opened": lambda p, _: p.administration.send(
        "/needs-lists", {"region": "440300", "name": "Next", "opens_on": "2026-06-01", "closes_on": "2026-12-01"}, status=500
    ),
    "access.request_submitted": lambda p, s: p.requester.send(
        "/access-requests", {"need": s["need"], "listing": s["listing"], "submit": True}, status=500, Idempotency_Key="k"
    ),
}


@pytest.mark.parametrize("action", sorted(STEPS))
def test_a_subscriber_that_raises_leaves_nothing_changed(programs: Programs, action: str) -> None:
    listing = programs.owner.send("/listings", LISTING, status=201)["id"]
    round_ = by.open_round(programs)
    need = programs.requester.send("/needs", {**NEED, "needs_list": round_.rpartition("/")[2]}, status=201)["id"]
    by.publish_round(programs, round_)
    by.match(programs)
    before = row_counts(programs.bus)
    heard: list[str] = []

    def fails(work: UnitOfWork, event: Event) -> None:
        heard.append(event.action)
        raise Broken(event.action)

    with listening(programs.bus, fails):
        STEPS[action](programs, {"need": need, "listing": listing})
    assert heard == [action]
    assert row_counts(programs.bus) == before


@contextmanager
def listening(bus: Bus, subscriber: Callable[[UnitOfWork, Event], None]) -> Iterator[None]:
    """Last of all, so that everybody else has written already."""
    bus.subscribers.append(subscriber)
    try:
        yield
    finally:
        bus.subscribers.remove(subscriber)


def test_a_decision_that_fails_commits_no_capacity(programs: Programs) -> None:
    """The last approval moves the agreement, the ledger and the need at once: all or nothing."""
    listing = programs.owner.send("/listings", LISTING, status=201)
    round_ = by.open_round(programs)
    need = programs.requester.send("/needs", {**NEED, "needs_list": round_.rpartition("/")[2]}, status=201)["id"]
    by.publish_round(programs, round_)
    by.match(programs)
    request = programs.requester.send("/access-requests", {"need": need, "listing": listing["id"], "submit": True}, status=201)[
        "id"
    ]
    by.offered(programs, f"/access-requests/{request}")
    agreement = by.drafted(programs, f"/access-requests/{request}")
    by.sign_and_submit(programs, agreement)
    by.decide(programs.administration, agreement)
    task = by.propose(programs.regulator, agreement)
    colleague = programs.regulator.colleague
    assert colleague is not None
    proof = colleague.proof()
    claims = programs.owner.get(f"/assets/{listing['asset']['id']}/capacity")["claims"]
    before = row_counts(programs.bus)

    def fails(work: UnitOfWork, event: Event) -> None:
        raise Broken(event.action)

    with listening(programs.bus, fails):
        colleague.send(f"/approvals/{task['id']}/confirm", by.seen(task), version=task["version"], status=500, **proof)
    assert row_counts(programs.bus) == before
    assert programs.owner.get(f"/assets/{listing['asset']['id']}/capacity")["claims"] == claims
    assert programs.owner.get(agreement)["status"] == "submitted"
    by.confirm(colleague, task)
    assert programs.owner.get(agreement)["status"] == "in_force"
