"""Needs lists that were printed: what identifies a copy to everybody who holds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

NAME = "needs_list_paper"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("needs_list_id", BigId, nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=13), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["needs_list_id"], ["needs_list.id"], name=op.f(f"fk_{NAME}_needs_list_id_needs_list"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("content_hash", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("mark", name=op.f(f"uq_{NAME}_mark")),
    )
    for column in ("needs_list_id", "file_hash"):
        op.create_index(op.f(f"ix_{NAME}_{column}"), NAME, [column])


def downgrade() -> None:
    op.drop_table(NAME)
