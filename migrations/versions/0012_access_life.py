"""The whole life of an access request: completeness, survey, quote, limits offered, dispute with its decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WAS = ("draft", "submitted", "accepted", "countered")
OPEN = ("draft", "submitted", "incomplete", "complete", "accepted", "countered", "disputed")


def _in(states: tuple[str, ...]) -> str:
    return "status IN (" + ",".join(f"'{state}'" for state in states) + ")"


def upgrade() -> None:
    _open_index(())
    with op.batch_alter_table("access_request") as batch:
        batch.drop_constraint(op.f("ck_access_request_status"), type_="check")
        batch.drop_constraint(op.f("ck_access_request_refusal"), type_="check")
        batch.add_column(sa.Column("missing", sa.Text(), nullable=True))
        batch.add_column(sa.Column("missing_named_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("completeness", sa.String(length=8), nullable=True))
        batch.add_column(sa.Column("complete_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("escalated_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("settler_id", BigId, nullable=True))
        batch.create_foreign_key(op.f("fk_access_request_settler_id_organisation"), "organisation", ["settler_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_access_request_status"),
            "status IN ('draft','submitted','incomplete','complete','accepted','countered','refused','disputed','withdrawn',"
            "'expired','agreed')",
        )
        batch.create_check_constraint(op.f("ck_access_request_refusal"), "status <> 'refused' OR refusal_ground IS NOT NULL")
        batch.create_check_constraint(op.f("ck_access_request_missing"), "status <> 'incomplete' OR missing IS NOT NULL")
        batch.create_check_constraint(op.f("ck_access_request_disputed"), "status <> 'disputed' OR settler_id IS NOT NULL")
        batch.create_check_constraint(op.f("ck_access_request_completeness"), "completeness IN ('found','deemed')")
    op.create_index(op.f("ix_access_request_settler_id"), "access_request", ["settler_id"], unique=False)
    _open_index(OPEN)
    with op.batch_alter_table("offer") as batch:
        batch.drop_constraint(op.f("ck_offer_origin"), type_="check")
        batch.create_check_constraint(op.f("ck_offer_origin"), "origin IN ('accept','counter','order')")
        batch.add_column(sa.Column("terms", Json, nullable=False, server_default=sa.text("'{}'")))
        batch.add_column(sa.Column("quote_number", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("once_items", Json, nullable=False, server_default=sa.text("'[]'")))
    _survey()
    _quote()
    _dispute()


def _open_index(states: tuple[str, ...]) -> None:
    """One open request of a need on a listing; no states: none yet."""
    if not states:
        op.drop_index("uq_access_request_open", table_name="access_request")
        return
    where = sa.text(_in(states))
    op.create_index(
        "uq_access_request_open",
        "access_request",
        ["need_id", "listing_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _survey() -> None:
    op.create_table(
        "access_survey",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("asked_by", BigId, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("attachment_ref", sa.String(length=13), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        *_common("access_survey"),
        sa.CheckConstraint("status IN ('asked','dated','done','void')", name=op.f("ck_access_survey_status")),
        sa.CheckConstraint("status <> 'dated' OR held_on IS NOT NULL", name=op.f("ck_access_survey_dated")),
        sa.CheckConstraint("(status = 'done') = (result IS NOT NULL)", name=op.f("ck_access_survey_done")),
        _key("access_survey", "request_id", "access_request"),
        _key("access_survey", "asked_by", "organisation"),
    )
    _indexes("access_survey", "status IN ('asked','dated')")


def _quote() -> None:
    op.create_table(
        "access_quote",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        *_common("access_quote"),
        sa.CheckConstraint("status IN ('open','replaced')", name=op.f("ck_access_quote_status")),
        _key("access_quote", "request_id", "access_request"),
    )
    _indexes("access_quote", "status = 'open'")
    op.create_index("uq_access_quote_number", "access_quote", ["request_id", "number"], unique=True)


def _dispute() -> None:
    op.create_table(
        "access_dispute",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", BigId, nullable=False),
        sa.Column("regulator_id", BigId, nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("terms", Json, nullable=False),
        sa.Column("documents", Json, nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        *_common("access_dispute"),
        sa.CheckConstraint("status IN ('open','decided','withdrawn')", name=op.f("ck_access_dispute_status")),
        sa.CheckConstraint("about IN ('complete','refused','countered')", name=op.f("ck_access_dispute_about")),
        sa.CheckConstraint("decision IN ('uphold','order','price')", name=op.f("ck_access_dispute_decision")),
        sa.CheckConstraint(
            "(status = 'decided') = (decision IS NOT NULL AND reasons IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_access_dispute_decided"),
        ),
        _key("access_dispute", "request_id", "access_request"),
        _key("access_dispute", "opened_by", "organisation"),
        _key("access_dispute", "regulator_id", "organisation"),
        _key("access_dispute", "decided_by", "person"),
    )
    _indexes("access_dispute", "status = 'open'")
    op.create_index("uq_access_dispute_number", "access_dispute", ["request_id", "number"], unique=True)
    op.create_index(op.f("ix_access_dispute_regulator_id"), "access_dispute", ["regulator_id"], unique=False)


def _common(table: str) -> tuple[sa.SchemaItem, ...]:
    return (
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    )


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _indexes(table: str, standing: str) -> None:
    op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"], unique=False)
    where = sa.text(standing)
    op.create_index(f"uq_{table}_open", table, ["request_id"], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """What the earlier schema has no state for is withdrawn; a refusal that was overruled keeps no ground."""
    for table in ("access_dispute", "access_quote", "access_survey"):
        op.drop_table(table)
    op.execute(sa.text("UPDATE access_request SET status = 'submitted' WHERE status IN ('incomplete','complete')"))
    op.execute(sa.text("UPDATE access_request SET status = 'withdrawn' WHERE status = 'disputed'"))
    op.execute(sa.text("UPDATE access_request SET refusal_ground = NULL WHERE status <> 'refused'"))
    op.execute(sa.text("UPDATE offer SET origin = 'counter' WHERE origin = 'order'"))
    with op.batch_alter_table("offer") as batch:
        batch.drop_constraint(op.f("ck_offer_origin"), type_="check")
        batch.create_check_constraint(op.f("ck_offer_origin"), "origin IN ('accept','counter')")
        for name in ("terms", "quote_number", "once_items"):
            batch.drop_column(name)
    op.drop_index(op.f("ix_access_request_settler_id"), table_name="access_request")
    _open_index(())
    with op.batch_alter_table("access_request") as batch:
        for name in ("status", "refusal", "missing", "disputed", "completeness"):
            batch.drop_constraint(op.f(f"ck_access_request_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_access_request_settler_id_organisation"), type_="foreignkey")
        for name in ("missing", "missing_named_at", "completeness", "complete_at", "escalated_at", "settler_id"):
            batch.drop_column(name)
        batch.create_check_constraint(
            op.f("ck_access_request_status"),
            "status IN ('draft','submitted','accepted','countered','refused','withdrawn','expired','agreed')",
        )
        batch.create_check_constraint(op.f("ck_access_request_refusal"), "(status = 'refused') = (refusal_ground IS NOT NULL)")
    _open_index(WAS)
