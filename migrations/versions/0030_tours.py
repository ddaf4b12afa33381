"""How far each person has come on the guided tours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tour_walk",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("tour", sa.String(20), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "tour", name=op.f("pk_tour_walk")),
        sa.CheckConstraint("status IN ('running','finished','left')", name=op.f("ck_tour_walk_status")),
        sa.CheckConstraint("step >= 0", name=op.f("ck_tour_walk_step")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tour_walk_person_id_person"), ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("tour_walk")
