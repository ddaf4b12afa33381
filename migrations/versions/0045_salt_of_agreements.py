"""What makes the hashes of an agreement's versions and of its assets' ledger hard to guess. Agreements of before keep the hashes that they have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreement", sa.Column("salt", sa.String(length=13), nullable=True))


def downgrade() -> None:
    op.drop_column("agreement", "salt")
