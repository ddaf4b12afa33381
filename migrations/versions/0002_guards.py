"""Spatial indexes, and the triggers and constraints that no metadata knows: the SQL as it stood, one file per engine."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).resolve().parent.parent / "sql"


def statements() -> list[str]:
    """The statements of this engine, in order; ";;" on a line of its own stands between them."""
    written = (FOLDER / f"0002_{op.get_bind().dialect.name}.sql").read_text(encoding="utf-8")
    return [part.strip() for part in written.split("\n;;\n") if part.strip()]


def upgrade() -> None:
    for statement in statements():
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if op.get_bind().dialect.name == "postgresql" else statement)


def downgrade() -> None:
    for statement in reversed(statements()):
        for undo in undone(statement):
            op.execute(sa.text(undo))


def undone(statement: str) -> list[str]:
    """What takes one statement back."""
    if found := re.match(r"ALTER TABLE (\w+) ADD CONSTRAINT (\w+)", statement):
        return [f"ALTER TABLE {found[1]} DROP CONSTRAINT {found[2]}"]
    if found := re.match(r"CREATE VIRTUAL TABLE (\w+)", statement):
        return [f"DROP TABLE {found[1]}"]
    if found := re.match(r"CREATE INDEX (\w+)", statement):
        return [f"DROP INDEX {found[1]}"]
    if found := re.match(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)", statement):
        return [f"DROP FUNCTION {found[1]}"]
    if found := re.match(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+).*?\bON (\w+)", statement, re.DOTALL):
        on = f" ON {found[2]}" if op.get_bind().dialect.name == "postgresql" else ""
        return [f"DROP TRIGGER {found[1]}{on}"]
    raise ValueError(f"0002 cannot take back: {statement[:80]}")
