"""The life of an access request: completeness, silence, survey, quote, limits, dispute; each change one record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.access.answers import AcceptRequest, CounterRequest, RefuseRequest, accept_request, counter_request, refuse_request
from app.access.completeness import FindComplete, NameMissing, SupplyMissing, find_complete, name_missing, supply_missing
from app.access.disputes import OpenDispute, open_dispute
from app.access.models import AccessRequest, Offer, Quote, Survey
from app.access.queries import request_detail
from app.access.quotes import GiveQuote, QuoteItem, give_quote
from app.access.surveys import AskSurvey, DateSurvey, RecordSurvey, ask_survey, date_survey, record_survey
from app.accounts.models import Organisation
from app.agreements.models import AgreementVersion
from app.agreements.service import AcceptOffer, accept_offer
from app.assets import Asset
from app.audit.models import AuditRecord
from app.catalogue.profiles import get_profile
from app.deadlines import clocks_of
from app.deadlines.replay import replay
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.notices.models import Notice
from tests.integration.life.access_steps import clock_of, document, on_power_line, refuse_for_safety, refused, run_jobs, status
from tests.integration.life.steps import submitted
from tests.support.life import World


@pytest.mark.parametrize(
    ("filed", "complete_on", "answer_on", "escalated_on"),
    [
        # Sunday 26 January 2025 is worked for the Spring Festival (28 January to 4 February); so is Saturday 8 February
        (date(2025, 1, 20), date(2025, 1, 26), date(2025, 2, 21), date(2025, 2, 26)),
        # 15 to 23 February 2026 are off, Saturdays 14 and 28 February are worked
        (date(2026, 1, 20), date(2026, 1, 27), date(2026, 2, 24), date(2026, 2, 27)),
    ],
)
def test_filed_before_the_spring_festival_and_the_owner_is_silent(
    world: World, clock: FixedClock, filed: date, complete_on: date, answer_on: date, escalated_on: date
) -> None:
    """Completeness in real working days, deemed complete, on record after fifteen working days, escalated at one month."""
    clock.instant = datetime(filed.year, filed.month, filed.day, 2, tzinfo=UTC)
    ref = submitted(world)
    assert clock_of(world, ref, "request_completeness").due_on == complete_on
    assert not clock_of(world, ref, "request_completeness").provisional
    clock.instant = datetime(complete_on.year, complete_on.month, complete_on.day, 15, 59, tzinfo=UTC)
    run_jobs(world, clock)
    assert status(world, ref) == "submitted"
    clock.advance(timedelta(hours=60))  # the job is late: the count is not
    run_jobs(world, clock)
    row = world.one(AccessRequest, ref)
    assert (row.status, row.completeness) == ("complete", "deemed")
    assert clock_of(world, ref, "request_answer").due_on == answer_on
    assert clock_of(world, ref, "request_escalation").due_on == escalated_on
    assert refused(lambda: world.do(world.requester, open_dispute, OpenDispute(ref, "Silence."))).code == "not_silent_yet"
    clock.instant = datetime(escalated_on.year, escalated_on.month, escalated_on.day, 16, tzinfo=UTC)
    run_jobs(world, clock)
    row = world.one(AccessRequest, ref)
    assert row.escalated_at == clock.now()
    assert (row.status, clock_of(world, ref, "request_answer").status) == ("complete", "passed")
    with world.read() as session:
        passed = list(
            session.scalars(select(AuditRecord).where(AuditRecord.action == "deadline.passed").order_by(AuditRecord.id))
        )
        told = set(session.scalars(select(Notice.organisation_id).where(Notice.subject_ref == ref)))
    assert [(p.after["rule"], p.after["outcome"]) for p in passed] == [
        ("request_completeness", "deem_complete"),
        ("request_answer", "record"),
        ("request_escalation", "escalate"),
    ]
    assert passed[0].before == {"status": "submitted"}
    assert passed[0].after["status"] == "complete"
    assert told >= {world.owner.organisation_id, world.requester.organisation_id, world.administration.organisation_id}
    world.do(world.requester, open_dispute, OpenDispute(ref, "The owner is silent."))
    assert all(one.agrees for one in world.ask(SYSTEM, replay))


def test_the_owner_names_everything_missing_once_and_the_clock_stands_meanwhile(world: World, clock: FixedClock) -> None:
    ref = submitted(world)  # Wednesday 1 July 2026; due on the 8th
    assert refused(lambda: world.do(world.owner, name_missing, NameMissing(ref, "  "))).code == "nothing_missing"
    world.do(world.owner, name_missing, NameMissing(ref, "The wind load of the antenna."))
    assert status(world, ref) == "incomplete"
    paused = clock_of(world, ref, "request_completeness")
    assert (paused.status, paused.due_on) == ("paused", None)
    assert any("asked for by Southern Grid" in step.en for step in paused.steps)
    assert any("Southern Grid提出" in step.zh for step in paused.steps)
    clock.instant = datetime(2026, 7, 20, 2, tzinfo=UTC)
    assert refused(lambda: world.do(world.owner, supply_missing, SupplyMissing(ref, "x"))).code == "forbidden"
    world.do(world.requester, supply_missing, SupplyMissing(ref, "0.4 square metres; see the sheet."))
    assert (status(world, ref), clock_of(world, ref, "request_completeness").due_on) == ("submitted", date(2026, 7, 24))
    assert refused(lambda: world.do(world.owner, name_missing, NameMissing(ref, "And more."))).code == "missing_named_once"
    world.do(world.owner, find_complete, FindComplete(ref))
    row = world.one(AccessRequest, ref)
    assert (row.status, row.completeness) == ("complete", "found")
    assert world.audit()[-3:] == ["access.request_incomplete", "access.request_supplied", "access.request_found_complete"]


def test_where_the_profile_says_so_each_supply_is_checked_in_a_time_of_its_own(world: World, clock: FixedClock) -> None:
    """47 CFR 1.1411(c)(1)(ii): five business days after each resubmission, whatever was left of the first ten."""
    with world.bus.database.write() as session:
        session.execute(update(Organisation).values(profile="us-fcc"))
    ref = submitted(world)  # the evening of 30 June in New York; 3 July is a holiday
    assert clock_of(world, ref, "request_completeness").due_on == date(2026, 7, 15)
    clock.instant = datetime(2026, 7, 15, 14, tzinfo=UTC)
    world.do(world.owner, name_missing, NameMissing(ref, "The load of the pole."))
    assert clock_of(world, ref, "request_completeness").status == "met"
    clock.instant = datetime(2026, 7, 20, 14, tzinfo=UTC)
    world.do(world.requester, supply_missing, SupplyMissing(ref, "See the sheet."))
    assert clock_of(world, ref, "request_resubmission").due_on == date(2026, 7, 27)
    world.do(world.owner, name_missing, NameMissing(ref, "The sheet is of another pole."))
    clock.instant = datetime(2026, 7, 22, 14, tzinfo=UTC)
    world.do(world.requester, supply_missing, SupplyMissing(ref, "The right sheet."))
    clock.instant = datetime(2026, 7, 30, 14, tzinfo=UTC)
    assert refused(lambda: world.do(world.owner, name_missing, NameMissing(ref, "Late."))).code == "completeness_over"
    run_jobs(world, clock)
    row = world.one(AccessRequest, ref)
    assert (row.status, row.completeness) == ("complete", "deemed")
    assert clock_of(world, ref, "request_answer").due_on == date(2026, 9, 14)  # the 45th day is a Saturday: 12 September
    assert all(one.agrees for one in world.ask(SYSTEM, replay))


def test_a_counter_offer_says_what_differs(world: World) -> None:
    ref = submitted(world)
    asked = world.one(AccessRequest, ref)
    takes = world.ask(world.owner, request_detail, ref).amounts
    same = {
        "amounts": {name: milli / 1000 for name, milli in takes.items()},
        "window_start": asked.window_start,
        "window_end": asked.window_end,
    }
    said = ({"message": "Welcome."}, {}, same, {"terms": {"height_m": asked.asked.get("height_m")}})
    for one in said:
        command = CounterRequest(ref, **one)
        assert refused(lambda asks=command: world.do(world.owner, counter_request, asks)).code == "nothing_countered", one
    world.do(world.owner, counter_request, CounterRequest(ref, amounts={"platform": 1}))
    assert refused(lambda: world.do(world.owner, counter_request, CounterRequest(ref))).code == "nothing_countered"
    world.do(world.owner, counter_request, CounterRequest(ref, **same))
    assert (status(world, ref), world.audit()[-2:]) == ("countered", ["access.request_countered"] * 2)


def test_after_its_time_nothing_can_be_named_missing(world: World, clock: FixedClock) -> None:
    ref = submitted(world)
    clock.instant = datetime(2026, 7, 9, 2, tzinfo=UTC)
    assert refused(lambda: world.do(world.owner, name_missing, NameMissing(ref, "Late."))).code == "completeness_over"


@pytest.mark.parametrize("asker", ["owner", "requester"])
def test_a_survey_pauses_the_answer_until_its_report_is_recorded(world: World, clock: FixedClock, asker: str) -> None:
    ref = submitted(world)
    world.do(world.owner, find_complete, FindComplete(ref))
    actor = getattr(world, asker)
    world.do(actor, ask_survey, AskSurvey(ref, "Check the platform."))
    answer = clock_of(world, ref, "request_answer")
    assert (answer.status, clock_of(world, ref, "request_escalation").status) == ("paused", "paused")
    assert any(actor.organisation_name in step.en for step in answer.steps)
    assert refused(lambda: world.do(actor, ask_survey, AskSurvey(ref, "Again."))).code == "survey_open"
    world.do(world.owner, date_survey, DateSurvey(ref, date(2026, 7, 6)))
    clock.instant = datetime(2026, 7, 7, 2, tzinfo=UTC)
    missing = refused(lambda: world.do(world.owner, record_survey, RecordSurvey(ref, "Sound.", "none")))
    assert missing.code == "refusal_evidence_missing"
    report = document(world, ref, world.owner, "survey")
    world.do(world.owner, record_survey, RecordSurvey(ref, "Platform 2 is free and sound.", report))
    answer = clock_of(world, ref, "request_answer")
    assert (answer.status, answer.due_on) == ("running", date(2026, 7, 27))
    with world.read() as session:
        survey = session.scalars(select(Survey)).one()
    assert (survey.status, survey.held_on, survey.attachment_ref) == ("done", date(2026, 7, 6), report)
    assert all(one.agrees for one in world.ask(SYSTEM, replay))


def test_a_survey_ends_with_the_answer(world: World) -> None:
    ref = submitted(world)
    world.do(world.owner, ask_survey, AskSurvey(ref, "Look."))
    world.do(world.owner, accept_request, AcceptRequest(ref))
    with world.read() as session:
        assert session.scalars(select(Survey.status)).all() == ["void"]
    assert refused(lambda: world.do(world.owner, ask_survey, AskSurvey(ref, "Look."))).code == "illegal_transition"


def test_an_offer_is_priced_by_the_quote_while_that_is_valid(world: World, clock: FixedClock) -> None:
    ref = submitted(world)
    items = (QuoteItem("Rent of two positions", "yearly", 2_000_050), QuoteItem("Outage and escort", "once", 300_000))
    world.do(world.owner, give_quote, GiveQuote(ref, items[:1], date(2026, 7, 3)))
    world.do(world.owner, give_quote, GiveQuote(ref, items, date(2026, 7, 10)))
    with world.read() as session:
        assert session.scalars(select(Quote.status).order_by(Quote.number)).all() == ["replaced", "open"]
    world.do(world.owner, accept_request, AcceptRequest(ref))
    with world.read() as session:
        offer = session.scalars(select(Offer)).one()
    assert (offer.price_minor, offer.quote_number) == (2_000_050, 2)
    assert offer.once_items == [{"label": "Outage and escort", "basis": "once", "amount_minor": 300_000}]


def test_a_quote_that_ran_out_prices_nothing(world: World, clock: FixedClock) -> None:
    ref = submitted(world)
    world.do(world.owner, give_quote, GiveQuote(ref, (QuoteItem("Rent", "yearly", 1),), date(2026, 7, 3)))
    clock.instant = datetime(2026, 7, 4, 2, tzinfo=UTC)
    world.do(world.owner, accept_request, AcceptRequest(ref))
    with world.read() as session:
        offer = session.scalars(select(Offer)).one()
    assert (offer.price_minor, offer.quote_number) == (2_400_000, None)
    with pytest.raises(DomainError) as wrong:
        world.do(world.owner, give_quote, GiveQuote(submitted_again(world), (), date(2026, 7, 3)))
    assert {one.pointer for one in wrong.value.problems} == {"/items", "/valid_until"}


def submitted_again(world: World) -> str:
    with world.bus.database.write() as session:
        session.execute(update(AccessRequest).values(status="withdrawn"))
    return submitted(world)


def test_38_m_wanted_on_a_220_kv_tower_whose_lowest_conductor_hangs_at_27_m(world: World) -> None:
    """No acceptance at 38; a counter-offer at the highest allowed, 24 m (27 m less 3 m of clearance), and none above it."""
    on_power_line(world, 38)
    ref = submitted(world)
    beyond = refused(lambda: world.do(world.owner, accept_request, AcceptRequest(ref)))
    assert beyond.code == "beyond_limit"
    assert "24 m" in beyond.text.en
    assert "14 m short of 38 m" in beyond.text.en
    above = refused(lambda: world.do(world.owner, counter_request, CounterRequest(ref, terms={"height_m": 24.1})))
    assert (above.code, above.problems[0].pointer) == ("beyond_limit", "/terms/height_m")
    assert status(world, ref) == "submitted"
    world.do(world.owner, counter_request, CounterRequest(ref, terms={"height_m": 24}))
    view = world.ask(world.requester, request_detail, ref)
    assert (view.status, dict(view.open_offer.terms)) == ("countered", {"height_m": 24.0})
    world.do(world.requester, accept_offer, AcceptOffer(ref))
    with world.read() as session:
        terms = session.scalars(select(AgreementVersion)).one().content["terms"]
    assert "Top of antenna at least: 24 m (asked: 38 m)." in terms
    assert "天线顶端高度不低于：24 m（申请 38 m）。" in terms


def test_a_high_voltage_tower_without_its_conductor_promises_no_height(world: World) -> None:
    on_power_line(world, 10)
    with world.bus.database.write() as session:
        session.get_one(Asset, world.asset_id).attributes = {"structure": "power_line", "structure_height_m": 45}
    ref = submitted(world)
    assert refused(lambda: world.do(world.owner, accept_request, AcceptRequest(ref))).code == "beyond_limit"


def test_main_members_to_be_strengthened_are_not_suitable_for_sharing(world: World) -> None:
    """No offer of any sort (YD 5191): the owner refuses on the technical ground with its report, and the requester is led to
    co-construction."""
    ref = submitted(world)
    with world.bus.database.write() as session:
        asset = session.get_one(Asset, world.asset_id)
        asset.attributes = {**asset.attributes, "strengthening": "main"}
    for act in (
        lambda: world.do(world.owner, accept_request, AcceptRequest(ref)),
        lambda: world.do(world.owner, counter_request, CounterRequest(ref, amounts={"platform": 1, "load_kg": 10})),
    ):
        beyond = refused(act)
        assert beyond.code == "beyond_limit"
        assert "not suitable for sharing (YD 5191). Build together instead." in beyond.text.en
    assert world.ask(world.owner, request_detail, ref).unsuitable
    report = document(world, ref, world.owner, "evidence")
    world.do(
        world.owner,
        refuse_request,
        RefuseRequest(ref, "technical_unsuitability", "The legs fail.", {"technical_report": report}),
    )
    assert status(world, ref) == "refused"


def test_a_safety_refusal_without_evidence_bounces(world: World) -> None:
    ref = submitted(world)
    bare = refused(lambda: world.do(world.owner, refuse_request, RefuseRequest(ref, "safety", "It is dangerous.")))
    assert bare.code == "refusal_evidence_missing"
    assert "safety assessment" in bare.text.en
    foreign = document(world, ref, world.requester, "evidence")
    command = RefuseRequest(ref, "safety", "It is dangerous.", {"safety_assessment": foreign})
    assert refused(lambda: world.do(world.owner, refuse_request, command)).code == "refusal_evidence_missing"
    assert status(world, ref) == "submitted"
    refuse_for_safety(world, ref)
    assert status(world, ref) == "refused"


def test_no_clock_runs_for_a_kind_that_the_profile_does_not_cover(world: World) -> None:
    """Regulation (EU) 2024/1309 is not about cables: its month is no duty of their owners."""
    with world.bus.database.write() as session:
        session.execute(update(Organisation).values(profile="eu-gia"))
    covered = replace(get_profile("eu-gia"), kinds=("duct", "room"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.access.clocks.get_profile", lambda code: covered)
        ref = submitted(world)
        assert world.ask(world.owner, clocks_of, "access_request", ref) == ()
        assert not world.ask(world.owner, request_detail, ref).covered
        world.do(world.owner, accept_request, AcceptRequest(ref, 1))
    assert status(world, ref) == "accepted"


def test_the_gia_gives_a_month_for_a_survey_that_the_requester_asks_for(world: World, clock: FixedClock) -> None:
    with world.bus.database.write() as session:
        session.execute(update(Organisation).values(profile="eu-gia"))
    ref = submitted(world)
    world.do(world.owner, find_complete, FindComplete(ref))
    world.do(world.owner, ask_survey, AskSurvey(ref, "Look at the foot."))
    assert "survey" not in {one.rule for one in world.ask(world.owner, clocks_of, "access_request", ref)}  # the owner's own wish
    report = document(world, ref, world.owner, "survey")
    world.do(world.owner, record_survey, RecordSurvey(ref, "Sound.", report))
    clock.instant = datetime(2026, 7, 3, 2, tzinfo=UTC)
    world.do(world.requester, ask_survey, AskSurvey(ref, "Look at the platform."))
    asked = clock_of(world, ref, "survey")
    assert (asked.due_on, asked.status, asked.organisation_id) == (date(2026, 8, 3), "running", world.owner.organisation_id)
    assert clock_of(world, ref, "request_answer").status == "running"  # nothing in the Regulation lets it stand
    clock.instant = datetime(2026, 8, 4, 2, tzinfo=UTC)
    run_jobs(world, clock)
    assert clock_of(world, ref, "survey").status == "passed"
    world.do(world.owner, record_survey, RecordSurvey(ref, "Platform 2 is free.", document(world, ref, world.owner, "survey")))
    assert clock_of(world, ref, "survey").status == "met"
    assert all(one.agrees for one in world.ask(SYSTEM, replay))
