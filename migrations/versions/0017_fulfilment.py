"""After the entry into force: make-ready, installations, endings; amendments; rent by formula and its statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime
from app.db.immutable import drop_statements, statements

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FIRST = sa.text("amends_id IS NULL")
STANDS = sa.text("amends_id IS NOT NULL AND status NOT IN ('refused', 'withdrawn')")
OLD = "status IN ('drafted','signed','submitted','returned','in_force','refused','withdrawn','ended')"
NEW = (
    "status IN ('drafted','signed','submitted','returned','in_force','make_ready','installed','accepted','ended','removed',"
    "'amended','refused','withdrawn')"
)
WRITTEN_ONCE = ("rent_statement", "rent_statement_line")


def upgrade() -> None:
    with op.batch_alter_table("agreement") as batch:
        batch.add_column(sa.Column("amends_id", BigId, nullable=True))
        batch.add_column(sa.Column("billing_from", sa.Date(), nullable=True))
        batch.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        batch.drop_constraint(op.f("uq_agreement_request_id"), type_="unique")
        batch.drop_constraint(op.f("ck_agreement_status"), type_="check")
        batch.create_foreign_key("fk_agreement_amends_id_agreement", "agreement", ["amends_id"], ["id"])
        batch.create_check_constraint(op.f("ck_agreement_status"), NEW)
        batch.create_check_constraint(op.f("ck_agreement_billing"), "status <> 'accepted' OR billing_from IS NOT NULL")
        batch.create_check_constraint(
            op.f("ck_agreement_ended"), "(status IN ('ended','removed','amended')) = (ended_on IS NOT NULL)"
        )
        batch.create_check_constraint(op.f("ck_agreement_amends"), "amends_id IS NULL OR amends_id <> id")
    op.create_index(
        "uq_agreement_of_request", "agreement", ["request_id"], unique=True, sqlite_where=FIRST, postgresql_where=FIRST
    )
    op.create_index(
        "uq_agreement_amendment", "agreement", ["amends_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS
    )
    kind = "JSONB" if op.get_bind().dialect.name == "postgresql" else "JSON"
    op.execute(
        f"ALTER TABLE capacity_line ADD COLUMN rent {kind} CONSTRAINT ck_capacity_line_rent CHECK (rent IS NULL OR price_minor IS NOT NULL)"
    )
    op.create_table(
        "ending",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removal_by", BigId, nullable=True),
        sa.Column("confirmed_by", BigId, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(ground = 'term_over') = (proposed_by IS NULL)", name=op.f("ck_ending_proposer")),
        sa.CheckConstraint(
            "(status = 'removed') = (confirmed_by IS NOT NULL AND removed_on IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("ck_ending_confirmed"),
        ),
        sa.CheckConstraint(
            "ground IN ('term_over','agreed','breach','asset_retired','force_majeure')", name=op.f("ck_ending_ground")
        ),
        sa.CheckConstraint("status IN ('proposed','declined','agreed','removed')", name=op.f("ck_ending_status")),
        sa.CheckConstraint("(removed_on IS NULL) = (removal_by IS NULL)", name=op.f("ck_ending_removal")),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> proposed_by", name=op.f("ck_ending_two_parties")),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> removal_by", name=op.f("ck_ending_two_confirm")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_ending_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["answered_by"], ["organisation.id"], name=op.f("fk_ending_answered_by_organisation")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["organisation.id"], name=op.f("fk_ending_confirmed_by_organisation")),
        sa.ForeignKeyConstraint(["proposed_by"], ["organisation.id"], name=op.f("fk_ending_proposed_by_organisation")),
        sa.ForeignKeyConstraint(["removal_by"], ["organisation.id"], name=op.f("fk_ending_removal_by_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending")),
        sa.UniqueConstraint("ref", name=op.f("uq_ending_ref")),
    )
    op.create_index(
        "uq_ending_standing",
        "ending",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'declined'"),
        postgresql_where=sa.text("status <> 'declined'"),
    )
    op.create_table(
        "installation",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=False),
        sa.Column("equipment", sa.Text(), nullable=False),
        sa.Column("built", Json, nullable=False),
        sa.Column("recorded_by", BigId, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("defects", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'returned') = (defects IS NOT NULL)", name=op.f("ck_installation_defects")),
        sa.CheckConstraint("(status = 'waiting') = (answered_by IS NULL)", name=op.f("ck_installation_answered")),
        sa.CheckConstraint("status IN ('waiting','accepted','returned')", name=op.f("ck_installation_status")),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> recorded_by", name=op.f("ck_installation_two_parties")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_installation_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["answered_by"], ["organisation.id"], name=op.f("fk_installation_answered_by_organisation")),
        sa.ForeignKeyConstraint(["recorded_by"], ["organisation.id"], name=op.f("fk_installation_recorded_by_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.UniqueConstraint("ref", name=op.f("uq_installation_ref")),
    )
    op.create_index("uq_installation_number", "installation", ["agreement_id", "number"], unique=True)
    op.create_index(
        "uq_installation_waiting",
        "installation",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "make_ready_item",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("final_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("shares", Json, nullable=False),
        sa.Column("weights", Json, nullable=False),
        sa.Column("violator", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(cause = 'existing_violation') = (violator <> '')", name=op.f("ck_make_ready_item_violator")),
        sa.CheckConstraint(
            "(status = 'done') = (done_on IS NOT NULL AND final_minor IS NOT NULL)", name=op.f("ck_make_ready_item_done")
        ),
        sa.CheckConstraint(
            "cause IN ('new_attachment','shared_benefit','existing_violation','owner_upgrade')",
            name=op.f("ck_make_ready_item_cause"),
        ),
        sa.CheckConstraint("status IN ('open','done','dropped')", name=op.f("ck_make_ready_item_status")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND (final_minor IS NULL OR final_minor >= 0)", name=op.f("ck_make_ready_item_amount")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_make_ready_item_agreement_id_agreement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_ready_item")),
        sa.UniqueConstraint("ref", name=op.f("uq_make_ready_item_ref")),
    )
    op.create_index("uq_make_ready_item_number", "make_ready_item", ["agreement_id", "number"], unique=True)
    op.create_table(
        "rent_statement",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", BigId, nullable=False),
        sa.Column("beneficiary_id", BigId, nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("supplier_id <> beneficiary_id", name=op.f("ck_rent_statement_two_parties")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_rent_statement_agreement_id_agreement")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["organisation.id"], name=op.f("fk_rent_statement_beneficiary_id_organisation")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_rent_statement_issued_by_person")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisation.id"], name=op.f("fk_rent_statement_supplier_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rent_statement")),
        sa.UniqueConstraint("ref", name=op.f("uq_rent_statement_ref")),
    )
    op.create_index(op.f("ix_rent_statement_beneficiary_id"), "rent_statement", ["beneficiary_id"], unique=False)
    op.create_index(op.f("ix_rent_statement_supplier_id"), "rent_statement", ["supplier_id"], unique=False)
    op.create_index("uq_rent_statement_number", "rent_statement", ["agreement_id", "number"], unique=True)
    op.create_table(
        "rent_statement_line",
        sa.Column("statement_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("line_number", sa.BigInteger(), nullable=True),
        sa.Column("asset_id", BigId, nullable=True),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("tenants", sa.BigInteger(), nullable=True),
        sa.Column("anchor", sa.Boolean(), nullable=True),
        sa.Column("base_discount", sa.String(length=20), nullable=True),
        sa.Column("shared_discount", sa.String(length=20), nullable=True),
        sa.Column("index_factor", sa.Text(), nullable=True),
        sa.Column("base_minor", sa.BigInteger(), nullable=True),
        sa.Column("shared_minor", sa.BigInteger(), nullable=True),
        sa.Column("year_days", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reverses_id", BigId, nullable=True),
        sa.Column("item_number", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("(kind = 'make_ready') = (item_number IS NOT NULL)", name=op.f("ck_rent_statement_line_item")),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_rent_statement_line_reverses")),
        sa.CheckConstraint(
            "kind = 'make_ready' OR (line_number IS NOT NULL AND starts < ends)", name=op.f("ck_rent_statement_line_window")
        ),
        sa.CheckConstraint("kind = 'reversal' OR amount_minor >= 0", name=op.f("ck_rent_statement_line_amount")),
        sa.CheckConstraint("kind IN ('rent','reversal','make_ready')", name=op.f("ck_rent_statement_line_kind")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_rent_statement_line_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_rent_statement_line_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["rent_statement_line.id"], name=op.f("fk_rent_statement_line_reverses_id_rent_statement_line")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["rent_statement.id"], name=op.f("fk_rent_statement_line_statement_id_rent_statement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rent_statement_line")),
        sa.UniqueConstraint("ref", name=op.f("uq_rent_statement_line_ref")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_rent_statement_line_reverses_id")),
    )
    op.create_index("ix_rent_statement_line_agreement", "rent_statement_line", ["agreement_id", "line_number"], unique=False)
    op.create_index("uq_rent_statement_line_item", "rent_statement_line", ["agreement_id", "item_number"], unique=True)
    op.create_index("uq_rent_statement_line_number", "rent_statement_line", ["statement_id", "number"], unique=True)
    for table in WRITTEN_ONCE:
        for statement in statements(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    """An amended agreement has no place in the old tables: the unique request refuses."""
    for table in reversed(WRITTEN_ONCE):
        for statement in drop_statements(op.get_bind().dialect.name, table):
            op.execute(statement)
        op.drop_table(table)
    for table in ("make_ready_item", "installation", "ending"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE capacity_line DROP CONSTRAINT ck_capacity_line_rent")
    op.execute("ALTER TABLE capacity_line DROP COLUMN rent")
    op.drop_index("uq_agreement_amendment", "agreement")
    op.drop_index("uq_agreement_of_request", "agreement")
    with op.batch_alter_table("agreement") as batch:
        for name in ("amends", "ended", "billing", "status"):
            batch.drop_constraint(op.f(f"ck_agreement_{name}"), type_="check")
    op.execute("UPDATE agreement SET status = 'in_force' WHERE status IN ('make_ready', 'installed', 'accepted')")
    op.execute("UPDATE agreement SET status = 'ended' WHERE status IN ('removed', 'amended')")
    with op.batch_alter_table("agreement") as batch:
        batch.drop_constraint(op.f("fk_agreement_amends_id_agreement"), type_="foreignkey")
        for name in ("amends_id", "billing_from", "ended_on"):
            batch.drop_column(name)
        batch.create_unique_constraint("uq_agreement_request_id", ["request_id"])
        batch.create_check_constraint(op.f("ck_agreement_status"), OLD)
