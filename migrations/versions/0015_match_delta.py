"""What each run changed, so that runs can be compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_delta",
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("score_before", sa.BigInteger(), nullable=True),
        sa.Column("score_after", sa.BigInteger(), nullable=True),
        sa.Column("need_rank_before", sa.BigInteger(), nullable=True),
        sa.Column("need_rank_after", sa.BigInteger(), nullable=True),
        sa.Column("listing_rank_before", sa.BigInteger(), nullable=True),
        sa.Column("listing_rank_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("score_before IS NOT NULL OR score_after IS NOT NULL", name=op.f("ck_match_delta_some")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_delta_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_match_delta_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("step", "need_id", "listing_id", name=op.f("pk_match_delta")),
    )
    op.create_index("ix_match_delta_need_id", "match_delta", ["need_id"])
    op.create_index("ix_match_delta_listing_id", "match_delta", ["listing_id"])
    op.add_column("match_run", sa.Column("step", sa.BigInteger(), nullable=True))
    op.create_index("ix_match_run_step", "match_run", ["step"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_match_run_step", "match_run")
    op.drop_column("match_run", "step")
    op.drop_table("match_delta")
