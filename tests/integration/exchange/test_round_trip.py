"""A file with errors, its annotated workbook, the workbook corrected, and brought again: everything goes in, nothing of ours does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from app.assets import Asset
from app.db.work import Bus
from app.exchange.annotating import AUTHOR
from app.exchange.queries import ImportView, every_problem
from app.exchange.reading.annotated import SUMMARY
from app.exchange.reporting import write_report
from app.exchange.service import CommitImport, commit_import
from app.kernel.text import LOCALES
from tests.integration.exchange.conftest import Importer, World
from tests.unit.exchange.making import csv, workbook

HEADER = ["编号", "名称", "经度", "纬度", "塔高(ft)", "平台数"]
ROWS: list[list[Any]] = [
    HEADER,
    ["T-1", "甲", 114.05, 22.54, 100, 2],
    ["T-2", "乙", 114.06, "北纬", 100, 2],
    ["T-3", "丙", 114.07, 22.56, "high", 2],
    ["T-4", "丁", 114.08, 22.57, 100, "=1+1"],
]
RIGHT: dict[tuple[str, str], Any] = {("T-2", "纬度"): 22.55, ("T-3", "塔高(ft)"): 100, ("T-4", "平台数"): 2}
FEET_100 = 30.48


def sheet(folder: Path) -> Path:
    return workbook(folder, [["南方供电 2026"], [], *ROWS], name="towers.xlsx", sheet="铁塔")


def text(folder: Path) -> Path:
    return csv(folder, "\n".join(",".join(map(str, row)) for row in ROWS), "towers.csv")


def features(folder: Path) -> Path:
    """Places of Hong Kong's grid that nothing but the file states; the second has none."""
    found = []
    for n, row in enumerate(ROWS[1:]):
        place = None if n == 1 else {"type": "Point", "coordinates": [836_000 + 900 * n, 840_000]}
        properties = dict(zip(HEADER, row, strict=True))
        found.append({"type": "Feature", "properties": {**properties, "经度": None, "纬度": None}, "geometry": place})
    document = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:2326"}}, "features": found}
    path = folder / "towers.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def brought(app: Flask, importer: Importer, world: World, path: Path, crs: str | None) -> ImportView:
    return importer(world.power, path, organisation=world.power.organisation_ref, kind="tower", crs=crs)


def corrected(path: Path, right: dict[tuple[str, str], Any]) -> None:
    """As a person does it: the cell of that row, under that header. The words and the list stay where they are."""
    book = load_workbook(path)
    page = book.worksheets[0]
    lines = [[cell.value for cell in row] for row in page.iter_rows()]
    header = [str(value).replace(" ", "") for value in next(line for line in lines if "编号" in line)]
    for (reference, label), value in right.items():
        row = next(n for n, line in enumerate(lines, 1) if line[header.index("编号")] == reference)
        page.cell(row=row, column=header.index(label) + 1).value = value
    book.save(path)


CASES: dict[str, tuple[Callable[[Path], Path], str | None, dict[tuple[str, str], Any]]] = {
    "xlsx": (sheet, "EPSG:4326", RIGHT),
    "csv": (text, "EPSG:4326", RIGHT),
    "geojson": (features, None, {**RIGHT, ("T-2", "geometry"): "POINT (836900 840000)"}),
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", CASES)
def test_what_is_corrected_in_the_annotated_workbook_goes_in(
    app: Flask, bus: Bus, world: World, importer: Importer, tmp_path: Path, case: str, locale: str
) -> None:
    make, crs, right = CASES[case]
    first = brought(app, importer, world, make(tmp_path), crs)
    assert (first.read_rows, first.problem_count) == (4, 3)
    report = tmp_path / "report.xlsx"
    with app.app_context():
        write_report(bus, world.power, first.ref, report, locale)
    assert load_workbook(report).sheetnames[-1] == SUMMARY.in_(locale)
    corrected(report, {place: value for place, value in right.items() if place[0] != "T-4"})
    second = brought(app, importer, world, report, crs)
    assert (second.read_rows, second.problem_count) == (4, 1)
    assert {p.column for p in bus.ask(every_problem, world.power, second.ref)} <= {*"ABCDEFGHI"}
    again = tmp_path / "again.xlsx"
    with app.app_context():
        write_report(bus, world.power, second.ref, again, locale)
    only_what_is_wrong_now(again, locale)
    corrected(again, right)
    third = brought(app, importer, world, again, crs)
    assert (third.read_rows, third.sound_rows, third.problem_count) == (4, 4, 0)
    assert bus.execute(commit_import, world.power, CommitImport(third.ref)) == 4
    what_is_stored(bus, case)


def only_what_is_wrong_now(path: Path, locale: str) -> None:
    """An annotation of an annotation: one list, one column of words, no comment of before."""
    book = load_workbook(path)
    assert len(book.worksheets) == 2
    assert book.sheetnames[-1] == SUMMARY.in_(locale)
    comments = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.comment and cell.comment.author == AUTHOR]
    assert len(comments) == 1
    words = [row[-1].value for row in book.worksheets[0].iter_rows() if row[-1].value]
    assert len(words) == 2, "the header, and the one row that is wrong"


def what_is_stored(bus: Bus, case: str) -> None:
    with bus.database.read() as session:
        assets = {asset.owner_ref: asset for asset in session.scalars(select(Asset))}
        assert set(assets) == {"T-1", "T-2", "T-3", "T-4"}
        assert {asset.attributes["structure_height_m"] for asset in assets.values()} == {FEET_100}
        declared = {asset.declared_crs for asset in assets.values()}
        assert declared == ({"EPSG:2326"} if case == "geojson" else {"EPSG:4326"})
        assert shapely.box(114.04, 22.4, 114.3, 22.6).contains(shapely.MultiPoint([a.geom for a in assets.values()]))


def test_a_list_of_ones_own_that_is_called_problems_is_read(app: Flask, importer: Importer, world: World, tmp_path: Path) -> None:
    """Only the very headers of ours make a sheet ours; and without it a column "Errors" is the person's."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Problems"
    for row in ROWS[:2]:
        page.append([*row, "Errors" if row is HEADER else "none"])
    book.save(tmp_path / "own.xlsx")
    found = brought(app, importer, world, tmp_path / "own.xlsx", "EPSG:4326")
    assert (found.read_rows, found.sound_rows) == (1, 1)
    assert [column["label"] for column in found.findings["columns"]["Problems"]][-1] == "Errors"
