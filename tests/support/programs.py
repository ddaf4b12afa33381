"""The parties of one agreement as programs: each has a token and nothing else, and everything happens through /api/v1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Organisation
from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
from app.db.work import Bus
from app.kernel.actor import Role
from app.notices.outbox import SEND
from tests.support import life, market, people, places

API = "/api/v1"


@dataclass
class Program:
    """A token that sends JSON. `status`: what must be answered."""

    client: FlaskClient
    organisation: str  # ref
    organisation_id: int
    colleague: Program | None = None

    def proof(self) -> Any:
        """The header that a decision needs beside the token."""
        answer = self.send("/me/reauthentication", {"password": people.PASSWORD}, status=201)
        return {"Reauthentication": answer["proof"]}

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        return _checked(self.client.get(API + path, headers=headers), status).json

    def send(
        self, path: str, body: Any = None, *, version: int | None = None, status: int = 200, method: str = "POST", **headers: str
    ) -> Any:
        return self.answer(path, body, version=version, status=status, method=method, **headers).json

    def answer(
        self, path: str, body: Any = None, *, version: int | None = None, status: int = 200, method: str = "POST", **headers: str
    ) -> TestResponse:
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return _checked(self.client.open(API + path, method=method, json={} if body is None else body, headers=named), status)

    def version(self, path: str) -> int:
        """Of the thing at `path`, as its ETag says it."""
        return int(_checked(self.client.get(API + path), 200).headers["ETag"].strip('"'))


def _checked(answer: TestResponse, status: int) -> TestResponse:
    assert answer.status_code == status, (
        f"{answer.request.method} {answer.request.path} → {answer.status_code}: {answer.text[:2000]}"
    )
    return answer


@dataclass
class Programs:
    bus: Bus
    owner: Program
    requester: Program
    rival: Program
    administration: Program
    regulator: Program

    def records(self) -> list[str]:
        """Every action on record, oldest first."""
        with self.bus.database.read() as session:
            return list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))

    @contextmanager
    def one_record(self, action: str) -> Iterator[None]:
        """What happens inside leaves exactly one record, and it is of `action`."""
        before = self.records()
        yield
        assert self.records()[len(before) :] == [action]

    def work_off(self) -> None:
        """Do every job that is due now. Fails with the trace of one that failed."""
        worker = Worker(
            self.bus.database, self.bus.clock, {**job_handlers(self.bus), SEND: lambda lease, args: None}
        )  # no mail leaves a test
        while worker.run_one():
            pass
        with self.bus.database.read() as session:
            broken = session.scalars(select(Job.message).where(Job.attempts > 0, Job.state.in_(("queued", "failed")))).all()
            assert not broken, broken[0]

    def rows(self) -> dict[str, int]:
        """How many rows every table holds."""
        return row_counts(self.bus)


def row_counts(bus: Bus) -> dict[str, int]:
    """Of every table but the count of attempts, which is there to count who is turned away."""
    from app.db.base import Base

    with bus.database.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name != "attempt_count"
        }


def shenzhen(app: Flask, bus: Bus) -> Programs:
    """A power company, two carriers, and the two regulators that are competent between them in Shenzhen."""
    with bus.database.write() as session:

        def program(name: str, sector: str) -> Program:
            made = places.organisation(session, name, sector)
            return Program(market.signed_in(app, session, made), made.ref, made.id)

        def authority(name: str, sector: str, what: str) -> Program:
            officer = life.regulator(session, name, sector, what)
            made = session.get_one(Organisation, officer.organisation_id)
            second = Program(market.signed_in(app, session, made, Role.OFFICER), made.ref, made.id)
            return Program(market.signed_in(app, session, made, Role.OFFICER), made.ref, made.id, second)

        return Programs(
            bus,
            program("Southern Grid", "power"),
            program("Bay Mobile", "telecom"),
            program("Rival Mobile", "telecom"),
            authority("Guangdong Communications Administration", "telecom", "communications"),
            authority("Guangdong Energy Bureau", "power", "sector"),
        )


def open_round(programs: Programs, opens_on: str = "2026-06-01", closes_on: str = "2026-12-01") -> str:
    """A needs list that collects today. Returns its path."""
    body = {
        "region": "440300",
        "name": "Shenzhen 2026",
        "name_zh": "深圳 2026",
        "opens_on": opens_on,
        "closes_on": closes_on,
    }
    return f"/needs-lists/{programs.administration.send('/needs-lists', body, status=201)['id']}"


def publish_round(programs: Programs, path: str) -> None:
    programs.administration.send(f"{path}/publish", version=programs.administration.version(path))


def match(programs: Programs) -> dict[str, Any]:
    """Ask for a run and let the worker do it."""
    run = programs.administration.send("/match-runs", status=202)["id"]
    programs.work_off()
    done: dict[str, Any] = programs.administration.get(f"/match-runs/{run}")
    assert done["status"] == "done", done
    return done


def offered(programs: Programs, request: str) -> None:
    """The owner accepts what is asked."""
    programs.owner.send(f"{request}/accept", version=programs.owner.version(request))


def drafted(programs: Programs, request: str) -> str:
    """The requester takes the offer. Returns the agreement's path."""
    requester = programs.requester
    return f"/agreements/{requester.send(f'{request}/accept-offer', version=requester.version(request), status=201)['id']}"


def sign_and_submit(programs: Programs, agreement: str) -> None:
    for party in (programs.owner, programs.requester):
        seen = party.get(agreement)
        party.send(f"{agreement}/sign", {"content_hash": seen["content_hash"]}, version=seen["version"])
    programs.owner.send(f"{agreement}/submit", version=programs.owner.version(agreement))


def task_of(who: Program, agreement: str) -> Any:
    """A regulator's task about the agreement, whole."""
    row = next(t for t in who.get("/approvals")["results"] if agreement.endswith(t["agreement"]["id"]))
    return who.get(f"/approvals/{row['id']}")


def seen(task: Any) -> dict[str, str]:
    return {"content_hash": task["content_hash"], "ledger_hash": task["ledger_hash"]}


def propose(who: Program, agreement: str, action: str = "approve", **words: Any) -> Any:
    """A regulator's officer proposes (or notes). Returns the task as it is then."""
    task = task_of(who, agreement)
    body = {"content_hash": task["content_hash"]} if action == "note" else seen(task)
    who.send(f"/approvals/{task['id']}/{action}", {**body, **words}, version=task["version"], **who.proof())
    return who.get(f"/approvals/{task['id']}")


def decide(who: Program, agreement: str, action: str = "approve", **words: Any) -> None:
    """A whole decision of a regulator on its task about the agreement: proposed, and confirmed by a colleague."""
    task = propose(who, agreement, action, **words)
    if task["status"] == "proposed":
        assert who.colleague is not None
        confirm(who.colleague, task)


def confirm(colleague: Program, task: Any, status: int = 200) -> None:
    path = f"/approvals/{task['id']}/confirm"
    colleague.send(path, seen(task), version=task["version"], status=status, **colleague.proof())


def attach(who: Program, subject_type: str, ref: str, name: str, purpose: str) -> str:
    """Attach a small document. Returns its ref."""
    data = {"subject_type": subject_type, "subject": ref, "purpose": purpose, "file": (BytesIO(b"Measured on site."), name)}
    answer = who.client.post(f"{API}/attachments", data=data, content_type="multipart/form-data")
    made: Any = _checked(answer, 201).json
    return str(made["id"])
