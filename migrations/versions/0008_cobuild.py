"""Reckonings of who should build together, their groups and members, and consents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cobuild_run",
        sa.Column("match_run_id", BigId, nullable=True),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.Column("engine_version", sa.String(length=24), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("results", Json, nullable=False),
        sa.Column("timings", Json, nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["match_run_id"], ["match_run.id"], name=op.f("fk_cobuild_run_match_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cobuild_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_cobuild_run_ref")),
    )
    op.create_index(op.f("ix_cobuild_run_match_run_id"), "cobuild_run", ["match_run_id"], unique=False)
    op.create_table(
        "cobuild_group",
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("height_m", sa.Double(), nullable=False),
        sa.Column("start_from", sa.Date(), nullable=False),
        sa.Column("start_until", sa.Date(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("core_excess_minor", sa.BigInteger(), nullable=False),
        sa.Column("near", Json, nullable=False),
        sa.Column("exemption_reason", sa.Text(), nullable=True),
        sa.Column("exempted_at", UtcDateTime(), nullable=True),
        sa.Column("exempted_by", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("status IN ('proposed','agreed','superseded')", name=op.f("ck_cobuild_group_status")),
        sa.CheckConstraint("start_from <= start_until", name=op.f("ck_cobuild_group_window")),
        sa.CheckConstraint("(exempted_at IS NULL) = (exemption_reason IS NULL)", name=op.f("ck_cobuild_group_exemption")),
        sa.ForeignKeyConstraint(["run_id"], ["cobuild_run.id"], name=op.f("fk_cobuild_group_run_id_cobuild_run")),
        sa.ForeignKeyConstraint(["exempted_by"], ["person.id"], name=op.f("fk_cobuild_group_exempted_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cobuild_group")),
        sa.UniqueConstraint("ref", name=op.f("uq_cobuild_group_ref")),
    )
    for column in ("run_id", "key", "region"):
        op.create_index(op.f(f"ix_cobuild_group_{column}"), "cobuild_group", [column], unique=False)
    standing = sa.text("status <> 'superseded'")
    op.create_index(
        "uq_cobuild_group_open", "cobuild_group", ["key"], unique=True, sqlite_where=standing, postgresql_where=standing
    )
    op.create_table(
        "cobuild_member",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("alone_minor", sa.BigInteger(), nullable=False),
        sa.Column("alone_stated", sa.Boolean(), nullable=False),
        sa.Column("share_minor", sa.BigInteger(), nullable=False),
        sa.Column("proportion_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["cobuild_group.id"], name=op.f("fk_cobuild_member_group_id_cobuild_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_cobuild_member_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_cobuild_member_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("group_id", "need_id", name=op.f("pk_cobuild_member")),
    )
    for column in ("need_id", "organisation_id"):
        op.create_index(op.f(f"ix_cobuild_member_{column}"), "cobuild_member", [column], unique=False)
    op.create_table(
        "cobuild_consent",
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["cobuild_group.id"], name=op.f("fk_cobuild_consent_group_id_cobuild_group"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_cobuild_consent_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cobuild_consent_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cobuild_consent")),
        sa.UniqueConstraint("ref", name=op.f("uq_cobuild_consent_ref")),
    )
    op.create_index(op.f("ix_cobuild_consent_group_id"), "cobuild_consent", ["group_id"], unique=False)
    standing = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_cobuild_consent_open",
        "cobuild_consent",
        ["group_id", "organisation_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    for table in ("cobuild_consent", "cobuild_member", "cobuild_group", "cobuild_run"):
        op.drop_table(table)
