"""Finding the table in a sheet: the header under its title rows, its two lines merged, totals and footnotes at the bottom left
out.

Works on rows of raw cells; knows nothing of files or of what the columns mean, save a vocabulary of words that headers use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import multimode

from app.exchange.problems import note, problem
from app.exchange.reading.labels import normalise, plain, split_unit
from app.exchange.reading.model import Cell, Column, Remark, Row, Table, letter_of
from app.kernel.text import Text

Grid = Sequence[Sequence[Cell]]
Span = tuple[int, int, int, int]  # top, left, bottom, right: merged cells, from 0, inclusive
Vocabulary = Callable[[str], bool]

EVERY_SHEET = ""  # in place of the name of one
SEARCHED_ROWS, MOST_NAMED = 40, 6
MOST_LINES, LINE = 60, 90  # rows to choose the header from, and how much of each is said
_TOTAL = re.compile(r"^(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|grand total|total|subtotal|sum)[s:： ]*$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^(注|备注|说明|填[表报]说明|填[表报]人|审核|制表|note|notes|source|来源)\s*[:：0-9]", re.IGNORECASE)
_NUMBER = re.compile(r"^([-+]?[\d.,]+%?|null|none|n/?a|[-—/\\]+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beforehand: words that headers use, and by sheet (or for `EVERY_SHEET`) the row that a person says is the header, from 1."""

    vocabulary: Vocabulary
    header_rows: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Found:
    """Where the header is: first and last line (from 0), and its labels by column."""

    top: int
    bottom: int
    parts: dict[int, tuple[str, ...]] = field(default_factory=dict)


