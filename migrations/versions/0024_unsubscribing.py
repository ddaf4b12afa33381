"""Where the reader of a subscribed mail ends it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail", sa.Column("unsubscribe_url", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("mail", "unsubscribe_url")
