"""XLSX, XLS and ODS through calamine: sheets with real row numbers, column letters and merged cells."""

from __future__ import annotations

from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from app.exchange.problems import note, unreadable
from app.exchange.reading.formulas import uncalculated
from app.exchange.reading.header import Span, Vocabulary, build_table
from app.exchange.reading.model import Source, Table


def read_workbook(path: Path, name: str, format_name: str, vocabulary: Vocabulary) -> Source:
    """Every sheet of a workbook. Raises `file_unreadable` when it is damaged or has a password."""
    source = Source(name, format_name, [])
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for meta in book.sheets_metadata:
                if meta.typ != SheetTypeEnum.WorkSheet:
                    continue
                if meta.visible != SheetVisibleEnum.Visible:
                    source.notes.append(note("sheet_hidden", sheet=meta.name))
                    continue
                table = _table(book.get_sheet_by_name(meta.name), vocabulary, source)
                if table.columns:
                    source.tables.append(table)
    except PasswordError as error:
        raise unreadable("encrypted") from error
    except (CalamineError, OSError) as error:
        raise unreadable("damaged", format=format_name, why=_cause(error)) from error
    if format_name == "XLSX":
        uncalculated(path, source.tables)
    if not source.tables:
        raise unreadable("no_table")
    return source


def _table(sheet: CalamineSheet, vocabulary: Vocabulary, source: Source) -> Table:
    grid = sheet.to_python(skip_empty_area=False)
    spans: list[Span] = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    table = build_table(sheet.name, grid, spans, vocabulary, source.remarks)
    if not table.columns and any(remark.sheet == sheet.name for remark in source.remarks):
        source.notes.append(note("sheet_is_remark", sheet=sheet.name))
    return table


def _cause(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
