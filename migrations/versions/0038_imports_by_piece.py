"""A large import is written piece by piece by a job: it has a state for that, and the place that it has come to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = "status IN ('uploaded','checking','checked','committed','undone','failed','discarded')"
AFTER = "status IN ('uploaded','checking','checked','importing','committed','undone','failed','discarded')"


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.add_column(sa.Column("written_to", BigId, nullable=False, server_default="0"))
        table.drop_constraint(op.f("ck_import_batch_status"), type_="check")
        table.create_check_constraint(op.f("ck_import_batch_status"), AFTER)


def downgrade() -> None:
    op.execute("UPDATE import_batch SET status = 'failed' WHERE status = 'importing'")
    with op.batch_alter_table("import_batch") as table:
        table.drop_constraint(op.f("ck_import_batch_status"), type_="check")
        table.create_check_constraint(op.f("ck_import_batch_status"), BEFORE)
        table.drop_column("written_to")
