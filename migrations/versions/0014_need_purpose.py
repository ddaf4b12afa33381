"""What a need is for, and since when it waits: fairness between needs looks at both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KNOWN = "purpose IN ('general','universal_service','emergency')"


def upgrade() -> None:
    op.add_column("need", sa.Column("submitted_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE need SET submitted_on = CAST(created_at AS DATE) WHERE status <> 'draft'" if _postgresql() else _SQLITE_DAY
    )
    if _postgresql():
        op.add_column("need", sa.Column("purpose", sa.String(length=20), server_default="general", nullable=False))
        op.create_check_constraint(op.f("ck_need_purpose"), "need", KNOWN)
    else:  # a batch operation would rebuild the table and drop its triggers
        op.execute(
            f"ALTER TABLE need ADD COLUMN purpose VARCHAR(20) DEFAULT 'general' NOT NULL CONSTRAINT ck_need_purpose CHECK ({KNOWN})"
        )


_SQLITE_DAY = "UPDATE need SET submitted_on = substr(created_at, 1, 10) WHERE status <> 'draft'"


def downgrade() -> None:
    if _postgresql():
        op.drop_constraint(op.f("ck_need_purpose"), "need", type_="check")
        op.drop_column("need", "purpose")
        op.drop_column("need", "submitted_on")
    else:
        op.execute("ALTER TABLE need DROP COLUMN purpose")
        op.execute("ALTER TABLE need DROP COLUMN submitted_on")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
