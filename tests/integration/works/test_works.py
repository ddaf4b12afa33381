"""Works from draft to slip: planned assets, the mandatory reservation, the join window and who answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.assets import Asset
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.ledger.own import end_claim
from app.notices.models import Notice
from app.works import (
    AnnounceWorks,
    AnswerJoin,
    AskToJoin,
    PassOn,
    ReserveMore,
    SlipWorks,
    announce_works,
    answer_join,
    ask_to_join,
    pass_on,
    reserve_more,
    slip_works,
)
from app.works.changing import CloseWorks, close_works
from app.works.guards import drop_statements, statements
from app.works.joining import WithdrawJoin, withdraw_join
from app.works.models import WorksElement, WorksJoin
from app.works.queries import WorksFilter, list_works, overseen
from tests.integration.works.conftest import DUCT, ROOM, Site


def code(site: Site, actor: object, use_case: object, command: object) -> str:
    with pytest.raises(DomainError) as caught:
        site.do(actor, use_case, command)  # type: ignore[arg-type]
    return caught.value.code


def test_metro_works_published_70_days_before_the_permit_a_carrier_asks_at_day_50_with_one_month_required(
    site: Site, clock: FixedClock
) -> None:
    """Late, the mandatory reservation stands, the earlier decliners are on record."""
    ref = site.announced(permit_in=70)
    project = site.project(ref)
    assert project.join_until == date(2026, 8, 9)  # the permit is for 9 September
    site.later(clock, 20)
    site.do(site.rival, pass_on, PassOn(ref, "Our own duct runs beside it"))
    site.later(clock, 30)
    row = site.do(site.carrier, ask_to_join, AskToJoin(ref, "Two holes along the west gallery", [1]))
    assert row.status == "late"
    assert row.answer is not None
    assert "2026年8月9日" in row.answer.zh
    assert "2026年8月20日" in row.answer.zh
    assert {(c.dimension, c.kind, c.state) for c in site.claims(ref)} == {
        ("hole", "reserve", "active"),
        ("power_kw", "reserve", "active"),
    }
    view = site.view(site.metro, ref)
    assert not view.lacks
    assert [(j.organisation.name, j.status, j.what) for j in view.joins] == [
        ("Rival Mobile", "passed", "Our own duct runs beside it"),
        ("Bay Mobile", "late", "Two holes along the west gallery"),
    ]
    assert code(site, site.metro, answer_join, AnswerJoin(ref, 1, True)) == "illegal_transition"


def test_the_announcement_plans_assets_and_reserves_on_them(site: Site) -> None:
    ref = site.announced()
    with site.world.read() as session:
        assets = list(session.scalars(select(Asset).where(Asset.owner_id == site.metro.organisation_id).order_by(Asset.id)))
    assert [(a.kind, a.status, a.available_from) for a in assets] == [
        ("duct", "planned", date(2030, 6, 30)),
        ("room", "planned", date(2030, 6, 30)),
    ]
    assert assets[0].attributes["chainage_to_m"] == 4200
    assert assets[0].attributes["deployment"] == "tray"
    claims = site.claims(ref)
    assert sum(c.amount_milli for c in claims if c.dimension == "hole") == 6000
    assert {c.window.start for c in claims} == {date(2030, 6, 30)}
    assert site.world.audit()[-2:] == ["works.drafted", "works.announced"]
    with site.world.read() as session:
        told = set(session.scalars(select(Notice.organisation_id).where(Notice.code == "works.announced")))
    assert {site.carrier.organisation_id, site.rival.organisation_id, site.world.administration.organisation_id} <= told


def test_a_draft_is_its_sponsors_alone(site: Site) -> None:
    ref = site.draft()
    assert site.view(site.metro, ref).row.status == "draft"
    with pytest.raises(DomainError) as caught:
        site.view(site.carrier, ref)
    assert caught.value.code == "not_found"
    assert site.bus.ask(list_works, site.carrier, WorksFilter()).count == 0
    assert site.bus.ask(list_works, site.metro, WorksFilter(mine=True)).count == 1
    assert code(site, site.carrier, announce_works, AnnounceWorks(ref)) == "not_found"


def test_works_are_announced_in_time_before_the_permit(site: Site) -> None:
    assert code(site, site.metro, announce_works, AnnounceWorks(site.draft(permit_in=61))) == "works_too_soon"
    site.do(site.metro, announce_works, AnnounceWorks(site.draft(permit_in=62)))
    assert code(site, site.metro, announce_works, AnnounceWorks(site.draft(elements=()))) == "works_without_elements"


@pytest.mark.parametrize("elements", [(DUCT,), (ROOM,), (replace(DUCT, to_m=3000), ROOM), (replace(DUCT, reserved={}), ROOM)])
def test_a_missing_reservation_is_seen_by_who_oversees(site: Site, elements: tuple[object, ...]) -> None:
    ref = site.announced(elements=elements)
    assert site.view(site.metro, ref).lacks
    assert [row.ref for row in site.bus.ask(overseen, site.world.administration, lacking=True).results] == [ref]
    with pytest.raises(DomainError):
        site.bus.ask(overseen, site.carrier)
    assert site.bus.ask(overseen, site.world.power_regulator).count == 0  # the metro is no power company


def test_a_lack_is_made_good_and_never_taken_back(site: Site) -> None:
    ref = site.announced(elements=(replace(DUCT, reserved={"hole": 1}), ROOM))
    assert site.project(ref).lacks_reserve
    site.do(site.metro, reserve_more, ReserveMore(ref, 1, {"hole": 3}))
    assert not site.project(ref).lacks_reserve
    assert code(site, site.metro, reserve_more, ReserveMore(ref, 1, {"hole": 9})) == "no_capacity"
    claim = site.claims(ref)[0]
    assert code(site, site.metro, lambda work, c: end_claim(work, c.asset_id, c.ref), claim) == "not_found"


def test_the_database_keeps_the_reservation(site: Site) -> None:
    ref = site.announced()
    with pytest.raises(DBAPIError, match="reservation stands"), site.bus.database.write() as session:
        session.execute(text("UPDATE claim SET state = 'ended' WHERE holder_type = 'works'"))
    dialect = "sqlite" if site.bus.database.is_sqlite else "postgresql"
    with site.bus.database.write() as session:  # without the guard it ends
        for statement in drop_statements(dialect):
            session.execute(text(statement))
        session.execute(text("UPDATE claim SET state = 'ended' WHERE holder_type = 'works'"))
        for statement in statements(dialect):
            session.execute(text(statement))
    assert not site.claims(ref)


def test_a_request_is_answered_once(site: Site) -> None:
    ref = site.announced()
    assert site.do(site.carrier, ask_to_join, AskToJoin(ref, "Two holes", [1])).status == "waiting"
    assert code(site, site.carrier, ask_to_join, AskToJoin(ref, "More")) == "join_standing"
    assert code(site, site.carrier, pass_on, PassOn(ref)) == "join_standing"
    assert code(site, site.metro, ask_to_join, AskToJoin(ref, "Mine")) == "own_works"
    assert code(site, site.metro, answer_join, AnswerJoin(ref, 1, False)) == "invalid"
    assert code(site, site.rival, answer_join, AnswerJoin(ref, 1, True)) == "forbidden"
    site.do(site.metro, answer_join, AnswerJoin(ref, 1, False, "The gallery is full"))
    assert code(site, site.metro, answer_join, AnswerJoin(ref, 1, True)) == "illegal_transition"
    site.do(site.carrier, ask_to_join, AskToJoin(ref, "One hole"))
    site.do(site.metro, answer_join, AnswerJoin(ref, 2, True))
    site.do(site.carrier, withdraw_join, WithdrawJoin(ref, 2))
    assert [row.status for row in site.rows(WorksJoin)] == ["refused", "withdrawn"]
    assert [join.number for join in site.view(site.rival, ref).joins] == []  # rivals do not see what another asks


def test_a_slip_lists_every_claim_and_moves_the_assets(site: Site) -> None:
    ref = site.announced()
    site.do(site.carrier, ask_to_join, AskToJoin(ref, "Two holes"))
    claims = {claim.ref for claim in site.claims(ref)}
    later = SlipWorks(ref, date(2027, 1, 1), date(2031, 1, 1), "Ground water")
    assert set(site.do(site.metro, slip_works, later)) == claims
    view = site.view(site.metro, ref)
    assert len(view.affected) == len(claims)
    assert view.row.completes_on == date(2031, 1, 1)
    with site.world.read() as session:
        days = set(session.scalars(select(Asset.available_from).where(Asset.owner_id == site.metro.organisation_id)))
        told = set(session.scalars(select(Notice.organisation_id).where(Notice.code == "works.slipped")))
    assert days == {date(2031, 1, 1)}
    assert site.carrier.organisation_id in told
    assert code(site, site.metro, slip_works, SlipWorks(ref, date(2027, 1, 1), date(2026, 1, 1), "x")) == "invalid"


def test_cancelled_works_end_their_reservation_and_completed_works_keep_it(site: Site) -> None:
    ref, other = site.announced(), site.announced()
    assert code(site, site.metro, close_works, CloseWorks(ref, "cancel")) == "invalid"
    site.do(site.metro, close_works, CloseWorks(ref, "cancel", "No money"))
    site.do(site.metro, close_works, CloseWorks(other, "complete"))
    assert not site.claims(ref)
    assert site.claims(other)
    with site.world.read() as session:
        assets = {row.project_id: row.asset_id or 0 for row in session.scalars(select(WorksElement))}
        status = {a.id: a.status for a in session.scalars(select(Asset).where(Asset.id.in_(assets.values())))}
    assert status[assets[site.project(ref).id]] == "retired"
    assert status[assets[site.project(other).id]] == "operational"


def test_the_window_closes_by_its_clock_and_nobody_is_blamed(site: Site, clock: FixedClock) -> None:
    from app.deadlines import clocks_of, overdue
    from app.deadlines.service import check_deadline

    ref = site.announced()
    with site.world.read() as session:
        found = session.execute(text("SELECT ref, due_on FROM deadline WHERE rule = 'works_join'")).one()
    assert str(found.due_on)[:10] == "2026-08-09"
    clock.instant += timedelta(days=60)
    site.do(site.metro, check_deadline, found.ref)
    assert [c.status for c in site.bus.ask(clocks_of, site.metro, "works", ref)] == ["met"]
    assert site.bus.ask(overdue, site.metro) == ()
