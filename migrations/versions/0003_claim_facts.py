"""What a tenant from before has on the asset; only holds expire, only what was promised is converted."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_claim_equipment": "equipment IS NULL OR kind = 'baseline'",
    "ck_claim_only_holds_expire": "state <> 'expired' OR kind = 'held'",
    "ck_claim_converted": "state <> 'converted' OR kind IN ('held','pending','committed')",
}


def upgrade() -> None:
    """The checks come with the column: SQLite adds them so without a rebuild, which would drop the triggers."""
    checks = " ".join(f"CONSTRAINT {name} CHECK ({rule})" for name, rule in CHECKS.items())
    op.execute(f"ALTER TABLE claim ADD COLUMN equipment VARCHAR(200) {checks}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in reversed(CHECKS):
            op.execute(f"ALTER TABLE claim DROP CONSTRAINT {name}")
    op.execute("ALTER TABLE claim DROP COLUMN equipment")
