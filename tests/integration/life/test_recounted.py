"""An offer's end follows the date of its clock, when the year it was counted by is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access.models import Offer
from app.agreements.service import AcceptOffer, accept_offer
from app.audit.models import AuditRecord
from app.deadlines.arrangement import read_year
from app.deadlines.calendars import LoadYear, load_year
from app.deadlines.jobs import recount_all
from app.deadlines.replay import replay
from app.disclosure import Grant
from app.kernel import workcalendar
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.ledger import Claim
from tests.integration.life.access_steps import clock_of, run_jobs, status
from tests.integration.life.steps import offered
from tests.support.life import World

HEAD = "date,kind,name_en,name_zh\n2027-01-01,off,New Year's Day,元旦\n"
LONGER = HEAD + "".join(f"2027-01-{day:02},off,New Year's Day,元旦\n" for day in range(4, 9))
SHORTER = HEAD + "".join(f"2027-01-{day:02},workday,New Year's Day,元旦\n" for day in (2, 3, 9, 10))


@pytest.fixture
def offer(world: World, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> str:
    """An offer of December that may be accepted into a year that is not published."""
    monkeypatch.setattr(
        "app.deadlines.years.year_of",
        lambda calendar, year: replace(workcalendar.year_of(calendar, year), provisional=year > 2026),
    )
    clock.instant = datetime(2026, 12, 21, 2, tzinfo=UTC)
    ref = offered(world)
    assert (clock_of(world, ref, "offer_acceptance").due_on, clock_of(world, ref, "offer_acceptance").provisional) == (
        date(2027, 1, 12),
        True,
    )
    return ref


def publish(world: World, days: str) -> dict[str, int]:
    year = LoadYear("working_days:CN", 2027, read_year(days.encode()), "State Council Notice [2026] 7")
    world.bus.execute(lambda work, _: load_year(work, year), SYSTEM, None)
    return recount_all(world.bus)


def ends(world: World, ref: str) -> set[datetime]:
    """When the offer, its holds and what may be seen for it end."""
    with world.read() as session:
        offers = session.scalars(select(Offer.expires_at).where(Offer.status == "open")).all()
        holds = session.scalars(select(Claim.expires_at).where(Claim.state == "active", Claim.holder_ref == ref)).all()
        seen = session.scalars(select(Grant.expires_at).where(Grant.reason_ref == ref)).all()
    assert all((offers, holds, seen))
    return {end for end in (*offers, *holds, *seen) if end is not None}


@pytest.mark.parametrize(("days", "due"), [(LONGER, date(2027, 1, 19)), (SHORTER, date(2027, 1, 8))])
def test_offer_hold_and_sight_end_with_the_date_that_is_firm(
    world: World, clock: FixedClock, offer: str, days: str, due: date
) -> None:
    [before] = ends(world, offer)
    counted = publish(world, days)
    assert counted["deadline.confirmed"] >= 1
    acceptance = clock_of(world, offer, "offer_acceptance")
    assert (acceptance.due_on, acceptance.provisional) == (due, False)
    assert acceptance.due_at is not None
    assert ends(world, offer) == {acceptance.due_at}
    with world.read() as session:
        records = [
            row.after
            for row in session.scalars(select(AuditRecord).where(AuditRecord.subject_ref == offer))
            if "was_due_on" in row.after
        ]
        free = session.scalars(select(Claim).where(Claim.state == "converted", Claim.holder_ref == offer)).all()
    assert [(row["due_on"], row["expires_at"]) for row in records] == [(str(due), acceptance.due_at.isoformat())]
    assert free, "the hold that ended otherwise stays as history"
    clock.instant = min(before, acceptance.due_at) - timedelta(minutes=5)
    run_jobs(world, clock)
    assert status(world, offer) == "accepted"
    if acceptance.due_at > before:
        clock.instant = acceptance.due_at - timedelta(minutes=5)
        run_jobs(world, clock)
        world.do(world.requester, accept_offer, AcceptOffer(offer, 3))
    else:
        clock.instant = acceptance.due_at + timedelta(minutes=5)
        run_jobs(world, clock)
        assert status(world, offer) == "expired"
    assert all(one.agrees for one in world.ask(SYSTEM, replay))


def test_a_date_that_would_be_over_already_ends_the_offer_by_its_clock(world: World, clock: FixedClock, offer: str) -> None:
    [before] = ends(world, offer)
    clock.instant = datetime(2027, 1, 11, 2, tzinfo=UTC)  # the published year had its last day on the 8th
    publish(world, SHORTER)
    assert ends(world, offer) == {before}
    run_jobs(world, clock)
    assert status(world, offer) == "expired"
    with world.read() as session:
        assert session.scalars(select(Claim.ref).where(Claim.state == "active", Claim.holder_ref == offer)).all() == []
