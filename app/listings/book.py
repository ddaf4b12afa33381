"""The ledger behind the register's door for capacity (`app.assets.capacity`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from app import ledger
from app.db.work import UnitOfWork
from app.kernel.quantity import from_milli


class LedgerBook:
    def set_totals(self, work: UnitOfWork, asset_id: int, totals: Mapping[str, float]) -> None:
        ledger.set_totals(work, asset_id, totals)

    def settle(self, work: UnitOfWork, asset_id: int) -> None:
        ledger.settle(work, asset_id)

    def totals(self, session: Session, asset_ids: Sequence[int]) -> Mapping[int, Mapping[str, Decimal]]:
        columns = ledger.totals_for(session, asset_ids)
        found: dict[int, dict[str, Decimal]] = {}
        for asset_id, dimension, milli in zip(columns.asset_id, columns.dimension, columns.total_milli, strict=True):
            found.setdefault(asset_id, {})[dimension] = from_milli(milli)
        return found
