"""What a dry run gives: rows ready for the listing or need service, and everything wrong with the file, at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely

from app.exchange.mapping import Mapping, Match
from app.exchange.reading.model import Note
from app.exchange.targets import Subject
from app.kernel.errors import Problem

Geometry = Any  # a shapely geometry
DAYS = ("window_start", "window_end", "latest_start", "available_from")


@dataclass
class RowDraft:
    """One row. `values`: named as the columns of the asset, listing or need tables, dates as dates, geometry in WGS-84.
    `assumed`: names of values that a stated default filled."""

    sheet: str
    row: int
    kind: str
    values: dict[str, Any]
    geometry: Geometry
    assumed: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For the staging table."""
        values = {k: v.isoformat() if isinstance(v, date) else v for k, v in self.values.items()}
        return {
            "sheet": self.sheet,
            "row": self.row,
            "kind": self.kind,
            "values": values,
            "assumed": self.assumed,
            "wkb": shapely.to_wkb(self.geometry, hex=True),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RowDraft:
        return cls(
            stored["sheet"],
            stored["row"],
            stored["kind"],
            revived(stored["values"]),
            shapely.from_wkb(stored["wkb"]),
            list(stored["assumed"]),
        )


def revived(values: dict[str, Any]) -> dict[str, Any]:
    """Values as they were staged, their days days again."""
    return {**values, **{name: date.fromisoformat(values[name]) for name in DAYS if values.get(name)}}


@dataclass
class Draft:
    """The result of a dry run. `read`: rows found in the file; `rows`: the sound ones. `matches`: sheet → its columns and what
    they fill; `unrecognised`: those of sheets that are left out, as none of their columns is known. `unsound`: sheet, row and
    place of rows that something else is wrong with."""

    subject: Subject
    rows: list[RowDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    matches: dict[str, list[Match]] = field(default_factory=dict)
    unrecognised: dict[str, list[Match]] = field(default_factory=dict)
    crs: dict[str, str] = field(default_factory=dict)
    mapping: Mapping = field(default_factory=Mapping)
    read: int = 0
    unsound: list[tuple[str, int, Geometry]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.problems

    @property
    def assumed(self) -> dict[str, int]:
        """Value name → rows that a default filled."""
        return dict(Counter(name for row in self.rows for name in row.assumed))

    @property
    def wrong_rows(self) -> set[tuple[str | None, int | None]]:
        return {(p.sheet, p.row) for p in self.problems}
