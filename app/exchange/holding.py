"""What the cells hold that something is wrong with, kept with the problem so that a person can correct them in the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Readable
from itertools import zip_longest

import shapely

from app.exchange.fixing import MOST_WORDS
from app.exchange.mapping import Match
from app.exchange.previewing import written
from app.exchange.reading.model import GEOMETRY, Source
from app.kernel.errors import Problem

Cells = dict[tuple[str | None, int | None], dict[str, str]]  # sheet, row → column → what it holds
Beside = dict[tuple[str, str], str]  # sheet, column → the column without which it cannot be put right
PAIRS = (("lon", "lat"), ("end_lon", "end_lat"), ("start", "end"))


def cells_held(source: Source, problems: Sequence[Problem]) -> Cells:
    """The rows with problems, as a person would have written them."""
    wanted = {(p.sheet, p.row) for p in problems if p.column}
    found: Cells = {}
    for table in source.tables:
        letters = [column.letter for column in table.columns]
        for row in table.rows:
            if (table.name, row.number) in wanted:
                cells = zip_longest(letters, row.cells[: len(letters)])
                held = {letter: written(cell, MOST_WORDS) for letter, cell in cells}
                if row.geometry is not None:
                    held[GEOMETRY] = shapely.to_wkt(shapely.from_wkb(row.geometry))[:MOST_WORDS]
                found[(table.name, row.number)] = held
    return found


def beside(matches: Readable[str, Iterable[Match]]) -> Beside:
    """A latitude belongs to its longitude, an end to its start."""
    found: Beside = {}
    for sheet, of_sheet in matches.items():
        letters = {m.target: m.column.letter for m in of_sheet if m.target}
        for one, other in PAIRS:
            if one in letters and other in letters:
                found |= {(sheet, letters[one]): letters[other], (sheet, letters[other]): letters[one]}
    return found


def cells_of(problem: Problem, held: Readable[str, str], beside: Beside) -> dict[str, str]:
    """The cell of a problem, and the one beside it; nothing where the problem is no cell's."""
    columns = (problem.column, beside.get((problem.sheet or "", problem.column or "")))
    return {column: held[column] for column in columns if column is not None and column in held}
