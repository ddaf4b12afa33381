"""The wizard in a browser without scripts: upload, columns, problems, import, undo, in both languages."""

from __future__ import annotations

import html
import io
import json
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.models import CompetenceGrant
from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
from app.db.work import Bus
from app.exchange import running
from app.listings import Listing
from app.needs import Need, NeedsList
from tests.support import people
from tests.support.places import MADE_AT

GOOD = "id,name,lon,lat,height,mounts\nT-1,a,114.05,22.54,30,2\nT-2,b,114.06,22.55,31,3\n"
BAD = GOOD + "T-3,c,114.07,22.56,high,3\n"


@pytest.fixture
def browser(app: Flask, bus: Bus) -> FlaskClient:
    owner = people.organisation(bus, "Southern Grid", sector="power")
    return people.signed_in(app, people.person(bus, owner))


def upload(browser: FlaskClient, text: str = GOOD, **fields: str) -> Any:
    data = {
        "csrf_token": people.csrf(browser, "/account"),
        "subject": "listings",
        "kind": "tower",
        "crs": "EPSG:4490",
        "provenance": "declared",
        "file": (io.BytesIO(text.encode()), "towers.csv"),
        **fields,
    }
    return browser.post("/imports/new", data=data, content_type="multipart/form-data", headers=people.PAGE)


