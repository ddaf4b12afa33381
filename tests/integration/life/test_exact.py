"""A decision is over exactly one version and one state of the ledger, made by two people of one regulator, each with a password given
just now; what changes later voids it and says so."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.agreements.models import Agreement
from app.agreements.service import EditAgreement, edit_agreement
from app.approvals.conditions import MoveCondition, conditions_on_ref, move_condition
from app.approvals.deciding import Confirm, Decide, SendBack, TakeCase, confirm, decide, send_back, take_case
from app.approvals.delegating import Delegate, EndDelegation, delegate, end_delegation, list_delegations
from app.approvals.models import Approval
from app.approvals.queries import task_detail
from app.approvals.service import SubmitAgreement, submit_agreement
from app.approvals.standing import ledger_hash, read_ledger
from app.assets import Asset, AssetHost, EditAsset, edit_asset
from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.kernel.actor import Actor
from app.kernel.errors import DomainError
from app.ledger.service import EnterClaim, SetTotals, enter_claim, set_totals
from tests.integration.life.steps import (
    act,
    before_regulators,
    condition,
    hash_of,
    ledger_hash_of,
    propose,
    sign_both,
    task_of,
)
from tests.integration.life.test_life import line_of
from tests.support import places
from tests.support.life import World


def refused(world: World, actor: Actor, use_case: object, command: object) -> DomainError:
    with pytest.raises(DomainError) as caught:
        world.do(actor, use_case, command)
    return caught.value


def confirming(world: World, ref: str, actor: Actor) -> Confirm:
    task = task_of(world, actor, ref)
    return Confirm(task.ref, task.content_hash, ledger_hash_of(world, actor, task.ref), task.version)


def test_without_a_password_given_just_now_nothing_is_decided(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    task = task_of(world, officer, ref)
    command = Decide(task.ref, "approve", task.content_hash, ledger_hash_of(world, officer, task.ref), task.version)
    now = world.bus.clock.now()
    for given in (None, now - timedelta(minutes=5, seconds=1), now + timedelta(seconds=1)):
        stale = replace(officer, authenticated_at=given)
        assert refused(world, stale, decide, command).code == "reauthentication_required"
    world.do(replace(officer, authenticated_at=now - timedelta(minutes=5)), decide, command)
    second = world.second(officer)
    assert refused(world, second, confirm, confirming(world, ref, second)).code == "reauthentication_required"


def test_one_proposes_and_another_confirms(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    propose(world, officer, ref, "approve")
    assert refused(world, world.fresh(officer), confirm, confirming(world, ref, officer)).code == "four_eyes"
    second = world.second(officer)
    task = task_of(world, officer, ref)
    again = Decide(task.ref, "refuse", task.content_hash, task.ledger_hash, task.version, "No.")
    assert refused(world, world.fresh(second), decide, again).code == "illegal_transition"
    world.do(world.fresh(second), confirm, confirming(world, ref, second))
    task = task_of(world, officer, ref)
    assert (task.status, task.proposed_by, task.decided_by) == ("approved", officer.user_id, second.user_id)


def test_the_database_refuses_one_pair_of_eyes(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    task = task_of(world, officer, ref)
    statement = text(
        "UPDATE approval SET status = 'approved', proposed_by = :who, decided_by = :who, decided_at = created_at WHERE ref = :ref"
    )
    with pytest.raises(IntegrityError, match="four_eyes"), world.bus.database.write() as session:
        session.execute(statement, {"who": officer.user_id, "ref": task.ref})


def test_a_profile_may_do_without_four_eyes(world: World) -> None:
    shipped = get_profile("cn-default")
    register_profile(replace(shipped, authorities=tuple(replace(a, four_eyes=False) for a in shipped.authorities)))
    try:
        ref = before_regulators(world)
    finally:
        unregister_profile("cn-default")
    task = propose(world, world.administration, ref, "approve")
    assert (task.status, task.decided_by) == ("approved", world.administration.user_id)


def test_a_proposal_is_sent_back(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    task = propose(world, officer, ref, "approve")
    world.do(world.second(officer), send_back, SendBack(task.ref, "The clearance is missing.", task.version))
    view = world.ask(officer, task_detail, task.ref)
    assert (view.row.status, view.remark, view.row.proposal) == ("waiting", "The clearance is missing.", None)
    act(world, officer, ref, "approve")


@pytest.mark.parametrize("how", ["totals", "reserve", "register"])
def test_a_change_of_the_ledger_voids_what_was_decided_and_says_so(world: World, how: str) -> None:
    ref, officer = before_regulators(world), world.administration
    act(world, officer, ref, "approve")
    propose(world, world.power_regulator, ref, "approve")
    if how == "totals":
        world.do(world.owner, set_totals, SetTotals(world.asset_ref, {"load_kg": 450}))
    elif how == "reserve":
        world.do(world.owner, enter_claim, EnterClaim(world.asset_ref, "reserve", {"platform": 1}))
    else:
        view = world.ask(world.owner, task_detail, task_of(world, officer, ref).ref)
        assert view.ledger is None, "the parties see no claims of others"
        _edit_height(world)
    for actor in (officer, world.power_regulator):
        task = world.ask(actor, task_detail, task_of(world, actor, ref).ref)
        assert task.row.status == "waiting"
        assert "Tower 7" in task.row.void_reason.en
        assert "须重新审批" in task.row.void_reason.zh
        assert task.changed
    assert world.audit()[-3:].count("approval.voided") == 2
    for actor in (officer, world.power_regulator):
        act(world, actor, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"


class Undone(Exception):
    """What the test changed does not remain."""


IDLE = frozenset({"id", "ref", "version", "created_at", "updated_at", "import_id"})  # of the row, not of the thing
FOLLOWS = frozenset({"cell_region", "public_tier", "id"})  # from the place, and from the listing


def test_every_field_of_the_register_is_in_what_is_decided_on(world: World) -> None:
    ref = before_regulators(world)
    task = task_of(world, world.administration, ref)
    missed = []
    for column in [*Asset.__table__.columns.keys(), "hosted_by"]:
        if column in IDLE | FOLLOWS:
            continue
        with suppress(Undone), world.bus.database.write() as session:
            agreement, version_id = session.scalars(select(Agreement)).one(), session.scalars(select(Approval.version_id)).first()
            assert version_id is not None
            asset = session.get_one(Asset, world.asset_id)
            before = ledger_hash(read_ledger(session, agreement, version_id), None)
            if column == "hosted_by":
                bridge = places.asset(
                    session, session.get_one(places.Organisation, asset.owner_id), name="Bridge", region="440304"
                )
                session.add(AssetHost(asset_id=asset.id, host_id=bridge.id))
            else:
                setattr(asset, column, another(column, getattr(asset, column), world))
            session.flush()
            if ledger_hash(read_ledger(session, agreement, version_id), None) == before:
                missed.append(column)
            raise Undone
    assert missed == []
    assert world.ask(world.administration, task_detail, task.ref).row.status == "waiting"


def another(column: str, value: Any, world: World) -> Any:
    """A value that the column did not have."""
    odd: dict[str, Any] = {
        "geom": shapely.Point(114.06, 22.55),
        "owner_id": world.requester.organisation_id,
        "operator_id": world.requester.organisation_id,
        "available_from": date(2026, 9, 1),
        "accuracy_m": 2.5,
        "attributes": {"height_m": 1},
        "assumed": ["height_m"],
    }
    coded = {"status": "inactive", "land_consent": "held", "host_consent": "held", "grade": "important", "provenance": "surveyed"}
    found = {**odd, **coded}.get(column, f"{value}x"[:12])
    assert found != value
    return found


def _edit_height(world: World) -> None:
    change = {"attributes": {"structure_height_m": 38}}
    world.do(world.owner, edit_asset, EditAsset(world.asset_ref, world.one(Asset, world.asset_ref).version, change))


def test_what_changed_between_reading_and_deciding_is_named(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    view = world.ask(officer, task_detail, task_of(world, officer, ref).ref)
    world.do(world.owner, set_totals, SetTotals(world.asset_ref, {"load_kg": 450}))
    read = Decide(view.row.ref, "approve", view.row.content_hash, view.ledger_hash, view.version, ledger=view.ledger)
    error = refused(world, world.fresh(officer), decide, read)
    assert error.code == "ledger_changed"
    assert [problem.detail.en for problem in error.problems] == ["Tower 7.capacity.load_kg.total_milli: 500000 → 450000"]


def test_another_agreements_commitment_voids_nothing(world: World) -> None:
    """A hold that becomes pending and committed takes what it took."""
    ref = before_regulators(world)
    before = ledger_hash_of(world, world.administration, task_of(world, world.administration, ref).ref)
    act(world, world.administration, ref, "approve")
    assert ledger_hash_of(world, world.administration, task_of(world, world.administration, ref).ref) == before
    act(world, world.power_regulator, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"


def test_a_new_version_voids_what_was_decided_on_the_old_one(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    act(world, officer, ref, "approve")
    old = task_of(world, officer, ref)
    old_hash = hash_of(world, ref)
    act(world, world.power_regulator, ref, "return", reasons="State the clearance.")
    world.do(world.owner, edit_agreement, EditAgreement(ref, [line_of(world)], "Clearance 3 m."))
    view = world.ask(officer, task_detail, old.ref)
    assert (view.row.status, view.row.void_reason.en) == ("void", "Void: version 2 replaces the version that was decided on.")
    assert "terms" in {change.path for change in view.content_changed}
    sign_both(world, ref)
    world.do(world.owner, submit_agreement, SubmitAgreement(ref))
    fresh = task_of(world, officer, ref)
    late = Decide(fresh.ref, "approve", old_hash, fresh.ledger_hash, fresh.version)
    error = refused(world, world.fresh(officer), decide, late)
    assert error.code == "version_changed"
    assert "content/terms" in {(problem.pointer or "").strip("/") for problem in error.problems}


def test_a_case_passes_to_who_stands_in(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    second, today = world.second(officer), world.bus.today()
    task = task_of(world, officer, ref)
    world.do(officer, take_case, TakeCase(task.ref, None, task.version))
    with pytest.raises(DomainError) as caught:
        propose(world, second, ref, "approve")
    assert caught.value.code == "case_of_another"
    for wrong in (
        Delegate(officer.user_ref or "", today, today + timedelta(days=1)),
        Delegate(second.user_ref or "", today, today),
        Delegate(world.power_regulator.user_ref or "", today, today + timedelta(days=1)),
    ):
        assert refused(world, officer, delegate, wrong).code in ("invalid", "not_an_officer")
    made = world.do(officer, delegate, Delegate(second.user_ref or "", today, today + timedelta(days=3), reason="Leave"))
    assert [(row.grantor, row.active) for row in world.ask(second, list_delegations)] == [(officer.name, True)]
    assert world.ask(officer, task_detail, task.ref).row.stand_in == second.name
    world.do(officer, end_delegation, EndDelegation(made))
    with pytest.raises(DomainError):
        propose(world, second, ref, "approve")
    absence = Delegate(second.user_ref or "", today, today + timedelta(days=3), "absence", "Sick", officer.user_ref)
    world.do(second, delegate, absence)
    propose(world, second, ref, "approve")
    assert {"delegation.made", "delegation.ended", "approval.assigned"} <= set(world.audit())
    world.do(world.fresh(officer), confirm, confirming(world, ref, officer))


def test_conditions_are_tracked_to_their_end(world: World) -> None:
    ref, officer = before_regulators(world), world.administration
    asked = [condition(world, "Escort on site."), condition(world, "Insure the works.", world.requester)]
    act(world, officer, ref, "approve_with_conditions", conditions=asked)
    first, other = world.ask(world.requester, conditions_on_ref, ref)
    assert [(c.text, c.obliged.name, c.status) for c in (first, other)] == [
        ("Escort on site.", "Southern Grid", "open"),
        ("Insure the works.", "Bay Mobile", "open"),
    ]
    assert refused(world, world.requester, move_condition, MoveCondition(first.ref, "report")).code in ("forbidden", "not_found")
    assert refused(world, world.stranger, move_condition, MoveCondition(first.ref, "report")).code == "not_found"
    assert refused(world, world.power_regulator, move_condition, MoveCondition(first.ref, "accept")).code in (
        "forbidden",
        "not_found",
    )
    world.do(world.owner, move_condition, MoveCondition(first.ref, "report", "Agreed with the guard."))
    world.do(officer, move_condition, MoveCondition(first.ref, "reject", "In writing, please."))
    world.do(world.owner, move_condition, MoveCondition(first.ref, "report", "The letter is attached."))
    world.do(officer, move_condition, MoveCondition(first.ref, "accept"))
    assert world.ask(world.owner, conditions_on_ref, ref)[0].status == "fulfilled"
    world.do(world.owner, set_totals, SetTotals(world.asset_ref, {"load_kg": 450}))
    assert world.ask(world.owner, conditions_on_ref, ref) == [], "void with their decision"


def test_every_decided_task_has_its_two_people(world: World) -> None:
    ref = before_regulators(world)
    for actor in (world.administration, world.power_regulator):
        act(world, actor, ref, "approve")
    with world.read() as session:
        decided = session.scalars(select(Approval).where(Approval.status == "approved")).all()
    assert len(decided) == 2
    assert all(task.proposed_by != task.decided_by for task in decided)
