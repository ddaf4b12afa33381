"""The ledger of disclosure: who saw which asset how precisely; exports with their marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disclosure_sight",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("asset_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("person_name", sa.String(120), nullable=False),
        sa.Column("tier", sa.String(2), nullable=False),
        sa.Column("basis", sa.String(10), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_code", sa.String(20), nullable=True),
        sa.Column("purpose", sa.String(200), nullable=True),
        sa.Column("via", sa.String(60), nullable=False),
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("tier IN ('T1','T2','T3')", name=op.f("ck_disclosure_sight_tier")),
        sa.CheckConstraint("basis IN ('public','grant','competence')", name=op.f("ck_disclosure_sight_basis")),
        sa.CheckConstraint("(basis = 'grant') = (grant_id <> 0)", name=op.f("ck_disclosure_sight_grant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_sight")),
    )
    key = ["asset_id", "organisation_id", "person_id", "tier", "via", "grant_id", "hour"]
    op.create_index("uq_disclosure_sight_key", "disclosure_sight", key, unique=True)
    op.create_index("ix_disclosure_sight_owner", "disclosure_sight", ["owner_id", "id"])
    op.create_table(
        "disclosure_export",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("person_name", sa.String(120), nullable=False),
        sa.Column("grade", sa.String(12), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("secret", sa.String(32), nullable=False),
        sa.Column("assets", Json, nullable=False),
        sa.Column("grants", Json, nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(13), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_disclosure_export_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_export")),
        sa.UniqueConstraint("ref", name=op.f("uq_disclosure_export_ref")),
    )
    op.create_index(op.f("ix_disclosure_export_organisation_id"), "disclosure_export", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("disclosure_export")
    op.drop_table("disclosure_sight")
