"""What becomes of a late request to join works, by the rule of their announcement: not taken, or the sponsor's to take.

Works announced before keep what stood then: a late request is not taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OLD = {
    "status": "status IN ('waiting','accepted','refused','withdrawn','late','passed')",
    "answered": "(status = 'waiting') = (answered_on IS NULL)",
    "reason": "status NOT IN ('refused','late') OR answer IS NOT NULL",
    "in_time": "status NOT IN ('waiting','accepted','refused') OR asked_on <= join_until",
    "late": "status <> 'late' OR asked_on > join_until",
}
NEW = {
    "status": "status IN ('waiting','accepted','refused','withdrawn','late','too_late','passed')",
    "late_rule": "late_rule IN ('closed','sponsor','never')",
    "answered": "(status IN ('waiting','late')) = (answered_on IS NULL)",
    "reason": "status NOT IN ('refused','too_late') OR answer IS NOT NULL",
    "in_time": "status <> 'waiting' OR asked_on <= join_until OR late_rule = 'never'",
    "taken_late": "status NOT IN ('accepted','refused') OR asked_on <= join_until OR late_rule <> 'closed'",
    "late": "status <> 'late' OR (asked_on > join_until AND late_rule = 'sponsor')",
    "too_late": "status <> 'too_late' OR (asked_on > join_until AND late_rule = 'closed')",
}


def upgrade() -> None:
    _drop(OLD)
    with op.batch_alter_table("works_join") as table:
        table.add_column(sa.Column("late_rule", sa.String(length=10), nullable=False, server_default="closed"))
    op.execute("UPDATE works_join SET status = 'too_late' WHERE status = 'late'")
    with op.batch_alter_table("works_join") as table:
        table.alter_column("late_rule", server_default=None)
    _create(NEW)
    _index("'waiting','late','accepted'")


def downgrade() -> None:
    """A request that the sponsor took late is on record as late."""
    _drop(NEW)
    op.execute(
        "UPDATE works_join SET status = 'late', answered_on = coalesce(answered_on, asked_on), answer = coalesce(answer, '-') "
        "WHERE status IN ('late','too_late') OR (status IN ('waiting','accepted','refused') AND asked_on > join_until)"
    )
    with op.batch_alter_table("works_join") as table:
        table.drop_column("late_rule")
    _create(OLD)
    _index("'waiting','accepted'")


def _drop(checks: dict[str, str]) -> None:
    op.drop_index("uq_works_join_standing", "works_join")
    with op.batch_alter_table("works_join") as table:
        for name in checks:
            table.drop_constraint(op.f(f"ck_works_join_{name}"), type_="check")


def _create(checks: dict[str, str]) -> None:
    with op.batch_alter_table("works_join") as table:
        for name, condition in checks.items():
            table.create_check_constraint(op.f(f"ck_works_join_{name}"), condition)


def _index(standing: str) -> None:
    where = sa.text(f"status IN ({standing})")
    columns = ["project_id", "organisation_id"]
    op.create_index("uq_works_join_standing", "works_join", columns, unique=True, sqlite_where=where, postgresql_where=where)
