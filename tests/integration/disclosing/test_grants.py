"""Closer looks, grants, orders and exemptions, through the API as programs use it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.db.work import Bus
from app.disclosure import Grant
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from tests.integration.main_job.test_tower_by_api import LISTING
from tests.support import programs as by
from tests.support.programs import Program, Programs

TERMS: dict[str, Any] = {
    "tier": "T2",
    "purpose_code": "survey",
    "purpose": "Survey the site before we apply",
    "ends_on": "2026-07-31",
}
WHY = "The building code, article 12, and the incident of May"


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    return by.shenzhen(app, bus)


@pytest.fixture
def asset(programs: Programs) -> str:
    """Of a listing that shows itself approximately."""
    return str(programs.owner.send("/listings", LISTING, status=201)["asset"]["id"])


def seen(program: Program, asset: str) -> str:
    return str(program.get(f"/assets/{asset}")["tier_seen"])


def test_a_closer_look_is_asked_for_granted_and_ends_by_itself(programs: Programs, asset: str, clock: FixedClock) -> None:
    with programs.one_record("closer_look.asked"):
        look = programs.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=201)["id"]
    assert [row["id"] for row in programs.owner.get("/closer-looks")["results"]] == [look]
    programs.rival.get(f"/closer-looks/{look}", status=404)
    programs.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=422)  # once is enough
    programs.requester.send(f"/closer-looks/{look}/grant", TERMS, status=403)
    assert seen(programs.requester, asset) == "T1"
    with programs.one_record("closer_look.granted"):
        programs.owner.send(f"/closer-looks/{look}/grant", {**TERMS, "ends_on": "2026-07-10"})
    grant = programs.requester.get(f"/closer-looks/{look}")["grant"]
    assert programs.requester.get(f"/grants/{grant}")["expires_at"].startswith("2026-07-10T16:00")  # midnight in Beijing
    assert seen(programs.requester, asset) == "T2"
    assert seen(programs.rival, asset) == "T1"
    clock.advance(timedelta(days=9, hours=14, minutes=59))
    assert seen(programs.requester, asset) == "T2"
    clock.advance(timedelta(minutes=1))  # 16:00 UTC of the tenth
    assert seen(programs.requester, asset) == "T1"
    assert programs.owner.get(f"/grants/{grant}")["state"] == "expired"
    programs.owner.send(f"/grants/{grant}/revoke", {"reason": "No longer needed at all"}, status=409)


def test_a_look_is_refused_with_a_reason_or_withdrawn(programs: Programs, asset: str) -> None:
    look = programs.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=201)["id"]
    programs.owner.send(f"/closer-looks/{look}/refuse", {"reason": "no"}, status=422)
    with programs.one_record("closer_look.refused"):
        programs.owner.send(f"/closer-looks/{look}/refuse", {"reason": "The mast is about to be taken down"})
    programs.owner.send(f"/closer-looks/{look}/grant", TERMS, status=409)
    again = programs.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=201)["id"]
    with programs.one_record("closer_look.withdrawn"):
        programs.requester.send(f"/closer-looks/{again}/withdraw")
    programs.owner.send(f"/closer-looks/{again}/grant", TERMS, status=409)


def test_an_owner_opens_an_area_of_one_kind_and_takes_it_back(programs: Programs, asset: str) -> None:
    room = {**LISTING["asset"], "name": "Second", "geometry": {"type": "Point", "coordinates": [113.9, 22.5]}}
    programs.owner.send("/listings", {**LISTING, "asset": room}, status=201)
    body = {**TERMS, "organisation": programs.requester.organisation, "region": "440300"}
    programs.owner.send("/grants", {**body, "kind": "cable"}, status=201)
    assert seen(programs.requester, asset) == "T1"
    assert programs.requester.get("/assets?bbox=113.8,22.4,114.2,22.7")["count"] == 0
    with programs.one_record("grant.given"):
        grant = programs.owner.send("/grants", {**body, "kind": "tower"}, status=201)["id"]
    assert seen(programs.requester, asset) == "T2"
    assert programs.requester.get("/assets?bbox=113.8,22.4,114.2,22.7")["count"] == 2
    assert programs.rival.get("/assets?bbox=113.8,22.4,114.2,22.7")["count"] == 0
    programs.rival.send("/grants", {**body, "owner": programs.owner.organisation}, status=403)
    programs.rival.get(f"/grants/{grant}", status=404)
    programs.rival.send(f"/grants/{grant}/revoke", {"reason": "Because we can"}, status=404)
    with programs.one_record("grant.revoked"):
        programs.owner.send(f"/grants/{grant}/revoke", {"reason": "The survey is over by now"})
    assert seen(programs.requester, asset) == "T1"
    assert programs.requester.get("/assets")["count"] == 0


def test_an_area_elsewhere_opens_nothing_here(programs: Programs, asset: str) -> None:
    body = {**TERMS, "organisation": programs.requester.organisation, "region": "440100"}
    programs.owner.send("/grants", body, status=201)
    assert seen(programs.requester, asset) == "T1"


def test_a_grant_that_begins_later_opens_nothing_before(programs: Programs, asset: str, clock: FixedClock) -> None:
    body = {**TERMS, "organisation": programs.requester.organisation, "asset": asset, "starts_on": "2026-07-03"}
    grant = programs.owner.send("/grants", body, status=201)["id"]
    assert (seen(programs.requester, asset), programs.owner.get(f"/grants/{grant}")["state"]) == ("T1", "coming")
    clock.advance(timedelta(days=2))
    assert (seen(programs.requester, asset), programs.owner.get(f"/grants/{grant}")["state"]) == ("T2", "active")


def test_a_competent_regulator_orders_and_nobody_else(programs: Programs, asset: str) -> None:
    body = {**TERMS, "organisation": programs.rival.organisation, "asset": asset, "ground": WHY}
    programs.owner.send("/grants", body, status=403)
    with programs.one_record("grant.ordered"):
        grant = programs.regulator.send("/grants", body, status=201)["id"]
    assert seen(programs.rival, asset) == "T2"
    assert programs.owner.get(f"/grants/{grant}")["ground"] == WHY
    assert any(WHY in str(row) for row in programs.owner.get("/notices")["results"])
    programs.owner.send(f"/grants/{grant}/revoke", {"reason": "We would rather not"}, status=403)
    programs.administration.send(f"/grants/{grant}/revoke", {"reason": "Not ours to lift at all"}, status=404)
    programs.regulator.send(f"/grants/{grant}/revoke", {"reason": "The inquiry is closed now"})
    assert seen(programs.rival, asset) == "T1"


def test_where_no_owner_is_known_the_administration_answers(programs: Programs, asset: str) -> None:
    look = programs.requester.send("/closer-looks", {**TERMS, "region": "440300", "kind": "tower"}, status=201)["id"]
    assert programs.owner.get("/closer-looks")["count"] == 0
    assert [row["id"] for row in programs.administration.get("/closer-looks")["results"]] == [look]
    programs.administration.send(f"/closer-looks/{look}/grant", TERMS, status=403)
    programs.administration.send(f"/closer-looks/{look}/refuse", {"reason": "Name the owner; it is in the list"})


def test_an_exemption_is_a_case_with_a_reasoned_decision(programs: Programs, asset: str, clock: FixedClock) -> None:
    body = {"asset": asset, "duty": "disclosure", "reason": "It serves a protected installation"}
    programs.requester.send("/exemptions", body, status=403)
    with programs.one_record("exemption.asked"):
        case = programs.owner.send("/exemptions", body, status=201)["id"]
    programs.owner.send("/exemptions", body, status=422)  # one case at a time
    programs.requester.get(f"/exemptions/{case}", status=404)
    programs.owner.send(f"/exemptions/{case}/grant", {"decision": WHY, "ends_on": "2026-08-01"}, status=403)
    programs.regulator.send(f"/exemptions/{case}/grant", {"decision": WHY}, status=422)
    with programs.one_record("exemption.granted"):
        programs.regulator.send(f"/exemptions/{case}/grant", {"decision": WHY, "ends_on": "2026-07-05"})
    area = {**TERMS, "organisation": programs.requester.organisation, "region": "440300"}
    programs.owner.send("/grants", area, status=201)
    assert seen(programs.requester, asset) == "T1"  # an area's grant does not reach it
    programs.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=409)
    programs.regulator.send("/grants", {**area, "asset": asset, "region": None, "ground": WHY}, status=409)
    clock.advance(timedelta(days=6))
    assert seen(programs.requester, asset) == "T2"
    assert programs.requester.get("/assets")["count"] == 1


def test_what_a_grant_must_state_is_the_databases_too(programs: Programs, asset: str) -> None:
    """Without its rule, the constraint: no order without a ground, no grant by hand without an end, no area beside an asset."""
    programs.owner.send("/grants", {**TERMS, "organisation": programs.requester.organisation, "asset": asset}, status=201)
    for change in (
        {"source": "order"},
        {"expires_at": None},
        {"region": "440300", "region_like": "4403__"},
        {"kind": "tower"},
        {"asset_id": None},
    ):

        def spoil(work: Any, change: dict[str, Any]) -> None:
            made = work.session.query(Grant).one()
            for name, value in change.items():
                setattr(made, name, value)
            work.session.flush()

        with pytest.raises(IntegrityError):
            programs.bus.execute(spoil, SYSTEM, change)
