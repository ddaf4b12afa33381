"""Shapefiles as Chinese desktops write them: GBK without .cpg, names cut in the middle of a character, deleted records."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from app.catalogue.kinds import KINDS
from app.exchange.columns import column_set
from app.exchange.mapping import Mapping, match_columns
from app.exchange.reading import open_source
from app.exchange.targets import Subject
from app.kernel.errors import DomainError

POINTS = shapely.to_wkb(shapely.points([[114.05, 22.54], [114.06, 22.55], [114.07, 22.56]]))


def dbf(
    fields: list[tuple[bytes, str, int]], records: list[list[bytes]], deleted: frozenset[int] = frozenset(), driver: int = 0
) -> bytes:
    """A dBASE III table, byte for byte."""
    size = 1 + sum(length for _, _, length in fields)
    head = (
        struct.pack("<BBBBIHH", 3, 126, 1, 1, len(records), 33 + 32 * len(fields), size).ljust(29, b"\0")
        + bytes([driver])
        + b"\0\0"
    )
    body = b"".join(
        name[:10].ljust(11, b"\0") + kind.encode() + b"\0" * 4 + bytes([length, 0]) + b"\0" * 14 for name, kind, length in fields
    )
    rows = b"".join(
        (b"*" if n in deleted else b" ") + b"".join(v[:w].ljust(w) for v, (_, _, w) in zip(record, fields, strict=True))
        for n, record in enumerate(records)
    )
    return head + body + b"\x0d" + rows + b"\x1a"


def shapefile(folder: Path, table: bytes, cpg: str | None = None, parts: tuple[str, ...] = (".shp", ".shx", ".prj")) -> Path:
    """A zipped shapefile of three points with that table."""
    inner = folder / "inner"
    inner.mkdir()
    pyogrio.raw.write(
        inner / "l.shp", POINTS, [np.array([1, 2, 3])], ["n"], geometry_type="Point", crs="EPSG:4490", driver="ESRI Shapefile"
    )
    with zipfile.ZipFile(folder / "file.zip", "w") as archive:
        for part in parts:
            archive.write(inner / f"l{part}", f"数据/塔{part}")
        archive.writestr("数据/塔.dbf", table)
        if cpg is not None:
            archive.writestr("数据/塔.cpg", cpg)
    return folder / "file.zip"


GBK = [(s.encode("gbk"), "C", 20) for s in ("站址名称", "塔型", "天线限高及说明")] + [("塔高".encode("gbk"), "N", 10)]
RECORDS = [
    [*(v.encode("gbk") for v in ("福田一号塔", "角钢塔", "三十米", "30.5"))],
    [*(v.encode("gbk") for v in ("南山二号塔", "单管塔", "四十米以下不可使用的区段甲乙", ""))],
    [*(v.encode("gbk") for v in ("罗湖", "灯杆", "", "12"))],
]


def test_gbk_without_cpg_is_found_and_previewed(tmp_path: Path) -> None:
    source = open_source(shapefile(tmp_path, dbf(GBK, RECORDS)))
    table = source.tables[0]
    assert source.encoding == "gb18030"
    assert [c.label for c in table.columns] == ["站址名称", "塔型", "天线限高及", "塔高"]
    assert [c.truncated for c in table.columns] == [False, False, True, False]
    assert table.rows[0].cells == ["福田一号塔", "角钢塔", "三十米", 30.5]
    assert table.rows[1].cells[2:] == ["四十米以下不可使用的", None]
    assert table.crs == "EPSG:4490"
    preview = {choice.encoding: choice.preview for choice in source.encodings}
    assert "站址名称" in preview["gb18030"][0]
    assert "福田一号塔" in preview["gb18030"][1]
    assert "站址名称" not in preview["windows-1252"][0]


def test_a_name_cut_within_a_character_still_finds_its_column(tmp_path: Path) -> None:
    fields = [
        ("起点坐标经度甲".encode(), "C", 20),
        ("塔位最低导线高度".encode(), "N", 10),
    ]  # UTF-8: three bytes each, cut after ten
    table = open_source(shapefile(tmp_path, dbf(fields, [[b"x", b"1"]] * 3), cpg="UTF-8")).tables[0]
    assert [c.label for c in table.columns] == ["起点坐", "塔位最"]
    matches = match_columns(table, column_set(Subject.LISTINGS, KINDS.all()), Mapping(), "tower")
    assert matches[1].target == "lowest_conductor_m"


@pytest.mark.parametrize(
    ("cpg", "driver", "encoding"), [("UTF-8", 0, "utf-8"), ("936", 0, "gb18030"), ("GBK", 0, "gb18030"), (None, 0x4D, "gb18030")]
)
def test_what_the_file_says_is_believed(tmp_path: Path, cpg: str | None, driver: int, encoding: str) -> None:
    text = "福田".encode(encoding)
    source = open_source(shapefile(tmp_path, dbf([(b"NAME", "C", 12)], [[text]] * 3, driver=driver), cpg=cpg))
    assert source.encoding == encoding
    assert source.tables[0].rows[0].cells == ["福田"]
    assert source.encodings == ()


def test_deleted_records_keep_the_others_in_place(tmp_path: Path) -> None:
    source = open_source(shapefile(tmp_path, dbf([(b"NAME", "C", 4)], [[b"a"], [b"b"], [b"c"]], deleted=frozenset({1}))))
    assert [(row.number, row.cells[0], shapely.from_wkb(row.geometry).x) for row in source.tables[0].rows] == [
        (1, "a", 114.05),
        (3, "c", 114.07),
    ]


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refusal:
        open_source(shapefile(tmp_path, dbf([(b"NAME", "C", 4)], [[b"a"]] * 3), parts=(".shp", ".prj")))
    assert ".shx" in refusal.value.text.en


def test_fewer_records_than_shapes_is_a_problem(tmp_path: Path) -> None:
    table = open_source(shapefile(tmp_path, dbf([(b"NAME", "C", 4)], [[b"a"], [b"b"]]))).tables[0]
    assert [(p.row, p.code) for p in table.problems] == [(3, "damaged")]
