"""What a searcher knows of an answer is remembered, so that a price that falls and capacity that is freed are told too, once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("saved_search", sa.Column("remembered_at", UtcDateTime(), nullable=True))
    _table(
        "saved_search_known",
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("fit_told", sa.Boolean(), nullable=False),
    )
    op.drop_table("saved_search_hit")


def downgrade() -> None:
    _table("saved_search_hit", sa.Column("told_at", UtcDateTime(), nullable=False))
    op.drop_table("saved_search_known")
    with op.batch_alter_table("saved_search") as table:
        table.drop_column("remembered_at")


def _table(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f(f"fk_{name}_search_id_saved_search"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f(f"fk_{name}_listing_id_listing"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("search_id", "listing_id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_listing_id"), name, ["listing_id"])
