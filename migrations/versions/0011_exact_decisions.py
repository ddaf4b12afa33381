"""Decisions over version and ledger, proposed by one and confirmed by another; conditions with their life; who stands in for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATUS = "status IN ('waiting',{}'approved','approved_with_conditions','returned','refused','noted','void')"
FOUR_EYES = (
    "NOT four_eyes OR status NOT IN ('approved','approved_with_conditions','returned','refused') "
    "OR (proposed_by IS NOT NULL AND proposed_by <> decided_by)"
)
PROPOSED = "status <> 'proposed' OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposed_action IS NOT NULL)"
PEOPLE = ("officer_id", "proposed_by")


def upgrade() -> None:
    with op.batch_alter_table("approval") as table:
        table.add_column(sa.Column("four_eyes", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("ledger_hash", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("ledger", Json, nullable=False, server_default=sa.text("'{}'")))
        table.add_column(sa.Column("officer_id", BigId, nullable=True))
        table.add_column(sa.Column("proposed_action", sa.String(length=28), nullable=True))
        table.add_column(sa.Column("proposed_by", BigId, nullable=True))
        table.add_column(sa.Column("proposed_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("conditions_asked", Json, nullable=False, server_default=sa.text("'[]'")))
        table.add_column(sa.Column("remark", sa.Text(), nullable=True))
        table.add_column(sa.Column("void_reason", Json, nullable=True))
        for column in PEOPLE:
            table.create_foreign_key(op.f(f"fk_approval_{column}_person"), "person", [column], ["id"])
        table.drop_constraint(op.f("ck_approval_status"), type_="check")
        table.create_check_constraint(op.f("ck_approval_status"), STATUS.format("'proposed',"))
        table.drop_constraint(op.f("ck_approval_decided"), type_="check")
        table.create_check_constraint(
            op.f("ck_approval_decided"),
            "(status IN ('waiting','proposed','void')) OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
        )
        table.create_check_constraint(op.f("ck_approval_proposed"), PROPOSED)
        table.create_check_constraint(op.f("ck_approval_four_eyes"), FOUR_EYES)
    op.execute("UPDATE approval SET four_eyes = (mode = 'decide') WHERE status = 'waiting'")
    op.create_table(
        "approval_condition",
        sa.Column("approval_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("obliged_id", BigId, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open','reported','fulfilled','void')", name=op.f("ck_approval_condition_status")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_approval_condition_approval_id_approval")),
        sa.ForeignKeyConstraint(["obliged_id"], ["organisation.id"], name=op.f("fk_approval_condition_obliged_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_condition")),
        sa.UniqueConstraint("ref", name=op.f("uq_approval_condition_ref")),
    )
    for column in ("approval_id", "obliged_id"):
        op.create_index(op.f(f"ix_approval_condition_{column}"), "approval_condition", [column], unique=False)
    op.create_table(
        "delegation",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("grantor_id", BigId, nullable=False),
        sa.Column("delegate_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("created_by", BigId, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('delegation','absence')", name=op.f("ck_delegation_kind")),
        sa.CheckConstraint("grantor_id <> delegate_id", name=op.f("ck_delegation_two_people")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_delegation_window")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_delegation_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["grantor_id"], ["person.id"], name=op.f("fk_delegation_grantor_id_person")),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_delegation_delegate_id_person")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_delegation_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("ref", name=op.f("uq_delegation_ref")),
    )
    op.create_index(op.f("ix_delegation_organisation_id"), "delegation", ["organisation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("delegation")
    op.drop_table("approval_condition")
    op.execute(
        "UPDATE approval SET status = 'waiting', proposed_by = NULL, proposed_at = NULL, proposed_action = NULL "
        "WHERE status = 'proposed'"
    )
    with op.batch_alter_table("approval") as table:
        for name in ("four_eyes", "proposed", "decided", "status"):
            table.drop_constraint(op.f(f"ck_approval_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_approval_status"), STATUS.format(""))
        table.create_check_constraint(
            op.f("ck_approval_decided"),
            "(status IN ('waiting','void')) OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
        )
        for column in PEOPLE:
            table.drop_constraint(op.f(f"fk_approval_{column}_person"), type_="foreignkey")
        for column in (
            "four_eyes",
            "ledger_hash",
            "ledger",
            "officer_id",
            "proposed_action",
            "proposed_by",
            "proposed_at",
            "conditions_asked",
            "remark",
            "void_reason",
        ):
            table.drop_column(column)
