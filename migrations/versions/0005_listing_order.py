"""Lists by title and by price read as many rows as a page shows."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_listing_title", "listing", ["title", "id"])
    op.execute("CREATE INDEX ix_listing_price ON listing (coalesce(price_minor, 4611686018427387904), id)")


def downgrade() -> None:
    op.drop_index("ix_listing_price", "listing")
    op.drop_index("ix_listing_title", "listing")
