"""On SQLite, the JSON of old records with its names in order, as new ones are written: so that a changed order shows. They say what they said,
and their hashes, which are over names in order, stay."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from app.audit.guards import drop_statements, statements

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

COLUMNS = ("concerned", "before", "after")


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    for statement in drop_statements("sqlite"):
        op.execute(statement)
    wanted = ", ".join(f"{name} = :{name}" for name in COLUMNS)
    for row in connection.execute(sa.text(f"SELECT id, {', '.join(COLUMNS)} FROM audit_record")).mappings().all():
        ordered = {name: json.dumps(json.loads(row[name]), sort_keys=True) for name in COLUMNS}
        if any(ordered[name] != row[name] for name in COLUMNS):
            connection.execute(sa.text(f"UPDATE audit_record SET {wanted} WHERE id = :id"), {**ordered, "id": row["id"]})
    for statement in statements("sqlite"):
        op.execute(statement)


def downgrade() -> None:
    """Names in order are what older releases read too."""
