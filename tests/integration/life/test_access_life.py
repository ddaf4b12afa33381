"""The life of an access request: completeness, silence, survey, quote, limits, dispute; each change one record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access.answers import AcceptRequest, CounterRequest, RefuseRequest, accept_request, counter_request, refuse_request
from app.access.completeness import FindComplete, NameMissing, SupplyMissing, find_complete, name_missing, supply_missing
from app.access.disputes import DecideDispute, OpenDispute, decide_dispute, open_dispute
from app.access.models import AccessRequest, Dispute, Offer, Quote, Survey
from app.access.queries import request_detail
from app.access.quotes import GiveQuote, QuoteItem, give_quote
from app.access.rules import REQUEST
from app.access.service import MoveRequest, withdraw_request
from app.access.surveys import AskSurvey, DateSurvey, RecordSurvey, ask_survey, date_survey, record_survey
from app.accounts.models import CompetenceGrant
from app.assets import Asset
from app.attachments.models import Attachment
from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.deadlines import ClockView, clocks_of
from app.deadlines.replay import replay
from app.kernel.actor import SYSTEM, Actor, Competence, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.needs import Need
from app.notices.models import Notice
from tests.integration.life.steps import offered, submitted
from tests.support import life, places
from tests.support.life import World


def refused(act: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def status(world: World, ref: str) -> str:
    return str(world.one(AccessRequest, ref).status)


def clock_of(world: World, ref: str, rule: str) -> ClockView:
    found = [clock for clock in world.ask(world.owner, clocks_of, "access_request", ref) if clock.rule == rule]
    return found[-1]  # type: ignore[no-any-return]


def run_jobs(world: World, clock: FixedClock) -> None:
    worker = Worker(world.bus.database, clock, job_handlers(world.bus))
    while worker.run_one():
        pass


def document(world: World, ref: str, actor: Actor, purpose: str) -> str:
    with world.bus.database.write() as session:
        row = Attachment(
            subject_type="access_request",
            subject_ref=ref,
            organisation_id=actor.organisation_id,
            uploaded_by=actor.user_id,
            purpose=purpose,
            filename=f"{purpose}.pdf",
            media_type="application/pdf",
            size_bytes=10,
            sha256="0" * 64,
            created_at=places.MADE_AT,
        )
        session.add(row)
        session.flush()
        return str(row.ref)


def refuse_for_safety(world: World, ref: str) -> None:
    proof = document(world, ref, world.owner, "evidence")
    world.do(world.owner, refuse_request, RefuseRequest(ref, "safety", "Live line work.", {"safety_assessment": proof}))


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


def on_power_line(world: World, wanted_m: float) -> None:
    """The tower is a 220 kV tower whose lowest conductor hangs at 27 m, and the need wants that height."""
    with world.bus.database.write() as session:
        asset = session.get_one(Asset, world.asset_id)
        asset.attributes = {"structure": "power_line", "structure_height_m": 45, "voltage_kv": 220, "lowest_conductor_m": 27}
        need = session.scalars(select(Need).where(Need.ref == world.need_ref)).one()
        need.requirements = {**need.requirements, "height_m": wanted_m}


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


def test_a_high_voltage_tower_without_its_conductor_promises_no_height(world: World) -> None:
    on_power_line(world, 10)
    with world.bus.database.write() as session:
        session.get_one(Asset, world.asset_id).attributes = {"structure": "power_line", "structure_height_m": 45}
    ref = submitted(world)
    assert refused(lambda: world.do(world.owner, accept_request, AcceptRequest(ref))).code == "beyond_limit"


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


def test_a_refusal_is_disputed_and_upheld(world: World) -> None:
    ref = submitted(world)
    refuse_for_safety(world, ref)
    assert refused(lambda: world.do(world.owner, open_dispute, OpenDispute(ref, "x"))).code == "forbidden"
    assert refused(lambda: world.do(world.requester, open_dispute, OpenDispute(ref, " "))).code == "reason_missing"
    world.do(world.requester, open_dispute, OpenDispute(ref, "Others work on live lines."))
    assert clock_of(world, ref, "dispute_decision").status == "running"
    assert world.ask(world.administration, request_detail, ref).status == "disputed"
    assert refused(lambda: world.do(world.owner, decide_dispute, DecideDispute(ref, "uphold", "x"))).code == "forbidden"
    assert (
        refused(lambda: world.do(world.administration, decide_dispute, DecideDispute(ref, "uphold", ""))).code == "reason_missing"
    )
    world.do(world.administration, decide_dispute, DecideDispute(ref, "uphold", "The assessment is sound."))
    assert (status(world, ref), clock_of(world, ref, "dispute_decision").status) == ("refused", "met")
    assert world.audit()[-2:] == ["access.dispute_opened", "access.dispute_decided"]


def test_an_ordered_access_makes_the_offer_and_the_hold(world: World) -> None:
    ref = submitted(world)
    refuse_for_safety(world, ref)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Others work on live lines."))
    before = world.free()
    order = document(world, ref, world.administration, "decision")
    command = DecideDispute(ref, "order", "An outage is possible.", price_minor=1_000_000, documents=[order])
    world.do(world.administration, decide_dispute, command)
    view = world.ask(world.requester, request_detail, ref)
    assert view.status == "accepted"
    assert (view.open_offer.origin, view.open_offer.price_minor) == ("order", 1_000_000)
    assert view.face.tier.name == "T3"
    assert world.free()["platform"] == before["platform"] - 2000
    with world.read() as session:
        dispute = session.scalars(select(Dispute)).one()
    assert (dispute.status, dispute.decision, dispute.documents) == ("decided", "order", [order])
    assert dispute.terms["price_minor"] == 1_000_000
    records = world.audit()
    assert records.count("access.dispute_decided") == 1
    assert records[-1] == "access.dispute_decided"


def test_the_price_of_a_counter_offer_is_set_on_its_own_terms(world: World) -> None:
    on_power_line(world, 38)
    ref = submitted(world)
    counter = CounterRequest(ref, amounts={"platform": 1, "load_kg": 60}, price_minor=9_000_000, terms={"height_m": 20})
    world.do(world.owner, counter_request, counter)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Far above the formula."))
    decide = DecideDispute(ref, "price", "By the formula.", price_minor=800_000)
    world.do(world.administration, decide_dispute, decide)
    offer = world.ask(world.requester, request_detail, ref).open_offer
    assert (offer.price_minor, dict(offer.terms), offer.amounts["platform"]) == (800_000, {"height_m": 20}, 1000)


def test_what_does_not_fit_cannot_be_ordered(world: World) -> None:
    on_power_line(world, 38)
    ref = submitted(world)
    refuse_for_safety(world, ref)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Open it."))
    ordered = refused(lambda: world.do(world.administration, decide_dispute, DecideDispute(ref, "order", "Open.", 1)))
    assert ordered.code == "beyond_limit"
    assert status(world, ref) == "disputed"


def test_silence_cannot_be_upheld(world: World, clock: FixedClock) -> None:
    ref = submitted(world)
    world.do(world.owner, find_complete, FindComplete(ref))
    clock.advance(timedelta(days=40))
    run_jobs(world, clock)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Silence."))
    assert (
        refused(lambda: world.do(world.administration, decide_dispute, DecideDispute(ref, "uphold", "x"))).code
        == "nothing_to_uphold"
    )
    world.do(world.administration, decide_dispute, DecideDispute(ref, "order", "It is silent."))
    assert status(world, ref) == "accepted"


def test_a_party_does_not_settle_its_own_dispute(world: World) -> None:
    with world.bus.database.write() as session:
        session.execute(update(AccessRequest).values(status="draft"))
    ref = submitted(world)
    refuse_for_safety(world, ref)
    with world.bus.database.write() as session:
        session.execute(update(CompetenceGrant).values(organisation_id=world.owner.organisation_id))
    assert refused(lambda: world.do(world.requester, open_dispute, OpenDispute(ref, "x"))).code == "no_settler"


def test_a_dispute_that_is_not_decided_goes_a_level_up(world: World, clock: FixedClock) -> None:
    with world.bus.database.write() as session:
        ministry = places.organisation(session, "Ministry", "telecom", kind="authority")
        session.add(
            CompetenceGrant(
                organisation_id=ministry.id,
                authority="communications",
                level="national",
                sectors=[],
                regions=["100000", "440000"],
            )
        )
        held = Competence(ministry.id, "communications", "national", frozenset(), frozenset({"440000"}))
        minister = life.person(session, ministry, Role.OFFICER, (held,))
    ref = submitted(world)
    refuse_for_safety(world, ref)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Open it."))
    clock.advance(timedelta(days=90))
    run_jobs(world, clock)
    assert world.one(AccessRequest, ref).settler_id == ministry.id
    assert refused(lambda: world.do(world.administration, decide_dispute, DecideDispute(ref, "uphold", "x"))).code == "forbidden"
    world.do(minister, decide_dispute, DecideDispute(ref, "uphold", "It stands."))
    assert status(world, ref) == "refused"


def test_an_offer_that_nobody_takes_lapses_by_its_clock(world: World, clock: FixedClock) -> None:
    ref, before = offered(world), world.audit().count("deadline.passed")
    with world.bus.database.write() as session:  # so that the hold itself lives longer than the clock
        session.execute(update(Offer).values(expires_at=datetime(2027, 1, 1, tzinfo=UTC)))
    clock.instant = datetime(2026, 7, 22, 16, tzinfo=UTC)
    run_jobs(world, clock)
    assert status(world, ref) == "expired"
    assert world.free()["platform"] == 4000
    assert world.audit().count("deadline.passed") + world.audit().count("capacity.hold_expired") == before + 1


def test_withdrawing_ends_survey_dispute_and_clocks(world: World) -> None:
    ref = submitted(world)
    refuse_for_safety(world, ref)
    world.do(world.requester, open_dispute, OpenDispute(ref, "Open it."))
    world.do(world.requester, withdraw_request, MoveRequest(ref))
    with world.read() as session:
        assert session.scalars(select(Dispute.status)).all() == ["withdrawn"]
    assert {clock.status for clock in world.ask(world.owner, clocks_of, "access_request", ref)} == {"met"}


def test_every_state_and_action_of_the_table() -> None:
    """Which actions each state allows; everything else is refused by the rule in words of both languages."""
    allowed = {
        "draft": {"edit", "submit", "withdraw"},
        "submitted": {"name_missing", "find_complete", "deem_complete", "accept", "counter", "refuse", "withdraw"},
        "incomplete": {"supply", "withdraw"},
        "complete": {"accept", "counter", "refuse", "dispute", "withdraw"},
        "accepted": {"withdraw", "expire", "agree"},
        "countered": {"counter", "dispute", "withdraw", "expire", "agree"},
        "refused": {"dispute"},
        "disputed": {"uphold", "uphold_offer", "order", "lapse", "withdraw"},
        "withdrawn": set(),
        "expired": set(),
        "agreed": set(),
    }
    assert {state: set(REQUEST.actions(state)) for state in REQUEST.states} == allowed
    for state, action, target in REQUEST.matrix():
        if target is None:
            with pytest.raises(DomainError, match="cannot be changed"):
                REQUEST.move(state, action)


ByRef = tuple[Callable[..., Any], Callable[[str], Any]]
OWNERS: dict[str, ByRef] = {
    "find_complete": (find_complete, lambda ref: FindComplete(ref)),
    "name_missing": (name_missing, lambda ref: NameMissing(ref, "It.")),
    "accept": (accept_request, lambda ref: AcceptRequest(ref)),
    "counter": (counter_request, lambda ref: CounterRequest(ref)),
}
REQUESTERS: dict[str, ByRef] = {
    "supply": (supply_missing, lambda ref: SupplyMissing(ref, "It.")),
    "dispute": (open_dispute, lambda ref: OpenDispute(ref, "It.")),
    "withdraw": (withdraw_request, lambda ref: MoveRequest(ref)),
}


@pytest.mark.parametrize("action", [*OWNERS, *REQUESTERS])
@pytest.mark.parametrize("state", [s for s in REQUEST.states if s != "draft"])
def test_use_cases_refuse_what_the_table_refuses(world: World, state: str, action: str) -> None:
    ref = submitted(world)
    if REQUEST.allows(state, action):
        return
    with world.bus.database.write() as session:
        session.execute(
            update(AccessRequest).values(
                status=state, refusal_ground="safety", missing="it", settler_id=world.administration.organisation_id
            )
        )
    actor = world.owner if action in OWNERS else world.requester
    use_case, command = {**OWNERS, **REQUESTERS}[action]
    assert refused(lambda: world.do(actor, use_case, command(ref))).code == "illegal_transition"
    assert status(world, ref) == state
