"""CSV and its kin: encoding, delimiter, quoted line breaks; one record is one row number, as a spreadsheet counts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.exchange.problems import note, problem, unreadable
from app.exchange.reading.encodings import SAMPLE, decode, guess_encoding, known_encoding, previews
from app.exchange.reading.header import Hints, build_table, is_blank, looked_at
from app.exchange.reading.limits import CELL_LIMIT
from app.exchange.reading.model import Cell, Row, Source, Table

DELIMITERS = (",", ";", "\t", "|")


def read_delimited(path: Path, name: str, encoding: str | None, hints: Hints) -> Source:
    """The one table of a delimited text file."""
    data = path.read_bytes()
    if not data.strip():
        raise unreadable("empty_file")
    chosen, certain = (known_encoding(encoding), True) if encoding else guess_encoding(data)
    text = decode(data, chosen, name).removeprefix("\ufeff")
    source = Source(name, "CSV", [], encoding=chosen.removesuffix("-sig"))
    if not certain:
        source.notes.append(note("encoding_found", encoding=chosen))
        source.encodings = previews(lambda trial: _sample_lines(data, trial))
    records = _records(text, name)
    table = build_table(name, records, (), hints, source.remarks)
    if not table.columns:
        raise unreadable("no_table", looked=looked_at([(name, records)]))
    _check_lengths(table)
    source.tables.append(table)
    return source


def sniff_delimiter(text: str) -> str:
    """The delimiter that cuts the first records into the most cells, most regularly."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(record) for record in _reader(text[:SAMPLE], delimiter) if record][:50]
        except csv.Error:
            continue
        usual, times = Counter(widths).most_common(1)[0] if widths else (1, 1)
        score = times / len(widths) * min(usual, 50) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(CELL_LIMIT)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _records(text: str, name: str) -> list[list[Cell]]:
    records: list[list[Cell]] = []
    reader = _reader(text, sniff_delimiter(text))
    try:
        records.extend(list(record) for record in reader)
    except csv.Error as error:
        raise unreadable("damaged", sheet=name, row=len(records) + 1, format="CSV", why=error) from error
    return records


def _check_lengths(table: Table) -> None:
    """Rows with more filled cells than the header has columns cannot be read: their cells have slipped."""
    last = max(column.index for column in table.columns)
    kept: list[Row] = []
    for row in table.rows:
        if len(row.cells) > last + 1 and any(not is_blank(cell) for cell in row.cells[last + 1 :]):
            table.problems.append(
                problem(
                    "row_too_long",
                    sheet=table.name,
                    row=row.number,
                    column=table.columns[-1].letter,
                    cells=len(row.cells),
                    columns=last + 1,
                )
            )
        else:
            kept.append(row)
    table.rows = kept


def _sample_lines(data: bytes, encoding: str) -> list[str]:
    return [line[:80] for line in data[:2000].decode(encoding, errors="replace").splitlines()[:5]]
