"""Grants by purpose, area and period; closer looks; exemptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECKS = {
    "source": "source IN ('owner','order','agreement')",
    "scope": "(asset_id IS NULL) = (region IS NOT NULL)",
    "region": "(region IS NULL) = (region_like IS NULL)",
    "kind": "asset_id IS NULL OR kind IS NULL",
    "ground": "source <> 'order' OR ground IS NOT NULL",
    "ends": "source = 'agreement' OR expires_at IS NOT NULL",
    "period": "source = 'agreement' OR expires_at > starts_at",
}
OLD = "asset_id, organisation_id, tier, purpose, reason_ref, granted_at, expires_at, revoked_at, id, ref"


def upgrade() -> None:
    """The table of grants is made anew, since SQLite adds no constraints; nothing refers to it yet."""
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM disclosure_grant")
    op.drop_table("disclosure_grant")
    _grants()
    # every grant so far is part of a request or an agreement with the asset's owner
    op.execute(
        f"INSERT INTO disclosure_grant ({OLD}, owner_id, granted_by, source, starts_at) "
        f"SELECT {', '.join('kept.' + name for name in OLD.split(', '))}, asset.owner_id, asset.owner_id, 'agreement', kept.granted_at "
        "FROM kept JOIN asset ON asset.id = kept.asset_id"
    )
    _settle()
    _exemptions()
    _looks()


def _settle() -> None:
    op.execute("DROP TABLE kept")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('disclosure_grant', 'id'), coalesce((SELECT max(id) FROM disclosure_grant), 0) + 1, false)"
        )


def _grants() -> None:
    op.create_table(
        "disclosure_grant",
        sa.Column("asset_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("region_like", sa.String(16), nullable=True),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("tier", sa.String(2), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("purpose_code", sa.String(20), nullable=True),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("reason_ref", sa.String(13), nullable=True),
        sa.Column("granted_by", BigId, nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(13), nullable=False),
        sa.CheckConstraint("tier IN ('T1','T2','T3')", name=op.f("ck_disclosure_grant_tier")),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_disclosure_grant_{name}")) for name, rule in CHECKS.items()),
        *_keys(),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_disclosure_grant_owner_id_organisation")),
        sa.ForeignKeyConstraint(["granted_by"], ["organisation.id"], name=op.f("fk_disclosure_grant_granted_by_organisation")),
    )
    op.create_index("ix_disclosure_grant_lookup", "disclosure_grant", ["asset_id", "organisation_id"])
    op.create_index(op.f("ix_disclosure_grant_owner_id"), "disclosure_grant", ["owner_id"])
    op.create_index(op.f("ix_disclosure_grant_organisation_id"), "disclosure_grant", ["organisation_id"])


def _keys() -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_disclosure_grant_asset_id_asset"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_disclosure_grant_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_grant")),
        sa.UniqueConstraint("ref", name=op.f("uq_disclosure_grant_ref")),
    ]


def _exemptions() -> None:
    op.create_table(
        "disclosure_exemption",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("duty", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", BigId, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("authority_id", BigId, nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(13), nullable=False),
        sa.CheckConstraint("duty IN ('disclosure','listing')", name=op.f("ck_disclosure_exemption_duty")),
        sa.CheckConstraint(
            "status IN ('asked','granted','refused','withdrawn','ended')", name=op.f("ck_disclosure_exemption_status")
        ),
        sa.CheckConstraint(
            "status NOT IN ('granted','refused','ended') OR (decision IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_disclosure_exemption_decision"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('granted','ended') OR expires_at IS NOT NULL", name=op.f("ck_disclosure_exemption_ends")
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_disclosure_exemption_asset_id_asset"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_disclosure_exemption_owner_id_organisation")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_disclosure_exemption_asked_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_disclosure_exemption_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["organisation.id"], name=op.f("fk_disclosure_exemption_authority_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_exemption")),
        sa.UniqueConstraint("ref", name=op.f("uq_disclosure_exemption_ref")),
    )
    for column in ("asset_id", "owner_id", "region"):
        op.create_index(op.f(f"ix_disclosure_exemption_{column}"), "disclosure_exemption", [column])


def _looks() -> None:
    op.create_table(
        "closer_look",
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("asset_id", BigId, nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("tier", sa.String(2), nullable=False),
        sa.Column("purpose_code", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", BigId, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("grant_id", BigId, nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(13), nullable=False),
        sa.CheckConstraint("tier IN ('T1','T2','T3')", name=op.f("ck_closer_look_tier")),
        sa.CheckConstraint("status IN ('open','granted','refused','withdrawn')", name=op.f("ck_closer_look_status")),
        sa.CheckConstraint("status <> 'refused' OR answer IS NOT NULL", name=op.f("ck_closer_look_refusal")),
        sa.CheckConstraint("(status = 'granted') = (grant_id IS NOT NULL)", name=op.f("ck_closer_look_granted")),
        sa.CheckConstraint("asset_id IS NULL OR owner_id IS NOT NULL", name=op.f("ck_closer_look_owner")),
        sa.ForeignKeyConstraint(["requester_id"], ["organisation.id"], name=op.f("fk_closer_look_requester_id_organisation")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_closer_look_owner_id_organisation")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_closer_look_asset_id_asset"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_closer_look_asked_by_person")),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_closer_look_answered_by_person")),
        sa.ForeignKeyConstraint(["grant_id"], ["disclosure_grant.id"], name=op.f("fk_closer_look_grant_id_disclosure_grant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closer_look")),
        sa.UniqueConstraint("ref", name=op.f("uq_closer_look_ref")),
    )
    for column in ("requester_id", "owner_id", "region"):
        op.create_index(op.f(f"ix_closer_look_{column}"), "closer_look", [column])
    standing = sa.text("status = 'open'")
    op.create_index(
        "uq_closer_look_open",
        "closer_look",
        ["requester_id", "asset_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    """An earlier version knows no areas: grants by area end."""
    op.drop_table("closer_look")
    op.drop_table("disclosure_exemption")
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM disclosure_grant WHERE asset_id IS NOT NULL")
    op.drop_table("disclosure_grant")
    op.create_table(
        "disclosure_grant",
        sa.Column("asset_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("tier", sa.String(2), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("reason_ref", sa.String(13), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(13), nullable=False),
        sa.CheckConstraint("tier IN ('T1','T2','T3')", name=op.f("ck_disclosure_grant_tier")),
        *_keys(),
    )
    op.create_index("ix_disclosure_grant_lookup", "disclosure_grant", ["asset_id", "organisation_id"])
    op.execute(f"INSERT INTO disclosure_grant ({OLD}) SELECT {OLD} FROM kept")
    _settle()
