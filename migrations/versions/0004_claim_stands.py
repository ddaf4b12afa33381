"""A claim stands as it was made and ends once; a hold ends by the database's clock. The SQL as it stood, one file per engine.

What a claim takes is judged when it is inserted, and only then: nothing else of it changes any more."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> None:
    """Run a file of this engine; ";;" on a line of its own stands between its statements."""
    written = (FOLDER / f"{name}_{op.get_bind().dialect.name}.sql").read_text(encoding="utf-8")
    for statement in filter(None, (part.strip() for part in written.split("\n;;\n"))):
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if op.get_bind().dialect.name == "postgresql" else statement)


def upgrade() -> None:
    run("0004")


def downgrade() -> None:
    run("0004_down")
