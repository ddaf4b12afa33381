"""Every event is one record in its own transaction, at the end of one chain, and records cannot be changed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditRecord
from app.audit.queries import history, verify
from app.db.session import Database
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM, Actor
from app.kernel.event import Event

SOMEBODY = Actor(
    user_id=7, user_ref="u" * 13, name="李伟", organisation_id=3, organisation_ref="o" * 13, organisation_name="City Power"
)


def emit(bus: Bus, actor: Actor = SYSTEM, *actions: str, after: dict[str, object] | None = None) -> None:
    def use_case(work: UnitOfWork, command: None) -> None:
        for action in actions or ("thing.made",):
            work.emit(Event(action, "thing", "t" * 13, (3, 1, 3), {"status": "draft"}, after or {"status": "made"}))

    bus.execute(use_case, actor, None)


def rows(bus: Bus) -> list[tuple[str, int, str]]:
    with bus.database.read() as session:
        found = session.scalars(select(AuditRecord).order_by(AuditRecord.chain, AuditRecord.position))
        return [(row.chain, row.position, row.action) for row in found]


def test_one_record_of_each_event_in_order(bus: Bus) -> None:
    emit(bus, SOMEBODY, "thing.made", "thing.edited")
    emit(bus)
    emit(bus, SOMEBODY, "thing.ended")
    mine = "o" * 13
    assert rows(bus) == [
        (mine, 1, "thing.made"),
        (mine, 2, "thing.edited"),
        (mine, 3, "thing.ended"),
        ("platform", 1, "thing.made"),
    ]
    with bus.database.read() as session:
        assert session.scalars(select(AuditRecord.concerned)).first() == [1, 3]


def test_what_is_rolled_back_leaves_no_record(bus: Bus) -> None:
    def use_case(work: UnitOfWork, command: None) -> None:
        work.emit(Event("thing.made", "thing", "t" * 13))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        bus.execute(use_case, SOMEBODY, None)
    assert rows(bus) == []


def test_the_record_keeps_what_was_said_to_the_microsecond(bus: Bus) -> None:
    bus.clock.instant = datetime(2026, 7, 1, 1, 2, 3, 456789, tzinfo=UTC)  # type: ignore[attr-defined]
    emit(bus, SOMEBODY, after={"name": "电力 ½", "limit": 1.5, "many": [1, {"a": None}], "large": 2**53})
    with bus.database.read() as session:
        assert verify(session).faults == ()
        row = session.scalars(select(AuditRecord)).one()
        assert row.effective_at == bus.clock.now()
        assert row.after["name"] == "电力 ½"


@pytest.mark.parametrize("statement", ["UPDATE audit_record SET action = 'thing.forged'", "DELETE FROM audit_record"])
def test_the_database_refuses_to_change_a_record(bus: Bus, statement: str) -> None:
    emit(bus)
    with pytest.raises(DBAPIError, match="append-only"), bus.database.write() as session:
        session.execute(text(statement))
    assert len(rows(bus)) == 1


def unguarded(database: Database, statement: str) -> None:
    """Change the record as somebody who owns the database file could."""
    with database.write() as session:
        if database.is_sqlite:
            kept = session.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_record'")
            ).all()
            for name, _ in kept:
                session.execute(text(f"DROP TRIGGER {name}"))
            session.execute(text(statement))
            for _, definition in kept:
                session.execute(text(definition))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_record SET user_name = 'Mallory' WHERE position = 2", (2, "changed")),
        ("DELETE FROM audit_record WHERE position = 2", (3, "gap")),
        ("UPDATE audit_record SET effective_at = '2020-01-01 00:00:00.000000' WHERE position = 3", (3, "changed")),
    ],
)
def test_tampering_shows(app: Flask, bus: Bus, statement: str, fault: tuple[int, str]) -> None:
    emit(bus, SOMEBODY, "thing.made", "thing.edited", "thing.ended")
    emit(bus)
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    unguarded(bus.database, statement)
    with bus.database.read() as session:
        verdict = verify(session)
    assert [(found.position, found.kind) for found in verdict.faults] == [fault]
    shown = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert shown.exit_code == 1
    assert "1 broken" in shown.output


def test_writers_at_once_do_not_fork_the_chain(bus: Bus) -> None:
    start, failures = threading.Barrier(6), []

    def work() -> None:
        start.wait()
        try:
            for _ in range(10):
                emit(bus, SOMEBODY)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [position for _, position, _ in rows(bus)] == list(range(1, 61))
    with bus.database.read() as session:
        assert verify(session).faults == ()


def test_history_says_who_for_whom_and_what_changed(bus: Bus) -> None:
    emit(bus, SOMEBODY, "need.submitted", after={"status": "submitted", "title": "屋顶"})
    found = bus.ask(history, SYSTEM, "thing", "t" * 13)
    assert len(found) == 1
    row = found[0]
    assert (row.who, row.organisation.en, row.title.en, row.title.zh) == ("李伟", "City Power", "Need submitted", "需求已提交")
    assert [(c.field, c.before, c.after) for c in row.changes] == [("status", "draft", "submitted"), ("title", None, "屋顶")]
    assert bus.ask(history, SYSTEM, "thing", "x" * 13) == []
