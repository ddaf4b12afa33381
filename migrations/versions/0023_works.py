"""Works projects, their elements, and what organisations answered; what works reserve stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime
from app.db.spatial import Geo

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STANDING = sa.text("status IN ('waiting','accepted')")
PASSED = sa.text("status = 'passed'")
ENDS = "OLD.holder_type = 'works' AND OLD.state = 'active' AND NEW.state <> 'active'"
CANCELLED = "SELECT 1 FROM works_project WHERE ref = OLD.holder_ref AND status = 'cancelled'"
POSTGRESQL = (
    f"""CREATE FUNCTION works_reserve_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF NOT EXISTS ({CANCELLED}) THEN
        RAISE EXCEPTION 'works: the reservation stands' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_works_stand';
    END IF;
    RETURN NEW;
END $guard$""",
    f"CREATE TRIGGER works_reserve_stands BEFORE UPDATE ON claim FOR EACH ROW WHEN ({ENDS}) EXECUTE FUNCTION works_reserve_stands()",
)
SQLITE = (
    f"""CREATE TRIGGER works_reserve_stands BEFORE UPDATE ON claim WHEN {ENDS} BEGIN
    SELECT RAISE(ABORT, 'works: the reservation stands') WHERE NOT EXISTS ({CANCELLED});
END""",
)


def upgrade() -> None:
    op.create_table(
        "works_project",
        sa.Column("sponsor_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("geom", Geo(), nullable=False),
        sa.Column("from_m", sa.BigInteger(), nullable=False),
        sa.Column("to_m", sa.BigInteger(), nullable=False),
        sa.Column("permit_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("completes_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("join_until", sa.Date(), nullable=True),
        sa.Column("terms", Json, nullable=False),
        sa.Column("lacks_reserve", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('subway','tunnel','bridge','road','pipeline')", name=op.f("ck_works_project_kind")),
        sa.CheckConstraint("status IN ('draft','announced','completed','cancelled')", name=op.f("ck_works_project_status")),
        sa.CheckConstraint("from_m < to_m", name=op.f("ck_works_project_chainage")),
        sa.CheckConstraint("permit_on <= starts_on AND starts_on < completes_on", name=op.f("ck_works_project_dates")),
        sa.CheckConstraint("(announced_on IS NULL) = (join_until IS NULL)", name=op.f("ck_works_project_window")),
        sa.CheckConstraint(
            "status NOT IN ('announced','completed') OR announced_on IS NOT NULL", name=op.f("ck_works_project_announced")
        ),
        sa.CheckConstraint("status <> 'draft' OR announced_on IS NULL", name=op.f("ck_works_project_draft")),
        sa.CheckConstraint(
            "(status IN ('completed','cancelled')) = (closed_at IS NOT NULL)", name=op.f("ck_works_project_closed")
        ),
        sa.CheckConstraint("status <> 'cancelled' OR reason IS NOT NULL", name=op.f("ck_works_project_reason")),
        sa.ForeignKeyConstraint(["sponsor_id"], ["organisation.id"], name=op.f("fk_works_project_sponsor_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works_project")),
        sa.UniqueConstraint("ref", name=op.f("uq_works_project_ref")),
    )
    op.create_index(op.f("ix_works_project_sponsor_id"), "works_project", ["sponsor_id"])
    op.create_index(op.f("ix_works_project_region"), "works_project", ["region"])
    op.create_table(
        "works_element",
        sa.Column("project_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("from_m", sa.BigInteger(), nullable=False),
        sa.Column("to_m", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("bore_mm", sa.BigInteger(), nullable=True),
        sa.Column("capacity", Json, nullable=False),
        sa.Column("reserved", Json, nullable=False),
        sa.Column("asset_id", BigId, nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("from_m <= to_m", name=op.f("ck_works_element_chainage")),
        sa.CheckConstraint("kind NOT IN ('duct','cable') OR from_m < to_m", name=op.f("ck_works_element_length")),
        sa.CheckConstraint("bore_mm IS NULL OR bore_mm > 0", name=op.f("ck_works_element_bore")),
        sa.ForeignKeyConstraint(["project_id"], ["works_project.id"], name=op.f("fk_works_element_project_id_works_project")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_works_element_asset_id_asset")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works_element")),
        sa.UniqueConstraint("ref", name=op.f("uq_works_element_ref")),
        sa.UniqueConstraint("asset_id", name=op.f("uq_works_element_asset_id")),
    )
    op.create_index("uq_works_element_number", "works_element", ["project_id", "number"], unique=True)
    op.create_table(
        "works_join",
        sa.Column("project_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("elements", Json, nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("join_until", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting','accepted','refused','withdrawn','late','passed')", name=op.f("ck_works_join_status")
        ),
        sa.CheckConstraint("(status = 'waiting') = (answered_on IS NULL)", name=op.f("ck_works_join_answered")),
        sa.CheckConstraint("status NOT IN ('refused','late') OR answer IS NOT NULL", name=op.f("ck_works_join_reason")),
        sa.CheckConstraint(
            "status NOT IN ('waiting','accepted','refused') OR asked_on <= join_until", name=op.f("ck_works_join_in_time")
        ),
        sa.CheckConstraint("status <> 'late' OR asked_on > join_until", name=op.f("ck_works_join_late")),
        sa.ForeignKeyConstraint(["project_id"], ["works_project.id"], name=op.f("fk_works_join_project_id_works_project")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_works_join_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works_join")),
        sa.UniqueConstraint("ref", name=op.f("uq_works_join_ref")),
    )
    op.create_index(op.f("ix_works_join_organisation_id"), "works_join", ["organisation_id"])
    op.create_index("uq_works_join_number", "works_join", ["project_id", "number"], unique=True)
    for name, where in (("standing", STANDING), ("passed", PASSED)):
        op.create_index(
            f"uq_works_join_{name}",
            "works_join",
            ["project_id", "organisation_id"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS works_reserve_stands ON claim")
        op.execute("DROP FUNCTION IF EXISTS works_reserve_stands()")
    else:
        op.execute("DROP TRIGGER IF EXISTS works_reserve_stands")
    for table in ("works_join", "works_element", "works_project"):
        op.drop_table(table)
