"""A file that nobody has mapped yet: it is shown, its columns can be named, and where there is no table it says what was looked at."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app.db.work import Bus
from app.exchange.checking import check_import
from app.exchange.queries import import_detail, import_problems
from app.exchange.service import SettleImport, settle_import
from tests.integration.exchange.conftest import Importer, World
from tests.integration.exchange.test_imports import OPTIONS
from tests.unit.exchange.making import csv


def test_where_no_column_is_known_the_file_is_shown_and_its_columns_can_be_named(
    bus: Bus, world: World, importer: Importer, app: Flask, tmp_path: Path
) -> None:
    view = importer(world.power, csv(tmp_path, "p;q;r;s;t;u\n1;a;114.05;22.54;lattice;30\n", "unknown.csv"), **OPTIONS)
    assert [column["label"] for column in view.findings["columns"]["unknown.csv"]] == ["p", "q", "r", "s", "t", "u"]
    assert view.findings["head"]["unknown.csv"][0]["cells"][1] == "a"
    first = bus.ask(import_problems, world.power, view.ref).rows[0]
    assert (first.code, first.sheet, first.row) == ("nothing_recognised", "unknown.csv", 1)
    assert "Row 1 is taken as the header" in first.detail.en
    named = {"columns": {"p": "reference", "r": "lon", "s": "lat", "t": "structure_type", "u": "structure_height_m"}}
    bus.execute(settle_import, world.power, SettleImport(view.ref, None, named | {"defaults": {"platform": "3"}}))
    with app.app_context():
        check_import(bus, world.power, view.ref)
    assert bus.ask(import_detail, world.power, view.ref).sound_rows == 1


def test_a_file_without_a_table_says_what_was_looked_at(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, "foo\nfoo\nfoo\n", "long.csv"), **OPTIONS)
    words = bus.ask(import_problems, world.power, view.ref).rows[0].detail
    assert "long.csv (rows: 3, columns: 1)" in words.en
    assert "long.csv（3 行，1 列）" in words.zh
