"""The nasty sets: never a traceback, always a place, and the verdict that the committed table says."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.exchange.problems import SENTENCES
from app.exchange.targets import Subject
from tests.integration.exchange.verdicts import SETS, TABLE, files, judge, stored
from tests.unit.exchange.making import run

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="session")
def data(shared_data: Callable[[str], Path]) -> Path:
    for name in SETS:
        shared_data(name)
    return shared_data(".")


def test_every_file_has_the_verdict_of_the_table(data: Path) -> None:
    expected = stored()
    found = {}
    for path in files(data):
        verdict, problems = judge(path, data)
        found[verdict.file] = verdict
        for problem in problems:
            assert problem.code in SENTENCES, verdict.file
            assert problem.detail.en != problem.detail.zh, verdict.file
            assert str(data) not in problem.detail.en, verdict.file
    assert found == expected


def test_the_table_agrees_with_the_suite_that_made_the_geojson() -> None:
    """What is accepted of the files that their collection calls invalid are only faults that change no place (RFC 7946, 3.1.6
    and 5)."""
    harmless = {
        "exterior_not_ccw",
        "interior_not_cw",
        "feature_id_type",
        "feature_no_properties",
        "geometry_bbox_not4or6",
        "geometry_bbox_not_list",
        "geometry_bbox_not_numbers",
    }
    accepted = {
        Path(v.file).stem.removeprefix("invalid_") for v in stored().values() if "/invalid_" in v.file and v.verdict != "reject"
    }
    assert accepted == harmless


def test_valid_geojson_is_refused_only_for_having_no_place_or_the_wrong_form() -> None:
    refused = {v.code for v in stored().values() if "/valid/" in v.file and v.verdict != "accept"}
    assert refused == {"geometry_kind", "geometry_missing", "no_rows"}


def test_naughty_strings_come_through_or_are_refused_by_row_and_column(data: Path, tmp_path: Path) -> None:
    strings: list[str] = json.loads((data / "naughty/blns.json").read_text(encoding="utf-8"))
    path = tmp_path / "blns.csv"
    with path.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "lon", "lat", "platforms", "remarks"])
        writer.writerows([text, 1, 2, 1, text] for text in strings)
    draft = run(path, kind="tower", crs="EPSG:4326", organisation="G")
    refused = {p.row for p in draft.problems}
    assert {p.column for p in draft.problems} <= {"A", "E"}
    assert refused.isdisjoint(row.row for row in draft.rows)
    assert len(draft.rows) + len(refused) == len(strings)
    assert len(draft.rows) > 480
    for row in draft.rows:
        assert (row.values["terms"] or "").strip() == "".join((row.values["terms"] or "").strip())


@pytest.mark.parametrize("column", ["lon", "platforms", "structure type", "open until", "price", "kind"])
def test_naughty_strings_in_any_other_column_are_named(data: Path, tmp_path: Path, column: str) -> None:
    strings: list[str] = json.loads((data / "naughty/blns.json").read_text(encoding="utf-8"))
    header = ["name", "lat", *dict.fromkeys(("lon", "platforms", column))]
    path = tmp_path / "blns.csv"
    with path.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for text in strings:
            row = {"name": "n", "lat": 2, "lon": 1, "platforms": 1, column: text}
            writer.writerow([row[name] for name in header])
    draft = run(path, Subject.LISTINGS, kind="tower", crs="EPSG:4326", organisation="G")
    letter = "ABCDE"[header.index(column)]
    assert {p.column for p in draft.problems} == {letter}
    assert len(draft.rows) + len({p.row for p in draft.problems}) == len(strings)


def test_the_table_is_whole() -> None:
    assert len(stored()) == sum(1 for line in TABLE.read_text(encoding="utf-8").splitlines() if line) - 1
