"""Whom a needs list invites; which entries were merged with whose consent. Merges made before are on record too, so that they can be
undone."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime
from app.kernel.ids import new_ref

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

STANDING = sa.text("status IN ('proposed','merged')")
NEED = sa.table(
    "need",
    sa.column("id"),
    sa.column("merged_into_id"),
    sa.column("updated_at", UtcDateTime),
    sa.column("created_at", UtcDateTime),
)
MERGE = sa.table(
    "need_merge",
    *(sa.column(name) for name in ("ref", "need_id", "into_id", "status", "reason", "was_status")),
    sa.column("proposed_at", UtcDateTime),
)


def upgrade() -> None:
    op.create_table(
        "needs_list_invitation",
        sa.Column("needs_list_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("reminders", sa.BigInteger(), nullable=False),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("(reminders = 0) = (reminded_at IS NULL)", name=op.f("ck_needs_list_invitation_reminded")),
        sa.ForeignKeyConstraint(
            ["needs_list_id"],
            ["needs_list.id"],
            name=op.f("fk_needs_list_invitation_needs_list_id_needs_list"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_needs_list_invitation_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_list_invitation")),
        sa.UniqueConstraint("ref", name=op.f("uq_needs_list_invitation_ref")),
    )
    op.create_index(
        "uq_needs_list_invitation_organisation", "needs_list_invitation", ["needs_list_id", "organisation_id"], unique=True
    )
    op.create_index(op.f("ix_needs_list_invitation_organisation_id"), "needs_list_invitation", ["organisation_id"])
    op.create_table(
        "need_merge",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("into_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("was_status", sa.String(length=12), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_why", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("status IN ('proposed','merged','declined','withdrawn','undone')", name=op.f("ck_need_merge_status")),
        sa.CheckConstraint("need_id <> into_id", name=op.f("ck_need_merge_two_entries")),
        sa.CheckConstraint("status NOT IN ('merged','undone') OR was_status IS NOT NULL", name=op.f("ck_need_merge_was")),
        sa.CheckConstraint("(status = 'undone') = (undone_at IS NOT NULL)", name=op.f("ck_need_merge_undone")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_merge_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["into_id"], ["need.id"], name=op.f("fk_need_merge_into_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_need_merge_proposed_by_person")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_need_merge_answered_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_merge")),
        sa.UniqueConstraint("ref", name=op.f("uq_need_merge_ref")),
    )
    op.create_index(op.f("ix_need_merge_need_id"), "need_merge", ["need_id"])
    op.create_index(op.f("ix_need_merge_into_id"), "need_merge", ["into_id"])
    op.create_index(
        "uq_need_merge_standing", "need_merge", ["need_id"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING
    )
    _known()


def _known() -> None:
    """A merge before this was of an entry that had been submitted at least."""
    bind = op.get_bind()
    rows = [
        {
            "ref": new_ref(),
            "need_id": row.id,
            "into_id": row.merged_into_id,
            "status": "merged",
            "reason": "",
            "was_status": "submitted",
            "proposed_at": row.updated_at or row.created_at or datetime.now(UTC),
        }
        for row in bind.execute(sa.select(NEED).where(NEED.c.merged_into_id.is_not(None)))
    ]
    if rows:
        bind.execute(sa.insert(MERGE), rows)


def downgrade() -> None:
    op.drop_table("need_merge")
    op.drop_table("needs_list_invitation")
