"""Saved searches with their alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("alert", sa.String(length=8), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("alert IN ('off','instant','daily','weekly')", name=op.f("ck_saved_search_alert")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_saved_search_user_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_saved_search_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("ref", name=op.f("uq_saved_search_ref")),
        sa.UniqueConstraint("user_id", "organisation_id", "name", name="uq_saved_search_name"),
    )
    op.create_index("ix_saved_search_alert", "saved_search", ["alert"])
    op.create_index("ix_saved_search_organisation_id", "saved_search", ["organisation_id"])
    op.create_table(
        "saved_search_hit",
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["saved_search.id"], name=op.f("fk_saved_search_hit_search_id_saved_search"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_saved_search_hit_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("search_id", "listing_id", name=op.f("pk_saved_search_hit")),
    )
    op.create_index(op.f("ix_saved_search_hit_listing_id"), "saved_search_hit", ["listing_id"])


def downgrade() -> None:
    op.drop_table("saved_search_hit")
    op.drop_table("saved_search")
