"""The start page: what Infrashare is for strangers, and for each role what waits."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.directory import organisation_by_ref
from app.accounts.service import grant_competence
from app.db.work import Bus, Reader, UnitOfWork
from app.home.cards import contributed, home_cards
from app.kernel.actor import ANONYMOUS, SYSTEM
from app.kernel.text import Text
from app.web.cards import HomeCard
from tests.support.people import PAGE, Made, actor, organisation, person, signed_in


def titles(bus: Bus, app: Flask, who: Made) -> dict[str, int]:
    with app.test_request_context("/"):
        return {card.title.en: card.count for card in bus.ask(home_cards, actor(bus, who))}


def test_a_stranger_reads_what_it_is(client: FlaskClient) -> None:
    page = client.get("/", headers=PAGE)
    assert page.status_code == 200
    assert "/sign-in" in page.text
    assert "waits for you" not in page.text


@pytest.mark.parametrize("locale", ["en", "zh_CN"])
def test_each_role_has_a_home(app: Flask, bus: Bus, locale: str) -> None:
    power = organisation(bus)
    office = organisation(bus, "Office", sector="telecom", kind="authority")
    platform = organisation(bus, "Platform", sector="other", kind="platform")

    def competence(work: UnitOfWork, command: None) -> None:
        grant_competence(
            work,
            organisation_by_ref(work.session, office.ref),
            authority="communications",
            level="province",
            sectors=[],
            regions=["440000"],
        )

    bus.execute(competence, SYSTEM, None)
    roles = {
        "manager": (power, "Requests to answer", "待答复的接入申请"),
        "viewer": (power, "Notices", "通知"),
        "officer": (office, "Approvals waiting for you", "待您审批的协议"),
        "evaluator": (office, "Agreements in force", "生效的协议"),
        "administrator": (platform, "Organisations without an administrator", "没有管理员的单位"),
    }
    for role, (of, en, zh) in roles.items():
        page = signed_in(app, person(bus, of, role, name=f"The {role}", locale=locale)).get("/", headers=PAGE)
        assert page.status_code == 200
        assert (zh if locale == "zh_CN" else en) in page.text, role


def test_who_only_reads_is_asked_for_nothing(app: Flask, bus: Bus) -> None:
    found = titles(bus, app, person(bus, organisation(bus), "viewer"))
    assert "Requests to answer" not in found
    assert "Agreements to sign" not in found


def test_a_regulators_cards_are_not_an_owners(app: Flask, bus: Bus) -> None:
    assert "Approvals waiting for you" not in titles(bus, app, person(bus, organisation(bus)))


def test_a_person_between_organisations_is_told_so(app: Flask, bus: Bus) -> None:
    page = signed_in(app, person(bus, None)).get("/", headers=PAGE)
    assert page.status_code == 200
    assert "You belong to no organisation" in page.text


def test_what_waits_stands_before_what_is_empty(bus: Bus) -> None:
    def card(name: str, count: int, order: int) -> object:
        return lambda reader: HomeCard(Text(name, name), count, Text("none", "无"), order=order)

    def nothing(reader: Reader) -> None:
        return None

    cards = (card("a", 0, 1), card("b", 2, 9), nothing, card("c", 1, 3))
    assert [made.title.en for made in bus.ask(home_cards, ANONYMOUS, cards)] == ["c", "b", "a"]


def test_every_feature_with_cards_is_found() -> None:
    features = {card.__module__.split(".")[1] for card in contributed()}
    assert {"access", "accounts", "agreements", "approvals", "needs", "notices"} <= features


def test_only_those_who_look_at_the_whole_get_figures(app: Flask, bus: Bus) -> None:
    page = signed_in(app, person(bus, organisation(bus))).get("/", headers=PAGE).text
    assert "Agreements in force" not in page
