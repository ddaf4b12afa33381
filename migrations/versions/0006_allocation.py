"""Runs of the allocation, what each need got, and from which listing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allocation_run",
        sa.Column("needs_list_id", BigId, nullable=True),
        sa.Column("base_id", BigId, nullable=True),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("scenario", Json, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("started_by", BigId, nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("engine_version", sa.String(length=24), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("needs", sa.BigInteger(), nullable=False),
        sa.Column("listings", sa.BigInteger(), nullable=False),
        sa.Column("pairs", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("bound", sa.BigInteger(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("methods", Json, nullable=False),
        sa.Column("timings", Json, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("status IN ('running','done','failed','cancelled')", name=op.f("ck_allocation_run_status")),
        sa.CheckConstraint(
            "(status = 'done') = (value IS NOT NULL AND bound IS NOT NULL)", name=op.f("ck_allocation_run_answer")
        ),
        sa.CheckConstraint("value IS NULL OR value <= bound", name=op.f("ck_allocation_run_bound")),
        sa.CheckConstraint("proven IS FALSE OR value = bound", name=op.f("ck_allocation_run_proven")),
        sa.ForeignKeyConstraint(["needs_list_id"], ["needs_list.id"], name=op.f("fk_allocation_run_needs_list_id_needs_list")),
        sa.ForeignKeyConstraint(["base_id"], ["allocation_run.id"], name=op.f("fk_allocation_run_base_id_allocation_run")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_allocation_run_started_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_allocation_run_ref")),
    )
    op.create_index(op.f("ix_allocation_run_needs_list_id"), "allocation_run", ["needs_list_id"], unique=False)
    op.create_table(
        "allocation_need",
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("candidates", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('served','partly','no_candidate','bundle','contested')", name=op.f("ck_allocation_need_outcome")
        ),
        sa.CheckConstraint("given BETWEEN 0 AND wanted", name=op.f("ck_allocation_need_given")),
        sa.CheckConstraint("(outcome IN ('served','partly')) = (given > 0)", name=op.f("ck_allocation_need_served")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["allocation_run.id"], name=op.f("fk_allocation_need_run_id_allocation_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_allocation_need_need_id_need"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "need_id", name=op.f("pk_allocation_need")),
    )
    op.create_index("ix_allocation_need_need_id", "allocation_need", ["need_id"], unique=False)
    op.create_index("ix_allocation_need_outcome", "allocation_need", ["run_id", "outcome"], unique=False)
    op.create_table(
        "allocation_line",
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("distance_mm", sa.BigInteger(), nullable=False),
        sa.Column("slots", Json, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_allocation_line_quantity")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["allocation_run.id"], name=op.f("fk_allocation_line_run_id_allocation_run"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_allocation_line_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_allocation_line_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "need_id", "listing_id", name=op.f("pk_allocation_line")),
    )
    op.create_index("ix_allocation_line_listing", "allocation_line", ["listing_id", "run_id"], unique=False)
    op.create_index("ix_allocation_line_need_id", "allocation_line", ["need_id"], unique=False)


def downgrade() -> None:
    op.drop_table("allocation_line")
    op.drop_table("allocation_need")
    op.drop_table("allocation_run")