def shown(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, headers=people.PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def count(bus: Bus, model: type) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_upload_import_undo(browser: FlaskClient, bus: Bus) -> None:
    assert "Upload and check" in shown(browser, "/imports/new")
    there = upload(browser)
    assert there.status_code == 303
    page = shown(browser, there.location)
    assert "Import all 2 rows" in page
    assert "nothing of it is on the register" in page
    assert "Nothing is wrong with the file." in shown(browser, f"{there.location}?tab=problems")
    assert people.post(browser, f"{there.location}/commit", {"rows": "all"}).status_code == 303
    assert count(bus, Listing) == 2
    page = shown(browser, there.location)
    assert "2 rows are imported." in page
    assert "Undo the import" in page
    people.post(browser, f"{there.location}/undo")
    assert count(bus, Listing) == 0
    assert "towers.csv" in shown(browser, "/imports")


def test_problems_columns_and_defaults(browser: FlaskClient, bus: Bus) -> None:
    there = upload(browser, BAD.replace("mounts", "how many")).location
    page = shown(browser, f"{there}?tab=problems")
    assert "is not a number" in page
    assert "Import the" not in page
    columns = shown(browser, f"{there}?tab=columns")
    assert 'value="how many"' in columns
    labels = ["id", "name", "lon", "lat", "height", "how many"]
    chosen = ["reference", "title", "lon", "lat", "structure_height_m", "platform"]
    data = {
        "header": labels,
        "target": chosen,
        "crs": "EPSG:4490",
        "kind": "tower",
        "opens": "1",
        "default": ["structure"],
        "default_value": ["lattice"],
        "version": columns.split('name="version" value="')[1].split('"')[0],
    }
    assert people.post(browser, f"{there}/settle", data).status_code == 303
    page = shown(browser, there)
    assert "Import the 2 sound rows" in page
    assert "2 rows" in shown(browser, f"{there}?tab=notes")
    people.post(browser, f"{there}/commit", {"rows": "valid"})
    with bus.database.read() as session:
        assert {row.asset.attributes["structure"] for row in session.scalars(select(Listing))} == {"lattice"}


def marks(page: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(html.unescape(page.split('data-features="')[1].split('"')[0]))
    return found


def test_the_first_rows_and_their_places_are_seen_before_any_is_on_the_register(browser: FlaskClient, bus: Bus) -> None:
    there = upload(browser, BAD).location
    page = shown(browser, there)
    assert [(mark["id"], mark["state"]) for mark in marks(page)] == [
        ("towers.csv:2", "fits"),
        ("towers.csv:3", "fits"),
        ("towers.csv:4", "near"),
    ]
    assert "high</td>" in page
    assert "→ Structure height" in page
    assert count(bus, Listing) == 0


def test_problems_are_narrowed_and_corrected_where_they_stand(browser: FlaskClient, bus: Bus) -> None:
    """The file stays as it is; the corrections belong to the import, can be taken back, and stand in the workbook."""
    there = upload(browser, BAD + "T-4,d,114.07,95,30,many\n").location
    page = shown(browser, f"{there}?tab=problems&code=not_number&column=E")
    assert page.count('name="fix_value"') == 1
    assert "“high”" in page
    assert "… is not a number. (2)" in page
    assert shown(browser, f"{there}?tab=problems").count('name="fix_value"') >= 3
    high = {"fix_sheet": "towers.csv", "fix_row": "4", "fix_column": "E", "fix_was": "high", "fix_value": "32"}
    assert people.post(browser, f"{there}/fix", high).status_code == 303
    page = shown(browser, f"{there}?tab=problems")
    assert "“high”" not in page
    assert "1 cell is corrected here" in page
    assert "Import the 3 sound rows" in page
    report = openpyxl.load_workbook(io.BytesIO(browser.get(f"{there}/report").data))
    assert any("32" in [str(cell.value) for cell in row] for row in report.worksheets[0].iter_rows())
    people.post(browser, f"{there}/fix", {"gone": '["towers.csv", 4, "E"]'})
    assert "“high”" in shown(browser, f"{there}?tab=problems")
    people.post(browser, f"{there}/fix", high)
    people.post(browser, f"{there}/commit", {"rows": "valid"})
    with bus.database.read() as session:
        heights = {row.title: row.asset.attributes["structure_height_m"] for row in session.scalars(select(Listing))}
    assert heights == {"a": 30, "b": 31, "c": 32}


def test_a_correction_of_a_stranger_is_not_found(browser: FlaskClient, app: Flask, bus: Bus) -> None:
    there = upload(browser, BAD).location
    other = people.signed_in(app, people.person(bus, people.organisation(bus, "Carrier"), name="Wu"))
    assert people.post(other, f"{there}/fix", {"gone": '["towers.csv", 4, "E"]'}).status_code == 404


def test_in_chinese(browser: FlaskClient) -> None:
    browser.get("/language/zh_CN")
    there = upload(browser, BAD).location
    page = shown(browser, f"{there}?tab=problems")
    assert "“high”不是数值" in page
    assert "问题" in page
    assert "导入" in shown(browser, "/imports")


def test_without_a_file_the_form_says_so(browser: FlaskClient) -> None:
    data = {"csrf_token": people.csrf(browser, "/account"), "subject": "listings"}
    answer = browser.post("/imports/new", data=data, content_type="multipart/form-data", headers=people.PAGE)
    assert answer.status_code == 422
    assert "Choose a file." in answer.text


def test_a_file_that_cannot_be_read_is_shown_with_its_reason(browser: FlaskClient) -> None:
    there = upload(browser, "<html></html>").location
    page = shown(browser, there)
    assert "This is a web page." in page
    people.post(browser, f"{there}/discard")
    assert "Discarded" in shown(browser, "/imports")


def test_a_large_file_shows_its_progress(browser: FlaskClient, bus: Bus, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "INLINE_BYTES", 10)
    there = upload(browser).location
    assert "The file is being checked" in shown(browser, there)
    assert "hx-get" in shown(browser, f"{there}/progress")
    with bus.database.write() as session:
        begun = bus.clock.now() - timedelta(minutes=1)
        session.execute(update(Job).values(state="running", progress=25, run_at=begun))
    assert "About 3 minutes left." in shown(browser, f"{there}/progress")
    with bus.database.write() as session:
        session.execute(update(Job).values(state="queued", progress=0))
    with app.app_context():
        worker = Worker(bus.database, bus.clock, job_handlers(bus))
        while worker.run_one():
            pass
    assert browser.get(f"{there}/progress", headers=people.PAGE).headers["HX-Redirect"].endswith(there)
    assert "Import all 2 rows" in shown(browser, there)


def test_needs_into_a_list(browser: FlaskClient, bus: Bus) -> None:
    assert "No needs list takes entries today." in shown(browser, "/imports/new?subject=needs")
    office = people.organisation(bus, "Office", sector="telecom", kind="authority")
    with bus.database.write() as session:
        listed = NeedsList(
            administration_id=office.id,
            region="440000",
            name="Summer round",
            opens_on=date(2026, 6, 1),
            closes_on=date(2026, 9, 1),
            created_at=MADE_AT,
        )
        session.add(listed)
        session.flush()
        ref = listed.ref
    assert "Summer round" in shown(browser, "/imports/new?subject=needs")
    text = "name,lon,lat,radius,quantity,start,end\nsite,114.05,22.54,300,1,2027-01-01,2031-12-31\n"
    there = upload(browser, text, subject="needs", needs_list=ref).location
    people.post(browser, f"{there}/commit", {"rows": "all"})
    assert count(bus, Need) == 1


def test_the_workbook_comes_back(browser: FlaskClient) -> None:
    there = upload(browser, BAD).location
    answer = browser.get(f"{there}/report")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=towers-checked.xlsx")
    assert answer.data.startswith(b"PK")


def test_an_administration_makes_the_organisations_that_nobody_knows(app: Flask, bus: Bus) -> None:
    office = people.organisation(bus, "Office", sector="telecom", kind="authority")
    with bus.database.write() as session:
        session.add(
            CompetenceGrant(
                organisation_id=office.id,
                authority="communications",
                level="province",
                sectors=[],
                regions=["440000"],
                host_kinds=[],
            )
        )
        listed = NeedsList(
            administration_id=office.id,
            region="440000",
            name="Round",
            opens_on=date(2026, 6, 1),
            closes_on=date(2026, 9, 1),
            created_at=MADE_AT,
        )
        session.add(listed)
        session.flush()
        ref = listed.ref
    officer = people.signed_in(app, people.person(bus, office, "officer"))
    header = "organisation,sector,name,lon,lat,radius,quantity,start,end"
    text = f"{header}\nMetro,transport,site,114.05,22.54,300,1,2027-01-01,2031-12-31\n"
    there = upload(officer, text, subject="needs", needs_list=ref).location
    page = shown(officer, f"{there}?tab=problems")
    assert "1 organisation of the file is not known here." in page
    people.post(officer, f"{there}/organisations")
    assert "Import 1 row" in shown(officer, there)
    people.post(officer, f"{there}/commit", {"rows": "all"})
    assert count(bus, Need) == 1


def test_what_was_chosen_stays_where_the_new_header_has_the_same_name(browser: FlaskClient, bus: Bus) -> None:
    there = upload(browser, "mark,spot,lon,lat\n,,,\nmark,place,lon,lat\nT-1,a,114.05,22.54\n").location
    sent = {"header_sheet": "towers.csv", "header_row.1": "3", "opens": "on", "kind": "tower", "crs": "EPSG:4490"}
    chosen = {"header": ["mark", "spot", "lon", "lat"], "target": ["reference", "remarks", "lon", "lat"]}
    people.post(browser, f"{there}/settle", {**sent, **chosen})

    def decided() -> dict[str, Any]:
        return dict(browser.get(f"/api/v1/imports/{there.rpartition('/')[2]}").get_json())

    found = decided()
    assert found["decisions"]["carried"] == ["mark", "spot"]  # not what was only proposed
    assert {c["label"]: c["target"] for c in found["columns"]["towers.csv"]}["mark"] == "reference"
    assert "spot" not in shown(browser, f"{there}?tab=problems")  # no fault of the file that it has no such column now
    people.post(browser, f"{there}/settle", {**sent, "header": ["mark", "place"], "target": ["reference", "title"]})
    assert decided()["decisions"]["columns"] == {"mark": "reference", "place": "title"}
    assert decided()["decisions"]["carried"] == []


PADDED = "id,name,lon,lat,height,mounts\n,,,\nu,v,w,x,y,z\nT-1,a,114.05,22.54,30,2\n"


def test_the_header_row_is_chosen_where_another_was_found(browser: FlaskClient, bus: Bus) -> None:
    there = upload(browser, PADDED).location
    page = html.unescape(shown(browser, f"{there}?tab=columns"))
    assert "Found by itself: row 1" in page
    assert "Row 3: u · v · w · x · y · z" in page
    sent = {
        "header_sheet": "towers.csv",
        "header_row.1": "3",
        "header": "id",
        "target": "reference",
        "opens": "on",
        "kind": "tower",
    }
    people.post(browser, f"{there}/settle", {**sent, "crs": "EPSG:4490"})
    page = html.unescape(shown(browser, f"{there}?tab=columns"))
    assert '<option value="3" selected>' in page
    assert "Let it be found" in page
    names = {"u": "reference", "v": "title", "w": "lon", "x": "lat", "y": "structure_height_m", "z": "platform"}
    mapped = {"header": list(names), "target": list(names.values()), "default": "structure", "default_value": "lattice"}
    people.post(browser, f"{there}/settle", {**sent, **mapped, "crs": "EPSG:4490"})
    assert "Nothing is wrong with the file." in shown(browser, f"{there}?tab=problems")
    ref = there.rpartition("/")[2]
    found = browser.get(f"/api/v1/imports/{ref}").get_json()
    assert (found["header_rows"], found["decisions"]["header_rows"], found["rows"]["sound"]) == (
        {"towers.csv": 3},
        {"towers.csv": 3},
        1,
    )
    assert "id" not in found["decisions"]["columns"]
    people.post(browser, f"{there}/settle", {**sent, "header_row.1": "2", "crs": "EPSG:4490"})
    assert "This row cannot be the header" in shown(browser, f"{there}?tab=problems")
