"""The verdict of the importer on one hostile or odd file, as one line of exchange_verdicts.csv.

`python -m tests.integration.exchange.verdicts` writes the table anew; read the difference before committing it.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

from app.catalogue.kinds import KINDS
from app.config import ROOT
from app.exchange.columns import column_set
from app.exchange.mapping import Mapping
from app.exchange.plan import Plan, dry_run
from app.exchange.reading import open_source
from app.exchange.targets import Subject
from app.kernel.errors import DomainError, Problem

TABLE = Path(__file__).parent / "exchange_verdicts.csv"
SETS = ("naughty/csv-spectrum/csvs", "naughty/geojson_invalid", "naughty/messytables_horror", "gpkg_ets")
SKIPPED = ("SOURCE.txt", "README.md")


class Verdict(NamedTuple):
    """accept: every row is sound. partly: some are. reject: none is. The rest names the first problem and its place."""

    file: str
    verdict: str
    rows: str
    problems: str
    code: str
    sheet: str
    row: str
    column: str


def files(data: Path) -> list[Path]:
    return [path for name in SETS for path in sorted((data / name).rglob("*")) if path.is_file() and path.name not in SKIPPED]


def judge(path: Path, data: Path) -> tuple[Verdict, list[Problem]]:
    """As a list of rooms (points and polygons), one rack unit each, in WGS-84 where the file says nothing."""
    name = path.relative_to(data).as_posix()
    kinds = KINDS.all()
    try:
        source = open_source(path, vocabulary=column_set(Subject.LISTINGS, kinds).knows)
    except DomainError as error:
        return _line(name, 0, list(error.problems)), list(error.problems)
    stated = any(table.crs for table in source.tables)
    plan = Plan(
        Subject.LISTINGS,
        kinds,
        date(2026, 11, 22),
        kind="room",
        organisation="Owner",
        crs=None if stated else "EPSG:4326",
        mapping=Mapping(defaults={"rack_unit": "1"}),
    )
    draft = dry_run(source, plan)
    return _line(name, len(draft.rows), draft.problems), draft.problems


def _line(name: str, rows: int, problems: list[Problem]) -> Verdict:
    first = problems[0] if problems else None
    verdict = "accept" if not problems else "partly" if rows else "reject"
    place = (first.code, first.sheet or "", str(first.row or ""), first.column or "") if first else ("", "", "", "")
    return Verdict(name, verdict, str(rows), str(len(problems)), *place)


def stored() -> dict[str, Verdict]:
    with TABLE.open(newline="", encoding="utf-8") as file:
        return {row[0]: Verdict(*row) for row in list(csv.reader(file))[1:]}


if __name__ == "__main__":
    shared = ROOT.parent / "shared" / "data"
    with TABLE.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(Verdict._fields)
        writer.writerows(judge(path, shared)[0] for path in files(shared))
