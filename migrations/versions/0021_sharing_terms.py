"""Exclusive listings, needs that may be divided, what an organisation may spend on a needs list, and two reasons more for nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OUTCOMES = "outcome IN ('served','partly','no_candidate','bundle','contested'{more})"


def upgrade() -> None:
    """The columns come without a rebuild, which would drop the triggers of places."""
    check = "CONSTRAINT ck_listing_exclusivity CHECK (exclusivity IN ('none','listing','asset'))"
    op.execute(f"ALTER TABLE listing ADD COLUMN exclusivity VARCHAR(8) DEFAULT 'none' NOT NULL {check}")
    op.execute("ALTER TABLE need ADD COLUMN divisible BOOLEAN DEFAULT false NOT NULL")
    op.create_table(
        "needs_budget",
        sa.Column("needs_list_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("limit_minor >= 0", name=op.f("ck_needs_budget_limit")),
        sa.ForeignKeyConstraint(
            ["needs_list_id"], ["needs_list.id"], name=op.f("fk_needs_budget_needs_list_id_needs_list"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_needs_budget_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("needs_list_id", "organisation_id", name=op.f("pk_needs_budget")),
    )
    op.create_index("ix_needs_budget_organisation_id", "needs_budget", ["organisation_id"])
    _outcomes(",'budget','exclusive'")


def downgrade() -> None:
    op.execute("UPDATE allocation_need SET outcome = 'contested' WHERE outcome IN ('budget','exclusive')")
    _outcomes("")
    op.drop_table("needs_budget")
    op.execute("ALTER TABLE need DROP COLUMN divisible")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE listing DROP CONSTRAINT ck_listing_exclusivity")
    op.execute("ALTER TABLE listing DROP COLUMN exclusivity")


def _outcomes(more: str) -> None:
    with op.batch_alter_table("allocation_need") as batch:
        batch.drop_constraint(op.f("ck_allocation_need_outcome"), type_="check")
        batch.create_check_constraint(op.f("ck_allocation_need_outcome"), OUTCOMES.format(more=more))
