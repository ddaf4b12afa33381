"""Saved searches: kept, shared, told of, ended; and that nobody is told of more than they may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.bootstrap import job_handlers
from app.db.jobs import Job
from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.notices.delivery import OutgoingMail, compose
from app.notices.models import Mail, Notice
from app.searches import alerting
from app.searches.jobs import look_through
from app.searches.models import SavedSearch
from tests.support import people
from tests.support.asking import HERE, Region, build, listed
from tests.support.mail import mails

AWAY = [114.2, 22.7]
NEAR = f"lon={HERE[0]}&lat={HERE[1]}&radius_m=3000"


@pytest.fixture
def region(app: Flask, bus: Bus) -> Region:
    return build(app, bus)


def keep(client: FlaskClient, query: str = "kind=tower", **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/searches", json={"name": "Towers", "query": query, "alert": "instant", **more})
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return dict(answer.json)


def seen(client: FlaskClient, path: str) -> Any:
    return client.get(path).json


def told(bus: Bus) -> list[dict[str, Any]]:
    with bus.database.read() as session:
        return [row.values for row in session.scalars(select(Notice).where(Notice.code == "search.found").order_by(Notice.id))]


def address_of(bus: Bus, ref: str) -> str:
    with bus.database.read() as session:
        return session.scalars(
            select(User.email).join(SavedSearch, SavedSearch.user_id == User.id).where(SavedSearch.ref == ref)
        ).one()


def test_a_search_is_kept_changed_and_deleted_by_its_owner_alone(region: Region) -> None:
    made = keep(region.carrier, "sort=price&kind=tower&map=3/1/1&chosen=x")
    assert made["query"] == "kind=tower&sort=price"
    assert made["page"] == "/listings/?kind=tower&sort=price"
    path = f"/api/v1/searches/{made['id']}"
    assert [one["name"] for one in seen(region.carrier, "/api/v1/searches")["results"]] == ["Towers"]
    assert seen(region.rival, "/api/v1/searches")["results"] == []
    for other in (region.rival, region.grid):
        assert other.get(path).status_code == other.delete(path).status_code == 404
    version = {"If-Match": region.carrier.get(path).headers["ETag"]}
    assert region.drafter.patch(path, json={"alert": "off"}, headers=version).status_code == 404
    assert region.carrier.patch(path, json={"alert": "weekly"}, headers={"If-Match": '"9"'}).status_code == 412
    assert region.carrier.patch(path, json={"alert": "hourly"}, headers=version).status_code == 422
    changed = region.carrier.patch(path, json={"alert": "weekly", "shared": True}, headers=version)
    answer: Any = changed.json
    assert (answer["alert"], answer["shared"], answer["version"]) == ("weekly", True, 2)
    assert region.carrier.post("/api/v1/searches", json={"name": "Towers", "query": ""}).status_code == 422
    assert region.rival.get(path).status_code == 200
    assert region.carrier.delete(path).status_code == 204
    assert region.rival.get(path).status_code == 404


def test_who_opens_a_shared_link_sees_what_they_may_see(region: Region) -> None:
    listed(region, tier="T0", title="Hidden one")
    made = keep(region.grid, shared=True)
    for client, sees in ((region.grid, True), (region.rival, False)):
        answer = client.get(f"/searches/{made['id']}/open", headers=people.PAGE)
        assert answer.status_code == 303
        assert ("Hidden one" in client.get(answer.headers["Location"], headers=people.PAGE).text) is sees


def test_at_once_its_owner_is_told_of_what_it_may_see_once(region: Region, bus: Bus) -> None:
    made = keep(region.carrier, NEAR)
    email = address_of(bus, made["id"])
    listed(region, title="Hidden", tier="T0")
    listed(region, title="Far", at=AWAY)
    shown = listed(region, title="Nearby")
    with region.app.app_context():
        assert look_through(bus, instant=True) == 1
        assert look_through(bus, instant=True) == 0
    assert [values["count"] for values in told(bus)] == [1]
    [body] = [body for body in mails(bus, email) if "saved search" in body]
    assert {word for word in ("Nearby", shown, "Hidden", "Far") if word in body} == {"Nearby", shown}


def test_an_alert_tells_no_more_of_a_hidden_place_than_its_cell(region: Region, bus: Bus) -> None:
    """Two assets in one cell, one within the circle and one not: both are told of, or neither."""
    here = f"lon={HERE[0]}&lat={HERE[1]}&radius_m=40"
    keep(region.carrier, here)
    listed(region, title="At the centre", tier="T1")
    listed(region, title="In the cell", tier="T1", at=[HERE[0] - 0.0015, HERE[1] - 0.002])
    with region.app.app_context():
        assert look_through(bus, instant=True) in (0, 2)


def test_publishing_wakes_the_alert(region: Region, bus: Bus) -> None:
    keep(region.carrier)
    listed(region)
    with region.app.app_context():
        look_through(bus, instant=True)
    before = len(told(bus))
    listed(region, title="Another")
    with bus.database.read() as session:
        waiting = session.scalars(select(Job).where(Job.task == "search.at_once", Job.state == "queued")).all()
    assert before == 1
    assert len(waiting) == 1


def test_daily_alerts_come_once_a_day_and_queue_the_next(region: Region, bus: Bus, clock: FixedClock) -> None:
    keep(region.carrier, alert="daily")
    listed(region)
    with region.app.app_context():
        assert look_through(bus, instant=False) == 0
        clock.advance(timedelta(days=1))
        assert look_through(bus, instant=False) == 1
        assert look_through(bus, instant=False) == 0
    assert "search.daily" in job_handlers(bus)
    with bus.database.read() as session:
        assert session.scalars(select(Job.state).where(Job.task == "search.daily")).all() == ["queued"]


def test_one_click_ends_the_alerts_without_signing_in(region: Region, bus: Bus) -> None:
    made = keep(region.carrier)
    listed(region)
    with region.app.app_context():
        look_through(bus, instant=True)
    with bus.database.read() as session:
        mail = session.scalars(select(Mail).where(Mail.unsubscribe_url.is_not(None))).one()
    message = compose(
        OutgoingMail(mail.ref, mail.recipient, mail.subject, mail.body, mail.created_at, mail.unsubscribe_url), "a@b.c"
    )
    assert message["List-Unsubscribe"] == f"<{mail.unsubscribe_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.unsubscribe_url is not None
    path = "/" + mail.unsubscribe_url.split("/", 3)[3]
    nobody = region.app.test_client()
    assert nobody.get(path, headers=people.PAGE).status_code == 200
    assert seen(region.carrier, f"/api/v1/searches/{made['id']}")["alert"] == "instant"
    for _ in range(2):
        assert nobody.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert seen(region.carrier, f"/api/v1/searches/{made['id']}")["alert"] == "off"
    assert nobody.post(path + "x", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    listed(region, title="Later")
    with region.app.app_context():
        assert look_through(bus, instant=True) == 0


def test_who_has_left_is_told_no_more(region: Region, bus: Bus) -> None:
    made = keep(region.carrier)
    listed(region)
    with bus.database.write() as session:
        session.scalars(select(User).join(SavedSearch, SavedSearch.user_id == User.id)).one().status = "deactivated"
    with region.app.app_context():
        assert look_through(bus, instant=True) == 0
    with bus.database.read() as session:
        assert session.scalars(select(SavedSearch.alert).where(SavedSearch.ref == made["id"])).one() == "off"


def change(region: Region, ref: str, **terms: Any) -> None:
    version = region.grid.get(f"/api/v1/listings/{ref}").headers["ETag"]
    answer = region.grid.patch(f"/api/v1/listings/{ref}", json=terms, headers={"If-Match": version})
    assert answer.status_code == 200, answer.json


def look(region: Region, bus: Bus) -> int:
    with region.app.app_context():
        return look_through(bus, instant=True)


def test_a_price_that_falls_is_told_once_and_only_when_it_is_lower_than_ever(region: Region, bus: Bus) -> None:
    ref = listed(region, title="Dear", price_minor=1_200_000)
    made = keep(region.carrier)
    assert look(region, bus) == 0  # it was there when the search was kept
    told_of = []
    for price in (1_300_000, 1_000_000, 1_000_000, 1_400_000, 1_000_000, 900_000):
        change(region, ref, price_minor=price)
        told_of.append(look(region, bus))
    assert told_of == [0, 1, 0, 0, 0, 1]
    bodies = [body for body in mails(bus, address_of(bus, made["id"])) if "saved search" in body]
    assert len(bodies) == 2
    assert "Dear" in bodies[-1]
    assert "9,000" in bodies[-1]
    assert "was" in bodies[-1]


def test_what_newly_fits_is_told_once_whatever_the_reason(region: Region, bus: Bus, clock: FixedClock) -> None:
    ref = listed(region, title="Small", offered={"platform": 1})
    listed(region, title="Always", offered={"platform": 2})
    keep(region.carrier, "kind=tower&free.platform=2&free_from=2027-01-01")
    clock.advance(timedelta(days=1))
    assert look(region, bus) == 0
    for amount, news in ((2, 1), (1, 0), (2, 0)):
        change(region, ref, offered={"platform": amount})
        assert look(region, bus) == news
    assert [values["count"] for values in told(bus)] == [1]


def test_a_change_wakes_the_alert_too_and_another_query_begins_anew(region: Region, bus: Bus) -> None:
    ref = listed(region, title="There", price_minor=1_200_000)
    made = keep(region.carrier, NEAR)
    change(region, ref, price_minor=1_100_000)
    with bus.database.read() as session:
        keys = session.scalars(select(Job.key).where(Job.task == "search.at_once", Job.state == "queued")).all()
    assert keys == ["search.at_once:changes"]
    path = f"/api/v1/searches/{made['id']}"
    version = {"If-Match": region.carrier.get(path).headers["ETag"]}
    assert region.carrier.patch(path, json={"query": "kind=tower"}, headers=version).status_code == 200
    assert look(region, bus) == 0


def test_of_an_answer_too_wide_to_remember_openings_are_told(region: Region, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "MOST_KNOWN", 1)
    for number in range(2):
        listed(region, title=f"Old {number}")
    keep(region.carrier)
    ref = listed(region, title="New")
    assert look(region, bus) == 3  # also what was opened within the last hour
    assert look(region, bus) == 0
    change(region, ref, price_minor=1)
    assert look(region, bus) == 0
