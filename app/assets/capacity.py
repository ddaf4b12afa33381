"""The door to the ledger, which stands above this room: totals of capacity are given and shown with an asset, but kept there.

`app.listings` installs the ledger behind it when the application is composed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from sqlalchemy.orm import Session

from app.db.work import UnitOfWork


class Book(Protocol):
    def set_totals(self, work: UnitOfWork, asset_id: int, totals: Mapping[str, float]) -> None:
        """Raise or lower totals; refuses to go below what is taken."""
        ...

    def settle(self, work: UnitOfWork, asset_id: int) -> None:
        """Count what the asset's facts say is in use already; to be called when they changed."""
        ...

    def totals(self, session: Session, asset_ids: Sequence[int]) -> Mapping[int, Mapping[str, Decimal]]:
        """Dimension → total in its unit, by asset."""
        ...


_installed: list[Book] = []


def install(book: Book) -> None:
    _installed[:] = [book]


def book() -> Book:
    return _installed[0]
