"""What listings are searched by besides: their height as everybody may know it, and when they were opened."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.base import Json

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LISTING = sa.table("listing", sa.column("id"), sa.column("asset_id"), sa.column("height_m"))
ASSET = sa.table("asset", sa.column("id"), sa.column("kind"), sa.column("owner_id"), sa.column("attributes", Json))
ORGANISATION = sa.table("organisation", sa.column("id"), sa.column("profile"))
CHUNK = 5_000


def upgrade() -> None:
    """The columns come without a rebuild, which would drop the triggers of places."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"ALTER TABLE listing ADD COLUMN height_m {'DOUBLE PRECISION' if is_postgresql else 'DOUBLE'}")
    op.execute(f"ALTER TABLE listing ADD COLUMN opened_at {'TIMESTAMP WITH TIME ZONE' if is_postgresql else 'DATETIME'}")
    op.create_index("ix_listing_opened_at", "listing", ["opened_at"])
    op.execute("UPDATE listing SET opened_at = created_at WHERE status = 'published'")
    _state_heights(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_listing_opened_at", "listing")
    op.execute("ALTER TABLE listing DROP COLUMN opened_at")
    op.execute("ALTER TABLE listing DROP COLUMN height_m")


def _state_heights(connection: Any) -> None:
    """By the rule of today; a kind that is no longer declared has none."""
    from app.catalogue.kinds import KINDS
    from app.listings.height import height_m

    known = {kind.name: kind for kind in KINDS.all()}
    rows = connection.execute(
        sa.select(LISTING.c.id, ASSET.c.kind, ASSET.c.attributes, ORGANISATION.c.profile)
        .join(ASSET, ASSET.c.id == LISTING.c.asset_id)
        .join(ORGANISATION, ORGANISATION.c.id == ASSET.c.owner_id)
        .where(ASSET.c.kind.in_(known))
    ).all()
    heights = [(row.id, height_m(known[row.kind], row.attributes or {}, row.profile)) for row in rows]
    stated = [{"number": number, "height": height} for number, height in heights if height is not None]
    change = sa.update(LISTING).where(LISTING.c.id == sa.bindparam("number")).values(height_m=sa.bindparam("height"))
    for start in range(0, len(stated), CHUNK):
        connection.execute(change, stated[start : start + CHUNK])
