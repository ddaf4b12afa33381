"""What stands on the rows of an import and keeps it from being taken back, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, select
from sqlalchemy.orm import Session

from app import ledger
from app.assets import Asset
from app.db.base import Base
from app.kernel.errors import Problem
from app.kernel.text import Text
from app.listings import Listing
from app.needs import Need

MOST = 50
CLAIMED = ("held", "pending", "committed")
THINGS = {
    "access_request": Text("access request", "接入申请"),
    "agreement": Text("agreement", "协议"),
    "capacity_line": Text("capacity line of an agreement", "协议容量条款"),
    "asset_host": Text("an asset that stands on it", "依附于其上的设施"),
    "listing": Text("listing", "资源"),
    "need": Text("need", "需求"),
}
MADE = (Asset, Listing, Need)


def in_the_way(session: Session, import_id: int) -> list[Problem]:
    """Every row elsewhere that refers to what the import made, found by the foreign keys themselves, and every claim on it."""
    found = [*_claims(session, import_id)]
    for model in MADE:
        made: Table = model.__table__  # type: ignore[assignment]
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_key_constraints:
                if key.referred_table is made and (key.ondelete or "").upper() != "CASCADE":
                    found += _referring(session, import_id, made, table, key)
    return found[:MOST]


def _referring(session: Session, import_id: int, made: Table, table: Table, key: ForeignKeyConstraint) -> Iterator[Problem]:
    column = next(iter(key.columns))
    mine = select(made.c.id).where(made.c.import_id == import_id)
    shown: Any = table.c.ref if "ref" in table.c else column
    statement = select(shown).where(column.in_(mine)).distinct().limit(MOST)
    if "import_id" in table.c:
        statement = statement.where((table.c.import_id.is_(None)) | (table.c.import_id != import_id))
    if table.name == "asset_host":
        own = select(Asset.id).where(Asset.import_id == import_id)
        statement = (
            select(Asset.ref)
            .join(table, table.c.asset_id == Asset.id)
            .where(column.in_(mine), table.c.asset_id.not_in(own))
            .limit(MOST)
        )
    what = THINGS.get(table.name, Text(table.name, table.name))
    for ref in session.scalars(statement):
        yield Problem("undo_blocked", Text("{what} {ref}", "{what} {ref}").format(what=what, ref=ref))


def _claims(session: Session, import_id: int) -> Iterator[Problem]:
    claim = ledger.Claim
    mine = select(Asset.id).where(Asset.import_id == import_id)
    rows = session.execute(
        select(claim.holder_type, claim.holder_ref)
        .where(claim.asset_id.in_(mine), claim.kind.in_(CLAIMED))
        .distinct()
        .limit(MOST)
    )
    for holder_type, holder_ref in rows:
        what = THINGS.get(holder_type, Text(holder_type.replace("_", " "), holder_type.replace("_", " ")))
        yield Problem(
            "undo_blocked", Text("capacity for {what} {ref}", "{what} {ref} 占用的容量").format(what=what, ref=holder_ref)
        )
