"""One request for a whole bundle of needs: a leg says which need it is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

GUARDS = ("route_request_whole", "offer_with_route")  # they name the tables that SQLite rebuilds


def upgrade() -> None:
    guards = _laid_aside()
    with op.batch_alter_table("route_request") as table:
        table.add_column(sa.Column("bundle_id", BigId, nullable=True))
        table.create_foreign_key(op.f("fk_route_request_bundle_id_bundle"), "bundle", ["bundle_id"], ["id"])
        table.create_index(op.f("ix_route_request_bundle_id"), ["bundle_id"])
    op.drop_index("uq_route_leg_owner", "route_leg")
    with op.batch_alter_table("route_leg") as table:
        table.add_column(sa.Column("need_id", BigId, nullable=True))
        table.create_foreign_key(op.f("fk_route_leg_need_id_need"), "need", ["need_id"], ["id"])
    op.execute("UPDATE route_leg SET need_id = (SELECT need_id FROM access_request a WHERE a.id = route_leg.request_id)")
    with op.batch_alter_table("route_leg") as table:
        table.alter_column("need_id", existing_type=BigId, nullable=False)
        table.create_index(op.f("ix_route_leg_need_id"), ["need_id"])
    op.create_index("uq_route_leg_owner", "route_leg", ["route_id", "need_id", "owner_id", "round"], unique=True)
    _put_back(guards)


def downgrade() -> None:
    """Requests for bundles are no more; the access requests of their legs stay, each by itself."""
    guards = _laid_aside()
    op.execute("DELETE FROM route_leg WHERE route_id IN (SELECT id FROM route_request WHERE bundle_id IS NOT NULL)")
    op.execute("DELETE FROM route_request WHERE bundle_id IS NOT NULL")
    op.drop_index("uq_route_leg_owner", "route_leg")
    with op.batch_alter_table("route_leg") as table:
        table.drop_index(op.f("ix_route_leg_need_id"))
        table.drop_constraint(op.f("fk_route_leg_need_id_need"), type_="foreignkey")
        table.drop_column("need_id")
    op.create_index("uq_route_leg_owner", "route_leg", ["route_id", "owner_id", "round"], unique=True)
    with op.batch_alter_table("route_request") as table:
        table.drop_index(op.f("ix_route_request_bundle_id"))
        table.drop_constraint(op.f("fk_route_request_bundle_id_bundle"), type_="foreignkey")
        table.drop_column("bundle_id")
    _put_back(guards)


def _laid_aside() -> list[str]:
    """The triggers of SQLite, taken away: as they stand."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return []
    named = ", ".join(f"'{name}'" for name in GUARDS)
    found = [str(sql) for (sql,) in bind.execute(sa.text(f"SELECT sql FROM sqlite_master WHERE name IN ({named})"))]
    for name in GUARDS:
        op.execute(f"DROP TRIGGER {name}")
    return found


def _put_back(guards: list[str]) -> None:
    for statement in guards:
        op.get_bind().exec_driver_sql(statement)
