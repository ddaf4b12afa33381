"""Every event is one record in its own transaction, at the end of one chain, and records cannot be changed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit.chain import FIELDS, GENESIS, RECORDED_AT, record_hash
from app.audit.heads import publish, read_published
from app.audit.jobs import publish_now, queue_daily
from app.audit.models import AuditRecord
from app.audit.queries import history
from app.audit.signing import public_hex, signing_key
from app.audit.verifying import verify
from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
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


def unindexed(database: Database, *statements: str) -> None:
    """The same with the unique keys of the chain taken away first: a fork needs that."""
    with database.write() as session:
        for name in ("uq_audit_record_position", "uq_audit_record_prev"):
            session.execute(text(f"DROP INDEX {name}"))
        for statement in statements:
            session.execute(text(statement))


def restored(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE UNIQUE INDEX uq_audit_record_position ON audit_record (chain, position)"))
        session.execute(text("CREATE UNIQUE INDEX uq_audit_record_prev ON audit_record (chain, prev_hash)"))


COLUMNS = [column.name for column in AuditRecord.__table__.columns if column.name not in ("id", "chain", "position")]
MINE = "o" * 13


def faults(bus: Bus, app: Flask) -> list[tuple[str, int, str]]:
    settings = app.config["SETTINGS"]
    published = read_published(settings.heads_file, public_hex(signing_key(settings.signing_key_file)))
    with bus.database.read() as session:
        return [(fault.chain, fault.position, fault.kind) for fault in verify(session, published).faults]


@pytest.fixture
def recorded(app: Flask, bus: Bus) -> Iterator[Bus]:
    """Two chains, their heads published; the file is gone afterwards."""
    emit(bus, SOMEBODY, "thing.made", "thing.edited", "thing.ended")
    emit(bus)
    settings = app.config["SETTINGS"]
    publish_now(bus, settings)
    assert faults(bus, app) == []
    yield bus
    settings.heads_file.unlink()


FORGED = {
    "concerned": "'[9]'",
    "before": "'{}'",
    "after": "'{}'",
    "user_id": "8",
    "organisation_id": "8",
    "agent_id": "8",
    "effective_at": "'2020-01-01 00:00:00.000000'",
    "recorded_at": "'2020-01-01 00:00:00.000000'",
    "hash": f"'{'1' * 64}'",
    "prev_hash": f"'{'2' * 64}'",
    "ref": "'zzzzzzzzzzzzz'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_field_shows_and_says_where(app: Flask, recorded: Bus, column: str) -> None:
    forged = FORGED.get(column, "'forged'")
    unguarded(recorded.database, f"UPDATE audit_record SET {column} = {forged} WHERE chain = '{MINE}' AND position = 2")
    assert faults(recorded, app) == [(MINE, 2, "changed")]
    shown = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert shown.exit_code == 1
    assert f"chain {MINE}: changed at 2: a byte of this record was changed" in shown.output


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (f"DELETE FROM audit_record WHERE chain = '{MINE}' AND position = 1", (MINE, 2, "gap")),
        (f"DELETE FROM audit_record WHERE chain = '{MINE}' AND position = 2", (MINE, 3, "gap")),
        (f"DELETE FROM audit_record WHERE chain = '{MINE}' AND position = 3", (MINE, 3, "cut")),
        (f"DELETE FROM audit_record WHERE chain = '{MINE}'", (MINE, 1, "cut")),
        ("DELETE FROM audit_record WHERE chain = 'platform'", ("platform", 1, "cut")),
    ],
)
def test_a_record_that_is_missing_shows_also_at_the_end(
    app: Flask, recorded: Bus, statement: str, fault: tuple[str, int, str]
) -> None:
    unguarded(recorded.database, statement)
    assert faults(recorded, app) == [fault]
    emit(recorded, SOMEBODY) if fault[2] == "cut" and fault[0] == MINE else None
    assert faults(recorded, app)[0][0] == fault[0], "what is written after the cut does not heal it"


def test_a_fork_shows(app: Flask, recorded: Bus) -> None:
    kept = ", ".join(name for name in COLUMNS if name not in ("ref", "hash"))
    try:
        unindexed(
            recorded.database,
            f"INSERT INTO audit_record (chain, position, ref, hash, {kept}) SELECT chain, position, 'forkforkforkx', '{'3' * 64}', "
            f"{kept} FROM audit_record WHERE chain = '{MINE}' AND position = 2",
        )
        assert faults(recorded, app) == [(MINE, 2, "fork")]
    finally:
        unguarded(recorded.database, "DELETE FROM audit_record WHERE ref = 'forkforkforkx'")
        restored(recorded.database)


def test_a_chain_that_is_written_anew_shows_against_the_published_head(app: Flask, recorded: Bus) -> None:
    """Who owns the database can forge a record and hash everything again: whole by itself, and not what was published."""
    with recorded.database.read() as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.chain == MINE).order_by(AuditRecord.position)).all()
        facts = [{name: getattr(row, name) for name in (*FIELDS, RECORDED_AT)} for row in rows]
    previous = GENESIS
    for one in facts:
        one |= {"prev_hash": previous, "user_name": "Mallory"}
        previous = record_hash(one)
        # from the last to the first would break the unique key of prev_hash: the forger goes through values that nobody has
        unguarded(
            recorded.database,
            f"UPDATE audit_record SET user_name = 'Mallory', prev_hash = '{one['prev_hash']}', hash = '{previous}' "
            f"WHERE chain = '{MINE}' AND position = {one['position']}",
        )
    with recorded.database.read() as session:
        assert verify(session).faults == ()
    assert faults(recorded, app) == [(MINE, 3, "rewritten")]
    publish_now(
        recorded, app.config["SETTINGS"]
    )  # the forged end is published in its turn: the earlier head still stands against it
    assert faults(recorded, app) == [(MINE, 3, "rewritten")]


def test_the_published_file_itself_is_guarded(app: Flask, recorded: Bus) -> None:
    settings = app.config["SETTINGS"]
    emit(recorded)
    publish_now(recorded, settings)
    whole, dice = settings.heads_file.read_bytes(), random.Random(3)
    assert whole.count(b"\n") == 2
    for place in dice.sample(range(len(whole) - 1), 40):
        settings.heads_file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert any(chain == "published heads" for chain, _, _ in faults(recorded, app)), place
    last = whole.rindex(b'"signature":"') + 13
    capital = next(place for place in range(last, last + 128) if whole[place : place + 1].isalpha())
    settings.heads_file.write_bytes(whole[:capital] + whole[capital : capital + 1].upper() + whole[capital + 1 :])
    assert faults(recorded, app) == [("published heads", 2, "signature")]
    for ending in (whole[:-1], whole[:-1] + b"\r"):  # cut off, or flipped
        settings.heads_file.write_bytes(ending)
        assert faults(recorded, app) == [("published heads", 2, "heads_changed")]
    settings.heads_file.write_bytes(whole[:-40])  # a line that was being written when the disk was full
    publish_now(recorded, settings)
    assert faults(recorded, app) == [("published heads", 2, "heads_changed")], "and the next line is whole"
    first, second = whole.splitlines(keepends=True)
    settings.heads_file.write_bytes(second)
    assert faults(recorded, app)[0] == ("published heads", 1, "heads_changed")
    settings.heads_file.write_bytes(first)
    other = settings.var / "other.pem"
    publish(settings.heads_file, [], recorded.clock.now(), signing_key(other))
    assert faults(recorded, app) == [("published heads", 2, "signature"), ("published heads", 3, "heads_missing")]


def test_the_job_publishes_and_queues_itself_for_tomorrow(app: Flask, bus: Bus) -> None:
    emit(bus, SOMEBODY)
    bus.execute(queue_daily, SYSTEM, 0.0)
    settings = app.config["SETTINGS"]
    with app.app_context():
        worker = Worker(bus.database, bus.clock, job_handlers(bus))
        while worker.run_one():
            pass
    try:
        found = read_published(settings.heads_file, public_hex(signing_key(settings.signing_key_file)))
        assert [(head.chain, head.position) for head in found[0].heads] == [(MINE, 1)]
        with bus.database.read() as session:
            assert session.scalars(select(Job.state).where(Job.task == "audit.publish_heads")).all().count("queued") == 1
    finally:
        settings.heads_file.unlink()


def test_nobody_is_granted_to_change_a_record(bus: Bus) -> None:
    if bus.database.is_sqlite:
        return  # SQLite has no grants; its triggers are tested above
    with bus.database.read() as session:
        granted = session.execute(text("SELECT relacl::text FROM pg_class WHERE relname = 'audit_record'")).scalar() or ""
    own = granted.strip("{}").split(",")[0].partition("=")[2].partition("/")[0]
    assert "a" in own
    assert "r" in own
    assert not set(own) & set("wdD")


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


def test_two_records_that_changed_places_show(app: Flask, recorded: Bus) -> None:
    swap = "CASE position WHEN 2 THEN 3 ELSE 2 END"
    unguarded(recorded.database, f"UPDATE audit_record SET position = -position WHERE chain = '{MINE}' AND position > 1")
    unguarded(
        recorded.database,
        f"UPDATE audit_record SET position = {swap.replace('position', '-position')} WHERE chain = '{MINE}' AND position < 0",
    )
    assert faults(recorded, app) == [(MINE, 2, "changed")]


def test_a_published_line_that_is_gone_shows_by_the_record(app: Flask, recorded: Bus) -> None:
    """The file's own end can be cut off and the rest is sound; the record says how far it went."""
    settings = app.config["SETTINGS"]
    emit(recorded)
    publish_now(recorded, settings)
    first, _second = settings.heads_file.read_bytes().splitlines(keepends=True)
    settings.heads_file.write_bytes(first)
    assert faults(recorded, app) == [("published heads", 2, "heads_missing")]
    settings.heads_file.write_bytes(b"")
    assert faults(recorded, app)[0] == ("published heads", 1, "heads_missing")
    settings.heads_file.unlink()
    assert faults(recorded, app)[0] == ("published heads", 1, "heads_missing")
    publish_now(recorded, settings)  # a file begun anew is not the one that is on record
    assert ("published heads", 1, "heads_changed") in faults(recorded, app)
