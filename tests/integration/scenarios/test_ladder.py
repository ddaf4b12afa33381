"""The third tenant joins: everyone's rent moves down the ladder from that day. From the first need to the statement's workbook,
through the API and the pages."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Organisation
from app.db.work import Bus
from app.kernel.clock import FixedClock
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import market, places
from tests.support import programs as by
from tests.support.programs import Program, Programs

DAY = timedelta(days=1)


def further_carrier(app: Flask, bus: Bus, name: str) -> Program:
    with bus.database.write() as session:
        made = places.organisation(session, name, "telecom")
        found = session.scalars(select(Organisation).where(Organisation.id == made.id)).one()
        return Program(market.signed_in(app, session, found), made.ref, made.id)


def test_third_tenant_joins_and_everyones_rent_moves_down_the_ladder_from_that_day(
    app: Flask, bus: Bus, clock: FixedClock
) -> None:
    """A year's 36,500.00: 27,375.00 base, 9,125.00 for site and power. Ten days alone, ten as two, ten as three."""
    programs = by.shenzhen(app, bus)
    tenants = (programs.requester, programs.rival, further_carrier(app, bus, "Third Mobile"))
    listing = programs.owner.send("/listings", LISTING, status=201)
    round_ = by.open_round(programs)
    wants = {"mounts": 1, "height_m": 20, "load_kg": 60}
    body = {**NEED, "window_start": "2026-07-01", "needs_list": round_.rpartition("/")[2], "requirements": wants}
    needs = [who.send("/needs", body, status=201)["id"] for who in tenants]
    by.publish_round(programs, round_)
    by.match(programs)
    agreements = []
    for who, need in zip(tenants, needs, strict=True):
        agreements.append(_moves_in(programs, who, need, listing))
        clock.advance(10 * DAY)
    before = [_rent(programs, one)["lines"][0]["segments"] for one in agreements]
    told = [(s["tenants"], s["anchor"], s["base_discount"], s["shared_discount"], s["starts"]) for s in before[0][:3]]
    assert told == [
        (1, False, "0", "0", "2026-07-01"),
        (2, True, "0.35", "0.40", "2026-07-11"),
        (3, True, "0.45", "0.50", "2026-07-21"),
    ]
    expected = (
        [750_00 + 250_00, 487_50 + 150_00, 412_50 + 125_00],  # the anchor has 5 % more off the base
        [525_00 + 150_00, 450_00 + 125_00],
        [450_00 + 125_00],
    )
    for who, agreement, amounts in zip(tenants, agreements, expected, strict=True):
        made = programs.owner.send(
            f"{agreement}/statements", {"until": "2026-07-31"}, version=programs.owner.version(agreement), status=201
        )
        (ref,) = made["statements"]
        statement = who.get(f"/statements/{ref}")
        assert [line["amount_minor"] for line in statement["lines"]] == amounts
        assert statement["total_minor"] == sum(amounts)
        file = who.client.get(f"/statements/{ref}/statement.xlsx")
        assert file.status_code == 200
        sheet = load_workbook(BytesIO(file.data)).active
        assert sheet is not None
        rows = list(sheet.iter_rows(min_row=5, values_only=True))
        assert [row[14] for row in rows[:-1]] == [amount / 100 for amount in amounts]
        assert _rent(programs, agreement)["unbilled_minor"] == {"CNY": 0}
    assert programs.records().count("rent.repriced") == 3  # one for the first, then two


def _moves_in(programs: Programs, who: Program, need: str, listing: Any) -> str:
    """From request to acceptance as built, the price shared by the ladder. Returns the agreement's path."""
    parties = Programs(programs.bus, programs.owner, who, programs.rival, programs.administration, programs.regulator)
    made = who.send("/access-requests", {"need": need, "listing": listing["id"], "submit": True}, status=201)
    request = f"/access-requests/{made['id']}"
    by.offered(parties, request)
    agreement = by.drafted(parties, request)
    line = {
        "asset": listing["asset"]["id"],
        "supplier": programs.owner.organisation,
        "beneficiary": who.organisation,
        "amounts": {"platform": 1, "load_kg": 60},
        "starts": "2026-07-01",
        "ends": "2030-01-01",
        "listing": listing["id"],
        "price_minor": 3_650_000,
        "site_minor": 500_000,
        "power_minor": 412_500,
        "shared": True,
    }
    owner = programs.owner
    owner.send(f"{agreement}/lines", {"lines": [line]}, version=owner.version(agreement), method="PUT")
    assert who.get(agreement)["lines"][0]["shared"] is True
    by.sign_and_submit(parties, agreement)
    for officer in (programs.administration, programs.regulator):
        by.decide(officer, agreement)
    installed = {"installed_on": programs.bus.today().isoformat(), "equipment": "Two AAU 5613 at 31 m"}
    who.send(f"{agreement}/installation", installed, version=who.version(agreement))
    owner.send(f"{agreement}/as-built", {"accept": True}, version=owner.version(agreement))
    assert owner.get(agreement)["status"] == "accepted"
    return agreement


def _rent(programs: Programs, agreement: str) -> Any:
    return programs.owner.get(f"{agreement}/rent")
