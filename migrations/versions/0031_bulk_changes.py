"""Bulk changes of listings, and what each would do, or has done, to its listings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_change",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("wanted", Json, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("message_en", sa.Text(), nullable=True),
        sa.Column("message_zh", sa.Text(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('selected','previewed','applied','undone','discarded')", name=op.f("ck_bulk_change_status")
        ),
        sa.CheckConstraint("(status IN ('applied','undone')) = (applied_at IS NOT NULL)", name=op.f("ck_bulk_change_applied")),
        sa.CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_bulk_change_undone")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_bulk_change_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_bulk_change_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
        sa.UniqueConstraint("ref", name=op.f("uq_bulk_change_ref")),
    )
    op.create_index(op.f("ix_bulk_change_organisation_id"), "bulk_change", ["organisation_id"])
    op.create_table(
        "bulk_change_item",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("asset_version", sa.BigInteger(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("reason_en", sa.Text(), nullable=True),
        sa.Column("reason_zh", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('waiting','change','same','refused','stale','applied','undone')",
            name=op.f("ck_bulk_change_item_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["bulk_change.id"], name=op.f("fk_bulk_change_item_change_id_bulk_change"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_bulk_change_item_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change_item")),
    )
    op.create_index(op.f("ix_bulk_change_item_listing_id"), "bulk_change_item", ["listing_id"])
    op.create_index("uq_bulk_change_item_position", "bulk_change_item", ["change_id", "position"], unique=True)
    op.create_index("ix_bulk_change_item_verdict", "bulk_change_item", ["change_id", "verdict", "position"])


def downgrade() -> None:
    op.drop_table("bulk_change_item")
    op.drop_table("bulk_change")
