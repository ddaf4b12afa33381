"""XLSX, XLS and ODS through calamine, in a process of its own: sheets with real row numbers, column letters and merged cells."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.exchange.problems import note, unreadable
from app.exchange.reading.annotated import is_list, leave_out
from app.exchange.reading.header import Grid, Hints, build_table, looked_at
from app.exchange.reading.model import Source
from app.exchange.reading.sheetxml import CELLS_LIMIT, check_extent, uncalculated

CHILD = Path(__file__).with_name("sheets_child.py")
MEMORY_BYTES = 6 << 30
PATIENCE_S = 300


def read_workbook(path: Path, name: str, format_name: str, hints: Hints) -> Source:
    """Every sheet of a workbook. Raises `file_unreadable` when it is damaged or has a password."""
    source, lists, seen = Source(name, format_name, []), list[str](), list[tuple[str, Grid]]()
    if format_name == "XLSX":
        check_extent(path)
    for sheet, is_visible, grid, spans in _sheets(path, format_name):
        if not is_visible:
            source.notes.append(note("sheet_hidden", sheet=sheet))
            continue
        if is_list(grid):
            lists.append(sheet)
            continue
        seen.append((sheet, grid))
        table = build_table(sheet, grid, spans, hints, source.remarks)
        if table.columns:
            source.tables.append(table)
        elif any(remark.sheet == sheet for remark in source.remarks):
            source.notes.append(note("sheet_is_remark", sheet=sheet))
    leave_out(source, lists)
    if format_name == "XLSX":
        uncalculated(path, source.tables)
    if not source.tables:
        raise unreadable("no_table", looked=looked_at(seen))
    return source


def _sheets(path: Path, format_name: str) -> list[Any]:
    """What `sheets_child.py` says of the workbook; when it ends without a word, the workbook is damaged."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheets"
        command = [sys.executable, "-I", str(CHILD), str(path), str(target), str(CELLS_LIMIT), str(MEMORY_BYTES)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise unreadable("damaged", format=format_name, why=f"it could not be read in {PATIENCE_S} s") from error
        if done.returncode or not target.exists():
            raise unreadable("damaged", format=format_name, why="its parts contradict each other")
        answer: dict[str, Any] = pickle.loads(target.read_bytes())  # noqa: S301 - written by our own program a moment ago
    if "sheets" in answer:
        found: list[Any] = answer["sheets"]
        return found
    raise unreadable(answer.pop("code"), **{"format": format_name, **answer})
