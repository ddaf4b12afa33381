"""The outbox of matching: triggers that note every change of what it reads. The SQL as it stood, one file per engine."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDER = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> None:
    """Run a file of this engine; ";;" on a line of its own stands between its statements."""
    written = (FOLDER / f"{name}_{op.get_bind().dialect.name}.sql").read_text(encoding="utf-8")
    for statement in filter(None, (part.strip() for part in written.split("\n;;\n"))):
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if op.get_bind().dialect.name == "postgresql" else statement)


def upgrade() -> None:
    op.create_table(
        "match_change",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_match_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_match_change_xid", "match_change", ["xid"])
    run("0007")


def downgrade() -> None:
    run("0007_down")
    op.drop_index("ix_match_change_xid", table_name="match_change")
    op.drop_table("match_change")
