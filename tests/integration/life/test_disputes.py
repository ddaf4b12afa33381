"""Disputes about access: who decides, what a decision does, and every state and action of the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access.answers import AcceptRequest, CounterRequest, accept_request, counter_request
from app.access.completeness import FindComplete, NameMissing, SupplyMissing, find_complete, name_missing, supply_missing
from app.access.disputes import DecideDispute, OpenDispute, decide_dispute, open_dispute
from app.access.models import AccessRequest, Dispute, Offer
from app.access.queries import request_detail
from app.access.rules import REQUEST
from app.access.service import MoveRequest, withdraw_request
from app.accounts.models import CompetenceGrant
from app.audit.models import AuditRecord
from app.deadlines import NOBODY_ABOVE, Deadline, clocks_of
from app.deadlines.service import check_deadline
from app.kernel.actor import SYSTEM, Competence, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.ledger import expire_overdue
from app.notices.models import Notice
from tests.integration.life.access_steps import clock_of, document, on_power_line, refuse_for_safety, refused, run_jobs, status
from tests.integration.life.steps import offered, submitted
from tests.support import life, places
from tests.support.life import World


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


@pytest.mark.parametrize("first", ["sweep", "clock"])
def test_an_offer_in_dispute_lapses_once_and_a_dispute_that_nobody_can_take_over_stays(
    world: World, clock: FixedClock, first: str
) -> None:
    ref = submitted(world)
    world.do(world.owner, counter_request, CounterRequest(ref, price_minor=99_900_000))
    world.do(world.requester, open_dispute, OpenDispute(ref, "Ninefold."))
    clock.advance(timedelta(days=30))
    if first == "sweep":
        world.do(SYSTEM, lambda work, command: expire_overdue(work), None)
    else:
        [due] = [one.ref for one in _deadlines(world, ref) if one.rule == "offer_acceptance"]
        world.do(SYSTEM, check_deadline, due)
    run_jobs(world, clock)
    ended = [one for one in world.audit() if one in ("capacity.hold_expired", "deadline.passed")]
    assert ended == ["capacity.hold_expired" if first == "sweep" else "deadline.passed"]
    assert (status(world, ref), world.free()["platform"]) == ("disputed", 4000)
    clock.advance(timedelta(days=60))
    run_jobs(world, clock)
    with world.read() as session:
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.id.desc())).first()
    assert last is not None
    assert (last.action, last.after["consequence"]["en"]) == ("deadline.passed", NOBODY_ABOVE.en)
    world.do(world.administration, decide_dispute, DecideDispute(ref, "price", "The list price.", 1_000_000))
    assert status(world, ref) == "accepted"


def _deadlines(world: World, ref: str) -> list[Deadline]:
    with world.read() as session:
        return list(session.scalars(select(Deadline).where(Deadline.subject_ref == ref)))


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
        told = session.scalars(select(Notice.organisation_id).where(Notice.code == "access.request_withdrawn")).all()
    assert sorted(told) == sorted(one.organisation_id for one in (world.owner, world.administration))
    clocks = {clock.rule: clock.status for clock in world.ask(world.owner, clocks_of, "access_request", ref)}
    assert clocks.pop("dispute_decision") == "ended", "nobody decided it"
    assert set(clocks.values()) == {"met"}, "the owner did answer"


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
