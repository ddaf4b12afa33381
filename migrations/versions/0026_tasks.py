"""Who has taken which task, whose calendar reads them, who is sent a digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "task_hold",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=13), nullable=False),
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("given_by", BigId, nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_task_hold_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_hold_person_id_person")),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_task_hold_given_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_hold")),
        sa.UniqueConstraint("ref", name=op.f("uq_task_hold_ref")),
    )
    op.create_index("uq_task_hold_task", "task_hold", ["organisation_id", "kind", "subject_ref"], unique=True)
    op.create_index(op.f("ix_task_hold_person_id"), "task_hold", ["person_id"])
    op.create_table(
        "task_feed",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_read_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_feed_person_id_person")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_task_feed_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_task_feed_secret_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_task_feed_ref")),
    )
    op.create_index(
        "uq_task_feed_live", "task_feed", ["person_id", "organisation_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.create_table(
        "task_digest",
        sa.Column("person_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("every", sa.String(length=5), nullable=False),
        sa.Column("whose", sa.String(length=4), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("every IN ('never','day','week')", name=op.f("ck_task_digest_every")),
        sa.CheckConstraint("whose IN ('all','mine')", name=op.f("ck_task_digest_whose")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_task_digest_person_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_task_digest_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_digest")),
        sa.UniqueConstraint("ref", name=op.f("uq_task_digest_ref")),
    )
    op.create_index("uq_task_digest_person", "task_digest", ["person_id", "organisation_id"], unique=True)


def downgrade() -> None:
    op.drop_table("task_digest")
    op.drop_table("task_feed")
    op.drop_table("task_hold")
