"""What a needs list asks of its entries: its text, the day it is published, kinds, what each must state, from whom.

Lists opened before ask nothing more than they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import Json

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

CHECKS = {"published": "publishes_on IS NULL OR publishes_on >= closes_on", "audience": "audience IN ('all','invited')"}


def upgrade() -> None:
    with op.batch_alter_table("needs_list") as table:
        table.add_column(sa.Column("asks", sa.Text(), nullable=True))
        table.add_column(sa.Column("asks_zh", sa.Text(), nullable=True))
        table.add_column(sa.Column("publishes_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("kinds", Json, nullable=False, server_default="[]"))
        table.add_column(sa.Column("must_state", Json, nullable=False, server_default="[]"))
        table.add_column(sa.Column("audience", sa.String(length=8), nullable=False, server_default="all"))
        for name, condition in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_needs_list_{name}"), condition)


def downgrade() -> None:
    with op.batch_alter_table("needs_list") as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_needs_list_{name}"), type_="check")
        for column in ("audience", "must_state", "kinds", "publishes_on", "asks_zh", "asks"):
            table.drop_column(column)
