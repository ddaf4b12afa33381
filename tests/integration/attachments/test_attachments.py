"""Documents: who may attach and read is the subject's rule; bytes are kept by their hash and always downloaded."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import organisation_by_ref
from app.attachments import rules, storage, subjects
from app.attachments.models import Attachment
from app.audit.models import AuditRecord
from app.config import Settings
from app.db.work import Bus, Reader
from app.kernel.clock import FixedClock
from app.kernel.permission import Relation, Subject, policy
from tests.support.people import PAGE, Made, bearer, csrf, made_token, organisation, person, signed_in

PDF = b"%PDF-1.7 site survey"
policy("dossier.view", Relation.OWNER)
policy("dossier.edit", Relation.OWNER, roles=frozenset({"admin", "manager"}), view="dossier.view")  # type: ignore[arg-type]


def dossier(reader: Reader, ref: str) -> Subject:
    return Subject(owner_id=organisation_by_ref(reader.session, ref).id)


@pytest.fixture(autouse=True)
def registered() -> None:
    """A subject of each organisation that only its own people see."""
    subjects.register_subject("dossier", dossier, view="dossier.view", attach="dossier.edit")


@pytest.fixture
def power(bus: Bus) -> Made:
    return organisation(bus)


@pytest.fixture
def header(bus: Bus, power: Made) -> dict[str, str]:
    return bearer(made_token(bus, person(bus, power), "write"))


def send(client: FlaskClient, header: dict[str, str], of: Made, name: str = "survey.pdf", content: bytes = PDF) -> Any:
    form = {"subject_type": "dossier", "subject": of.ref, "file": (BytesIO(content), name)}
    return client.post("/api/v1/attachments", data=form, headers=header)


def test_a_document_goes_in_and_comes_out_as_it_was(
    client: FlaskClient, settings: Settings, power: Made, header: dict[str, str]
) -> None:
    made = send(client, header, power, "../计算书.pdf")
    assert made.status_code == 201
    assert made.json["sha256"] == hashlib.sha256(PDF).hexdigest()
    out = client.get(made.json["content"], headers=header)
    assert out.data == PDF
    assert out.mimetype == "application/pdf"
    assert out.headers["Content-Disposition"].startswith("attachment;")
    assert out.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in out.headers["Content-Security-Policy"]
    assert made.json["filename"] == "计算书.pdf"
    listed = client.get("/api/v1/attachments", query_string={"subject_type": "dossier", "subject": power.ref}, headers=header)
    assert [row["id"] for row in listed.json["results"]] == [made.json["id"]]


def test_the_same_bytes_are_kept_once(
    client: FlaskClient, bus: Bus, settings: Settings, power: Made, header: dict[str, str]
) -> None:
    content = PDF + b" twice"
    for name in ("a.pdf", "b.pdf"):
        assert send(client, header, power, name, content).status_code == 201
    assert len(list(settings.files_folder.rglob(hashlib.sha256(content).hexdigest()))) == 1
    assert not list(settings.files_folder.glob(".part-*"))


def test_nothing_tells_that_others_attached_the_same_bytes_before(
    client: FlaskClient, bus: Bus, clock: FixedClock, settings: Settings, power: Made, header: dict[str, str]
) -> None:
    content = PDF + b" of two"
    assert send(client, header, power, "theirs.pdf", content).status_code == 201
    (kept,) = settings.files_folder.rglob(hashlib.sha256(content).hexdigest())
    os.utime(kept, (0, 0))  # long ago
    clock.advance(timedelta(days=3))
    made = send(client, header, power, "ours.pdf", content)
    out = client.get(made.json["content"], headers=header)
    assert out.last_modified == clock.now().replace(microsecond=0)
    assert "Expires" not in out.headers


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("page.html", b"<script>", "attachment_type"),
        ("drawing.svg", b"<svg>", "attachment_type"),
        ("noending", b"x", "attachment_type"),
        ("fake.pdf", b"<script>", "attachment_content"),
        ("table.csv", b"a\x00b", "attachment_content"),
        ("empty.pdf", b"", "attachment_empty"),
    ],
)
def test_what_is_not_a_document_is_refused(
    client: FlaskClient, settings: Settings, bus: Bus, power: Made, header: dict[str, str], name: str, content: bytes, code: str
) -> None:
    answer = send(client, header, power, name, content)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert not list(settings.files_folder.glob(".part-*"))
    with bus.database.read() as session:
        assert session.scalars(select(Attachment)).all() == []


def test_a_file_over_the_limit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_MB", 1)
    with pytest.raises(Exception, match="larger than 1 MB"):
        storage.save(tmp_path, "big.pdf", BytesIO(PDF + bytes(2 << 20)))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert rules.MAX_MB == 50


def test_a_stranger_neither_reads_nor_adds(client: FlaskClient, bus: Bus, power: Made, header: dict[str, str]) -> None:
    made = send(client, header, power).json
    rival = organisation(bus, "Rival", sector="telecom")
    stranger = bearer(made_token(bus, person(bus, rival, name="Spy"), "write"))
    for path in (
        f"/api/v1/attachments/{made['id']}",
        made["content"],
        f"/api/v1/attachments?subject_type=dossier&subject={power.ref}",
    ):
        assert client.get(path, headers=stranger).status_code == 404, path
    assert send(client, stranger, power).status_code == 404
    assert client.delete(f"/api/v1/attachments/{made['id']}", headers=stranger).status_code == 404
    assert client.get("/api/v1/attachments?subject_type=nothing&subject=x", headers=stranger).status_code == 404


def test_who_only_reads_adds_and_removes_nothing(client: FlaskClient, bus: Bus, power: Made, header: dict[str, str]) -> None:
    made = send(client, header, power).json
    viewer = bearer(made_token(bus, person(bus, power, "viewer", name="Viewer"), "write"))
    assert client.get(made["content"], headers=viewer).status_code == 200
    assert send(client, viewer, power).status_code == 403
    assert client.delete(f"/api/v1/attachments/{made['id']}", headers=viewer).status_code == 403


def test_a_document_is_taken_away_and_stays_on_record(client: FlaskClient, bus: Bus, power: Made, header: dict[str, str]) -> None:
    made = send(client, header, power).json
    assert client.delete(f"/api/v1/attachments/{made['id']}", headers=header).status_code == 204
    assert client.get(made["content"], headers=header).status_code == 404
    with bus.database.read() as session:
        actions = session.scalars(
            select(AuditRecord.action).where(AuditRecord.subject_type == "dossier").order_by(AuditRecord.id)
        ).all()
    assert actions == ["attachment.added", "attachment.removed"]


def test_the_form_of_a_page_attaches_and_goes_back(app: Flask, bus: Bus, power: Made) -> None:
    browser = signed_in(app, person(bus, power))

    def add(name: str, content: bytes, back: str) -> Any:
        data = {"csrf_token": csrf(browser, "/account"), "next": back, "file": (BytesIO(content), name)}
        return browser.post(f"/attachments/to/dossier/{power.ref}", data=data, headers=PAGE)

    assert add("plan.pdf", PDF, "/organisation").headers["Location"] == "/organisation"
    assert add("plan.pdf", PDF, "https://evil.example/").headers["Location"] == "/"
    assert add("plan.exe", PDF, "/account").status_code == 303
    assert "not a kind of document" in browser.get("/account", headers=PAGE).text
    with bus.database.read() as session:
        assert len(session.scalars(select(Attachment)).all()) == 2


def test_the_panel_shows_documents_and_a_form_to_who_may(
    app: Flask, bus: Bus, client: FlaskClient, power: Made, header: dict[str, str]
) -> None:
    send(client, header, power, "survey.pdf")
    reader, viewer = person(bus, power, name="Han Mei"), person(bus, power, "viewer", name="Viewer")
    source = '{% import "attachments/panel.html" as documents with context %}{{ documents.panel("dossier", ref) }}'

    def shown(who: Made) -> str:
        from flask import g, render_template_string

        from tests.support.people import actor

        with app.test_request_context("/account"):
            g.actor = actor(bus, who)
            return render_template_string(source, ref=power.ref)

    assert "survey.pdf" in shown(reader)
    assert "Attach a document" in shown(reader)
    assert "survey.pdf" in shown(viewer)
    assert "Attach a document" not in shown(viewer)
