"""A large import is undone piece by piece by a job: it has a state for that."""

from __future__ import annotations

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BEFORE = "status IN ('uploaded','checking','checked','importing','committed','undone','failed','discarded')"
AFTER = "status IN ('uploaded','checking','checked','importing','committed','undoing','undone','failed','discarded')"
COMMITTED_BEFORE = "(status IN ('committed','undone')) = (committed_at IS NOT NULL)"
COMMITTED_AFTER = "(status IN ('committed','undoing','undone')) = (committed_at IS NOT NULL)"


def upgrade() -> None:
    _constrain(AFTER, COMMITTED_AFTER)


def downgrade() -> None:
    op.execute("UPDATE import_batch SET status = 'committed' WHERE status = 'undoing'")
    _constrain(BEFORE, COMMITTED_BEFORE)


def _constrain(status: str, committed: str) -> None:
    with op.batch_alter_table("import_batch") as table:
        for name, words in (("status", status), ("committed", committed)):
            table.drop_constraint(op.f(f"ck_import_batch_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_import_batch_{name}"), words)
