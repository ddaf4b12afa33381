"""Files with bytes flipped, cut and put in: read, or refused in words; never anything else, whatever the format."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from openpyxl import Workbook

from app.exchange.drafts import Draft
from app.exchange.plan import dry_run
from app.exchange.reading import open_source
from app.kernel.errors import DomainError
from tests.unit.exchange.making import csv, plan, read, workbook
from tests.unit.exchange.test_shapefile import GBK, RECORDS, dbf, shapefile

ROWS = [["名称", "经度", "纬度", "塔高(m)", "平台数"], *([f"塔{n}", 114 + n / 100, 22.5, 30 + n, 2] for n in range(12))]


def geojson(folder: Path) -> Path:
    path = folder / "f.geojson"
    features = [
        {"type": "Feature", "properties": {"name": f"t{n}", "mounts": n}, "geometry": {"type": "Point", "coordinates": [n, 2.5]}}
        for n in range(9)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def geopackage(folder: Path) -> Path:
    places = shapely.to_wkb(shapely.points([[n, 2.0] for n in range(9)]))
    pyogrio.raw.write(
        folder / "f.gpkg", places, [np.arange(9)], ["mounts"], geometry_type="Point", crs="EPSG:4326", driver="GPKG"
    )
    return folder / "f.gpkg"


MAKERS: dict[str, tuple[Callable[[Path], Path], int]] = {
    "csv": (lambda folder: csv(folder, "\n".join(",".join(map(str, row)) for row in ROWS), encoding="gb18030"), 60),
    "xlsx": (lambda folder: workbook(folder, ROWS), 12),
    "geojson": (geojson, 60),
    "gpkg": (geopackage, 30),
    "shapefile": (lambda folder: shapefile(folder, dbf(GBK, RECORDS)), 40),
}


def damaged(content: bytes, luck: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(luck.choice((1, 3, 20, 100))):
        at = luck.randrange(len(out))
        match luck.randrange(4):
            case 0:
                out[at] ^= 1 << luck.randrange(8)
            case 1 if len(out) > 100:
                del out[at : at + luck.randrange(1, 30)]
            case 2:
                out[at:at] = luck.randbytes(luck.randrange(1, 8))
            case _:
                out[at : at + 4] = luck.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b'"', b"NaN", b"1e9", b"-", b"\n\n", b",,,,"))
    return bytes(out)


@pytest.mark.parametrize("kind", list(MAKERS))
def test_damage_is_read_or_refused_in_words(tmp_path: Path, kind: str) -> None:
    make, times = MAKERS[kind]
    whole = make(tmp_path)
    content, luck = whole.read_bytes(), random.Random(20260701)
    for _ in range(times):
        whole.write_bytes(damaged(content, luck))
        said = outcome(whole)
        if isinstance(said, DomainError):
            assert said.problems
            assert str(tmp_path) not in said.text.en
        else:
            assert all(problem.detail.en and problem.detail.zh for problem in said.problems)
            assert all(json.dumps(row.to_json()) for row in said.rows)


def outcome(path: Path) -> Draft | DomainError:
    try:
        return dry_run(read(path), plan(kind="tower", crs="EPSG:4326", organisation="G", defaults={"platform": "1"}))
    except DomainError as refusal:
        return refusal


def test_a_cell_far_from_the_others_is_named_and_not_read(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["name", "lon", "lat"])
    page["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(DomainError) as refusal:
        open_source(tmp_path / "far.xlsx")
    assert (refusal.value.problems[0].code, refusal.value.problems[0].sheet) == ("sheet_too_large", "Sheet")
    assert "1048576" in refusal.value.text.zh


def test_nothing_is_left_beside_an_uploaded_database(tmp_path: Path) -> None:
    upload = geopackage(tmp_path).rename(tmp_path / "upload")
    assert len(open_source(upload).tables[0].rows) == 9
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]
