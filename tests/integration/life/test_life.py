"""The whole life through the use cases, on both databases: from a match to committed capacity, with one audit record for
each step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access.answers import AcceptRequest, CounterRequest, accept_request, counter_request
from app.access.completeness import FindComplete, find_complete
from app.access.models import AccessRequest, Offer
from app.access.queries import request_detail
from app.access.service import MoveRequest, withdraw_request
from app.agreements.content import content_hash
from app.agreements.lines import LineInput
from app.agreements.models import Agreement, AgreementVersion, CapacityLine
from app.agreements.service import (
    AcceptOffer,
    EditAgreement,
    MoveAgreement,
    SignAgreement,
    accept_offer,
    edit_agreement,
    sign_agreement,
    withdraw_agreement,
)
from app.approvals.deciding import Decide, decide
from app.approvals.service import SubmitAgreement, submit_agreement
from app.audit.models import AuditRecord
from app.db.jobs import Worker
from app.deadlines import clocks_of
from app.deadlines.replay import replay
from app.disclosure.models import Grant
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.ledger import held_by
from app.ledger.jobs import handlers
from app.needs import Need
from app.notices.models import Notice
from tests.integration.life.steps import (
    act,
    before_regulators,
    condition,
    drafted,
    hash_of,
    ledger_hash_of,
    offered,
    sign_both,
    submitted,
    task_of,
)
from tests.support import life, places
from tests.support.life import World

FULL = {"platform": 4000, "load_kg": 500_000, "wind_area_m2": 12_000, "power_kw": 20_000}
TAKEN = {**FULL, "platform": 2000, "load_kg": 380_000}


def test_from_a_match_to_committed_capacity(world: World) -> None:
    ref = before_regulators(world)
    assert world.free() == TAKEN
    act(world, world.administration, ref, "approve")
    assert world.one(Agreement, ref).status == "submitted"
    act(
        world, world.power_regulator, ref, "approve_with_conditions", conditions=[condition(world, "Work by outage permit only.")]
    )
    agreement = world.one(Agreement, ref)
    assert agreement.status == "in_force"
    with world.read() as session:
        claims = held_by(session, "agreement", ref)
        need = session.scalars(select(Need).where(Need.ref == world.need_ref)).one()
    assert {(c.dimension, c.slot, c.kind) for c in claims} == {
        ("platform", 1, "committed"),
        ("platform", 2, "committed"),
        ("load_kg", None, "committed"),
    }
    assert (need.status, need.outcome, need.quantity_outstanding) == ("left", "served", 0)
    assert world.free() == TAKEN
    assert world.audit() == [
        "access.request_submitted",
        "access.request_accepted",
        "agreement.drafted",
        "agreement.signed",
        "agreement.signed",
        "agreements.submitted",
        "approval.proposed",
        "approval.approved",
        "approval.proposed",
        "approval.approved_with_conditions",
    ]


def test_clocks_run_for_whoever_must_act(world: World) -> None:
    ref = submitted(world)

    def clocks() -> dict[str, str]:
        return {clock.rule: clock.status for clock in world.ask(world.owner, clocks_of, "access_request", ref)}

    assert clocks() == {"request_completeness": "running"}
    world.do(world.owner, find_complete, FindComplete(ref, 1))
    owners = {"request_completeness": "met", "request_answer": "running", "request_escalation": "running"}
    assert clocks() == owners
    world.do(world.owner, accept_request, AcceptRequest(ref, 2))
    owners = dict.fromkeys(owners, "met")
    assert clocks() == owners | {"offer_acceptance": "running"}
    world.do(world.requester, accept_offer, AcceptOffer(ref, 3))
    assert clocks() == owners | {"offer_acceptance": "met"}


def test_the_requester_sees_the_asset_in_full_from_the_offer_on(world: World) -> None:
    ref = submitted(world)
    assert world.ask(world.requester, request_detail, ref).face.tier.name == "T1"
    world.do(world.owner, accept_request, AcceptRequest(ref, 1))
    assert world.ask(world.requester, request_detail, ref).face.tier.name == "T3"
    world.do(world.requester, withdraw_request, MoveRequest(ref, 2))
    assert world.ask(world.requester, request_detail, ref).face.tier.name == "T1"
    assert world.free() == FULL


def test_a_counter_offer_takes_its_own_hold_and_is_replaced_by_the_next(world: World) -> None:
    ref = submitted(world)
    world.do(world.owner, counter_request, CounterRequest(ref, 1, {"platform": 1, "load_kg": 60}, 900_000, message="one only"))
    assert world.free() == {**FULL, "platform": 3000, "load_kg": 440_000}
    world.do(world.owner, counter_request, CounterRequest(ref, 2, {"platform": 2, "load_kg": 100}, 900_000, date(2027, 6, 1)))
    assert world.free() == {**FULL, "platform": 2000, "load_kg": 400_000}
    made = world.do(world.requester, accept_offer, AcceptOffer(ref, 3))
    with world.read() as session:
        line = session.scalars(select(CapacityLine)).one()
        offers = [(o.number, o.status) for o in session.scalars(select(Offer).order_by(Offer.number))]
    assert (line.amounts, line.starts, line.price_minor) == ({"platform": 2000, "load_kg": 100_000}, date(2027, 6, 1), 900_000)
    assert offers == [(1, "released"), (2, "agreed")]
    assert world.one(Agreement, made.ref).status == "drafted"


def test_an_offer_that_nobody_takes_expires_once(world: World, clock: FixedClock) -> None:
    ref = offered(world)
    clock.advance(timedelta(days=22))
    worker = Worker(
        world.bus.database,
        clock,
        handlers(world.bus) | {name: lambda lease, args: None for name in ("deadlines.check", "match.kind")},
    )
    while worker.run_one():
        pass
    assert world.one(AccessRequest, ref).status == "expired"
    assert world.free() == FULL
    with pytest.raises(DomainError, match="offer expired"):
        world.do(world.requester, accept_offer, AcceptOffer(ref))
    assert world.audit()[-1] == "capacity.hold_expired"
    acceptance = [one for one in world.ask(world.owner, clocks_of, "access_request", ref) if one.rule == "offer_acceptance"]
    assert [one.status for one in acceptance] == ["passed"], "nobody met it"
    with world.read() as session:
        concerned = session.scalars(select(AuditRecord.concerned).order_by(AuditRecord.id.desc())).first()
    assert sorted(concerned or []) == sorted([world.owner.organisation_id, world.requester.organisation_id])


def test_an_overdue_offer_cannot_be_taken_before_the_sweep_either(world: World, clock: FixedClock) -> None:
    ref = offered(world)
    clock.advance(timedelta(days=22))
    with pytest.raises(DomainError, match="no longer held"):
        world.do(world.requester, accept_offer, AcceptOffer(ref, 2))


def test_an_offer_holds_its_capacity_as_long_as_it_may_be_accepted(world: World, clock: FixedClock) -> None:
    """Fifteen working days over a long holiday are more than the days for which a hold stands."""
    clock.instant = datetime(2026, 9, 21, 2, tzinfo=UTC)  # before the Mid-Autumn Festival and the National Day
    ref = offered(world)
    due = [one.due_at for one in world.ask(world.owner, clocks_of, "access_request", ref) if one.rule == "offer_acceptance"]
    with world.read() as session:
        assert [abs(end - due[0]) < timedelta(seconds=5) for end in session.scalars(select(Offer.expires_at))] == [True]
    clock.instant = datetime(2026, 10, 14, 2, tzinfo=UTC)
    assert due[0] is not None
    assert due[0] > clock.instant
    world.do(world.requester, accept_offer, AcceptOffer(ref, 2))


def test_a_draft_whose_hold_expired_must_hold_again_before_it_goes_on(world: World, clock: FixedClock) -> None:
    ref = drafted(world)
    sign_both(world, ref)
    clock.advance(timedelta(days=22))
    with pytest.raises(DomainError, match="no longer held"):
        world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    world.do(world.owner, edit_agreement, EditAgreement(ref, [line_of(world)], "as before"))
    assert world.free() == {**FULL, "platform": 3000, "load_kg": 450_000}
    sign_both(world, ref)
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    assert world.one(Agreement, ref).status == "submitted"


def line_of(world: World, **more: object) -> LineInput:
    values: dict[str, object] = {
        "asset_ref": world.asset_ref,
        "supplier_ref": world.owner.organisation_ref,
        "beneficiary_ref": world.requester.organisation_ref,
        "amounts": {"platform": 1, "load_kg": 50},
        "starts": life.START,
        "ends": life.END,
        "price_minor": 800_000,
        "listing_ref": world.listing_ref,
    }
    return LineInput(**(values | more))  # type: ignore[arg-type]


def test_a_change_is_a_new_version_that_voids_signatures_and_holds_anew(world: World) -> None:
    ref = drafted(world)
    world.do(world.owner, sign_agreement, SignAgreement(ref, hash_of(world, ref)))
    old = hash_of(world, ref)
    world.do(world.requester, edit_agreement, EditAgreement(ref, [line_of(world)], "Access by notice.", "one is enough"))
    assert hash_of(world, ref) != old
    assert world.free() == {**FULL, "platform": 3000, "load_kg": 450_000}
    with pytest.raises(DomainError) as caught:
        world.do(world.owner, sign_agreement, SignAgreement(ref, old))
    assert caught.value.code == "version_changed"
    with world.read() as session:
        versions = list(session.scalars(select(AgreementVersion).order_by(AgreementVersion.number)))
    assert [v.number for v in versions] == [1, 2]
    assert all(content_hash(v.content) == v.content_hash for v in versions)


def test_barter_holds_capacity_on_both_sides(world: World) -> None:
    ref = drafted(world)
    with world.bus.database.write() as session:
        carrier = session.get_one(places.Organisation, world.requester.organisation_id)
        room = places.asset(session, carrier, kind="room", name="Room 3", region="440304", attributes={})
        room_id, room_ref = room.id, room.ref
        life.bulk_totals(session, [(room_id, "room", {"rack_unit": 42, "power_kw": 10})])
    back = LineInput(
        room_ref,
        str(world.requester.organisation_ref),
        str(world.owner.organisation_ref),
        {"rack_unit": 6, "power_kw": 2},
        life.START,
        life.END,
        "swap",
        against_line=1,
    )
    world.do(
        world.requester,
        edit_agreement,
        EditAgreement(ref, [line_of(world, price_minor=None, against_line=2, right="swap"), back]),
    )
    assert world.free(asset_id=room_id) == {"rack_unit": 36_000, "power_kw": 8000}
    sign_both(world, ref)
    world.do(world.requester, submit_agreement, SubmitAgreement(ref))
    act(world, world.administration, ref, "approve")
    act(world, world.power_regulator, ref, "approve")
    with world.read() as session:
        claims = held_by(session, "agreement", ref)
        grants = {(g.asset_id, g.organisation_id) for g in session.scalars(select(Grant).where(Grant.revoked_at.is_(None)))}
        need = session.scalars(select(Need)).one()
    assert {c.kind for c in claims} == {"committed"}
    assert {c.asset_id for c in claims} == {world.asset_id, room_id}
    assert grants == {(world.asset_id, world.requester.organisation_id), (room_id, world.owner.organisation_id)}
    assert (need.status, need.quantity_outstanding) == ("matched", 1)


def test_a_returned_agreement_is_held_again_and_needs_a_new_version(world: World) -> None:
    ref = before_regulators(world)
    act(world, world.power_regulator, ref, "return", reasons="Clearance is not stated.")
    agreement = world.one(Agreement, ref)
    assert (agreement.status, task_of(world, world.administration, ref).status) == ("returned", "void")
    with world.read() as session:
        assert {(c.kind, c.expires_at is not None) for c in held_by(session, "agreement", ref)} == {("held", True)}
    with pytest.raises(DomainError):
        world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    world.do(world.owner, edit_agreement, EditAgreement(ref, [line_of(world)], "Clearance 3 m."))
    sign_both(world, ref)
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    for actor in (world.administration, world.power_regulator):
        act(world, actor, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"


def test_a_refused_agreement_gives_everything_back(world: World) -> None:
    ref = before_regulators(world)
    act(world, world.administration, ref, "approve")
    act(world, world.power_regulator, ref, "refuse", reasons="The line is to be rebuilt.")
    assert world.one(Agreement, ref).status == "refused"
    assert world.free() == FULL
    assert world.ask(world.requester, request_detail, world.one(AccessRequest, _request_ref(world)).ref).face.tier.name == "T1"


def _request_ref(world: World) -> str:
    with world.read() as session:
        return session.scalars(select(AccessRequest.ref)).one()


def test_a_withdrawn_agreement_voids_what_the_regulators_had_to_decide(world: World) -> None:
    ref = before_regulators(world)
    world.do(world.requester, withdraw_agreement, MoveAgreement(ref, reason="budget"))
    assert world.free() == FULL
    regulators = (world.administration, world.power_regulator)
    assert {task_of(world, actor, ref).status for actor in regulators} == {"void"}
    with world.read() as session:
        told = session.scalars(select(Notice.organisation_id).where(Notice.code == "agreement.withdrawn")).all()
    assert sorted(told) == sorted(one.organisation_id for one in (world.owner, *regulators))
    with pytest.raises(DomainError):
        act(world, world.administration, ref, "approve")


def test_a_decision_is_on_exactly_what_was_read(world: World) -> None:
    ref = before_regulators(world)
    task = task_of(world, world.administration, ref)
    seen = ledger_hash_of(world, world.administration, task.ref)
    with pytest.raises(DomainError) as caught:
        world.do(world.administration, decide, Decide(task.ref, "approve", "0" * 64, seen, task.version))
    assert caught.value.code == "version_changed"
    with pytest.raises(DomainError) as caught:
        world.do(world.administration, decide, Decide(task.ref, "approve", task.content_hash, seen, task.version + 1))
    assert caught.value.code == "stale_version"


@pytest.mark.parametrize("action", ["return", "refuse", "approve_with_conditions"])
def test_a_decision_that_needs_words_bounces_without_them(world: World, action: str) -> None:
    ref = before_regulators(world)
    with pytest.raises(DomainError) as caught:
        act(world, world.administration, ref, action)
    assert caught.value.code == "invalid"


def test_a_request_that_is_withdrawn_leaves_clocks_that_ended(world: World, clock: FixedClock) -> None:
    """Nobody met them, and nobody is late for ever after."""
    ref = offered(world)
    world.do(world.requester, withdraw_request, MoveRequest(ref))
    clock.advance(timedelta(days=90))
    acceptance = [one for one in world.ask(world.owner, clocks_of, "access_request", ref) if one.rule == "offer_acceptance"]
    assert [(one.status, one.is_late, one.met_at) for one in acceptance] == [("ended", False, None)]
    assert all(one.agrees for one in world.ask(SYSTEM, replay))
