"""The utilisation that owners reported of their structures, as claims: from here on it counts with reserves, holds and agreements."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.db.base import Json, UtcDateTime
from app.kernel.ids import new_ref
from app.kernel.timewindow import Window
from app.ledger.rules import Taken
from app.ledger.structure import unnamed, used_milli

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ASSET = sa.table("asset", sa.column("id"), sa.column("kind"), sa.column("attributes", Json))
CAPACITY = sa.table("capacity", sa.column("asset_id"), sa.column("dimension"), sa.column("total_milli"))
CLAIM = sa.table(
    "claim",
    *(sa.column(name) for name in ("ref", "asset_id", "dimension", "kind", "state", "amount_milli", "holder_type", "holder_ref")),
    sa.column("starts", sa.Date),
    sa.column("ends", sa.Date),
    sa.column("created_at", UtcDateTime),
)


def upgrade() -> None:
    """Nobody's claim ends: where a report finds more than there is, nothing is left free."""
    bind = op.get_bind()
    towers = sa.select(ASSET.c.id, ASSET.c.attributes, CAPACITY.c.total_milli).join_from(
        ASSET, CAPACITY, sa.and_(CAPACITY.c.asset_id == ASSET.c.id, CAPACITY.c.dimension == "load_kg")
    )
    known = bind.execute(towers.where(ASSET.c.kind == "tower")).all()
    reported = {row.id: row for row in known if row.attributes.get("utilisation_pct")}
    named, others = defaultdict(list), defaultdict(list)
    standing = sa.select(CLAIM).where(CLAIM.c.state == "active", CLAIM.c.dimension == "load_kg")
    for claim in bind.execute(standing):
        kept = named if claim.kind == "baseline" else others
        kept[claim.asset_id].append(Taken(Window(claim.starts, claim.ends), claim.amount_milli))
    rows = [
        {
            "ref": new_ref(),
            "asset_id": asset,
            "dimension": "load_kg",
            "kind": "baseline",
            "state": "active",
            "amount_milli": milli,
            "starts": window.start,
            "ends": window.end,
            "holder_type": "structure",
            "holder_ref": "report",
            "created_at": datetime.now(UTC),
        }
        for asset, row in reported.items()
        for window, milli in unnamed(
            row.total_milli, used_milli(row.total_milli, row.attributes["utilisation_pct"]), named[asset], others[asset]
        )
    ]
    if rows:
        bind.execute(sa.insert(CLAIM), rows)


def downgrade() -> None:
    op.execute("DELETE FROM claim WHERE holder_type = 'structure'")
