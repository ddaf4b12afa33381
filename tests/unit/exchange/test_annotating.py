"""The workbook that comes back: words beside the cells, and no cell of ours that could become a formula."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook

from app.exchange.annotating import annotate
from app.exchange.reading import open_source
from app.kernel.errors import Problem
from app.kernel.text import Text
from tests.unit.exchange.making import csv, workbook

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("http://x","y")', "\tx", "=cmd|' /C calc'!A0"]


def problem(row: int | None, column: str | None, words: str = "Wrong.", sheet: str | None = "file.csv") -> Problem:
    return Problem("not_number", Text(words, "有误。"), sheet=sheet, row=row, column=column)


def test_text_stays_text(tmp_path: Path) -> None:
    path = csv(tmp_path, "name;lon;lat\n" + "".join(f'"{text.replace(chr(34), chr(34) * 2)}";1;2\n' for text in DANGEROUS))
    source = open_source(path)
    annotate(path, source, [problem(2, "A", "=1+1 is wrong")], tmp_path / "out.xlsx", "en")
    page = load_workbook(tmp_path / "out.xlsx")["file.csv"]
    for row in page.iter_rows():
        for cell in row:
            assert cell.data_type != "f", cell.coordinate
    assert [page.cell(row=n + 2, column=2).value for n in range(len(DANGEROUS))] == DANGEROUS
    assert page.cell(row=2, column=5).value == "=1+1 is wrong"
    assert page.cell(row=2, column=2).comment.text == "=1+1 is wrong"


def test_a_workbook_keeps_its_own_look_and_formulas(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, [["List"], [], ["name", "lon", "lat", "sum"], ["a", 1, 2, "=B4+C4"], ["b", 3, 4, 7]], merged=("A1:D1",)
    )
    annotate(
        path,
        open_source(path),
        [problem(4, "A", sheet="Sheet1"), problem(4, "B", "Also.", sheet="Sheet1"), problem(None, None, sheet=None)],
        tmp_path / "out.xlsx",
        "zh_CN",
    )
    book = load_workbook(tmp_path / "out.xlsx")
    page = book["Sheet1"]
    assert page["D4"].value == "=B4+C4"
    assert page["E3"].value == "错误"
    assert page["E4"].value == "有误。 有误。"
    assert page["A4"].comment.text == "有误。"
    assert str(next(iter(page.merged_cells.ranges))) == "A1:D1"
    assert [row[3].value for row in book["问题汇总"].iter_rows(min_row=2)] == ["有误。", "有误。", "有误。"]


def test_a_file_that_could_not_be_read_gives_its_reason(tmp_path: Path) -> None:
    path = csv(tmp_path, "<html>", "x.xlsx")
    annotate(path, None, [problem(None, None, "Not a workbook.", None)], tmp_path / "out.xlsx", "en")
    assert load_workbook(tmp_path / "out.xlsx")["Problems"]["D2"].value == "Not a workbook."


def test_odd_names_and_values(tmp_path: Path) -> None:
    path = csv(tmp_path, "name,lon,lat\na\x01b,1,2\n", "problems [1]: what?*.csv")
    source = open_source(path)
    source.tables[0].rows[0].cells[1] = datetime.fromisoformat("2026-01-01T00:00:00+08:00")
    source.tables.append(source.tables[0])
    annotate(path, source, [], tmp_path / "out.xlsx", "en")
    book = load_workbook(tmp_path / "out.xlsx")
    assert len(book.sheetnames) == len(set(book.sheetnames)) == 3
    assert book.worksheets[0]["B2"].value == "a\ufffdb"
