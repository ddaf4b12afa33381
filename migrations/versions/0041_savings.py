"""What sharing saved, written once, when an agreement enters into force or a group agrees."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime
from app.db.immutable import drop_statements, statements

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saving",
        sa.Column("definition", sa.String(length=20), nullable=False),
        sa.Column("agreement_id", BigId, nullable=True),
        sa.Column("group_id", BigId, nullable=True),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("alone_minor", sa.BigInteger(), nullable=False),
        sa.Column("alone_stated", sa.Boolean(), nullable=False),
        sa.Column("shared_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("(agreement_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_saving_of_one")),
        sa.CheckConstraint("(agreement_id IS NULL) = (owner_id IS NULL)", name=op.f("ck_saving_owner")),
        sa.CheckConstraint("part > 0", name=op.f("ck_saving_part")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_saving_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["group_id"], ["cobuild_group.id"], name=op.f("fk_saving_group_id_cobuild_group")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_saving_need_id_need")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_saving_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_saving_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_saving_agreement_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_saving_ref")),
    )
    for column in ("need_id", "organisation_id", "owner_id", "region"):
        op.create_index(op.f(f"ix_saving_{column}"), "saving", [column])
    op.create_index("uq_saving_member", "saving", ["group_id", "need_id"], unique=True)
    for statement in statements(op.get_bind().dialect.name, "saving"):
        op.execute(statement)


def downgrade() -> None:
    for statement in drop_statements(op.get_bind().dialect.name, "saving"):
        op.execute(statement)
    op.drop_table("saving")
