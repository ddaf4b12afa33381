"""A regulator's decision that is deemed made, by nobody, when its clock has passed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

DECIDED = "(status IN ('waiting','proposed','void')) OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)"
DECIDED_OR_DEEMED = "(status IN ('waiting','proposed','void')) OR ((decided_by IS NOT NULL OR deemed) AND decided_at IS NOT NULL)"
DEEMED = "NOT deemed OR (decided_by IS NULL AND proposed_by IS NULL AND status IN ('approved','noted','void'))"
FOUR_EYES = (
    "NOT four_eyes OR {}status NOT IN ('approved','approved_with_conditions','returned','refused') "
    "OR (proposed_by IS NOT NULL AND proposed_by <> decided_by)"
)


def upgrade() -> None:
    with op.batch_alter_table("approval") as table:
        table.add_column(sa.Column("deemed", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("decided", "four_eyes"):
            table.drop_constraint(op.f(f"ck_approval_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_approval_decided"), DECIDED_OR_DEEMED)
        table.create_check_constraint(op.f("ck_approval_deemed"), DEEMED)
        table.create_check_constraint(op.f("ck_approval_four_eyes"), FOUR_EYES.format("deemed OR "))


def downgrade() -> None:
    op.execute("UPDATE approval SET status = 'void', deemed = false WHERE deemed")
    with op.batch_alter_table("approval") as table:
        for name in ("decided", "deemed", "four_eyes"):
            table.drop_constraint(op.f(f"ck_approval_{name}"), type_="check")
        table.drop_column("deemed")
        table.create_check_constraint(op.f("ck_approval_decided"), DECIDED)
        table.create_check_constraint(op.f("ck_approval_four_eyes"), FOUR_EYES.format(""))
