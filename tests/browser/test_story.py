"""The demo's story is a year: things happen month by month, in order, and nothing is written that the product would not write."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.accounts import Organisation
from app.agreements import Agreement
from app.approvals.models import Approval
from app.audit.models import AuditRecord
from app.audit.verifying import verify
from app.demo.stage import people_of
from app.kernel.actor import Actor
from app.monitoring.owner_board import owner_board
from app.monitoring.wanted import Wanted
from app.rent import RentStatement
from tests.support.story import Stage

pytestmark = pytest.mark.browser  # shares the stage of those tests


def test_the_year_is_told_in_order_and_its_chains_hold(stage: Stage) -> None:
    with stage.bus.database.read() as session:
        assert verify(session).faults == ()
        days = defaultdict(list)
        for chain, effective_at in session.execute(
            select(AuditRecord.chain, AuditRecord.effective_at).order_by(AuditRecord.chain, AuditRecord.position)
        ):
            days[chain].append(effective_at)
        assert all(told == sorted(told) for told in days.values())
        told = {at.date() for chain in days.values() for at in chain}
    today = stage.bus.today()
    assert max(told) <= today + timedelta(days=1)
    assert min(told) < today - timedelta(days=340)
    assert len({(day.year, day.month) for day in told}) >= 12


def test_agreements_came_into_force_and_paid_rent_in_many_months(stage: Stage) -> None:
    with stage.bus.database.read() as session:
        entered = {at.strftime("%Y-%m") for at in session.scalars(select(Agreement.in_force_at)) if at is not None}
        billed = {at.strftime("%Y-%m") for at in session.scalars(select(RentStatement.created_at))}
        decided = set(session.scalars(select(Approval.status)))
    assert len(entered) >= 6
    assert len(billed) >= 4
    assert {"approved", "noted", "waiting", "proposed"} <= decided


def test_an_owners_capacity_is_in_use_more_than_a_year_ago(stage: Stage) -> None:
    board = stage.bus.ask(owner_board, _actor(stage, "鹏城供电公司"), Wanted())
    use = board.chart("utilisation")
    assert use is not None
    first, last = (sum(series.values[place] or 0 for series in use.series) for place in (0, -1))
    assert 0 < first < last


def _actor(stage: Stage, name_zh: str) -> Actor:
    with stage.bus.database.read() as session:
        ids = {row.name_zh or "": row.id for row in session.scalars(select(Organisation))}
    return people_of(stage.bus, ids)[name_zh][0]


def test_nobody_works_at_weekends(stage: Stage) -> None:
    """Of the story; clocks pass on the day on which they pass."""
    with stage.bus.database.read() as session:
        days = {at.date() for at in session.scalars(select(Approval.decided_at)) if at is not None}
    assert {day for day in days if day.weekday() > 4 and day < date.today() - timedelta(days=1)} == set()
