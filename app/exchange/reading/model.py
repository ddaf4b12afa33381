"""What any file becomes: a source of tables with named columns and numbered rows. Values as the file has them, nothing
interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.exchange.problems import Note
from app.kernel.errors import Problem

Cell = str | int | float | bool | date | datetime | time | timedelta | None
__all__ = ["GEOMETRY", "Cell", "Column", "EncodingChoice", "Note", "Remark", "Row", "Source", "Table", "letter_of"]

GEOMETRY = "geometry"  # the column that a problem of a geometry names


@dataclass(frozen=True, slots=True)
class Column:
    """`letter`: how a person finds it (A, B … in a workbook; the field's name in a vector file). `parts`: header lines, top
    first.
    `truncated`: the format cut the name (shapefile: 10 bytes), so the rest is unknown."""

    index: int
    letter: str
    parts: tuple[str, ...]
    unit: str | None = None
    truncated: bool = False

    @property
    def label(self) -> str:
        return " ".join(self.parts)


class Row(NamedTuple):
    """`number`: as the program that made the file counts it: sheet row, CSV record, or feature (from 1)."""

    number: int
    cells: list[Cell]
    geometry: bytes | None = None  # WKB in the table's coordinate system


@dataclass(frozen=True, slots=True)
class Remark:
    """Words that stand in the file outside the table: titles, footnotes, a sheet of instructions."""

    text: str
    sheet: str
    row: int


@dataclass
class Table:
    """One sheet or layer. `crs`: what the file itself states, as text for `crs.parse_crs`. `unread`: rows that could not be read
    at all, so that counts stay honest. `lines`: the first rows of a sheet in words, by number, to choose the header from."""

    name: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    header_row: int = 1
    crs: str | None = None
    has_geometry: bool = False
    hidden: bool = False
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """How the text of the file looks when read in `encoding`; for a person to choose from."""

    encoding: str
    preview: tuple[str, ...]


@dataclass
class Source:
    name: str
    format: str
    tables: list[Table]
    encoding: str | None = None
    encodings: tuple[EncodingChoice, ...] = ()  # when the file does not say its encoding
    remarks: list[Remark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def table(self, name: str) -> Table:
        return next(t for t in self.tables if t.name == name)


def letter_of(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
