"""Working calendars on pages and through the API: everybody reads, the platform's administrator loads."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db.work import Bus
from app.deadlines.models import CalendarYear
from app.kernel.actor import Role
from tests.support.people import PAGE, organisation, person, post, signed_in

GOOD = b"date,kind,name_en,name_zh\n2097-01-01,off,New Year's Day,\xe5\x85\x83\xe6\x97\xa6\n"
BAD = b"date,kind,name_en,name_zh\n2097-01-01,off,a,b\n2097-01-01,off,a,b\n2096-05-01,off,a,b\n"


def form(content: bytes) -> dict[str, object]:
    upload = (io.BytesIO(content), "2097.csv")
    return {"calendar": "working_days:CN", "year": "2097", "citation": "Notice 1", "file": upload}


@pytest.fixture
def administrator(app: Flask, bus: Bus) -> FlaskClient:
    platform = organisation(bus, "Platform", sector="other", kind="platform")
    return signed_in(app, person(bus, platform, Role.ADMINISTRATOR))


def test_an_administrator_loads_a_year_on_the_page(app: Flask, bus: Bus, administrator: FlaskClient) -> None:
    wrong = post(administrator, "/calendars/load", form(BAD))
    assert wrong.status_code == 422
    assert "line 3" in wrong.text
    assert "line 4" in wrong.text
    done = post(administrator, "/calendars/load", form(GOOD))
    assert done.status_code == 303
    shown = administrator.get("/calendars/working_days:CN/2097", headers=PAGE).text
    assert "public holiday: New Year" in shown
    assert "2097" in administrator.get("/calendars/", headers=PAGE).text
    with bus.database.read() as session:
        assert session.scalars(select(CalendarYear.source)).all() == ["file"]


def test_others_read_and_do_not_load(app: Flask, bus: Bus, administrator: FlaskClient) -> None:
    post(administrator, "/calendars/load", form(GOOD))
    browser = signed_in(app, person(bus, organisation(bus, "Grid", sector="power"), email="grid@example.org"))
    assert browser.get("/calendars/", headers=PAGE).status_code == 200
    assert browser.get("/calendars/load", headers=PAGE).status_code == 403
    years = browser.get("/api/v1/calendars").get_json()["results"]
    assert [(year["calendar"], year["year"], year["provisional"]) for year in years] == [("working_days:CN", 2097, False)]
    assert browser.get("/api/v1/calendars/working_days:CN/2097").get_json()["days"][0]["day"] == "2097-01-01"
    assert browser.get("/api/v1/calendars/working_days:CN/2098").status_code == 404
