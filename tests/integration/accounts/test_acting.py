"""Whom a person acts for: role × subtree × regions, agents and their principals, both named in the record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.acting import choices
from app.accounts.agencies import EndAgency, GrantAgency, end_agency, grant_agency
from app.accounts.directory import administration_of, competences, organisation_by_ref, subtree_ids
from app.accounts.models import Agency, Organisation
from app.accounts.people import EditAccount, edit_account
from app.accounts.service import grant_competence
from app.audit.models import AuditRecord
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from tests.support.now import NOW
from tests.support.people import PAGE, Made, actor, member, organisation, person, post, signed_in

TODAY = NOW.date()


def agency(
    bus: Bus,
    principal: Made,
    agent: Made,
    by: Made,
    *,
    starts: date = TODAY,
    ends: date | None = None,
    regions: tuple[str, ...] = (),
) -> str:
    return bus.execute(grant_agency, actor(bus, by), GrantAgency(principal.ref, agent.ref, starts, ends, regions))


def reachable(bus: Bus, who: Made) -> list[str]:
    return bus.ask(lambda reader: [c.organisation.name for c in choices(reader.session, who.id, reader.today)], SYSTEM)


def test_an_organisation_reaches_all_below_it(bus: Bus) -> None:
    head = organisation(bus, "Head")
    branch = organisation(bus, "Branch", parent=head)
    depot = organisation(bus, "Depot", parent=branch)
    other = organisation(bus, "Other", sector="telecom")
    with bus.database.read() as session:
        assert subtree_ids(session, head.id) == {head.id, branch.id, depot.id}
        assert subtree_ids(session, branch.id) == {branch.id, depot.id}
        assert subtree_ids(session, other.id) == {other.id}
    assert actor(bus, person(bus, branch)).subtree == {branch.id, depot.id}


def test_a_loop_in_the_tree_ends_the_walk(bus: Bus) -> None:
    head = organisation(bus, "Head")
    branch = organisation(bus, "Branch", parent=head)
    with bus.database.write() as session:
        session.get_one(Organisation, head.id).parent_id = branch.id
    with bus.database.read() as session:
        assert subtree_ids(session, branch.id) == {head.id, branch.id}


def test_an_agent_acts_for_its_principal_and_the_record_names_both(app: Flask, bus: Bus) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    boss, clerk = person(bus, power), person(bus, firm, name="Han Mei")
    agency(bus, power, firm, boss)
    client = signed_in(app, clerk)
    assert post(client, "/acting-for", {"organisation": power.ref}).status_code == 303
    assert post(client, "/account", {"name": "Han Meimei", "locale": "en"}).status_code == 303
    with bus.database.read() as session:
        row = session.scalars(select(AuditRecord).where(AuditRecord.action == "person.edited")).one()
        assert (row.chain, row.user_name, row.organisation_name, row.agent_name) == (
            power.ref,
            "Han Mei",
            "City Power",
            "Agent Firm",
        )
        assert (row.organisation_id, row.agent_id) == (power.id, firm.id)


@pytest.mark.parametrize(
    ("own", "lent"),
    [("admin", {Role.MANAGER}), ("manager", {Role.MANAGER}), ("editor", {Role.EDITOR}), ("viewer", {Role.VIEWER})],
)
def test_an_agent_is_lent_a_role_and_never_the_administration(bus: Bus, own: str, lent: set[Role]) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    agency(bus, power, firm, person(bus, power))
    clerk = person(bus, firm, own, name="Han Mei")
    assert actor(bus, clerk, power).roles == lent
    assert actor(bus, clerk, power).subtree == {power.id}


def test_an_officer_lends_nothing_and_an_agent_of_a_regulator_has_no_competence(bus: Bus) -> None:
    power = organisation(bus)
    office = organisation(bus, "Office", sector="telecom", kind="authority")
    competent(bus, office, ["440000"])
    boss, official = person(bus, office), person(bus, power, name="Plain Admin")
    agency(bus, office, power, boss)
    agency(bus, power, office, official)
    assert actor(bus, official, office).competences == ()
    assert reachable(bus, person(bus, office, "officer", name="Officer Wang")) == ["Office"]


def test_an_agency_begins_ends_and_is_ended(bus: Bus, clock: FixedClock) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    boss, clerk = person(bus, power), person(bus, firm, name="Han Mei")
    ref = agency(bus, power, firm, boss, starts=TODAY + timedelta(days=1), ends=TODAY + timedelta(days=3))
    seen = []
    for _ in range(4):
        seen.append(power.name in reachable(bus, clerk))
        clock.advance(timedelta(days=1))
    assert seen == [False, True, True, False], "the end is exclusive"
    open_ended = agency(bus, power, firm, boss)
    assert power.name in reachable(bus, clerk)
    bus.execute(end_agency, actor(bus, clerk), EndAgency(firm.ref, open_ended))
    assert power.name not in reachable(bus, clerk)
    with pytest.raises(DomainError, match="nothing here"):
        bus.execute(end_agency, actor(bus, clerk), EndAgency(firm.ref, open_ended))
    with pytest.raises(DomainError):
        bus.execute(end_agency, actor(bus, person(bus, organisation(bus, "Rival"), name="Spy")), EndAgency(power.ref, ref))


def test_an_agent_stays_in_the_regions_of_both(bus: Bus) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    boss = person(bus, power)
    agency(bus, power, firm, boss, regions=("440000", "110000"))
    south = person(bus, firm, "manager", name="South", regions=("440300", "450000"))
    north = person(bus, firm, "manager", name="North", regions=("230000",))
    assert actor(bus, south, power).regions == {"440300"}
    assert reachable(bus, north) == ["Agent Firm"], "regions that do not meet are nowhere, not everywhere"


def test_an_agent_cannot_appoint_itself_or_another_agent(bus: Bus) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    boss, clerk = person(bus, power), person(bus, firm, name="Han Mei")
    with pytest.raises(DomainError, match="nothing here"):
        agency(bus, power, firm, clerk)
    agency(bus, power, firm, boss)
    with pytest.raises(DomainError, match="already"):
        agency(bus, power, firm, boss)
    third = organisation(bus, "Third", sector="other")
    with pytest.raises(DomainError, match="role does not allow"):
        bus.execute(grant_agency, actor(bus, clerk, power), GrantAgency(power.ref, third.ref, TODAY))
    with bus.database.read() as session:
        assert len(session.scalars(select(Agency)).all()) == 1


def test_own_membership_goes_before_an_agency(bus: Bus) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    agency(bus, power, firm, person(bus, power))
    both = person(bus, firm, name="Han Mei")
    member(bus, both, power, "viewer")
    assert actor(bus, both, power).roles == {Role.VIEWER}
    assert actor(bus, both, power).agent_id is None


def competent(bus: Bus, of: Made, regions: list[str], authority: str = "communications", level: str = "province") -> None:
    def use_case(work: UnitOfWork, command: None) -> None:
        grant_competence(
            work,
            organisation_by_ref(work.session, of.ref),
            authority=authority,
            level=level,
            sectors=[],
            regions=regions,
        )

    bus.execute(use_case, SYSTEM, None)


def test_the_nearest_administration_is_found(bus: Bus) -> None:
    ministry, province, city, grid, gone, overseas = (
        organisation(bus, name, sector="telecom", kind="authority")
        for name in ("Ministry", "Province", "City", "Grid", "Gone", "Overseas")
    )
    competent(bus, ministry, ["000000"], level="national")
    competent(bus, province, ["440000", "450000"])
    competent(bus, city, ["440300"], level="prefecture")
    competent(bus, grid, ["440305"], authority="sector", level="prefecture")
    competent(bus, gone, ["440305"], level="prefecture")
    competent(bus, overseas, ["NZ"], level="national")
    with bus.database.write() as session:
        session.get_one(Organisation, gone.id).status = "deactivated"
    found = {
        "440305": "City",
        "440301": "City",
        "440106": "Province",
        "450100": "Province",
        "110000": "Ministry",
        "NZ-AUK": "Overseas",
        "US-CA": None,
    }
    with bus.database.read() as session:
        for region, name in found.items():
            answer = administration_of(session, region)
            assert (answer.name if answer else None) == name, region
        assert {held.organisation_id for held in competences(session)} == {
            ministry.id,
            province.id,
            city.id,
            grid.id,
            overseas.id,
        }


def test_a_person_of_a_regulator_carries_its_competences(bus: Bus) -> None:
    office = organisation(bus, "Office", sector="telecom", kind="authority")
    competent(bus, office, ["440000"])
    held = actor(bus, person(bus, office, "officer")).competences
    assert [(c.authority, c.level, c.regions) for c in held] == [("communications", "province", frozenset({"440000"}))]


def test_only_an_authority_is_competent(bus: Bus) -> None:
    with pytest.raises(DomainError) as caught:
        competent(bus, organisation(bus), ["440000"])
    assert [problem.pointer for problem in caught.value.problems] == ["/authority"]


def test_editing_nothing_is_not_on_record(bus: Bus) -> None:
    who = person(bus, organisation(bus))
    bus.execute(edit_account, actor(bus, who), EditAccount("Li Wei", "en"))
    with bus.database.read() as session:
        assert session.scalars(select(AuditRecord).where(AuditRecord.action == "person.edited")).all() == []


def test_a_page_of_the_top_bar_names_principal_and_agent(app: Flask, bus: Bus) -> None:
    power, firm = organisation(bus), organisation(bus, "Agent Firm", sector="other")
    agency(bus, power, firm, person(bus, power))
    client = signed_in(app, person(bus, firm, name="Han Mei"))
    post(client, "/acting-for", {"organisation": power.ref})
    page = client.get("/account", headers=PAGE).text
    assert "City Power ← Agent Firm" in page
