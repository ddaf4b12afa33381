"""The ledger of disclosure, marked exports, and the way from a leaked file back to the grant."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db.work import Bus
from app.disclosure import Sight, Witness
from app.kernel.clock import FixedClock
from tests.integration.disclosing.test_grants import TERMS
from tests.integration.main_job.test_tower_by_api import LISTING
from tests.support import programs as by
from tests.support.programs import Programs


@pytest.fixture
def programs(app: Flask, bus: Bus) -> Programs:
    bus.recorder = Witness(bus.database, lingers=False)  # nothing is remembered of the test before
    return by.shenzhen(app, bus)


@pytest.fixture
def assets(programs: Programs) -> list[str]:
    found = []
    for number in range(3):
        place = {"type": "Point", "coordinates": [114.05 + number / 50, 22.54]}
        tower = {**LISTING["asset"], "name": f"Mast {number}", "geometry": place}
        found.append(str(programs.owner.send("/listings", {**LISTING, "asset": tower}, status=201)["asset"]["id"]))
    return found


def opened(programs: Programs, asset: str) -> str:
    body = {**TERMS, "organisation": programs.requester.organisation, "asset": asset}
    return str(programs.owner.send("/grants", body, status=201)["id"])


def ledger(programs: Programs, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = programs.owner.get(f"/disclosure-ledger?{query}")["results"]
    return rows


def test_a_look_on_a_grant_is_on_record_before_its_answer(programs: Programs, assets: list[str]) -> None:
    grant = opened(programs, assets[0])
    programs.requester.get(f"/assets/{assets[0]}")
    [row] = ledger(programs)
    assert (row["asset"], row["tier"], row["basis"], row["grant"]) == (assets[0], "T2", "grant", grant)
    assert (row["purpose_code"], row["organisation"]["id"]) == ("survey", programs.requester.organisation)
    assert (row["via"], row["times"]) == ("assets_api.show_asset", 1)
    assert programs.requester.get("/disclosure-ledger")["count"] == 0  # one's own assets only


def test_what_is_approximate_and_what_repeats_is_gathered(programs: Programs, assets: list[str], clock: FixedClock) -> None:
    witness = programs.bus.recorder
    assert isinstance(witness, Witness)
    programs.rival.get(f"/assets/{assets[0]}")
    assert ledger(programs) == []
    assert witness.flush() == 1
    opened(programs, assets[0])
    for _ in range(3):
        programs.requester.get(f"/assets/{assets[0]}")
    clock.advance(timedelta(minutes=5))
    programs.requester.get(f"/assets/{assets[0]}")
    assert [row["times"] for row in ledger(programs, "tier=T2")] == [1]
    witness.flush()
    [row] = ledger(programs, "tier=T2")
    assert (row["times"], row["first_at"][11:16], row["last_at"][11:16]) == (4, "01:00", "01:05")
    clock.advance(timedelta(hours=1))
    programs.requester.get(f"/assets/{assets[0]}")
    assert [row["times"] for row in ledger(programs, "tier=T2")] == [1, 4]
    assert [row["tier"] for row in ledger(programs, f"organisation={programs.rival.organisation}")] == ["T1"]
    assert ledger(programs, "since=2026-07-02") == []


def test_who_watches_by_law_is_on_record_too_and_owners_are_not(programs: Programs, assets: list[str]) -> None:
    programs.owner.get(f"/assets/{assets[0]}")
    programs.owner.get("/assets")
    programs.regulator.get(f"/assets/{assets[0]}")
    assert [(row["basis"], row["tier"]) for row in ledger(programs)] == [("competence", "T2")]


def test_what_was_seen_through_lists_tiles_and_matches_is_on_record(programs: Programs, assets: list[str]) -> None:
    for path in ("/assets", "/listings"):
        programs.regulator.get(path)
    programs.regulator.client.get("/maps/tiles/listings/8/209/111.mvt")
    seen = {(row["via"], row["asset"]) for row in ledger(programs)}
    assert seen == {
        (via, asset) for via in ("assets_api.list_register", "listings_api.list_open", "maps.listings") for asset in assets
    }


def exported(programs: Programs, form: str) -> tuple[str, bytes]:
    answer = programs.requester.client.post("/api/v1/assets/export", json={"form": form})
    assert answer.status_code == 200, answer.text
    return answer.headers["X-Export-Mark"], answer.data


def traced(programs: Programs, content: bytes) -> list[tuple[str, bool, int]]:
    answer = programs.owner.client.post("/api/v1/disclosure-ledger/trace", data=content)
    found: Any = answer.json
    return [(row["mark"], row["by_mark"], row["agreeing"]) for row in found["results"]]


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_an_export_leads_back_to_its_grants(programs: Programs, assets: list[str], form: str) -> None:
    grants = [opened(programs, asset) for asset in assets]
    with programs.one_record("export.made"):
        mark, content = exported(programs, form)
    other, _ = exported(programs, form)
    assert mark != other
    assert traced(programs, content) == [(mark, True, 3)]
    found: Any = programs.owner.client.post("/api/v1/disclosure-ledger/trace", data=content).json
    answer = found["results"][0]
    assert (answer["organisation"]["id"], sorted(answer["grants"])) == (programs.requester.organisation, sorted(grants))
    assert {row["via"] for row in ledger(programs)} == {"disclosing_api.api_export"}
    assert traced(programs, content.replace(mark.encode(), b"")) == [(mark, False, 3)]
    assert programs.rival.client.post("/api/v1/disclosure-ledger/trace", data=content).json == {"results": []}


def test_the_canary_survives_a_change_of_form(programs: Programs, assets: list[str]) -> None:
    """The marks taken out, the columns turned round, the rows shuffled, the numbers read and written by another program."""
    for asset in assets:
        opened(programs, asset)
    mark, content = exported(programs, "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))[::-1]
    pasted = "\n".join(f"{float(row['lat'])!r}\t{float(row['lon'])!r}" for row in rows)
    assert traced(programs, pasted.encode()) == [(mark, False, 3)]
    rounded = "\n".join(f"{float(row['lat']):.5f},{float(row['lon']):.5f}" for row in rows)
    assert traced(programs, rounded.encode()) == []  # nothing is claimed of what no longer carries it


def test_an_export_inherits_the_highest_grade_and_a_manager_makes_it(programs: Programs, assets: list[str], app: Flask) -> None:
    owner = programs.owner
    owner.send(f"/assets/{assets[1]}", {"grade": "core"}, version=owner.version(f"/assets/{assets[1]}"), method="PATCH")
    answer = owner.client.post("/api/v1/assets/export", json={"form": "geojson"})
    assert (answer.headers["X-Export-Grade"], json.loads(answer.data)["infrashare"]["grade"]) == ("core", "core")
    assert "assets-core-" in answer.headers["Content-Disposition"]
    from app.accounts.models import Organisation
    from app.kernel.actor import Role
    from tests.support import market

    with programs.bus.database.write() as session:
        organisation = session.get_one(Organisation, owner.organisation_id)
        viewer = market.signed_in(app, session, organisation, Role.VIEWER)
    refused = viewer.post("/api/v1/assets/export", json={})
    assert (refused.status_code, json.loads(refused.data)["code"]) == (403, "export_graded")
    assert viewer.post("/api/v1/assets/export?kind=cable", json={}).headers["X-Export-Grade"] == "general"


def test_the_command_traces_a_file(programs: Programs, assets: list[str], app: Flask, tmp_path: Path) -> None:
    for asset in assets:
        opened(programs, asset)
    mark, content = exported(programs, "csv")
    file = tmp_path / "leaked.csv"
    file.write_bytes(content)
    answer = app.test_cli_runner().invoke(args=["disclosure", "trace", str(file)])
    assert answer.exit_code == 0, answer.output
    assert all(word in answer.output for word in (mark, "Bay Mobile", "3 of 3 places"))
    file.write_text("nothing of ours")
    assert app.test_cli_runner().invoke(args=["disclosure", "trace", str(file)]).exit_code == 1


def test_what_waits_is_kept_when_it_cannot_be_written(
    programs: Programs, assets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = programs.bus.recorder
    assert isinstance(witness, Witness)
    programs.rival.get(f"/assets/{assets[0]}")
    with monkeypatch.context() as patch:
        patch.setattr(witness, "database", None)
        with pytest.raises(AttributeError):
            witness.flush()
    assert witness.flush() == 1
    with programs.bus.database.read() as session:
        assert len(session.scalars(select(Sight.id)).all()) == 1
