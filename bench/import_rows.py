"""Rows per second from a file to published listings, beside ogr2ogr writing the same file into a GeoPackage with a spatial index.

Ours does more with each row: reads it against the declared columns, validates, locates its region, checks owner and number,
stages it, and writes asset, listing, totals and both faces in one transaction with its audit record. ogr2ogr copies columns
and transforms places, at its quickest settings (one transaction, no syncing). Ours runs in the process of a worker, ogr2ogr
as a process of its own.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app import create_app
from app.accounts import create_organisation
from app.db.work import Bus
from app.exchange import files
from app.exchange.checking import check_import
from app.exchange.columns import Subject
from app.exchange.decisions import Decisions
from app.exchange.queries import import_detail
from app.exchange.rules import VALID_ROWS
from app.exchange.service import CommitImport, MoveImport, StartImport, commit_import, start_import, undo_import
from app.kernel.actor import SYSTEM
from bench import common, databases, nz
from tests.support import new_zealand

JOB = "Import of listings"
ANTENNAS = nz.DATA / "fcc_asr" / "antennas.csv.gz"
OWNERS = tuple(f"Tower owner {n}" for n in range(5))
GRID = "Transpower"
REPEATS = 3
QUICKEST = ("--config", "OGR_SQLITE_SYNCHRONOUS", "OFF", "--config", "OGR_SQLITE_CACHE", "512", "-gt", "unlimited", "-q")
STATED = {"structure": "power_line", "structure_height_m": "35", "platform": "2", "load_kg": "200"}


@dataclass(frozen=True, slots=True)
class Work:
    """A file, how we are told to read it, and how ogr2ogr is."""

    name: str
    path: Path
    decisions: Decisions
    organisation: str
    peer: tuple[str, ...]


def run() -> list[common.Row]:
    if not (ANTENNAS.exists() and nz.STRUCTURES.exists()):
        print("import_rows: ../shared/data is not here, left out")
        return []
    if shutil.which("ogr2ogr") is None:
        print("import_rows: ogr2ogr is not installed (apt-get install gdal-bin), left out")
        return []
    rows: list[common.Row] = []
    with new_zealand.jurisdiction(), databases.both() as places, tempfile.TemporaryDirectory() as folder:
        wanted = works(Path(folder))
        for place in places:
            app = create_app(place.settings)
            bus: Bus = app.extensions["infrashare_bus"]
            known = bus.execute(
                lambda work, _: {
                    **{name: create_organisation(work, name=name, sector="telecom", profile="us-fcc").id for name in OWNERS},
                    GRID: create_organisation(work, name=GRID, sector="power", profile=new_zealand.PROFILE).id,
                },
                SYSTEM,
                None,
            )
            for work in wanted:
                rows += _compare(place, app, bus, work, known[work.organisation], Path(folder))
            bus.database.dispose()
    return rows


def works(folder: Path) -> list[Work]:
    antennas = folder / "antennas.csv"
    _with_owners(antennas)
    return [
        Work(
            "Transpower structures, shapefile in EPSG:2193",
            nz.STRUCTURES,
            Decisions(kind="tower", organisation=GRID, columns={"MXLOCATION": "title"}, defaults=STATED),
            GRID,
            (f"/vsizip/{nz.STRUCTURES}", "-t_srs", "EPSG:4326"),
        ),
        Work(
            "FCC antenna structures, CSV",
            antennas,
            Decisions(kind="tower", crs="EPSG:4326", defaults={"platform": "2", "structure": "lattice", "load_kg": "200"}),
            OWNERS[0],
            (str(antennas), "-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4326"),
        ),
    ]


def _with_owners(path: Path) -> None:
    """The US rows with their registration key, and one of five owners by the key's hash (derived: the source names none)."""
    with gzip.open(ANTENNAS, "rt", encoding="utf-8") as source, path.open("w", newline="", encoding="utf-8") as target:
        out = csv.writer(target)
        out.writerow(["id", "lat", "lon", "height", "organisation"])
        for row in csv.reader(source):
            key = re.search(r"regKey=(\d+)", row[3]) if len(row) > 3 else None
            if key is not None and row[0] and row[1]:
                owner = OWNERS[hashlib.sha256(key[1].encode()).digest()[0] % len(OWNERS)]
                out.writerow([key[1], row[0], row[1], row[2], owner])


def _compare(place: databases.Place, app: Flask, bus: Bus, work: Work, organisation_id: int, folder: Path) -> list[common.Row]:
    brought: list[tuple[str, int, int]] = []

    def ours() -> None:
        brought.append(bring(app, bus, work, organisation_id))

    taken: dict[str, list[float]] = {"ours": [], "ogr2ogr": []}
    jobs: dict[str, Callable[[], object]] = {"ours": ours, "ogr2ogr": lambda: _ogr2ogr(work, folder)}
    for _ in range(REPEATS):
        for name, seconds in common.interleaved(jobs, 1).items():
            taken[name] += seconds
        bus.execute(undo_import, SYSTEM, MoveImport(brought[-1][0]))
    _, read, written = brought[-1]
    [row] = common.medians(JOB, f"{work.name} → {place.name}", "", taken, "ours")
    assert row["peer_value"] is not None
    metric = f"rows/s, {written:,} of {read:,} rows written"
    return [
        common.row(
            JOB,
            row["instance"],
            metric,
            round(written / row["ours"]),
            REPEATS,
            "ogr2ogr → GeoPackage",
            round(read / row["peer_value"]),
            higher_is_better=True,
            spread=common.spread_of(written / s for s in taken["ours"]),
        )
    ]


def bring(app: Flask, bus: Bus, work: Work, organisation_id: int) -> tuple[str, int, int]:
    """Start, check and commit one import. Returns its ref, the rows read and the rows written."""
    with app.app_context(), work.path.open("rb") as stream:
        kept = files.keep(stream, work.path.name)
        ref = bus.execute(
            start_import, SYSTEM, StartImport(Subject.LISTINGS, kept, work.decisions, "derived", None, organisation_id)
        )
        check_import(bus, SYSTEM, ref)
        written = bus.execute(commit_import, SYSTEM, CommitImport(ref, rows=VALID_ROWS))
    return ref, bus.ask(import_detail, SYSTEM, ref).read_rows, written


def _ogr2ogr(work: Work, folder: Path) -> None:
    target = folder / "peer.gpkg"
    target.unlink(missing_ok=True)
    subprocess.run(["ogr2ogr", *QUICKEST, "-f", "GPKG", str(target), *work.peer], check=True)
