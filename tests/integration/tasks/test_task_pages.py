"""The inbox as a person uses it: take, assign, do together, the month, the feed and the digest, in both languages; and its API."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Membership, Organisation, User
from app.config import Settings
from app.kernel.actor import Actor, Role
from app.kernel.clock import FixedClock
from app.notices.models import Mail
from app.tasks.jobs import send_all
from tests.integration.life.steps import submitted
from tests.support import people, places
from tests.support.life import World
from tests.support.mail import mails
from tests.support.people import PAGE, PASSWORD, Made, bearer, made_token, post, signed_in


def somebody(world: World, of: Actor, name: str, role: Role = Role.MANAGER, locale: str = "en") -> Made:
    with world.bus.database.write() as session:
        user = User(
            email=f"{name}@example.org",
            name=name,
            locale=locale,
            password_hash=people.password_hash(),
            created_at=places.MADE_AT,
        )
        session.add(user)
        session.flush()
        organisation = session.get_one(Organisation, of.organisation_id)
        session.add(Membership(user_id=user.id, organisation_id=organisation.id, role=role.value, created_at=places.MADE_AT))
        return Made(user.id, user.ref, user.email)


@pytest.fixture
def han(world: World) -> Made:
    return somebody(world, world.owner, "han")


@pytest.fixture
def browser(app: Flask, han: Made) -> FlaskClient:
    return signed_in(app, han)


def text_of(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_inbox_shows_the_day_its_reason_and_who_has_it(world: World, browser: FlaskClient) -> None:
    assert "Nothing waits for your organisation." in text_of(browser, "/tasks")
    ref = submitted(world)
    page = text_of(browser, "/tasks")
    assert "5G macro at Huaqiangbei" in page
    assert "Check an access request for completeness" in page
    assert "Why that day" in page
    assert f'value="access.check:{ref}"' in page
    assert post(browser, "/tasks/take", {"task": f"access.check:{ref}"}, page="/tasks").status_code == 303
    assert "yours" in text_of(browser, "/tasks?whose=mine")
    assert "No task fits these filters." in text_of(browser, "/tasks?whose=free")
    opened = browser.get(f"/tasks/access.check/{ref}", headers=PAGE)
    assert (opened.status_code, opened.location) == (302, f"/requests/{ref}")
    gone = browser.get(f"/tasks/access.check/{'0' * 13}", headers=PAGE)
    assert gone.location == "/tasks"


def test_a_task_is_given_to_a_colleague_who_is_told(world: World, browser: FlaskClient) -> None:
    chen = somebody(world, world.owner, "chen")
    name = f"access.check:{submitted(world)}"
    to = post(browser, "/tasks/chosen", {"task": name, "to": "assign"}, page="/tasks")
    assert to.status_code == 303
    assert "chen" in text_of(browser, to.location)
    post(browser, "/tasks/assign", {"task": name, "person": chen.ref}, page="/tasks")
    assert "chen" in text_of(browser, "/tasks")
    assert "Check an access request for completeness" in mails(world.bus, "chen@example.org")[-1]


def test_nothing_ticked_is_said(browser: FlaskClient) -> None:
    for path in ("/tasks/chosen", "/tasks/take"):
        post(browser, path, page="/tasks/digest")
        assert re.search("(Tick|Choose) at least one task", text_of(browser, "/tasks"))


def test_completeness_together_asks_for_the_password(world: World, browser: FlaskClient, clock: FixedClock) -> None:
    ref = submitted(world)
    name = f"access.check:{ref}"
    clock.advance(timedelta(minutes=6))
    page = text_of(browser, f"/tasks/together?task={name}")
    assert "is made one by one" in page
    assert "Your password" in page
    wrong = post(browser, "/tasks/together", {"task": name, "password": "no"}, page="/tasks/digest")
    assert (wrong.status_code, "That is not your password" in wrong.text) == (422, True)
    done = post(browser, "/tasks/together", {"task": name, "password": PASSWORD}, page="/tasks/digest")
    assert "What was done" in done.text
    assert "5G macro at Huaqiangbei" in done.text
    again = post(browser, "/tasks/together", {"task": name, f"title.{name}": "The mast"}, page="/tasks/digest")
    assert "The mast" in again.text
    assert "does not wait for your organisation any more" in again.text


def test_the_month_is_a_table_and_a_list(world: World, browser: FlaskClient) -> None:
    submitted(world)
    page = text_of(browser, "/tasks/calendar")
    assert page.count('<th scope="col">') == 7
    assert page.count("5G macro at Huaqiangbei") == 2  # in the table, and in the list for narrow screens
    assert "National Day" in text_of(browser, "/tasks/calendar?month=2026-10")
    assert browser.get("/tasks/calendar?month=soon", headers=PAGE).status_code == 400


def test_the_pages_speak_chinese(app: Flask, world: World) -> None:
    submitted(world)
    browser = signed_in(app, somebody(world, world.owner, "wang", locale="zh_CN"))
    for path, words in (
        ("/tasks", "核对接入申请是否完整"),
        ("/tasks/calendar?month=2026-10", "节假日：国庆节"),
        ("/tasks/digest", "摘要邮件"),
    ):
        assert words in text_of(browser, path)


def test_a_feed_is_read_by_its_secret_until_it_is_revoked(app: Flask, world: World, browser: FlaskClient) -> None:
    ref = submitted(world)
    made = post(browser, "/tasks/feed", page="/tasks/digest")
    address = re.search(r"http://127.0.0.1:8080(/tasks/feed/[\w-]+\.ics)", made.text)
    assert address is not None
    anybody = app.test_client()
    answer = anybody.get(address[1])
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.get_data(as_text=True).split("\r\n")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR", "")
    assert f"UID:access.check.{ref}@infrashare" in lines
    assert max(len(line.encode()) for line in lines) <= 75
    assert "It was read last" in text_of(browser, "/tasks/digest")
    again = post(browser, "/tasks/feed", page="/tasks/digest")
    assert anybody.get(address[1]).status_code == 404
    second = re.search(r"http://127.0.0.1:8080(/tasks/feed/[\w-]+\.ics)", again.text)
    assert second is not None
    post(browser, "/tasks/feed/revoke", page="/tasks/digest")
    assert anybody.get(second[1]).status_code == 404


def test_a_feed_ends_with_the_membership(app: Flask, world: World, browser: FlaskClient, han: Made) -> None:
    made = post(browser, "/tasks/feed", page="/tasks/digest")
    address = re.search(r"(/tasks/feed/[\w-]+\.ics)", made.text)
    assert address is not None
    with world.bus.database.write() as session:
        session.scalars(select(Membership).where(Membership.user_id == han.id)).one().ended_at = world.bus.clock.now()
    assert app.test_client().get(address[1]).status_code == 404


def test_a_digest_is_sent_once_a_day_and_ended_with_one_click(
    app: Flask, world: World, browser: FlaskClient, settings: Settings, clock: FixedClock
) -> None:
    submitted(world)
    assert send_all(world.bus, settings) == 0  # nobody is sent one unasked
    assert post(browser, "/tasks/digest", {"every": "hourly", "whose": "all"}, page="/tasks/digest").status_code == 422
    assert post(browser, "/tasks/digest", {"every": "day", "whose": "all"}, page="/tasks/digest").status_code == 303
    assert (send_all(world.bus, settings), send_all(world.bus, settings)) == (1, 0)
    with world.bus.database.read() as session:
        mail = session.scalars(select(Mail).where(Mail.recipient == "han@example.org", Mail.unsubscribe_url.is_not(None))).one()
    assert mail.subject == "Southern Grid: 1 in all"
    assert re.search(r"  due [A-Z][a-z]+day \d+ July 2026, in \d+ days\n", mail.body)
    assert "Check an access request for completeness: 5G macro at Huaqiangbei" in mail.body
    assert mail.unsubscribe_url is not None
    path = mail.unsubscribe_url.removeprefix(settings.base_url)
    mailer = app.test_client()  # no cookies, no token: RFC 8058
    assert mailer.post(path + "x", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert "End the digest of tasks?" in mailer.get(path, headers=PAGE).text
    assert mailer.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "The digest has ended" in mailer.get(path, headers=PAGE).text
    clock.advance(timedelta(days=1))
    assert send_all(world.bus, settings) == 0


def test_a_weekly_digest_comes_on_mondays_in_the_readers_language(
    app: Flask, world: World, settings: Settings, clock: FixedClock
) -> None:
    submitted(world)
    browser = signed_in(app, somebody(world, world.owner, "wang", locale="zh_CN"))
    post(browser, "/tasks/digest", {"every": "week", "whose": "all"}, page="/tasks/digest")
    sent = []
    for _day in range(7):
        sent.append(send_all(world.bus, settings))
        clock.advance(timedelta(days=1))
    assert sum(sent) == 1
    told = mails(world.bus, "wang@example.org")[-1]
    assert "待办事项" in told
    assert re.search(r"  期限 2026年7月\d+日（星期[一二三四五六日]），(还有 \d+ 天|今日|明日|已过 \d+ 天)\n", told)


def test_the_same_by_program(app: Flask, world: World, han: Made) -> None:
    ref = submitted(world)
    program = app.test_client()
    header = bearer(made_token(world.bus, han, "read", "write"))
    listed = program.get("/api/v1/tasks", headers=header).json
    assert [(one["id"], one["kind"], one["state"]) for one in listed["results"]] == [(ref, "access.check", "running")]
    assert listed["results"][0]["steps"]
    assert program.post(f"/api/v1/tasks/access.check/{ref}/take", headers=header).status_code == 204
    assert program.get("/api/v1/tasks?whose=mine", headers=header).json["count"] == 1
    assert program.post(f"/api/v1/tasks/access.check/{ref}/release", headers=header).status_code == 204
    answer = program.post(f"/api/v1/tasks/access.check/{ref}/assign", json={"person": "0" * 13}, headers=header)
    assert (answer.status_code, answer.json["code"]) == (422, "not_a_colleague")
    month = program.get("/api/v1/tasks/month?month=2026-07", headers=header).json
    assert (len(month["days"]), sum(len(day["tasks"]) for day in month["days"])) == (31, 1)
    body = {"tasks": [{"kind": "access.check", "id": ref}, {"kind": "access.check", "id": "0" * 13}]}
    assert program.post("/api/v1/tasks/together", json=body, headers=header).status_code == 403
    proof = program.post("/api/v1/me/reauthentication", json={"password": PASSWORD}, headers=header).json["proof"]
    done = program.post("/api/v1/tasks/together", json=body, headers={**header, "Reauthentication": proof}).json["results"]
    assert [(one["done"], one["code"]) for one in done] == [(True, None), (False, "task_over")]
    put = program.put("/api/v1/tasks/digest", json={"every": "week"}, headers=header)
    assert (put.json["every"], program.get("/api/v1/tasks/digest", headers=header).json["every"]) == ("week", "week")
    address = program.post("/api/v1/tasks/feed", headers=header).json["address"]
    assert program.get(address.removeprefix("http://127.0.0.1:8080")).status_code == 200
    assert program.delete("/api/v1/tasks/feed", headers=header).status_code == 204
