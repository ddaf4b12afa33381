"""A table that others refer to can be rebuilt in a migration, and what it leaves broken is not committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from app.db.session import Database

MADE = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, word VARCHAR(3))",
    "CREATE TABLE child (parent_id INTEGER NOT NULL REFERENCES parent (id))",
    "INSERT INTO parent VALUES (1, 'one')",
    "INSERT INTO child VALUES (1)",
)
REBUILT = (
    "CREATE TABLE fresh (id INTEGER PRIMARY KEY, word VARCHAR(3) CHECK (word <> ''))",
    "INSERT INTO fresh SELECT * FROM parent",
    "DROP TABLE parent",
    "ALTER TABLE fresh RENAME TO parent",
)


@pytest.fixture
def family(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'family.db'}")
    with database.write() as session:
        for statement in MADE:
            session.execute(text(statement))
    return database


def test_a_parent_is_rebuilt_under_its_children(family: Database) -> None:
    with family.rebuild() as session:
        for statement in REBUILT:
            session.execute(text(statement))
    with family.write() as session:
        assert session.execute(text("SELECT word FROM child JOIN parent ON parent.id = parent_id")).scalar_one() == "one"
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_rebuild_that_loses_a_parent_changes_nothing(family: Database) -> None:
    with pytest.raises(ValueError, match="row 1 of child"), family.rebuild() as session:
        session.execute(text("DELETE FROM parent"))
    with family.read() as session:
        assert session.execute(text("SELECT count(*) FROM parent")).scalar_one() == 1
