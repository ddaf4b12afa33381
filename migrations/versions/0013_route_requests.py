"""Requests by route: the route, its legs, the further sections of a leg; agreed whole or not at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.access.routes.guards import GUARDS, drop_statements, statements
from app.db.base import BigId, Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "route_request",
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("requester_id", BigId, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("purpose", sa.String(length=300), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('open','standing','broken','agreed','withdrawn')", name=op.f("ck_route_request_status")),
        sa.CheckConstraint("window_start < window_end", name=op.f("ck_route_request_window")),
        sa.CheckConstraint("units > 0", name=op.f("ck_route_request_units")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_route_request_need_id_need")),
        sa.ForeignKeyConstraint(["requester_id"], ["organisation.id"], name=op.f("fk_route_request_requester_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_route_request_ref")),
    )
    op.create_index(op.f("ix_route_request_need_id"), "route_request", ["need_id"], unique=False)
    op.create_index(op.f("ix_route_request_requester_id"), "route_request", ["requester_id"], unique=False)
    open_ = sa.text("status IN ('open','standing','broken')")
    op.create_index(
        "uq_route_request_open", "route_request", ["need_id"], unique=True, sqlite_where=open_, postgresql_where=open_
    )
    op.create_table(
        "route_leg",
        sa.Column("route_id", BigId, nullable=False),
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("lost_at", UtcDateTime(), nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["route_request.id"], name=op.f("fk_route_leg_route_id_route_request")),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"], name=op.f("fk_route_leg_request_id_access_request")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_route_leg_owner_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_route_leg")),
        sa.UniqueConstraint("ref", name=op.f("uq_route_leg_ref")),
        sa.UniqueConstraint("request_id", name=op.f("uq_route_leg_request_id")),
    )
    op.create_index(op.f("ix_route_leg_route_id"), "route_leg", ["route_id"], unique=False)
    op.create_index("uq_route_leg_owner", "route_leg", ["route_id", "owner_id", "round"], unique=True)
    op.create_table(
        "request_section",
        sa.Column("request_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["access_request.id"], name=op.f("fk_request_section_request_id_access_request")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_request_section_listing_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_section")),
        sa.UniqueConstraint("ref", name=op.f("uq_request_section_ref")),
    )
    op.create_index(op.f("ix_request_section_request_id"), "request_section", ["request_id"], unique=False)
    op.create_index(op.f("ix_request_section_listing_id"), "request_section", ["listing_id"], unique=False)
    op.create_index("uq_request_section", "request_section", ["request_id", "listing_id"], unique=True)
    for table, name, found, message in GUARDS:
        for statement in statements(op.get_bind().dialect.name, table, name, found, message):
            op.execute(statement)


def downgrade() -> None:
    for table, name, *_ in GUARDS:
        for statement in drop_statements(op.get_bind().dialect.name, table, name):
            op.execute(statement)
    op.drop_table("request_section")
    op.drop_table("route_leg")
    op.drop_table("route_request")
