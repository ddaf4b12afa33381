"""/api/v1/imports: upload, problems, decisions, report, commit, undo; large files by a job; safe to repeat."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts import Organisation
from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.db.work import Bus
from app.exchange import running
from app.kernel.actor import Role
from app.listings import Listing
from tests.support import market, people
from tests.support.places import organisation

GOOD = "id,name,lon,lat,height,mounts\nT-1,a,114.05,22.54,30,2\nT-2,b,114.06,22.55,31,3\n"
BAD = GOOD + "T-3,c,114.07,22.56,high,3\n"
OPTIONS = {"subject": "listings", "kind": "tower", "crs": "EPSG:4490"}
Sender = Callable[..., Any]


@pytest.fixture
def owner(app: Flask, bus: Bus) -> FlaskClient:
    with bus.database.write() as session:
        return market.signed_in(app, session, organisation(session, "Southern Grid", "power"))


@pytest.fixture
def send(owner: FlaskClient) -> Sender:
    def post(text: str = GOOD, headers: dict[str, str] | None = None, **options: Any) -> Any:
        data = {**OPTIONS, **options, "file": (io.BytesIO(text.encode()), "towers.csv")}
        return owner.post("/api/v1/imports", data=data, headers=headers, content_type="multipart/form-data")

    return post


def test_from_upload_to_listings_and_back(owner: FlaskClient, send: Sender, bus: Bus) -> None:
    answer = send(provenance="surveyed")
    assert answer.status_code == 201, answer.text
    made = answer.json
    assert (made["status"], made["rows"], made["problems"]) == ("checked", {"read": 2, "sound": 2, "imported": 0}, 0)
    assert {c["label"]: c["target"] for c in made["columns"]["towers.csv"]}["mounts"] == "platform"
    address, etag = f"/api/v1/imports/{made['id']}", answer.headers["ETag"]
    assert owner.post(f"{address}/commit", json={}).status_code == 428
    done = owner.post(f"{address}/commit", json={"rows": "all"}, headers={"If-Match": etag})
    assert (done.status_code, done.json["rows"]) == (200, 2)
    shown = owner.get(address)
    assert (shown.json["status"], shown.json["rows"]["imported"]) == ("committed", 2)
    with bus.database.read() as session:
        assert {row.provenance for row in session.scalars(select(Listing))} == {"surveyed"}
    assert owner.post(f"{address}/undo", headers={"If-Match": etag}).status_code == 412
    undone = owner.post(f"{address}/undo", headers={"If-Match": shown.headers["ETag"]})
    assert (undone.status_code, undone.json["rows"]) == (200, 2)


def test_problems_and_the_annotated_workbook(owner: FlaskClient, send: Sender) -> None:
    made = send(BAD).json
    found = owner.get(made["links"]["problems"], headers={"Accept-Language": "zh-CN"}).json
    assert found["results"] == [
        {
            "sheet": "towers.csv",
            "row": 4,
            "column": "E",
            "code": "not_number",
            "detail": "结构高度：“high”不是数值。",
            "cells": {"E": "high"},
        }
    ]
    assert owner.get(f"{made['links']['problems']}?column=D").json["count"] == 0
    book = load_workbook(io.BytesIO(owner.get(made["links"]["report"]).data))
    assert book.sheetnames == ["towers.csv", "Problems"]
    assert "not a number" in book["towers.csv"].cell(row=4, column=6).comment.text
    refused = owner.post(f"/api/v1/imports/{made['id']}/commit", json={}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json["code"]) == (422, "import_has_problems")


def test_a_program_corrects_a_cell(owner: FlaskClient, send: Sender) -> None:
    made = send(BAD).json
    path = f"/api/v1/imports/{made['id']}"
    fix = {"sheet": "towers.csv", "row": 4, "column": "E", "value": "32"}
    changed = owner.patch(path, json={"fixes": [fix]}, headers={"If-Match": f'"{made["version"]}"'})
    assert changed.json["decisions"]["fixes"] == [fix]
    assert owner.post(f"{path}/check").json["rows"]["sound"] == 3


def test_decisions_change_what_the_check_finds(owner: FlaskClient, send: Sender) -> None:
    made = send(GOOD.replace("mounts", "how many")).json
    assert made["status"] == "checked"
    assert made["problems"] == 1
    address = f"/api/v1/imports/{made['id']}"
    change = {"columns": {"how many": "platform"}, "defaults": {"structure": "lattice"}}
    changed = owner.patch(address, json=change, headers={"If-Match": f'"{made["version"]}"'})
    assert changed.json["status"] == "uploaded"
    checked = owner.post(f"{address}/check").json
    assert (checked["problems"], checked["rows"]["sound"], checked["assumed"]["structure"]) == (0, 2, 2)


def test_a_large_file_is_checked_by_a_job(
    owner: FlaskClient,
    send: Sender,
    bus: Bus,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "INLINE_BYTES", 10)
    made = send().json
    assert (made["status"], made["progress"]) == ("checking", 0)
    with app.app_context():
        worker = Worker(bus.database, bus.clock, job_handlers(bus))
        while worker.run_one():
            pass
    assert owner.get(f"/api/v1/imports/{made['id']}").json["status"] == "checked"


def test_a_repeated_upload_makes_one_import(owner: FlaskClient) -> None:
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in OPTIONS.items()]
    parts.append(f'name="file"; filename="towers.csv"\r\nContent-Type: text/csv\r\n\r\n{GOOD}')
    boundary = "same-every-time"
    body = "".join(f"--{boundary}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    answers = [
        owner.post(
            "/api/v1/imports",
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert answers[1].json["status"] == "checked"
    assert owner.get("/api/v1/imports").json["count"] == 1


@pytest.mark.parametrize(
    "options", [{"subject": "zebras"}, {"provenance": "guessed"}, {"columns": "not json"}, {"nonsense": "1"}]
)
def test_malformed_uploads_are_refused(send: Sender, options: dict[str, str]) -> None:
    assert send(**options).status_code == 422


def test_needs_want_a_list(send: Sender) -> None:
    answer = send(subject="needs")
    assert (answer.status_code, answer.json["code"]) == (422, "needs_list_missing")


def test_the_columns_that_a_file_can_fill(owner: FlaskClient) -> None:
    found = {c["name"]: c for c in owner.get("/api/v1/imports/columns?subject=needs&kind=cable").json["results"]}
    assert found["pairs"]["kinds"] == ["cable"]
    assert "纤芯对" in found["pairs"]["headers"]
    assert "mounts" not in found


def test_viewers_and_strangers_import_nothing(app: Flask, bus: Bus, send: Sender) -> None:
    made = send().json
    bus_world = people.organisation(bus, "Other", sector="telecom")
    with bus.database.write() as session:
        stranger = market.signed_in(app, session, session.get_one(Organisation, bus_world.id))
        viewer = market.signed_in(app, session, session.get_one(Organisation, bus_world.id), Role.VIEWER)
    for call in ("", "/problems", "/report"):
        assert stranger.get(f"/api/v1/imports/{made['id']}{call}").status_code in (403, 404)
    data = {**OPTIONS, "file": (io.BytesIO(GOOD.encode()), "t.csv")}
    assert viewer.post("/api/v1/imports", data=data, content_type="multipart/form-data").status_code == 403
