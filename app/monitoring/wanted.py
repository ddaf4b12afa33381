"""What a reader asked of a board: how many months, which region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, true

from app.db.containment import region_within
from app.db.work import Reader
from app.monitoring.periods import Period, period

USUAL = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """`region`: a code; None: everywhere that the reader's numbers reach."""

    months: int = USUAL
    region: str | None = None

    def period(self, reader: Reader) -> Period:
        """Raises `invalid`."""
        return period(reader.today, self.months, reader.zone)


def in_region(column: Any, wanted: Wanted) -> ColumnElement[bool]:
    return region_within(column, wanted.region) if wanted.region else true()
