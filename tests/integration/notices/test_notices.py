"""Who is told of an event, in which words, and what leaves by mail."""

from __future__ import annotations

import email
from dataclasses import replace
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import select

from app.bootstrap import job_handlers
from app.config import Settings
from app.db.jobs import Worker
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.event import Event
from app.notices import delivery, queue_mail
from app.notices.models import Mail, Notice
from tests.support.mail import mails
from tests.support.people import PAGE, Made, actor, bearer, made_token, member, organisation, person, post, signed_in


def submitted(bus: Bus, by: Actor, *concerned: Made, action: str = "access.request_submitted", **after: object) -> None:
    def use_case(work: UnitOfWork, command: None) -> None:
        work.emit(Event(action, "access_request", "r" * 13, tuple(made.id for made in concerned), after=after))

    bus.execute(use_case, by, None)


def notices(bus: Bus) -> list[tuple[int, str]]:
    with bus.database.read() as session:
        return [(row.organisation_id, row.code) for row in session.scalars(select(Notice).order_by(Notice.id))]


@pytest.fixture
def two(bus: Bus) -> tuple[Made, Made]:
    return organisation(bus), organisation(bus, "Carrier", sector="telecom")


def test_the_other_side_is_told_and_who_acted_is_not(bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    asker = person(bus, carrier, name="Han Mei")
    submitted(bus, actor(bus, asker), power, carrier, power)
    assert notices(bus) == [(power.id, "access.request_submitted")]


def test_an_event_without_a_sentence_tells_nobody(bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    submitted(bus, actor(bus, person(bus, carrier)), power, action="listing.edited")
    assert notices(bus) == []


def test_the_decision_that_brings_an_agreement_into_force_is_told_as_that(bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    by = actor(bus, person(bus, carrier))
    submitted(bus, by, power, action="approval.approved")
    submitted(bus, by, power, action="approval.approved", agreement_change={"status": "in_force"})
    assert [code for _, code in notices(bus)] == ["approval.approved", "agreement.in_force"]


def test_mail_goes_to_those_who_can_act(bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    asker = person(bus, carrier, name="Han Mei")
    boss, manager = person(bus, power, name="Boss One"), person(bus, power, "manager", name="Manager Two", locale="zh_CN")
    for role in ("editor", "viewer"):
        person(bus, power, role, name=f"Only {role}")
    submitted(bus, actor(bus, asker), power, carrier)
    with bus.database.read() as session:
        sent = {mail.recipient: mail.body for mail in session.scalars(select(Mail))}
    assert set(sent) == {boss.name, manager.name}
    assert sent[boss.name].startswith("Carrier asks for access")
    assert sent[manager.name].startswith("Carrier申请接入")


def test_the_inbox_is_read_one_by_one_and_all_at_once(app: Flask, bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    asker, reader = actor(bus, person(bus, carrier, name="Han Mei")), person(bus, power)
    for _ in range(3):
        submitted(bus, asker, power, carrier)
    browser = signed_in(app, reader)
    page = browser.get("/inbox", headers=PAGE).text
    assert page.count("Carrier asks for access") == 3
    with bus.database.read() as session:
        ref = session.scalars(select(Notice.ref).order_by(Notice.id)).first()
    assert browser.get(f"/inbox/{ref}", headers=PAGE).status_code == 302
    assert browser.get("/inbox", headers=PAGE).text.count("Carrier asks for access") == 2
    assert browser.get("/inbox?show=all", headers=PAGE).text.count("Carrier asks for access") == 3
    assert browser.get("/inbox?show=all&kind=agreement", headers=PAGE).text.count("Carrier asks for access") == 0
    assert post(browser, "/inbox").status_code == 303
    assert "Nothing new" in browser.get("/inbox", headers=PAGE).text


def test_the_inbox_speaks_the_readers_language(app: Flask, bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    submitted(bus, actor(bus, person(bus, carrier, name="Han Mei")), power)
    assert "Carrier申请接入您的资源" in signed_in(app, person(bus, power, locale="zh_CN")).get("/inbox", headers=PAGE).text


def test_the_notices_of_another_organisation_are_not_there(app: Flask, bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    asker = person(bus, carrier, name="Han Mei")
    submitted(bus, actor(bus, asker), power)
    with bus.database.read() as session:
        ref = session.scalars(select(Notice.ref)).one()
    browser = signed_in(app, asker)
    assert browser.get(f"/inbox/{ref}", headers=PAGE).status_code == 404
    assert "asks for access" not in browser.get("/inbox?show=all", headers=PAGE).text
    header = bearer(made_token(bus, asker, "write"))
    assert app.test_client().get("/api/v1/notices", headers=header).json["count"] == 0
    assert app.test_client().post(f"/api/v1/notices/{ref}/read", headers=header).status_code == 404


def test_the_inbox_follows_the_organisation_acted_for(app: Flask, bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    road = organisation(bus, "City Road", sector="transport")
    reader = person(bus, power)
    member(bus, reader, road, "viewer")
    submitted(bus, actor(bus, person(bus, carrier, name="Han Mei")), road)
    browser = signed_in(app, reader)
    assert "asks for access" not in browser.get("/inbox", headers=PAGE).text
    post(browser, "/acting-for", {"organisation": road.ref})
    assert "asks for access" in browser.get("/inbox", headers=PAGE).text


def test_a_sentence_takes_its_values_in_the_readers_language(app: Flask, bus: Bus, two: tuple[Made, Made]) -> None:
    power, carrier = two
    reader = person(bus, power)
    submitted(
        bus,
        actor(bus, person(bus, carrier, name="Han Mei")),
        power,
        action="deadline.passed",
        consequence={"en": "it is deemed complete", "zh": "视为完整"},
    )
    header = bearer(made_token(bus, reader))
    texts = [
        app.test_client().get("/api/v1/notices", headers={**header, "Accept-Language": tag}).json["results"][0]["text"]
        for tag in ("en", "zh-CN")
    ]
    assert texts == ["A deadline passed: it is deemed complete", "期限已届满：视为完整"]


def test_a_mail_is_written_once_as_a_file(app: Flask, bus: Bus, settings: Settings) -> None:
    power = organisation(bus)
    person(bus, power)
    browser = signed_in(app, person(bus, power, name="Han Mei"))
    post(browser, f"/organisations/{power.ref}/invitations", {"email": "new@example.com", "role": "viewer"})
    with app.app_context():
        worker = Worker(bus.database, bus.clock, job_handlers(bus))
        while worker.run_one():
            pass
    with bus.database.read() as session:
        mail = session.scalars(select(Mail)).one()
        assert (mail.sent_at, mail.error) == (bus.clock.now(), None)
    message = email.message_from_bytes((settings.mail_folder / f"{mail_ref(bus)}.eml").read_bytes(), policy=default)
    assert message["To"] == "new@example.com"
    assert "City Power" in message["Subject"]
    text, html = (message.get_body((form,)) for form in ("plain", "html"))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").strip() == mails(bus, "new@example.com")[0].strip()
    assert html is not None
    assert "City Power" in html.get_content()


def mail_ref(bus: Bus) -> str:
    with bus.database.read() as session:
        return session.scalars(select(Mail.ref)).one()


def test_a_mail_that_cannot_leave_keeps_its_reason_and_is_tried_again(app: Flask, bus: Bus, settings: Settings) -> None:
    def use_case(work: UnitOfWork, command: None) -> None:
        queue_mail(work, "a@example.com", "line one\nBcc: everybody@example.com", "body")

    bus.execute(use_case, Actor(is_system=True), None)
    unreachable = replace(settings, mail_url="smtp://127.0.0.1:9")
    app.config["SETTINGS"], kept = unreachable, app.config["SETTINGS"]
    try:
        with app.app_context():
            Worker(bus.database, bus.clock, job_handlers(bus)).run_one()
    finally:
        app.config["SETTINGS"] = kept
    with bus.database.read() as session:
        mail = session.scalars(select(Mail)).one()
        assert mail.sent_at is None
        assert mail.error
        assert mail.subject == "line one Bcc: everybody@example.com"


def test_a_header_cannot_be_smuggled_in() -> None:
    from tests.support.now import NOW

    made = delivery.compose(
        delivery.OutgoingMail("r", "a@example.com", "subject", "body", NOW), "Infrashare <no-reply@infrashare.invalid>"
    )
    assert made["Message-ID"] == "<r@infrashare.invalid>"
    with pytest.raises(ValueError, match="linefeed"):
        delivery.compose(delivery.OutgoingMail("r", "a@example.com\nBcc: b@example.com", "subject", "body", NOW), "x@y.invalid")


def test_a_subscribed_mail_can_be_ended_with_one_click() -> None:
    """RFC 8058: both headers or neither."""
    from tests.support.now import NOW

    url = "https://infrashare.invalid/ends/here"
    subscribed = delivery.compose(delivery.OutgoingMail("r", "a@example.com", "s", "b", NOW, url), "x@y.invalid")
    assert subscribed["List-Unsubscribe"] == f"<{url}>"
    assert subscribed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    told = delivery.compose(delivery.OutgoingMail("r", "a@example.com", "s", "b", NOW), "x@y.invalid")
    assert told["List-Unsubscribe"] is told["List-Unsubscribe-Post"] is None
