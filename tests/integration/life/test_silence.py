"""What the silence of a regulator does: deemed granted, deemed filed, or handed to the next level up, each with one record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import CompetenceGrant
from app.agreements.models import Agreement
from app.approvals.models import Approval
from app.approvals.queries import task_detail
from app.audit.models import AuditRecord
from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.deadlines import NOBODY_ABOVE
from app.kernel.actor import Actor, Competence, Role
from app.kernel.clock import FixedClock
from app.ledger import held_by
from tests.integration.life.access_steps import run_jobs
from tests.integration.life.steps import act, before_regulators, propose, task_of
from tests.support import life, places
from tests.support.life import World


@contextmanager
def where(outcome: str, mode: str | None = None) -> Iterator[None]:
    """In a jurisdiction whose regulators' clock ends so."""
    shipped = get_profile("cn-default")
    clocks = tuple(replace(c, outcome=outcome) if c.rule == "approval_decision" else c for c in shipped.clocks)
    authorities = tuple(replace(a, mode=mode or a.mode) for a in shipped.authorities)
    register_profile(replace(shipped, clocks=clocks, authorities=authorities))
    try:
        yield
    finally:
        unregister_profile("cn-default")


def silent(world: World, clock: FixedClock) -> list[AuditRecord]:
    """Forty days pass; the records of the clocks that ended."""
    clock.advance(timedelta(days=40))
    run_jobs(world, clock)
    with world.read() as session:
        passed = select(AuditRecord).where(AuditRecord.action == "deadline.passed", AuditRecord.subject_type == "approval")
        return list(session.scalars(passed.order_by(AuditRecord.id)))


def test_the_last_silence_brings_the_agreement_into_force_where_it_is_deemed_granted(world: World, clock: FixedClock) -> None:
    with where("deem_granted"):
        ref = before_regulators(world)
        act(world, world.administration, ref, "approve")
        propose(world, world.power_regulator, ref, "refuse", reasons="Too heavy.")
        (passed,) = silent(world, clock)
    task = task_of(world, world.power_regulator, ref)
    assert (task.status, task.deemed, task.decided_by, task.proposed_by) == ("approved", True, None, None)
    assert (passed.before, passed.after["status"], passed.after["deemed"]) == ({"status": "proposed"}, "approved", True)
    assert passed.after["agreement_change"]["status"] == "in_force"
    assert world.one(Agreement, ref).status == "in_force"
    with world.read() as session:
        assert {claim.kind for claim in held_by(session, "agreement", ref)} == {"committed"}
    view = world.ask(world.power_regulator, task_detail, task.ref)
    assert (view.row.deemed, view.row.decided_by) == (True, None)


def test_a_deemed_decision_has_nobody_under_it_by_the_database_too(world: World, clock: FixedClock) -> None:
    with where("deem_granted"):
        ref = before_regulators(world)
        silent(world, clock)
    assert world.one(Agreement, ref).status == "in_force"
    for change in (f"decided_by = {world.administration.user_id}", "deemed = false", "status = 'refused', reasons = 'x'"):
        with pytest.raises(DBAPIError), world.bus.database.write() as session:
            session.execute(text(f"UPDATE approval SET {change}"))


def test_who_is_only_informed_is_deemed_to_have_filed(world: World, clock: FixedClock) -> None:
    with where("deem_filed", "file"):
        ref = before_regulators(world)
        assert world.one(Agreement, ref).status == "in_force"  # nobody decides here
        assert len(silent(world, clock)) == 2
    with world.read() as session:
        rows = list(session.scalars(select(Approval)))
    assert {(row.status, row.deemed) for row in rows} == {("noted", True)}


def test_a_silent_regulators_task_goes_to_the_next_level_up(world: World, clock: FixedClock) -> None:
    ministry = above(world)
    ref = before_regulators(world)
    propose(world, world.administration, ref, "approve")
    act(world, world.power_regulator, ref, "approve")
    first = task_of(world, world.administration, ref)
    (passed,) = silent(world, clock)
    task = world.one(Approval, first.ref)
    assert (task.status, task.regulator_id, task.proposed_by) == ("waiting", ministry.organisation_id, None)
    assert task.reason_competent["en"].endswith("(next level up: the regulator below was silent)")
    assert (passed.before["regulator"], passed.after["regulator"]) == (first.regulator_id, ministry.organisation_id)
    act(world, ministry, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"


def test_where_nobody_is_above_the_silence_is_on_record_and_the_task_waits(world: World, clock: FixedClock) -> None:
    ref = before_regulators(world)
    passed = silent(world, clock)
    assert [record.after["outcome"] for record in passed] == ["escalate", "escalate"]
    assert {record.after["consequence"]["en"] for record in passed} == {NOBODY_ABOVE.en}, "not that it went up"
    assert all({world.owner.organisation_id, world.requester.organisation_id} <= set(record.concerned) for record in passed)
    assert {task_of(world, one, ref).status for one in (world.administration, world.power_regulator)} == {"waiting"}
    act(world, world.administration, ref, "approve")
    act(world, world.power_regulator, ref, "approve")
    assert world.one(Agreement, ref).status == "in_force"


def above(world: World) -> Actor:
    """A national communications administration with two officers."""
    with world.bus.database.write() as session:
        made = places.organisation(session, "Ministry", "telecom", kind="authority")
        grant: dict[str, Any] = {
            "authority": "communications",
            "level": "national",
            "sectors": [],
            "regions": ["100000", "440000"],
        }
        session.add(CompetenceGrant(organisation_id=made.id, **grant))
        held = (Competence(made.id, "communications", "national", frozenset(), frozenset({"440000"})),)
        officer = life.person(session, made, Role.OFFICER, held)
        world.colleagues[made.id] = life.person(session, made, Role.OFFICER, held, more="2")
        return officer
