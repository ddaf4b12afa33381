"""When a record was made, by the database's clock; on PostgreSQL nobody is granted to change one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RIGHTS = "UPDATE, DELETE, TRUNCATE ON audit_record"


def upgrade() -> None:
    op.add_column("audit_record", sa.Column("recorded_at", UtcDateTime(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"REVOKE {RIGHTS} FROM PUBLIC, CURRENT_USER")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT {RIGHTS} TO CURRENT_USER")
    op.drop_column("audit_record", "recorded_at")
