"""How often a job may be started: five times, and five more whenever it is tried again by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("allowed", sa.BigInteger(), server_default="5", nullable=False))


def downgrade() -> None:
    op.drop_column("job", "allowed")
