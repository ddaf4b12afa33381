"""Guided tours: every step opens for its role, what a person did is remembered, and nobody walks another's."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.directory import organisation_by_ref
from app.accounts.service import grant_competence
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.tours.queries import Walk, own_walks
from app.tours.rules import TOURS, tours_for
from tests.support.people import PAGE, Made, actor, organisation, person, post, signed_in


def authority(bus: Bus, what: str) -> Made:
    made = organisation(bus, what, sector="telecom", kind="authority")

    def grant(work: UnitOfWork, command: None) -> None:
        sectors = [] if what == "communications" else ["power"]
        kept = organisation_by_ref(work.session, made.ref)
        grant_competence(work, kept, authority=what, level="province", sectors=sectors, regions=["440000"])

    bus.execute(grant, SYSTEM, None)
    return made


def someone(bus: Bus, role: str) -> Made:
    if role == "officer":
        return person(bus, authority(bus, "communications"), role, name="Mca")
    if role == "sector officer":
        return person(bus, authority(bus, "sector"), "officer", name="Energy")
    kind = "platform" if role == "administrator" else "company"
    return person(bus, organisation(bus, sector="power", kind=kind), role, name=f"The {role}")


def walks(bus: Bus, who: Made) -> tuple[Walk, ...]:
    return bus.ask(own_walks, actor(bus, who))


@pytest.mark.parametrize("role", ["admin", "viewer", "officer", "sector officer", "evaluator", "administrator"])
def test_every_step_opens_and_says_where_one_is(app: Flask, bus: Bus, role: str) -> None:
    who = someone(bus, role)
    client = signed_in(app, who)
    assert client.get("/tour/", headers=PAGE).status_code == 200
    for tour in tours_for(actor(bus, who)):
        for place in range(len(tour.steps)):
            there = post(client, f"/tour/{tour.name}", {"step": str(place)})
            assert there.status_code == 303
            page = client.get(there.location, headers=PAGE)
            assert page.status_code == 200, there.location
            assert f"step {place + 1} of {len(tour.steps)}" in page.text
            assert tour.steps[place].title.en in page.text


def test_every_tour_is_somebodys(bus: Bus) -> None:
    roles = ("admin", "officer", "sector officer", "evaluator", "administrator")
    assert {tour.name for role in roles for tour in tours_for(actor(bus, someone(bus, role)))} == set(TOURS)


def offered(client: FlaskClient) -> bool:
    return "New here?" in client.get("/", headers=PAGE).text


def test_it_is_offered_once_left_and_taken_up_again(app: Flask, bus: Bus) -> None:
    who = someone(bus, "admin")
    client = signed_in(app, who)
    assert offered(client)
    post(client, "/tour/owner", {"step": "2"})
    assert not offered(client)
    assert "Back to the tour" in client.get("/account", headers=PAGE).text
    post(client, "/tour/leave", {"next": "/listings/"})
    first = walks(bus, who)[0]
    assert (first.step, first.status) == (2, "left")
    page = client.get("/tour/", headers=PAGE).text
    assert "Go on at step 3" in page
    assert 'id="tour"' not in client.get("/", headers=PAGE).text
    last = len(TOURS["owner"].steps)
    assert post(client, "/tour/owner", {"step": str(last)}).location.endswith("/tour/")
    assert walks(bus, who)[0].status == "finished"
    assert "Start it again" in client.get("/tour/", headers=PAGE).text


def test_who_declines_is_not_asked_again(app: Flask, bus: Bus) -> None:
    client = signed_in(app, someone(bus, "admin"))
    post(client, "/tour/owner/decline", {"next": "/"})
    assert not offered(client)
    assert 'id="tour"' not in client.get("/", headers=PAGE).text


def test_only_one_runs_and_only_ones_own(app: Flask, bus: Bus) -> None:
    who = someone(bus, "admin")
    client = signed_in(app, who)
    post(client, "/tour/owner", {"step": "1"})
    post(client, "/tour/requester", {"step": "0"})
    assert [walk.status for walk in walks(bus, who)] == ["left", "running", None]
    for path, step in (("/tour/administrator", "0"), ("/tour/owner", "99"), ("/tour/nowhere", "0")):
        assert post(client, path, {"step": step}).status_code == 404
    assert post(client, "/tour/owner", {"step": "-1"}).status_code == 400
    other = person(bus, organisation(bus, "Another"), name="Another One")
    assert all(walk.status is None for walk in walks(bus, other))
