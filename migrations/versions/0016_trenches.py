"""Trenches beside towers: groups that dig once, and the corridor lines that they follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FORM, SHAPED = "ck_cobuild_group_form", "form IN ('site','trench') AND (form = 'trench') = (length_m IS NOT NULL)"


def upgrade() -> None:
    op.create_table(
        "corridor_layer",
        sa.Column("administration_id", BigId, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sort", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("declared_crs", sa.String(length=40), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("sort IN ('road','rail','power','pipeline','other')", name=op.f("ck_corridor_layer_sort")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["organisation.id"], name=op.f("fk_corridor_layer_administration_id_organisation")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_corridor_layer_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corridor_layer")),
        sa.UniqueConstraint("ref", name=op.f("uq_corridor_layer_ref")),
    )
    op.create_index(op.f("ix_corridor_layer_region"), "corridor_layer", ["region"], unique=False)
    op.create_table(
        "corridor",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("layer_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("line", Json, nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in ("west", "south", "east", "north")),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["corridor_layer.id"], name=op.f("fk_corridor_layer_id_corridor_layer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corridor")),
    )
    op.create_index(op.f("ix_corridor_layer_id"), "corridor", ["layer_id"], unique=False)
    op.add_column("cobuild_group", sa.Column("length_m", sa.Double(), nullable=True))
    op.add_column("cobuild_group", sa.Column("sections", Json, nullable=False, server_default="[]"))
    op.execute(f"ALTER TABLE cobuild_group ADD COLUMN form VARCHAR(8) DEFAULT 'site' NOT NULL CONSTRAINT {FORM} CHECK ({SHAPED})")
    op.add_column("cobuild_member", sa.Column("way_m", sa.Double(), nullable=True))
    _exemptions()


def _exemptions() -> None:
    """Cases of exemption; those that were granted so far become cases that the administration opened."""
    op.create_table(
        "cobuild_exemption",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("requested_by", BigId, nullable=True),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("status IN ('requested','granted','refused')", name=op.f("ck_cobuild_exemption_status")),
        sa.CheckConstraint("(status = 'requested') = (decided_at IS NULL)", name=op.f("ck_cobuild_exemption_decided")),
        sa.CheckConstraint("(decided_at IS NULL) = (decision_reason IS NULL)", name=op.f("ck_cobuild_exemption_reason")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["cobuild_group.id"], name=op.f("fk_cobuild_exemption_group_id_cobuild_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["organisation.id"], name=op.f("fk_cobuild_exemption_requested_by_organisation")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_cobuild_exemption_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cobuild_exemption")),
        sa.UniqueConstraint("ref", name=op.f("uq_cobuild_exemption_ref")),
    )
    op.create_index(op.f("ix_cobuild_exemption_group_id"), "cobuild_exemption", ["group_id"], unique=False)
    standing = sa.text("status <> 'refused'")
    op.create_index(
        "uq_cobuild_exemption_open",
        "cobuild_exemption",
        ["group_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.execute(
        "INSERT INTO cobuild_exemption (group_id, status, requested_at, grounds, decided_at, decided_by, decision_reason, ref)"
        " SELECT id, 'granted', exempted_at, exemption_reason, exempted_at, exempted_by, exemption_reason, ref"
        " FROM cobuild_group WHERE exempted_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("cobuild_exemption")
    op.execute("DELETE FROM cobuild_group WHERE form = 'trench'")
    op.drop_column("cobuild_member", "way_m")
    for column in ("form", "sections", "length_m"):
        op.drop_column("cobuild_group", column)
    op.drop_table("corridor")
    op.drop_table("corridor_layer")
