"""Listings and assets are found by words through an index, and narrowed lists and tiles read from indexes alone."""

from __future__ import annotations

from alembic import op

from app.db.words import drop_statements, fill_statement, index_statements

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_listing_face": (["status", "face_tier", "face_region"], ["status", "face_region", "kind", "sector", "face_tier"]),
    "ix_listing_mark": (
        ["status", "mark_x", "mark_y", "kind", "sector"],
        ["status", "mark_x", "mark_y", "kind", "sector", "face_tier", "price_minor", "height_m"],
    ),
}
NEW = {"ix_disclosure_exemption_status": ("disclosure_exemption", "status"), "ix_asset_operator_id": ("asset", "operator_id")}
TEXTS = {"listing": ("title",), "asset": ("name", "owner_ref", "address")}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, (_, columns) in INDEXES.items():
        op.drop_index(name, "listing")
        op.create_index(name, "listing", columns)
    for name, (table, column) in NEW.items():
        op.create_index(name, table, [column])
    for table, names in TEXTS.items():
        for statement in index_statements(dialect, table, names):
            op.execute(statement)
        if dialect == "sqlite":
            op.execute(fill_statement(table, names))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table, names in TEXTS.items():
        for statement in drop_statements(dialect, table, names):
            op.execute(statement)
    if dialect == "postgresql":
        op.execute("DROP FUNCTION word_pairs(text)")
    for name, (columns, _) in INDEXES.items():
        op.drop_index(name, "listing")
        op.create_index(name, "listing", columns)
    for name, (table, _) in NEW.items():
        op.drop_index(name, table)
