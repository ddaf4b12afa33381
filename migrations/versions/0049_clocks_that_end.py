"""A clock whose act is no longer waited for has ended; until now it read as met."""

from __future__ import annotations

from alembic import op

from app.deadlines.guards import drop_statements, statements

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

STATES = "'running','paused','met','passed'"
ACTS = "'started','paused','resumed','recounted','met','passed'"


def upgrade() -> None:
    _constrain(",'ended'")


def downgrade() -> None:
    _let_go()
    op.execute("UPDATE deadline SET status = 'met', met_at = updated_at WHERE status = 'ended'")
    op.execute("UPDATE deadline_entry SET status = 'met', act = 'met' WHERE act = 'ended'")
    _constrain("")


def _constrain(more: str) -> None:
    _let_go()
    checks = {
        "deadline": {"status": f"status IN ({STATES}{more})"},
        "deadline_entry": {"status": f"status IN ({STATES}{more})", "act": f"act IN ({ACTS}{more})"},
    }
    for table, named in checks.items():
        with op.batch_alter_table(table) as batch:
            for name, words in named.items():
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), words)
    for statement in statements(op.get_bind().dialect.name, "deadline_entry"):
        op.execute(statement)


def _let_go() -> None:
    """The triggers of the entries: a table is made anew on SQLite, and going back rewrites them."""
    for statement in drop_statements(op.get_bind().dialect.name, "deadline_entry"):
        op.execute(statement)
