"""From entry into force to removal through the use cases, on both databases; every step one record, every wrong step refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.agreements.models import Agreement
from app.catalogue.profiles import get_profile
from app.db.jobs import Worker
from app.deadlines import clocks_of
from app.fulfilment.building import (
    AnswerInstallation,
    Install,
    SettleItem,
    StartMakeReady,
    answer_installation,
    install,
    settle_item,
    start_make_ready,
)
from app.fulfilment.ending import (
    AnswerEnd,
    ProposeEnd,
    Removal,
    answer_end,
    confirm_removal,
    declare_removal,
    propose_end,
)
from app.fulfilment.jobs import handlers
from app.fulfilment.models import Ending, Installation
from app.fulfilment.queries import fulfilment
from app.fulfilment.rules import MakeReady
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from tests.integration.fulfilment.steps import accepted, in_force, installed, status
from tests.support.life import World


def code(world: World, actor: object, use_case: object, command: object) -> str:
    with pytest.raises(DomainError) as caught:
        world.do(actor, use_case, command)  # type: ignore[arg-type]
    return caught.value.code


def test_make_ready_is_paid_by_those_who_benefit_and_finished_before_anything_is_installed(world: World) -> None:
    ref = in_force(world)
    owner, requester = int(world.owner.organisation_id or 0), int(world.requester.organisation_id or 0)
    items = [
        MakeReady("Stronger bracket", "new_attachment", 500_000, {}),
        MakeReady("Loose cables of an earlier tenant", "existing_violation", 80_000, {}, "Old Tenant"),
        MakeReady("New ladder", "shared_benefit", 100_001, {owner: 1, requester: 2}),
    ]
    world.do(world.owner, start_make_ready, StartMakeReady(ref, items, date(2026, 9, 1)))
    assert status(world, ref) == "make_ready"
    assert code(world, world.requester, install, Install(ref, date(2026, 7, 1), "AAU")) == "items_open"
    assert code(world, world.requester, settle_item, SettleItem(ref, 1, None, 1)) == "forbidden"
    world.do(world.owner, settle_item, SettleItem(ref, 1, None, 450_000))
    world.do(world.owner, settle_item, SettleItem(ref, 2, None, 80_000))
    world.do(world.owner, settle_item, SettleItem(ref, 3, None, 100_001))
    assert code(world, world.owner, settle_item, SettleItem(ref, 3, None, 1)) == "not_found"
    view = world.ask(world.requester, fulfilment, ref)
    shares = {i.number: [(s.party.id if s.party else s.name, s.minor) for s in i.shares] for i in view.items}
    assert shares == {
        1: [(requester, 450_000)],
        2: [("Old Tenant", 80_000)],
        3: [(owner, 33_334), (requester, 66_667)],
    }
    installed(world, ref)
    assert status(world, ref) == "installed"


def test_as_built_is_accepted_by_the_other_party_and_rent_runs_from_then(world: World) -> None:
    ref = in_force(world)
    wrong = Install(ref, date(2026, 7, 1), "AAU", {1: {"platform": 2}})
    assert code(world, world.requester, install, wrong) == "as_built_exceeds"
    assert code(world, world.requester, install, Install(ref, date(2026, 7, 2), "AAU")) == "invalid"
    assert code(world, world.stranger, install, Install(ref, date(2026, 7, 1), "AAU")) == "not_found"
    installed(world, ref, built={1: {"load_kg": 40}})
    assert code(world, world.requester, answer_installation, AnswerInstallation(ref, True)) == "own_step"
    assert code(world, world.owner, answer_installation, AnswerInstallation(ref, False)) == "invalid"
    world.do(world.owner, answer_installation, AnswerInstallation(ref, False, "The bracket is loose."))
    assert status(world, ref) == "in_force"
    accepted(world, ref)
    agreement = world.one(Agreement, ref)
    assert (agreement.status, agreement.billing_from) == ("accepted", date(2026, 7, 1))
    view = world.ask(world.owner, fulfilment, ref)
    assert [one.status for one in view.installations] == ["accepted", "returned"]
    assert view.installations[1].built == {1: {"platform": 1000, "load_kg": 40_000}}
    assert world.audit()[-5:] == [
        "approval.approved",
        "agreement.installed",
        "agreement.returned_for_correction",
        "agreement.installed",
        "agreement.accepted_as_built",
    ]


def test_an_end_is_agreed_and_the_capacity_is_free_when_the_removal_is_confirmed(world: World, clock: FixedClock) -> None:
    before = world.free()
    ref = accepted(world, in_force(world))
    taken = world.free()
    assert taken["platform"] == before["platform"] - 1000
    assert code(world, world.owner, propose_end, ProposeEnd(ref, "term_over", "x", date(2026, 9, 1))) == "invalid"
    assert code(world, world.owner, answer_end, AnswerEnd(ref, True)) == "no_ending"
    world.do(world.requester, propose_end, ProposeEnd(ref, "agreed", "The site moves.", date(2026, 9, 1)))
    assert code(world, world.owner, propose_end, ProposeEnd(ref, "breach", "x", date(2026, 9, 1))) == "ending_open"
    assert code(world, world.requester, answer_end, AnswerEnd(ref, True)) == "own_step"
    world.do(world.owner, answer_end, AnswerEnd(ref, False, "Not before the year ends."))
    assert status(world, ref) == "accepted"
    world.do(world.requester, propose_end, ProposeEnd(ref, "agreed", "Then at its end.", date(2026, 12, 1)))
    world.do(world.owner, answer_end, AnswerEnd(ref, True))
    agreement = world.one(Agreement, ref)
    assert (agreement.status, agreement.ended_on) == ("ended", date(2026, 12, 1))
    assert world.free() == taken
    clock.advance(timedelta(days=165))  # 13 December
    assert code(world, world.owner, confirm_removal, Removal(ref)) == "removal_not_declared"
    assert code(world, world.requester, declare_removal, Removal(ref, date(2027, 1, 1))) == "invalid"
    world.do(world.requester, declare_removal, Removal(ref, date(2026, 12, 10)))
    assert code(world, world.requester, confirm_removal, Removal(ref)) == "own_step"
    world.do(world.owner, confirm_removal, Removal(ref))
    agreement = world.one(Agreement, ref)
    assert (agreement.status, agreement.ended_on) == ("removed", date(2026, 12, 10))
    assert world.free() == before
    with world.read() as session:
        claims = session.execute(
            text("SELECT ends, state FROM claim WHERE holder_type = 'agreement' AND kind = 'committed' ORDER BY id")
        ).all()
    assert {str(state) for _, state in claims} == {"ended", "active"}  # what was before the day stands


def test_a_term_that_is_over_ends_by_itself(world: World, clock: FixedClock) -> None:
    ref = accepted(world, in_force(world, ends=date(2027, 7, 1)))
    clock.advance(timedelta(days=365))
    worker = Worker(world.bus.database, clock, handlers(world.bus) | dict.fromkeys(TASKS, lambda lease, args: None))
    while worker.run_one():
        pass
    agreement = world.one(Agreement, ref)
    assert (agreement.status, agreement.ended_on) == ("ended", date(2027, 7, 1))
    assert world.audit()[-1] == "agreement.ended"
    with world.read() as session:
        assert session.scalars(select(Ending.ground)).all() == ["term_over"]


TASKS = ("deadlines.check", "ledger.sweep", "match.kind", "notices.deliver", "match.refresh")


def test_only_one_installation_waits_and_only_the_other_party_answers_it_by_the_database_too(world: World) -> None:
    ref = installed(world, in_force(world))
    with world.read() as session:
        row = session.scalars(select(Installation)).one()
    for statement in (
        "INSERT INTO installation (ref, agreement_id, number, installed_on, equipment, built, recorded_by, status, created_at) "
        "SELECT 'abc', agreement_id, 2, installed_on, equipment, built, recorded_by, 'waiting', created_at FROM installation",
        f"UPDATE installation SET status = 'accepted', answered_by = recorded_by WHERE id = {row.id}",
        f"UPDATE installation SET status = 'returned', answered_by = {world.owner.organisation_id} WHERE id = {row.id}",
        f"UPDATE agreement SET status = 'accepted' WHERE ref = '{ref}'",
        f"UPDATE agreement SET status = 'ended' WHERE ref = '{ref}'",
    ):
        with pytest.raises(DBAPIError), world.bus.database.write() as session:
            session.execute(text(statement))


def test_the_make_ready_clock_runs_where_the_profile_has_one(world: World) -> None:
    ref = in_force(world)
    assert world.ask(world.owner, clocks_of, "agreement", ref) == ()  # cn-default has none


def test_make_ready_has_the_time_of_the_size_of_the_order(world: World) -> None:
    """47 CFR 1.1411(g)(2): 75 days above 300 poles, where a standard order has 30."""
    fcc = replace(get_profile("cn-default"), clocks=get_profile("us-fcc").clocks)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.fulfilment.building.get_profile", lambda code: fcc)
        patched.setattr("app.fulfilment.building.order_of", lambda work, request: 301)
        due = world.ask(world.owner, clocks_of, "agreement", in_force(world))
    assert [(one.rule, (one.due_on - world.bus.today()).days) for one in due if one.due_on] == [("make_ready", 75)]
