"""A request to join that comes after the window, by the rule of each profile: China's, the European Union's, the United States'."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.deadlines.models import Deadline
from app.kernel.actor import Actor, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.notices.models import Notice
from app.works import (
    AnnounceWorks,
    AnswerJoin,
    AskToJoin,
    DraftWorks,
    SlipWorks,
    announce_works,
    answer_join,
    ask_to_join,
    draft_works,
    slip_works,
)
from app.works.joining import WithdrawJoin, withdraw_join
from app.works.models import WorksJoin, WorksProject
from tests.integration.works.conftest import DUCT, Site
from tests.support import life, people, places

LINES = {
    "cn-default": shapely.LineString([(114.05, 22.53), (114.06, 22.54)]),
    "eu-gia": shapely.LineString([(13.39, 52.51), (13.41, 52.53)]),
    "us-fcc": shapely.LineString([(-97.75, 30.26), (-97.73, 30.28)]),
}
AFTER_DAYS = 50  # of works whose permit is applied for on the 70th day, one month required
ASK = "Two holes along the west gallery"


def announced(site: Site, profile: str) -> tuple[Actor, str]:
    """Works of a sponsor under a profile: who it is, and which works."""
    with site.bus.database.write() as session:
        sponsor = life.person(
            session, places.organisation(session, f"Metro {profile}", "transport", profile=profile), Role.MANAGER
        )
    permit = site.bus.today() + timedelta(days=70)
    draft = DraftWorks(
        "subway", "Line 14", LINES[profile], 1000, 4200, permit, permit + timedelta(days=30), date(2030, 6, 30), elements=(DUCT,)
    )
    ref = str(site.do(sponsor, draft_works, draft))
    site.do(sponsor, announce_works, AnnounceWorks(ref))
    return sponsor, ref


def clocks(site: Site) -> list[tuple[str, str]]:
    with site.world.read() as session:
        return [tuple(row) for row in session.execute(select(Deadline.subject_type, Deadline.rule).order_by(Deadline.id))]


def refused(site: Site, actor: Actor, use_case: Any, command: Any) -> str:
    with pytest.raises(DomainError) as caught:
        site.do(actor, use_case, command)
    return caught.value.code


@pytest.mark.parametrize("profile", LINES)
def test_a_late_request_by_the_rule_of_each_profile(site: Site, clock: FixedClock, profile: str) -> None:
    sponsor, ref = announced(site, profile)
    site.later(clock, AFTER_DAYS)
    asked = site.do(site.carrier, ask_to_join, AskToJoin(ref, ASK, [1]))
    view = site.view(sponsor, ref)
    said = asked.answer.en if asked.answer else ""
    assert view.late is not None
    assert (asked.status, view.late.then, view.row.is_open, view.joins[0].is_late) == {
        "cn-default": ("late", "sponsor", False, True),
        "eu-gia": ("too_late", "closed", False, True),
        "us-fcc": ("waiting", "never", True, False),
    }[profile]
    assert said.endswith(view.late.text.en) is (profile != "us-fcc")
    assert (("works_join", "works_answer") in clocks(site)) is (profile == "us-fcc")  # who bears a duty has a clock
    assert (("works", "works_join") in clocks(site)) is (profile != "us-fcc")
    assert {(c.dimension, c.kind, c.state) for c in site.claims(ref)} == {("hole", "reserve", "active")}  # stands, whoever asks
    if profile == "eu-gia":
        assert refused(site, sponsor, answer_join, AnswerJoin(ref, 1, True)) == "illegal_transition"
        assert site.do(site.carrier, ask_to_join, AskToJoin(ref, "Once more")).status == "too_late"
        return
    assert refused(site, site.carrier, ask_to_join, AskToJoin(ref, "Once more")) == "join_standing"
    assert refused(site, sponsor, answer_join, AnswerJoin(ref, 1, False)) == "invalid"  # a refusal has its reason
    site.do(sponsor, answer_join, AnswerJoin(ref, 1, True))
    site.do(site.carrier, withdraw_join, WithdrawJoin(ref, 1))
    assert site.do(site.carrier, ask_to_join, AskToJoin(ref, "Once more")).status == asked.status
    site.do(sponsor, answer_join, AnswerJoin(ref, 2, False, "The gallery is poured"))
    assert [row.status for row in site.rows(WorksJoin)] == ["withdrawn", "refused"]


def test_where_no_time_is_set_a_request_is_in_time_until_the_works_are_complete(site: Site, clock: FixedClock) -> None:
    sponsor, ref = announced(site, "us-fcc")
    assert site.project(ref).join_until == date(2030, 6, 30)
    site.do(sponsor, slip_works, SlipWorks(ref, date(2027, 1, 1), date(2031, 1, 1), "Ground water"))
    assert site.project(ref).join_until == date(2031, 1, 1)
    with site.world.read() as session:
        announcement = session.scalars(select(Notice).where(Notice.code == "works.announced").limit(1)).one()
    assert announcement.values["join_until"]["en"] == "the works are complete"
    clock.instant += timedelta(days=2000)  # and nobody said that they are complete
    assert site.do(site.carrier, ask_to_join, AskToJoin(ref, ASK)).status == "waiting"


def test_works_announced_before_the_profile_named_a_rule_keep_what_stood_then(site: Site, clock: FixedClock) -> None:
    sponsor, ref = announced(site, "cn-default")
    with site.bus.database.write() as session:
        old = {name: value for name, value in site.project(ref).terms.items() if name != "late"}
        session.execute(update(WorksProject).where(WorksProject.ref == ref).values(terms=old))
    site.later(clock, AFTER_DAYS)
    row = site.do(site.carrier, ask_to_join, AskToJoin(ref, ASK))
    assert row.status == "too_late"
    assert row.answer.en.endswith("The space and power reserved for communications stand.")
    assert refused(site, sponsor, answer_join, AnswerJoin(ref, 1, True)) == "illegal_transition"


@pytest.mark.parametrize(
    ("profile", "changes"),
    [
        (
            "cn-default",
            ("status = 'waiting'", "status = 'too_late', answered_on = asked_on, answer = '-'", "late_rule = 'closed'"),
        ),
        ("eu-gia", ("status = 'accepted'", "status = 'late', answered_on = NULL", "answer = NULL", "asked_on = '2026-07-02'")),
    ],
)
def test_a_late_request_passes_for_no_other_in_the_database_either(
    site: Site, clock: FixedClock, profile: str, changes: tuple[str, ...]
) -> None:
    _, ref = announced(site, profile)
    site.later(clock, AFTER_DAYS)
    site.do(site.carrier, ask_to_join, AskToJoin(ref, ASK))
    for change in changes:
        with pytest.raises(DBAPIError), site.bus.database.write() as session:
            session.execute(text(f"UPDATE works_join SET {change}"))


def test_the_page_says_what_becomes_of_a_late_request(app: Flask, site: Site, clock: FixedClock) -> None:
    with site.bus.database.write() as session:
        visitor = places.organisation(session, "Visitor Mobile")
    client = people.signed_in(app, people.person(site.bus, visitor, Role.MANAGER, name="Visitor"))
    said = {
        "cn-default": "without a duty to answer",
        "eu-gia": "it is put on record and not taken",
        "us-fcc": "a request may come until the works are complete",
    }
    for profile, words in said.items():
        _, ref = announced(site, profile)
        assert words in client.get(f"/works/{ref}", headers=people.PAGE).text
        late = site.view(site.carrier, ref).late
        assert late is not None
        shown = client.get(f"/api/v1/works/{ref}").json
        assert shown is not None
        assert shown["late"] == {"then": late.then, "text": late.text.en}