def text_of(cell: Cell) -> str:
    return plain(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def build_table(name: str, grid: Grid, spans: Sequence[Span], hints: Hints, remarks: list[Remark]) -> Table:
    """The table of a sheet. Words outside of it are added to `remarks`; a sheet without a table has no columns."""
    table, stated = Table(name, lines=_lines(grid)), hints.header_rows.get(name, hints.header_rows.get(EVERY_SHEET))
    found = None if stated is None else header_at(grid, spans, stated, hints.vocabulary)
    if stated is not None and found is None:
        table.problems.append(problem("header_row_blank", sheet=name, row=stated))
    found = found or find_header(grid, spans, hints.vocabulary)
    if found is None:
        remarks.extend(_remarks(name, grid, 0, len(grid)))
        return table
    above = _remarks(name, grid, 0, found.top)
    if above:
        remarks.extend(above)
        table.notes.append(note("titles_skipped", sheet=name, row=above[0].row))
    table.header_row = found.bottom + 1
    table.columns = [_column(index, parts) for index, parts in sorted(found.parts.items())]
    end = _drop_bottom(table, grid, found.bottom + 1, remarks)
    table.rows = [Row(n + 1, list(grid[n])) for n in range(found.bottom + 1, end) if not all(is_blank(c) for c in grid[n])]
    return table


def looked_at(sheets: Sequence[tuple[str, Grid]]) -> Text:
    """What there is of sheets that hold no table: how many rows and columns are filled."""
    said = [_filled(name, grid) for name, grid in sheets[:MOST_NAMED]]
    rest = [Text("…", "…")] if len(sheets) > MOST_NAMED else []
    return Text("; ".join(one.en for one in said + rest), "；".join(one.zh for one in said + rest)) if said else Text("–", "–")


def _filled(name: str, grid: Grid) -> Text:
    widths = [len(cells) for row in grid if (cells := [cell for cell in row if not is_blank(cell)])]
    if not widths:
        return Text("{name} (empty)", "{name}（空）").format(name=name)
    words = Text("{name} (rows: {rows}, columns: {columns})", "{name}（{rows} 行，{columns} 列）")
    return words.format(name=name, rows=len(widths), columns=max(widths))


def _column(index: int, parts: tuple[str, ...]) -> Column:
    unit: str | None = None
    names = []
    for part in parts:
        name, given = split_unit(part)
        unit = given or unit
        if name:
            names.append(name)
    return Column(index, letter_of(index), tuple(names) or parts, unit)


def find_header(grid: Grid, spans: Sequence[Span], vocabulary: Vocabulary) -> Found | None:
    """The first row that looks like labels over values; None where there is no table (fewer than two filled cells in every
    row)."""
    filled = [[i for i, cell in enumerate(row) if not is_blank(cell)] for row in grid]
    widths = [len(row) for row in filled if row]
    if not widths or (max(widths) < 2 and not _single_column(grid, filled, vocabulary)):
        return None
    usual = max(multimode(widths[-200:]))
    least = min(2, max(widths))
    candidates = [n for n, row in enumerate(filled[:SEARCHED_ROWS]) if len(row) >= least] or [
        n for n, row in enumerate(filled) if len(row) >= least
    ]
    best = max(candidates, key=lambda n: (_score(grid, filled, n, usual, vocabulary), -n))
    return _with_second_line(grid, filled, spans, best, vocabulary)


def header_at(grid: Grid, spans: Sequence[Span], row: int, vocabulary: Vocabulary) -> Found | None:
    """The header of which this row (from 1) is a line; None where there is nothing in it, or nothing below."""
    filled = [[i for i, cell in enumerate(cells) if not is_blank(cell)] for cells in grid]
    if not 1 <= row < len(grid) or not filled[row - 1]:
        return None
    return _with_second_line(grid, filled, spans, row - 1, vocabulary)


def _lines(grid: Grid) -> list[tuple[int, str]]:
    """The first rows in words, each with its number: one of them is the header."""
    said = (
        (n + 1, " · ".join(text_of(cell).strip() for cell in row if not is_blank(cell)))
        for n, row in enumerate(grid[:MOST_LINES])
    )
    return [(n, words if len(words) <= LINE else words[: LINE - 1] + "…") for n, words in said if words]


def _single_column(grid: Grid, filled: list[list[int]], vocabulary: Vocabulary) -> bool:
    first = next((n for n, row in enumerate(filled) if row), None)
    return first is not None and vocabulary(text_of(grid[first][filled[first][0]]))


def _score(grid: Grid, filled: list[list[int]], n: int, usual: int, vocabulary: Vocabulary) -> float:
    """Words that headers use weigh most; then texts, not numbers, all different, about as many as the rows have cells."""
    cells = [grid[n][i] for i in filled[n]]
    labels = [text_of(cell) for cell in cells]
    wordy = [label for cell, label in zip(cells, labels, strict=True) if isinstance(cell, str) and not _NUMBER.match(label)]
    known = sum(vocabulary(split_unit(label)[0]) for label in wordy)
    share = len(wordy) / len(cells)
    width = min(len(cells) / max(usual, 1), 1.0)
    distinct = len({normalise(label) for label in labels}) / len(labels)
    follows = 1.0 if any(filled[n + 1 : n + 3]) else 0.0
    early = 1.0 / (1 + sum(1 for row in filled[:n] if row))
    return 1.5 * known + 2.0 * share * width + 0.5 * distinct + follows + 0.6 * early


def _with_second_line(grid: Grid, filled: list[list[int]], spans: Sequence[Span], top: int, vocabulary: Vocabulary) -> Found:
    """Groups above their columns: by merged cells where the format has them, by blanks beside and labels below otherwise."""
    upper, lower = _neighbours(grid, filled, spans, top, vocabulary)
    if lower is None:
        return Found(top, top, {i: (text_of(grid[top][i]),) for i in filled[top]})
    groups = _group_labels(grid, spans, upper)
    width = max(len(grid[upper]), len(grid[lower]))
    parts: dict[int, tuple[str, ...]] = {}
    for i in range(width):
        second = text_of(grid[lower][i]) if i < len(grid[lower]) else ""
        first = text_of(grid[upper][i]) if i < len(grid[upper]) else ""
        first = first or (groups.get(i, "") if second else "")
        names = tuple(dict.fromkeys(label for label in (first, second) if label))
        if names:
            parts[i] = names
    return Found(upper, lower, parts)


def _neighbours(
    grid: Grid, filled: list[list[int]], spans: Sequence[Span], n: int, vocabulary: Vocabulary
) -> tuple[int, int | None]:
    """(upper, lower) line of a two-line header that has row `n` in it; lower is None for a header of one line."""
    if _second_line(grid, filled, spans, n, vocabulary):
        return n, n + 1
    if n > 0 and len(filled[n - 1]) > 1 and _second_line(grid, filled, spans, n - 1, vocabulary):
        return n - 1, n
    return n, None


def _second_line(grid: Grid, filled: list[list[int]], spans: Sequence[Span], top: int, vocabulary: Vocabulary) -> bool:
    """Whether row `top + 1` carries the labels under the groups of row `top`."""
    if top + 1 >= len(grid) or not filled[top + 1]:
        return False
    below = filled[top + 1]
    texts = [text_of(grid[top + 1][i]) for i in below]
    if any(not isinstance(grid[top + 1][i], str) or _NUMBER.match(text) for i, text in zip(below, texts, strict=True)):
        return False
    wide = [span for span in spans if span[0] == top and span[2] == top and span[3] > span[1]]
    tall = [span for span in spans if span[0] == top and span[2] == top + 1]
    if spans:
        return bool(wide or tall) and all(any(s[1] <= i <= s[3] for s in wide) or i not in filled[top] for i in below)
    blank_above = [i for i in below if i not in filled[top]]
    return bool(blank_above) and min(below) > 0 and len(below) < len(grid[top]) and sum(map(vocabulary, texts)) * 2 >= len(texts)


def _group_labels(grid: Grid, spans: Sequence[Span], upper: int) -> dict[int, str]:
    """The group that stands over each column: across its merged span, or up to the next label."""
    row = grid[upper]
    groups: dict[int, str] = {}
    if spans:
        for top, left, _bottom, right in spans:
            if top == upper and left < len(row):
                groups.update({i: text_of(row[left]) for i in range(left, right + 1)})
        return groups
    current = ""
    for i, cell in enumerate(row):
        current = text_of(cell) or current
        groups[i] = current
    return groups


def _drop_bottom(table: Table, grid: Grid, start: int, remarks: list[Remark]) -> int:
    """The end of the rows (exclusive) once totals and footnotes are taken off; each leaves a note."""
    end = len(grid)
    while end > start:
        filled = [text_of(cell) for cell in grid[end - 1] if not is_blank(cell)]
        if not filled:
            end -= 1
        elif any(_TOTAL.match(text) for text in filled[:2]):
            end -= 1
            table.notes.append(note("totals_dropped", sheet=table.name, row=end + 1))
        elif len(filled) == 1 and len(table.columns) > 2 and _FOOTNOTE.match(filled[0]):
            end -= 1
            remarks.append(Remark(filled[0], table.name, end + 1))
            table.notes.append(note("footnote_dropped", sheet=table.name, row=end + 1))
        else:
            break
    return end


def _remarks(name: str, grid: Grid, start: int, end: int) -> list[Remark]:
    found: list[Remark] = []
    for n in range(start, end):
        words = " ".join(dict.fromkeys(text_of(cell) for cell in grid[n] if not is_blank(cell)))
        if words:
            found.append(Remark(words, name, n + 1))
    return found
