"""The suite's own ground: each test gets an empty, migrated database, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.db.base import Base
from app.db.jobs import Job, enqueue
from app.db.session import Database
from tests.support.now import NOW


@pytest.mark.parametrize("round_", [1, 2])
def test_rows_of_one_test_are_gone_in_the_next(database: Database, round_: int) -> None:
    with database.write() as session:
        enqueue(session, "nothing", {}, NOW)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_every_table_of_the_models_is_there_and_empty(database: Database) -> None:
    with database.read() as session:
        rows = {table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}
    assert rows
    assert {name: count for name, count in rows.items() if count} == {}


def test_a_reader_cannot_write(database: Database) -> None:
    with database.read() as session, pytest.raises(Exception, match=r"readonly|read-only"):
        enqueue(session, "nothing", {}, NOW)


def test_rows_that_were_read_keep_their_values_afterwards(database: Database) -> None:
    with database.write() as session:
        enqueue(session, "nothing", {}, NOW)
    with database.read() as session:
        job = session.scalars(select(Job)).one()
    assert job.task == "nothing"
