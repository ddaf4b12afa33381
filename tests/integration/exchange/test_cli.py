"""Real input from the command line: `flask listings import`, `flask needs import`, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyogrio.raw
import pytest
import shapely
from click.testing import Result
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select

from app import ledger
from app.accounts import Organisation
from app.assets import Asset
from app.catalogue.profiles import get_profile, register_profile, unregister_profile
from app.catalogue.regions import Region, RegionTree
from app.db.work import Bus
from app.exchange.models import ImportBatch
from app.kernel.text import Text
from app.listings import Listing
from app.needs import Need, NeedsList
from app.regions import register_tree, unregister_tree
from scripts import fcc_towers, nz_needs
from tests.integration.exchange.conftest import World
from tests.support import new_zealand, people
from tests.support.places import MADE_AT
from tests.unit.exchange.making import csv

Find = Callable[[str], Path]


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def count(bus: Bus, model: type) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


GOOD = "id,name,lon,lat,height,mounts\n1,a,114.05,22.54,30,2\n2,b,114.06,22.55,31,3\n"
BAD = GOOD + "3,c,114.07,22.56,high,3\n"


def test_a_file_goes_in_and_says_what_it_assumed(app: Flask, bus: Bus, world: World, tmp_path: Path) -> None:
    done = run(
        app,
        "listings",
        "import",
        csv(tmp_path, GOOD),
        "--organisation",
        "南方供电",
        "--kind",
        "铁塔",
        "--crs",
        "gcj02",
        "--default",
        "structure=lattice",
        "--provenance",
        "surveyed",
    )
    assert done.exit_code == 0, done.output
    assert "2 rows read, 2 sound, 0 problems" in done.output
    assert "structure (2)" in done.output
    with bus.database.read() as session:
        assert {
            (a.declared_crs, a.provenance, a.attributes["structure"], "structure" in a.assumed)
            for a in session.scalars(select(Asset))
        } == {("GCJ-02", "surveyed", "lattice", True)}
    ref = done.output.rsplit("as import ", 1)[1].strip()
    assert run(app, "listings", "undo-import", ref).exit_code == 0
    assert count(bus, Listing) == 0


def test_a_dry_run_writes_nothing_but_its_report(app: Flask, bus: Bus, world: World, tmp_path: Path) -> None:
    report = tmp_path / "out.xlsx"
    dry = run(
        app,
        "listings",
        "import",
        csv(tmp_path, BAD),
        "--organisation",
        "Southern Grid",
        "--kind",
        "tower",
        "--crs",
        "EPSG:4326",
        "--dry-run",
        "--report",
        report,
        "--language",
        "zh_CN",
    )
    assert dry.exit_code == 1
    assert "E4: 结构高度：“high”不是数值。" in dry.output
    assert (count(bus, ImportBatch), count(bus, Asset)) == (0, 0)
    page = load_workbook(report)["file.csv"]
    assert "不是数值" in page.cell(row=4, column=8).value
    assert "不是数值" in page.cell(row=4, column=6).comment.text


def test_wrong_rows_hold_everything_back(app: Flask, bus: Bus, world: World, tmp_path: Path) -> None:
    arguments = (
        "listings",
        "import",
        csv(tmp_path, BAD),
        "--organisation",
        "Southern Grid",
        "--kind",
        "tower",
        "--crs",
        "EPSG:4326",
    )
    assert run(app, *arguments).exit_code == 1
    assert count(bus, Asset) == 0
    assert run(app, *arguments, "--valid-rows").exit_code == 0
    assert count(bus, Asset) == 2


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--organisation", "Nobody"), "no organisations"),
        (("--kind", "zeppelin"), "known are tower"),
        (("--map", "name"), "LEFT=RIGHT"),
        (("--crs", "EPSG:1"), "EPSG:1"),
        (("--default", "nonsense=1"), "nonsense"),
        (("--map", "height=nonsense"), "nonsense"),
        (("--map", "no such header=title"), "no such header"),
        (("--encoding", "klingon"), "klingon"),
    ],
)
def test_wrong_options_are_said(app: Flask, world: World, tmp_path: Path, option: tuple[str, str], words: str) -> None:
    given = {"--organisation": "Southern Grid", "--kind": "tower", "--crs": "EPSG:4326"} | dict([option])
    done = run(app, "listings", "import", csv(tmp_path, GOOD), *(part for pair in given.items() for part in pair))
    assert done.exit_code != 0
    assert words in done.output
    assert "Traceback" not in done.output


@pytest.mark.real_data
def test_the_province_list(app: Flask, bus: Bus, world: World, shared_data: Find, tmp_path: Path) -> None:
    source = shared_data("needs_list_samples/province_2026q3.xlsx")
    expected = json.loads(shared_data("needs_list_samples/province_2026q3.expected.json").read_text(encoding="utf-8"))
    report = tmp_path / "annotated.xlsx"
    done = run(
        app,
        "needs",
        "import",
        source,
        "--list",
        "2026年第三季度",
        "--crs",
        "gcj02",
        "--create-organisations",
        "--valid-rows",
        "--report",
        report,
    )
    assert done.exit_code == 0, done.output
    assert "240 rows read, 205 sound, 35 problems" in done.output
    with bus.database.read() as session:
        needs = session.scalars(select(Need)).all()
        assert {need.status for need in needs} == {"submitted"}
        assert {need.region[:2] for need in needs} <= {"44", "81"}
        assert len(needs) == 205
        asked = session.scalars(select(Organisation.name).where(Organisation.id.in_({need.organisation_id for need in needs})))
        assert set(asked) >= {"某市供电公司", "Carrier A"}
    page = load_workbook(report)["需求清单"]
    marked = {(row[0].row, cell.column_letter) for row in page.iter_rows() for cell in row if cell.comment is not None}
    assert marked == {(e["row"], e["column"]) for e in expected["errors"]}
    assert page["A1"].value.startswith("某省2026年")


@pytest.fixture
def kenya() -> Iterator[str]:
    """A jurisdiction without boundaries: rows state their region."""
    tree = RegionTree.of("test-ke", [Region("KE", Text("Kenya", "肯尼亚"), "national", None)], Text("made by a test", "测试数据"))
    register_tree(tree)
    register_profile(replace(get_profile("cn-default"), code="test-ke", region_tree="test-ke", currency="KES"))
    yield "test-ke"
    unregister_profile("test-ke")
    unregister_tree("test-ke")


@pytest.mark.real_data
def test_the_spans_of_kenya_belong_to_their_operators(app: Flask, bus: Bus, shared_data: Find, kenya: str) -> None:
    folder = "ofds_networks/Kenya"
    spans = {
        "BCS": ("BCS/ofds_BCS_Kenya_spans", 11),
        "Jamii Telecom Ltd": ("JTL/ofds_JTL_Kenya_spans", 27),
        "Liquid Intelligent Technologies": ("Liquid_Intelligent_Technologies/ofds_liquid_kenya_spans", 21),
        "NOFBI": ("NOFBI/ofds_NOFBI_Kenya_spans", 112),
    }
    for name, (file, rows) in spans.items():
        people.organisation(bus, name, sector="telecom", profile=kenya)
        header = "network.name" if name == "NOFBI" else "networkProviders.name"
        done = run(
            app,
            "listings",
            "import",
            shared_data(f"{folder}/{file}.geojson"),
            "--organisation",
            name,
            "--kind",
            "cable",
            "--map",
            f"{header}=organisation",
            "--default",
            "core=4",
            "--default",
            "region=KE",
            "--provenance",
            "derived",
        )
        assert done.exit_code == 0, done.output
        assert f"imported {rows} listings" in done.output
    with bus.database.read() as session:
        owners = session.execute(
            select(Organisation.name, func.count(Listing.id))
            .join(Listing, Listing.owner_id == Organisation.id)
            .group_by(Organisation.name)
        )
        assert {row[0]: row[1] for row in owners} == {name: rows for name, (_, rows) in spans.items()}
        listing = session.scalars(select(Listing).limit(1)).one()
        assert (listing.region, listing.currency, listing.kind) == ("KE", "KES", "cable")
        assert "core" in listing.asset.assumed


@contextmanager
def nz(bus: Bus) -> Iterator[None]:
    with new_zealand.jurisdiction() as profile:
        people.organisation(bus, "Transpower", sector="power", profile=profile.code)
        yield


TRANSPOWER = (
    "--kind",
    "tower",
    "--organisation",
    "Transpower",
    "--map",
    "MXLOCATION=title",
    "--map",
    "OBJECTID=reference",
    "--default",
    "structure=power_line",
    "--default",
    "structure_height_m=35",
    "--default",
    "platform=2",
    "--default",
    "load_kg=200",
    "--provenance",
    "derived",
)


@pytest.mark.real_data
@pytest.mark.slow
def test_the_structures_of_new_zealand(app: Flask, bus: Bus, shared_data: Find, tmp_path: Path) -> None:
    """All of them on SQLite; the first three thousand, as a GeoPackage, on PostgreSQL."""
    source, rows = shared_data("transpower_nz/Structures-shp.zip"), 38128
    if not bus.database.is_sqlite:
        meta, _, places, data = pyogrio.raw.read(source, max_features=3000)
        source, rows = tmp_path / "structures.gpkg", 3000
        pyogrio.raw.write(source, places, data, meta["fields"], geometry_type="Point", crs=meta["crs"], driver="GPKG")
    with nz(bus):
        done = run(app, "listings", "import", source, *TRANSPOWER)
        assert done.exit_code == 0, done.output
        assert f"imported {rows} listings" in done.output
        with bus.database.read() as session:
            assert session.scalar(select(func.count()).select_from(ledger.Capacity)) == 2 * rows
            first = session.scalar(select(Asset).where(Asset.name == "AHA-DOB-A0241A"))
            assert first is not None
            assert (first.declared_crs, first.region, first.provenance) == ("EPSG:2193", "NZ-WTC", "derived")
            assert {"structure_height_m", "platform", "load_kg"} <= set(first.assumed)
            assert shapely.box(171.0, -42.6, 171.4, -42.3).contains(first.geom)


@pytest.mark.real_data
def test_the_cells_of_new_zealand_become_needs(app: Flask, bus: Bus, shared_data: Find, tmp_path: Path) -> None:
    cells = list(nz_needs.features(shared_data("nz_cells_opencellid/cell-towers.geojson.gz")))
    assert len(cells) == 19278
    path = tmp_path / "needs.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": cells[:400]}), encoding="utf-8")
    with nz(bus):
        with bus.database.write() as session:
            office = session.scalars(select(Organisation)).one()
            session.add(
                NeedsList(
                    administration_id=office.id,
                    region="NZ",
                    name="NZ 2026",
                    opens_on=date(2026, 6, 1),
                    closes_on=date(2026, 9, 1),
                    created_at=MADE_AT,
                )
            )
        done = run(app, "needs", "import", path, "--list", "NZ 2026", "--create-organisations", "--provenance", "derived")
        assert done.exit_code == 0, done.output
        with bus.database.read() as session:
            needs = session.scalars(select(Need)).all()
            assert len(needs) == 400
            assert {need.provenance for need in needs} == {"derived"}
            names = set(session.scalars(select(Organisation.name).where(Organisation.profile == new_zealand.PROFILE)))
            assert names <= {"Transpower", "One NZ", "Spark", "2degrees"}


@pytest.mark.real_data
def test_owners_of_american_towers_follow_from_the_number(shared_data: Find) -> None:
    source = shared_data("fcc_asr/antennas.csv.gz")
    rows = list(fcc_towers.rows(source))
    assert len(rows) == 96948
    assert rows == list(fcc_towers.rows(source))
    assert {row[1] for row in rows} == set(fcc_towers.OWNERS)
    assert rows[0][:2] == ("602919", fcc_towers.owner_of("602919"))
