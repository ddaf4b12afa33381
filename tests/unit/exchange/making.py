"""Small files and plans for the exchange tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from app.catalogue.kinds import KINDS
from app.exchange.columns import column_set
from app.exchange.drafts import Draft
from app.exchange.mapping import Mapping
from app.exchange.plan import Plan, dry_run
from app.exchange.reading import Source, open_source
from app.exchange.targets import Subject

TODAY = date(2026, 11, 22)


def read(path: Path, subject: Subject = Subject.LISTINGS, encoding: str | None = None) -> Source:
    return open_source(path, encoding=encoding, vocabulary=column_set(subject, KINDS.all()).knows)


def plan(
    subject: Subject = Subject.LISTINGS, *, mapping: Mapping | None = None, defaults: dict[str, str] | None = None, **given: Any
) -> Plan:
    chosen = mapping or Mapping()
    chosen.defaults.update(defaults or {})
    return Plan(subject, KINDS.all(), TODAY, mapping=chosen, **given)


def run(path: Path, subject: Subject = Subject.LISTINGS, **given: Any) -> Draft:
    return dry_run(read(path, subject), plan(subject, **given))


def csv(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(
    folder: Path, rows: list[list[Any]], merged: tuple[str, ...] = (), name: str = "file.xlsx", sheet: str = "Sheet1"
) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    for span in merged:
        page.merge_cells(span)
    book.save(folder / name)
    return folder / name


def places(draft: Draft) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.code) for p in draft.problems]
