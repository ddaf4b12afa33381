"""The tables of the main job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime
from app.db.spatial import Geo

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "audit_record",
        sa.Column("chain", sa.String(length=13), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=24), nullable=False),
        sa.Column("subject_ref", sa.String(length=13), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_name_zh", sa.String(length=200), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("agent_name", sa.String(length=200), nullable=True),
        sa.Column("agent_name_zh", sa.String(length=200), nullable=True),
        sa.Column("concerned", Json, nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("effective_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("ref", name=op.f("uq_audit_record_ref")),
    )
    op.create_index("ix_audit_record_subject", "audit_record", ["subject_type", "subject_ref"], unique=False)
    op.create_index("uq_audit_record_position", "audit_record", ["chain", "position"], unique=True)
    op.create_index("uq_audit_record_prev", "audit_record", ["chain", "prev_hash"], unique=True)
    op.create_table(
        "job",
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("args", Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("run_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("ref", name=op.f("uq_job_ref")),
    )
    op.create_index("ix_job_claim", "job", ["state", "run_at"], unique=False)
    op.create_index("ix_job_key", "job", ["key", "state"], unique=False)
    op.create_table(
        "kept_response",
        sa.Column("id", BigId, nullable=False),
        sa.Column("principal", sa.String(length=60), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_response")),
    )
    op.create_index("uq_kept_response_key", "kept_response", ["principal", "route", "key"], unique=True)
    op.create_table(
        "mail",
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("ref", name=op.f("uq_mail_ref")),
    )
    op.create_table(
        "organisation",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=True),
        sa.Column("short_name", sa.String(length=80), nullable=True),
        sa.Column("sector", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("home_region", sa.String(length=12), nullable=True),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('company','authority','platform')", name=op.f("ck_organisation_kind")),
        sa.CheckConstraint(
            "sector IN ('telecom','power','transport','municipal','public_security','other')", name=op.f("ck_organisation_sector")
        ),
        sa.CheckConstraint("status IN ('active','deactivated')", name=op.f("ck_organisation_status")),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("ref", name=op.f("uq_organisation_ref")),
    )
    op.create_index("ix_organisation_name", "organisation", ["name"], unique=False)
    op.create_index("ix_organisation_parent_id", "organisation", ["parent_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("session_epoch", sa.BigInteger(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('invited','active','deactivated')", name=op.f("ck_person_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("ref", name=op.f("uq_person_ref")),
    )
    op.create_table(
        "agency",
        sa.Column("principal_id", BigId, nullable=False),
        sa.Column("agent_id", BigId, nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("regions", Json, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("principal_id <> agent_id", name=op.f("ck_agency_two_parties")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_agency_agent_id_organisation")),
        sa.ForeignKeyConstraint(["principal_id"], ["organisation.id"], name=op.f("fk_agency_principal_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("ref", name=op.f("uq_agency_ref")),
    )
    op.create_index(op.f("ix_agency_agent_id"), "agency", ["agent_id"], unique=False)
    op.create_index(op.f("ix_agency_principal_id"), "agency", ["principal_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_api_token_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_api_token_user_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_token_prefix")),
        sa.UniqueConstraint("ref", name=op.f("uq_api_token_ref")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_token_secret_hash")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)
    op.create_table(
        "asset",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_ref", sa.String(length=120), nullable=True),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("operator_id", BigId, nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("geom", Geo(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("cell_region", sa.String(length=12), nullable=True),
        sa.Column("public_tier", sa.String(length=2), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("land_consent", sa.String(length=12), nullable=False),
        sa.Column("host_consent", sa.String(length=12), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("declared_crs", sa.String(length=40), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("grade", sa.String(length=12), nullable=False),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("assumed", Json, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("grade IN ('general','important','core')", name=op.f("ck_asset_grade")),
        sa.CheckConstraint("host_consent IN ('unknown','held','needed','refused')", name=op.f("ck_asset_host_consent")),
        sa.CheckConstraint("land_consent IN ('unknown','held','needed','refused')", name=op.f("ck_asset_land_consent")),
        sa.CheckConstraint("provenance IN ('declared','surveyed','derived','demo')", name=op.f("ck_asset_provenance")),
        sa.CheckConstraint("public_tier IN ('T0','T1','T2')", name=op.f("ck_asset_public_tier")),
        sa.CheckConstraint(
            "status IN ('proposed','planned','under_construction','operational','inactive','retired')",
            name=op.f("ck_asset_status"),
        ),
        sa.ForeignKeyConstraint(["operator_id"], ["organisation.id"], name=op.f("fk_asset_operator_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_asset_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("ref", name=op.f("uq_asset_ref")),
    )
    op.create_index(op.f("ix_asset_import_id"), "asset", ["import_id"], unique=False)
    op.create_index("ix_asset_kind_region", "asset", ["kind", "region"], unique=False)
    op.create_index("ix_asset_owner_id", "asset", ["owner_id"], unique=False)
    op.create_index("uq_asset_owner_ref", "asset", ["owner_id", "kind", "owner_ref"], unique=True)
    op.create_table(
        "attachment",
        sa.Column("subject_type", sa.String(length=24), nullable=False),
        sa.Column("subject_ref", sa.String(length=13), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("uploaded_by", BigId, nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_attachment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_attachment_uploaded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("ref", name=op.f("uq_attachment_ref")),
    )
    op.create_index("ix_attachment_subject", "attachment", ["subject_type", "subject_ref"], unique=False)
    op.create_table(
        "bundle",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bundle_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("ref", name=op.f("uq_bundle_ref")),
    )
    op.create_index(op.f("ix_bundle_organisation_id"), "bundle", ["organisation_id"], unique=False)
    op.create_table(
        "column_mapping",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("mapping", Json, nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_column_mapping_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
    )
    op.create_index("uq_column_mapping_signature", "column_mapping", ["organisation_id", "subject", "signature"], unique=True)
    op.create_table(
        "competence",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("sectors", Json, nullable=False),
        sa.Column("regions", Json, nullable=False),
        sa.Column("host_kinds", Json, nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("authority IN ('communications','sector')", name=op.f("ck_competence_authority")),
        sa.CheckConstraint("level IN ('national','province','prefecture')", name=op.f("ck_competence_level")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_competence_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence")),
        sa.UniqueConstraint("ref", name=op.f("uq_competence_ref")),
    )
    op.create_index(op.f("ix_competence_organisation_id"), "competence", ["organisation_id"], unique=False)
    op.create_table(
        "deadline",
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("derivation", Json, nullable=False),
        sa.Column("pauses", Json, nullable=False),
        sa.Column("consequence_en", sa.String(length=300), nullable=False),
        sa.Column("consequence_zh", sa.String(length=300), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("passed_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'met') = (met_at IS NOT NULL)", name=op.f("ck_deadline_met")),
        sa.CheckConstraint("status <> 'passed' OR passed_at IS NOT NULL", name=op.f("ck_deadline_passed")),
        sa.CheckConstraint("status IN ('running','paused','met','passed')", name=op.f("ck_deadline_status")),
        sa.CheckConstraint("(due_on IS NULL) = (due_at IS NULL)", name=op.f("ck_deadline_due")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_deadline_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("ref", name=op.f("uq_deadline_ref")),
    )
    op.create_index("ix_deadline_due_at", "deadline", ["status", "due_at"], unique=False)
    op.create_index("ix_deadline_organisation_id", "deadline", ["organisation_id", "status"], unique=False)
    op.create_index("ix_deadline_subject", "deadline", ["subject_type", "subject_ref"], unique=False)
    op.create_index(
        "uq_deadline_waiting",
        "deadline",
        ["subject_type", "subject_ref", "rule", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('running','paused')"),
        postgresql_where=sa.text("status IN ('running','paused')"),
    )
    op.create_table(
        "match_run",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("started_by", BigId, nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("engine_version", sa.String(length=24), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("listings", sa.BigInteger(), nullable=False),
        sa.Column("needs", sa.BigInteger(), nullable=False),
        sa.Column("matches", sa.BigInteger(), nullable=False),
        sa.Column("matched_needs", sa.BigInteger(), nullable=False),
        sa.Column("rejections", Json, nullable=False),
        sa.Column("answer_hash", sa.String(length=64), nullable=True),
        sa.Column("timings", Json, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("status IN ('running','done','failed','cancelled')", name=op.f("ck_match_run_status")),
        sa.ForeignKeyConstraint(["started_by"], ["person.id"], name=op.f("fk_match_run_started_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_match_run_ref")),
    )
    op.create_table(
        "membership",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("regions", Json, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin','manager','editor','viewer','officer','evaluator','administrator')", name=op.f("ck_membership_role")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_membership_user_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("ref", name=op.f("uq_membership_ref")),
    )
    op.create_index(op.f("ix_membership_organisation_id"), "membership", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"], unique=False)
    op.create_index(
        "uq_membership_active",
        "membership",
        ["user_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "needs_list",
        sa.Column("administration_id", BigId, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_zh", sa.String(length=200), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open','published','closed')", name=op.f("ck_needs_list_status")),
        sa.CheckConstraint("opens_on < closes_on", name=op.f("ck_needs_list_period")),
        sa.ForeignKeyConstraint(
            ["administration_id"], ["organisation.id"], name=op.f("fk_needs_list_administration_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_list")),
        sa.UniqueConstraint("ref", name=op.f("uq_needs_list_ref")),
    )
    op.create_index(op.f("ix_needs_list_administration_id"), "needs_list", ["administration_id"], unique=False)
    op.create_index("ix_needs_list_region", "needs_list", ["region"], unique=False)
    op.create_table(
        "notice",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("subject_type", sa.String(length=24), nullable=False),
        sa.Column("subject_ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_notice_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_notice_ref")),
    )
    op.create_index("ix_notice_inbox", "notice", ["organisation_id", "read_at", "created_at"], unique=False)
    op.create_table(
        "one_time_token",
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("regions", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("purpose IN ('invite','reset')", name=op.f("ck_one_time_token_purpose")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_one_time_token_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_one_time_token_user_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("ref", name=op.f("uq_one_time_token_ref")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_token_secret_hash")),
    )
    op.create_table(
        "asset_host",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("host_id", BigId, nullable=False),
        sa.CheckConstraint("asset_id <> host_id", name=op.f("ck_asset_host_not_itself")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_asset_host_asset_id_asset"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["host_id"], ["asset.id"], name=op.f("fk_asset_host_host_id_asset")),
        sa.PrimaryKeyConstraint("asset_id", "host_id", name=op.f("pk_asset_host")),
    )
    op.create_index(op.f("ix_asset_host_host_id"), "asset_host", ["host_id"], unique=False)
    op.create_table(
        "capacity",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("total_milli", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("sort <> 'slots' OR total_milli % 1000 = 0", name=op.f("ck_capacity_whole_slots")),
        sa.CheckConstraint("sort IN ('quantity','slots')", name=op.f("ck_capacity_sort")),
        sa.CheckConstraint("total_milli >= 0", name=op.f("ck_capacity_total")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_capacity_asset_id_asset"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("asset_id", "dimension", name=op.f("pk_capacity")),
    )
    op.create_table(
        "disclosure_grant",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("reason_ref", sa.String(length=13), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("tier IN ('T1','T2','T3')", name=op.f("ck_disclosure_grant_tier")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_disclosure_grant_asset_id_asset"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_disclosure_grant_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_grant")),
        sa.UniqueConstraint("ref", name=op.f("uq_disclosure_grant_ref")),
    )
    op.create_index("ix_disclosure_grant_lookup", "disclosure_grant", ["asset_id", "organisation_id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("needs_list_id", BigId, nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("findings", Json, nullable=False),
        sa.Column("read_rows", sa.BigInteger(), nullable=False),
        sa.Column("sound_rows", sa.BigInteger(), nullable=False),
        sa.Column("problem_count", sa.BigInteger(), nullable=False),
        sa.Column("made_rows", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("committed_at", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('committed','undone')) = (committed_at IS NOT NULL)", name=op.f("ck_import_batch_committed")
        ),
        sa.CheckConstraint("provenance IN ('declared','surveyed','derived','demo')", name=op.f("ck_import_batch_provenance")),
        sa.CheckConstraint(
            "status IN ('uploaded','checking','checked','committed','undone','failed','discarded')",
            name=op.f("ck_import_batch_status"),
        ),
        sa.CheckConstraint("subject IN ('listings','needs')", name=op.f("ck_import_batch_subject")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_import_batch_created_by_person")),
        sa.ForeignKeyConstraint(["needs_list_id"], ["needs_list.id"], name=op.f("fk_import_batch_needs_list_id_needs_list")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_import_batch_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("ref", name=op.f("uq_import_batch_ref")),
    )
    op.create_index(op.f("ix_import_batch_organisation_id"), "import_batch", ["organisation_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("operator_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("sector", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("geom", Geo(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("offered", Json, nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("face_tier", sa.String(length=2), nullable=False),
        sa.Column("face_geom", Geo(), nullable=False),
        sa.Column("face_region", sa.String(length=12), nullable=True),
        sa.Column("mark_x", sa.BigInteger(), nullable=False),
        sa.Column("mark_y", sa.BigInteger(), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('draft','published','suspended','withdrawn')", name=op.f("ck_listing_status")),
        sa.CheckConstraint("tier IN ('T0','T1','T2')", name=op.f("ck_listing_tier")),
        sa.CheckConstraint("face_tier <= tier", name=op.f("ck_listing_face_tier")),
        sa.CheckConstraint("price_minor IS NULL OR price_minor >= 0", name=op.f("ck_listing_price")),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_listing_window")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_listing_asset_id_asset")),
        sa.ForeignKeyConstraint(["operator_id"], ["organisation.id"], name=op.f("fk_listing_operator_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_listing_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("ref", name=op.f("uq_listing_ref")),
    )
    op.create_index(op.f("ix_listing_asset_id"), "listing", ["asset_id"], unique=False)
    op.create_index("ix_listing_face", "listing", ["status", "face_tier", "face_region"], unique=False)
    op.create_index(op.f("ix_listing_import_id"), "listing", ["import_id"], unique=False)
    op.create_index("ix_listing_mark", "listing", ["status", "mark_x", "mark_y", "kind", "sector"], unique=False)
    op.create_index("ix_listing_owner_id", "listing", ["owner_id"], unique=False)
    op.create_index("ix_listing_search", "listing", ["status", "kind", "region"], unique=False)
    op.create_table(
        "need",
        sa.Column("needs_list_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("owner_ref", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("shape", sa.String(length=8), nullable=False),
        sa.Column("geom", Geo(), nullable=False),
        sa.Column("face_geom", Geo(), nullable=False),
        sa.Column("face_region", sa.String(length=12), nullable=True),
        sa.Column("radius_m", sa.Double(), nullable=False),
        sa.Column("requirements", Json, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("quantity_outstanding", sa.BigInteger(), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("latest_start", sa.Date(), nullable=True),
        sa.Column("minimum_term_months", sa.BigInteger(), nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("accepts_cobuild", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.String(length=2), nullable=False),
        sa.Column("alternative", Json, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("merged_into_id", BigId, nullable=True),
        sa.Column("carried_from_id", BigId, nullable=True),
        sa.Column("bundle_id", BigId, nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("declared_crs", sa.String(length=40), nullable=False),
        sa.Column("assumed", Json, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(outcome IS NOT NULL AND outcome = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_need_merged_link")
        ),
        sa.CheckConstraint("(status = 'left') = (outcome IS NOT NULL)", name=op.f("ck_need_outcome")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('served','partly_served','merged','carried_over','returned','to_be_cobuilt','own_build','withdrawn')",
            name=op.f("ck_need_outcome_known"),
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome NOT IN ('own_build','returned') OR outcome_reason IS NOT NULL",
            name=op.f("ck_need_outcome_reason"),
        ),
        sa.CheckConstraint("priority IN ('high','normal','low')", name=op.f("ck_need_priority")),
        sa.CheckConstraint("shape IN ('circle','area','route')", name=op.f("ck_need_shape")),
        sa.CheckConstraint("status IN ('draft','submitted','published','matched','left')", name=op.f("ck_need_status")),
        sa.CheckConstraint("tier IN ('T0','T1','T2')", name=op.f("ck_need_tier")),
        sa.CheckConstraint("quantity > 0 AND quantity_outstanding BETWEEN 0 AND quantity", name=op.f("ck_need_quantity")),
        sa.CheckConstraint("radius_m >= 0", name=op.f("ck_need_radius")),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_need_window")),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name=op.f("fk_need_bundle_id_bundle")),
        sa.ForeignKeyConstraint(["carried_from_id"], ["need.id"], name=op.f("fk_need_carried_from_id_need")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["need.id"], name=op.f("fk_need_merged_into_id_need")),
        sa.ForeignKeyConstraint(["needs_list_id"], ["needs_list.id"], name=op.f("fk_need_needs_list_id_needs_list")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_need_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("ref", name=op.f("uq_need_ref")),
    )
    op.create_index(op.f("ix_need_bundle_id"), "need", ["bundle_id"], unique=False)
    op.create_index(op.f("ix_need_import_id"), "need", ["import_id"], unique=False)
    op.create_index(op.f("ix_need_needs_list_id"), "need", ["needs_list_id"], unique=False)
    op.create_index("ix_need_organisation_id", "need", ["organisation_id"], unique=False)
    op.create_index("ix_need_search", "need", ["status", "kind", "region"], unique=False)
    op.create_table(
        "access_request",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("asked", Json, nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("purpose", sa.String(length=300), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("refusal_ground", sa.String(length=40), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.Column("refusal_evidence", Json, nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'refused') = (refusal_ground IS NOT NULL)", name=op.f("ck_access_request_refusal")),
        sa.CheckConstraint(
            "status IN ('draft','submitted','accepted','countered','refused','withdrawn','expired','agreed')",
            name=op.f("ck_access_request_status"),
        ),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_access_request_window")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_access_request_listing_id_listing")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_access_request_need_id_need")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_access_request_owner_id_organisation")),
        sa.ForeignKeyConstraint(["requester_id"], ["organisation.id"], name=op.f("fk_access_request_requester_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_access_request_ref")),
    )
    op.create_index(op.f("ix_access_request_listing_id"), "access_request", ["listing_id"], unique=False)
    op.create_index(op.f("ix_access_request_need_id"), "access_request", ["need_id"], unique=False)
    op.create_index(op.f("ix_access_request_owner_id"), "access_request", ["owner_id"], unique=False)
    op.create_index(op.f("ix_access_request_requester_id"), "access_request", ["requester_id"], unique=False)
    op.create_index("ix_access_request_status", "access_request", ["status"], unique=False)
    op.create_index(
        "uq_access_request_open",
        "access_request",
        ["need_id", "listing_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('draft','submitted','accepted','countered')"),
        postgresql_where=sa.text("status IN ('draft','submitted','accepted','countered')"),
    )
    op.create_table(
        "claim",
        sa.Column("asset_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("amount_milli", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("holder_type", sa.String(length=24), nullable=False),
        sa.Column("holder_ref", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(kind = 'held') = (expires_at IS NOT NULL)", name=op.f("ck_claim_hold_expires")),
        sa.CheckConstraint(
            "kind IN ('baseline','unavailable','reserve','held','pending','committed')", name=op.f("ck_claim_kind")
        ),
        sa.CheckConstraint("state IN ('active','released','expired','converted','ended')", name=op.f("ck_claim_state")),
        sa.CheckConstraint("amount_milli > 0", name=op.f("ck_claim_amount")),
        sa.CheckConstraint("slot IS NULL OR (slot >= 1 AND amount_milli = 1000)", name=op.f("ck_claim_slot")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_claim_window")),
        sa.ForeignKeyConstraint(
            ["asset_id", "dimension"],
            ["capacity.asset_id", "capacity.dimension"],
            name=op.f("fk_claim_asset_id_capacity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_claim_organisation_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("ref", name=op.f("uq_claim_ref")),
    )
    op.create_index("ix_claim_holder", "claim", ["holder_type", "holder_ref"], unique=False)
    op.create_index(op.f("ix_claim_listing_id"), "claim", ["listing_id"], unique=False)
    op.create_index("ix_claim_profile", "claim", ["asset_id", "dimension", "state", "starts"], unique=False)
    op.create_table(
        "import_problem",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("sheet", sa.String(length=200), nullable=True),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("column", sa.String(length=120), nullable=True),
        sa.Column("detail_en", sa.Text(), nullable=False),
        sa.Column("detail_zh", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_import_problem_import_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    op.create_index("uq_import_problem_position", "import_problem", ["import_id", "position"], unique=True)
    op.create_table(
        "import_row",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("import_id", BigId, nullable=False),
        sa.Column("sheet", sa.String(length=200), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.Column("wkb", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_import_row_import_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_import_id"), "import_row", ["import_id"], unique=False)
    op.create_table(
        "match",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("distance_mm", sa.BigInteger(), nullable=False),
        sa.Column("need_rank", sa.BigInteger(), nullable=True),
        sa.Column("listing_rank", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_match_listing_id_listing"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_match_run_id_match_run")),
        sa.PrimaryKeyConstraint("need_id", "listing_id", name=op.f("pk_match")),
    )
    op.create_index("ix_match_listing", "match", ["listing_id", "score"], unique=False)
    op.create_index("ix_match_need", "match", ["need_id", "score"], unique=False)
    op.create_index(op.f("ix_match_run_id"), "match", ["run_id"], unique=False)
    op.create_table(
        "need_result",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("run_id", BigId, nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.Column("in_reach", sa.BigInteger(), nullable=False),
        sa.Column("feasible", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_need_result_need_id_need"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_need_result_run_id_match_run")),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_result")),
    )
    op.create_index(op.f("ix_need_result_run_id"), "need_result", ["run_id"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("current_number", sa.BigInteger(), nullable=False),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("regulator_ids", Json, nullable=False),
        sa.Column("in_force_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('drafted','signed','submitted','returned','in_force','refused','withdrawn','ended')",
            name=op.f("ck_agreement_status"),
        ),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_agreement_need_id_need")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_agreement_owner_id_organisation")),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"], name=op.f("fk_agreement_request_id_access_request")),
        sa.ForeignKeyConstraint(["requester_id"], ["organisation.id"], name=op.f("fk_agreement_requester_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("ref", name=op.f("uq_agreement_ref")),
        sa.UniqueConstraint("request_id", name=op.f("uq_agreement_request_id")),
    )
    op.create_index(op.f("ix_agreement_owner_id"), "agreement", ["owner_id"], unique=False)
    op.create_index(op.f("ix_agreement_requester_id"), "agreement", ["requester_id"], unique=False)
    op.create_index("ix_agreement_status", "agreement", ["status"], unique=False)
    op.create_table(
        "offer",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("lines", Json, nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("origin IN ('accept','counter')", name=op.f("ck_offer_origin")),
        sa.CheckConstraint("status IN ('open','agreed','released','expired')", name=op.f("ck_offer_status")),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"], name=op.f("fk_offer_request_id_access_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("ref", name=op.f("uq_offer_ref")),
    )
    op.create_index(op.f("ix_offer_request_id"), "offer", ["request_id"], unique=False)
    op.create_index("uq_offer_number", "offer", ["request_id", "number"], unique=True)
    op.create_index(
        "uq_offer_open",
        "offer",
        ["request_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "agreement_version",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_version_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_agreement_version_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("ref", name=op.f("uq_agreement_version_ref")),
    )
    op.create_index("uq_agreement_version_number", "agreement_version", ["agreement_id", "number"], unique=True)
    op.create_table(
        "approval",
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("regulator_id", BigId, nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("reason_competent", Json, nullable=False),
        sa.Column("status", sa.String(length=28), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('waiting','void')) OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_approval_decided"),
        ),
        sa.CheckConstraint("mode IN ('decide','consult','file')", name=op.f("ck_approval_mode")),
        sa.CheckConstraint("status <> 'approved_with_conditions' OR conditions IS NOT NULL", name=op.f("ck_approval_conditions")),
        sa.CheckConstraint(
            "status IN ('waiting','approved','approved_with_conditions','returned','refused','noted','void')",
            name=op.f("ck_approval_status"),
        ),
        sa.CheckConstraint("status NOT IN ('returned','refused') OR reasons IS NOT NULL", name=op.f("ck_approval_reasons")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_approval_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_approval_decided_by_person")),
        sa.ForeignKeyConstraint(["regulator_id"], ["organisation.id"], name=op.f("fk_approval_regulator_id_organisation")),
        sa.ForeignKeyConstraint(["version_id"], ["agreement_version.id"], name=op.f("fk_approval_version_id_agreement_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("ref", name=op.f("uq_approval_ref")),
    )
    op.create_index(op.f("ix_approval_agreement_id"), "approval", ["agreement_id"], unique=False)
    op.create_index("ix_approval_inbox", "approval", ["regulator_id", "status"], unique=False)
    op.create_index("uq_approval_regulator", "approval", ["version_id", "regulator_id"], unique=True)
    op.create_table(
        "capacity_line",
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("supplier_id", BigId, nullable=False),
        sa.Column("beneficiary_id", BigId, nullable=False),
        sa.Column("right", sa.String(length=16), nullable=False),
        sa.Column("amounts", Json, nullable=False),
        sa.Column("slots", Json, nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("against_line", sa.BigInteger(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("\"right\" IN ('lease','iru','swap','cobuild_share')", name=op.f("ck_capacity_line_right")),
        sa.CheckConstraint("(price_minor IS NULL) <> (against_line IS NULL)", name=op.f("ck_capacity_line_consideration")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_capacity_line_window")),
        sa.CheckConstraint("supplier_id <> beneficiary_id", name=op.f("ck_capacity_line_two_parties")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_capacity_line_asset_id_asset")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["organisation.id"], name=op.f("fk_capacity_line_beneficiary_id_organisation")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_capacity_line_listing_id_listing")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisation.id"], name=op.f("fk_capacity_line_supplier_id_organisation")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_version.id"], name=op.f("fk_capacity_line_version_id_agreement_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_line")),
        sa.UniqueConstraint("ref", name=op.f("uq_capacity_line_ref")),
    )
    op.create_index(op.f("ix_capacity_line_asset_id"), "capacity_line", ["asset_id"], unique=False)
    op.create_index(op.f("ix_capacity_line_version_id"), "capacity_line", ["version_id"], unique=False)
    op.create_index("uq_capacity_line_number", "capacity_line", ["version_id", "number"], unique=True)
    op.create_table(
        "signature",
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("agent_id", BigId, nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_signature_agent_id_organisation")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_signature_organisation_id_organisation")),
        sa.ForeignKeyConstraint(["user_id"], ["person.id"], name=op.f("fk_signature_user_id_person")),
        sa.ForeignKeyConstraint(["version_id"], ["agreement_version.id"], name=op.f("fk_signature_version_id_agreement_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("ref", name=op.f("uq_signature_ref")),
    )
    op.create_index("uq_signature_party", "signature", ["version_id", "organisation_id"], unique=True)
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_index("uq_signature_party", table_name="signature")
    op.drop_table("signature")
    op.drop_index("uq_capacity_line_number", table_name="capacity_line")
    op.drop_index(op.f("ix_capacity_line_version_id"), table_name="capacity_line")
    op.drop_index(op.f("ix_capacity_line_asset_id"), table_name="capacity_line")
    op.drop_table("capacity_line")
    op.drop_index("uq_approval_regulator", table_name="approval")
    op.drop_index("ix_approval_inbox", table_name="approval")
    op.drop_index(op.f("ix_approval_agreement_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index("uq_agreement_version_number", table_name="agreement_version")
    op.drop_table("agreement_version")
    op.drop_index(
        "uq_offer_open", table_name="offer", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'")
    )
    op.drop_index("uq_offer_number", table_name="offer")
    op.drop_index(op.f("ix_offer_request_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index("ix_agreement_status", table_name="agreement")
    op.drop_index(op.f("ix_agreement_requester_id"), table_name="agreement")
    op.drop_index(op.f("ix_agreement_owner_id"), table_name="agreement")
    op.drop_table("agreement")
    op.drop_index(op.f("ix_need_result_run_id"), table_name="need_result")
    op.drop_table("need_result")
    op.drop_index(op.f("ix_match_run_id"), table_name="match")
    op.drop_index("ix_match_need", table_name="match")
    op.drop_index("ix_match_listing", table_name="match")
    op.drop_table("match")
    op.drop_index(op.f("ix_import_row_import_id"), table_name="import_row")
    op.drop_table("import_row")
    op.drop_index("uq_import_problem_position", table_name="import_problem")
    op.drop_table("import_problem")
    op.drop_index("ix_claim_profile", table_name="claim")
    op.drop_index(op.f("ix_claim_listing_id"), table_name="claim")
    op.drop_index("ix_claim_holder", table_name="claim")
    op.drop_table("claim")
    op.drop_index(
        "uq_access_request_open",
        table_name="access_request",
        sqlite_where=sa.text("status IN ('draft','submitted','accepted','countered')"),
        postgresql_where=sa.text("status IN ('draft','submitted','accepted','countered')"),
    )
    op.drop_index("ix_access_request_status", table_name="access_request")
    op.drop_index(op.f("ix_access_request_requester_id"), table_name="access_request")
    op.drop_index(op.f("ix_access_request_owner_id"), table_name="access_request")
    op.drop_index(op.f("ix_access_request_need_id"), table_name="access_request")
    op.drop_index(op.f("ix_access_request_listing_id"), table_name="access_request")
    op.drop_table("access_request")
    op.drop_index("ix_need_search", table_name="need")
    op.drop_index("ix_need_organisation_id", table_name="need")
    op.drop_index(op.f("ix_need_needs_list_id"), table_name="need")
    op.drop_index(op.f("ix_need_import_id"), table_name="need")
    op.drop_index(op.f("ix_need_bundle_id"), table_name="need")
    op.drop_table("need")
    op.drop_index("ix_listing_search", table_name="listing")
    op.drop_index("ix_listing_owner_id", table_name="listing")
    op.drop_index("ix_listing_mark", table_name="listing")
    op.drop_index(op.f("ix_listing_import_id"), table_name="listing")
    op.drop_index("ix_listing_face", table_name="listing")
    op.drop_index(op.f("ix_listing_asset_id"), table_name="listing")
    op.drop_table("listing")
    op.drop_index(op.f("ix_import_batch_organisation_id"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index("ix_disclosure_grant_lookup", table_name="disclosure_grant")
    op.drop_table("disclosure_grant")
    op.drop_table("capacity")
    op.drop_index(op.f("ix_asset_host_host_id"), table_name="asset_host")
    op.drop_table("asset_host")
    op.drop_table("one_time_token")
    op.drop_index("ix_notice_inbox", table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_needs_list_region", table_name="needs_list")
    op.drop_index(op.f("ix_needs_list_administration_id"), table_name="needs_list")
    op.drop_table("needs_list")
    op.drop_index(
        "uq_membership_active",
        table_name="membership",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_membership_user_id"), table_name="membership")
    op.drop_index(op.f("ix_membership_organisation_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("match_run")
    op.drop_index(
        "uq_deadline_waiting",
        table_name="deadline",
        sqlite_where=sa.text("status IN ('running','paused')"),
        postgresql_where=sa.text("status IN ('running','paused')"),
    )
    op.drop_index("ix_deadline_subject", table_name="deadline")
    op.drop_index("ix_deadline_organisation_id", table_name="deadline")
    op.drop_index("ix_deadline_due_at", table_name="deadline")
    op.drop_table("deadline")
    op.drop_index(op.f("ix_competence_organisation_id"), table_name="competence")
    op.drop_table("competence")
    op.drop_index("uq_column_mapping_signature", table_name="column_mapping")
    op.drop_table("column_mapping")
    op.drop_index(op.f("ix_bundle_organisation_id"), table_name="bundle")
    op.drop_table("bundle")
    op.drop_index("ix_attachment_subject", table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("uq_asset_owner_ref", table_name="asset")
    op.drop_index("ix_asset_owner_id", table_name="asset")
    op.drop_index("ix_asset_kind_region", table_name="asset")
    op.drop_index(op.f("ix_asset_import_id"), table_name="asset")
    op.drop_table("asset")
    op.drop_index(op.f("ix_api_token_user_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_agency_principal_id"), table_name="agency")
    op.drop_index(op.f("ix_agency_agent_id"), table_name="agency")
    op.drop_table("agency")
    op.drop_table("person")
    op.drop_index("ix_organisation_parent_id", table_name="organisation")
    op.drop_index("ix_organisation_name", table_name="organisation")
    op.drop_table("organisation")
    op.drop_table("mail")
    op.drop_index("uq_kept_response_key", table_name="kept_response")
    op.drop_table("kept_response")
    op.drop_index("ix_job_key", table_name="job")
    op.drop_index("ix_job_claim", table_name="job")
    op.drop_table("job")
    op.drop_index("uq_audit_record_prev", table_name="audit_record")
    op.drop_index("uq_audit_record_position", table_name="audit_record")
    op.drop_index("ix_audit_record_subject", table_name="audit_record")
    op.drop_table("audit_record")
