"""Opening files: encodings, delimiters, headers, totals, and refusals that name the place."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from openpyxl import Workbook

from app.exchange.reading import open_source
from app.exchange.reading.header import letter_of
from app.exchange.reading.labels import normalise, split_unit
from app.kernel.errors import DomainError
from tests.unit.exchange.making import csv, read, workbook

ROWS = "名称,经度,纬度\n甲站,114.05,22.54\n乙站,114.06,22.55\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = ROWS.replace("名称", "名稱").replace("纬", "緯").replace("经", "經") if encoding == "big5" else ROWS
    source = read(csv(tmp_path, text, encoding=encoding))
    assert source.tables[0].rows[0].cells[0] == "甲站"
    assert [row.number for row in source.tables[0].rows] == [2, 3]


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    source = read(csv(tmp_path, "name;lon;lat\nEspaña;1;2\nAlcalá;3;4\n", encoding="windows-1252"))
    assert source.encoding == "windows-1252"
    assert source.tables[0].rows[1].cells[0] == "Alcalá"
    assert {choice.encoding for choice in source.encodings} == {"utf-8", "gb18030", "big5", "windows-1252"}
    assert any(note.text.zh for note in source.notes)


def test_a_stated_encoding_overrules_and_a_wrong_one_names_the_byte(tmp_path: Path) -> None:
    path = csv(tmp_path, ROWS, encoding="gb18030")
    with pytest.raises(DomainError) as refusal:
        open_source(path, encoding="utf-8")
    assert refusal.value.problems[0].code == "wrong_encoding"
    assert "byte 1" in refusal.value.text.en
    with pytest.raises(DomainError):
        open_source(path, encoding="no-such")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quoted_line_breaks(tmp_path: Path, delimiter: str) -> None:
    text = (
        delimiter.join(["name", "lon", "lat"])
        + "\n"
        + delimiter.join(['"a ""b""\nc"', "1", "2"])
        + "\n\n"
        + delimiter.join(["d", "3", "4"])
        + "\n"
    )
    table = read(csv(tmp_path, text)).tables[0]
    assert [(row.number, row.cells) for row in table.rows] == [(2, ['a "b"\nc', "1", "2"]), (4, ["d", "3", "4"])]


def test_a_row_with_too_many_cells_is_a_problem_of_its_place(tmp_path: Path) -> None:
    table = read(csv(tmp_path, "name,lon,lat\na,1,2\nb,3,4,5\nc,6,7,,\n")).tables[0]
    assert [(p.row, p.code) for p in table.problems] == [(3, "row_too_long")]
    assert [row.number for row in table.rows] == [2, 4]


def test_titles_a_merged_header_units_and_totals(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["某市铁塔清单"],
            [],
            ["名称", "起点坐标", None, "高度(m)", "年租金\n（万元/年）"],
            [None, "经度", "纬度", None, None],
            ["甲", 114.1, 22.5, 30, 1.2],
            ["乙", 114.2, 22.6, 35, 1.3],
            ["合计", None, None, 65, 2.5],
            ["注：仅供参考"],
        ],
        merged=("A1:E1", "A3:A4", "B3:C3", "D3:D4", "E3:E4"),
    )
    source = read(path)
    table = source.tables[0]
    assert [(c.letter, c.parts, c.unit) for c in table.columns] == [
        ("A", ("名称",), None),
        ("B", ("起点坐标", "经度"), None),
        ("C", ("起点坐标", "纬度"), None),
        ("D", ("高度",), "m"),
        ("E", ("年租金",), "万元/年"),
    ]
    assert [row.number for row in table.rows] == [5, 6]
    assert {remark.text for remark in source.remarks} == {"某市铁塔清单", "注:仅供参考"}
    assert [note.row for note in table.notes] == [1, 8, 7]


def test_a_two_line_header_without_merged_cells(tmp_path: Path) -> None:
    table = read(csv(tmp_path, "名称,起点坐标,,高度\n,经度,纬度,\n甲,114.1,22.5,30\n")).tables[0]
    assert [c.label for c in table.columns] == ["名称", "起点坐标 经度", "起点坐标 纬度", "高度"]
    assert [row.number for row in table.rows] == [3]


def test_data_rows_are_never_taken_for_a_second_header(tmp_path: Path) -> None:
    table = read(csv(tmp_path, "name,kind,note\nmast,tower,\npole,tower,x\n")).tables[0]
    assert [row.number for row in table.rows] == [2, 3]


def test_hidden_sheets_are_left_out_and_said(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["name", "lon", "lat"])
    page.append(["a", 1, 2])
    book.create_sheet("secret").sheet_state = "hidden"
    book.save(tmp_path / "h.xlsx")
    source = read(tmp_path / "h.xlsx")
    assert [table.name for table in source.tables] == ["Sheet"]
    assert [note.sheet for note in source.notes] == ["secret"]


def test_formulas_that_were_never_calculated_are_said(tmp_path: Path) -> None:
    source = read(workbook(tmp_path, [["name", "lon", "lat", "height"], ["a", 1, 2, "=10+20"], ["b", 3, 4, 30]]))
    assert [(p.row, p.column, p.code) for p in source.tables[0].problems] == [(2, "D", "formula_without_value")]


@pytest.mark.parametrize(
    ("label", "name", "unit"),
    [
        ("挂高(m)", "挂高", "m"),
        ("预算\n(万元/年)", "预算", "万元/年"),
        ("迎风面积（㎡）", "迎风面积", "m2"),
        ("Height (overall)", "Height (overall)", None),
        ("长度【公里】", "长度", "公里"),
        ("Rent (NZD/year)", "Rent", "NZD/year"),
        ("Height, ft", "Height", "ft"),
        ("半径(单位：米)", "半径", "米"),
    ],
)
def test_units_come_off_labels(label: str, name: str, unit: str | None) -> None:
    assert split_unit(label) == (name, unit)


def test_labels_compare_without_case_width_space_or_punctuation() -> None:
    assert normalise("Ｓｔｒｕｃｔｕｒｅ_Height (m)") == normalise("structure height") == "structureheight"


def test_letters() -> None:
    assert [letter_of(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def geojson(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "f.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_geojson_rows_and_their_faults(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [1, 2, 3]}
    path = geojson(
        tmp_path,
        {
            "type": "FeatureCollection",
            "features": [
                feature(point, name="a", owner={"name": "X"}, tags=["p", "q"], one=[{"id": 7}]),
                feature({"type": "Point", "coordinates": ["1", 2]}),
                5,
                feature(None, name="b"),
            ],
        },
    )
    table = open_source(path).tables[0]
    assert [c.label for c in table.columns] == ["name", "owner.name", "tags", "one.id"]
    assert table.rows[0].cells == ["a", "X", "p; q", 7]
    assert shapely.from_wkb(table.rows[0].geometry).wkt == "POINT (1 2)"
    assert [(p.row, p.code) for p in table.problems] == [(2, "geometry_shape"), (3, "not_feature")]
    assert "geometry.coordinates holds a string" in table.problems[0].detail.en
    assert table.rows[1].number == 4
    assert table.rows[1].geometry is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"type": "Point",\n "coordinates": [1, }', "line 2"),
        ('{"type": "Point", "coordinates": [NaN, 1]}', "NaN"),
        ("{" * 100_000, "line 1"),
        ('{"a":' * 100_000, "nested"),
        ('{"type": "Polygonn"}', "Polygonn"),
        ('{"x": ' + "9" * 5000 + "}", "4300"),
    ],
)
def test_json_that_is_not_geojson_says_where(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(DomainError) as refusal:
        open_source(geojson(tmp_path, text))
    assert place in refusal.value.text.en
    assert refusal.value.text.zh != refusal.value.text.en


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n \n"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n"),
        ("page.html", b"<html><table></table></html>"),
        ("half.xlsx", b"PK\x03\x04half"),
        ("not.gpkg", b"SQLite format 3\0" + b"\0" * 200),
        ("bomb.kml", b'<!DOCTYPE a [<!ENTITY x "y">]><kml></kml>'),
        ("binary.csv", b"a\x00\x01\x02b,\xff\n" * 5),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DomainError) as refusal:
        open_source(tmp_path / name)
    assert refusal.value.code == "file_unreadable"
    assert str(tmp_path) not in refusal.value.text.en


def test_a_workbook_with_a_password_is_called_so_though_the_kept_file_has_no_suffix(
    tmp_path: Path, shared_data: Callable[[str], Path]
) -> None:
    kept = tmp_path / "0123abcd"
    kept.write_bytes((shared_data("naughty/messytables_horror") / "encrypted_no_password.xls").read_bytes())
    with pytest.raises(DomainError) as refusal:
        open_source(kept, name="towers.xls")
    assert [problem.code for problem in refusal.value.problems] == ["encrypted"]


def test_an_archive_that_claims_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.exchange.reading.limits.UNPACKED_LIMIT_MB", 1)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 2_000_000)
    with pytest.raises(DomainError) as refusal:
        open_source(tmp_path / "b.zip")
    assert refusal.value.problems[0].code == "too_large_inside"


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("a.csv", ROWS)
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    with pytest.raises(DomainError):
        open_source(tmp_path / "outer.zip")


PADDED = "List of sites;;;\nid;name;lon;lat\n2026;all;of;us\n;;;\nno;site;x;y\nT-1;a;114.05;22.54\nT-2;b;114.06;22.55\n"


def test_a_person_says_which_row_is_the_header(tmp_path: Path) -> None:
    path = csv(tmp_path, PADDED)
    table = read(path).tables[0]
    assert (table.header_row, len(table.rows)) == (2, 4)
    assert table.lines[:2] == [(1, "List of sites"), (2, "id · name · lon · lat")]
    assert [number for number, _ in table.lines] == [1, 2, 3, 5, 6, 7]
    for rows in ({"file.csv": 5}, {"": 5}):
        table = open_source(path, header_rows=rows).tables[0]
        assert (table.header_row, [column.label for column in table.columns]) == (5, ["no", "site", "x", "y"])
        assert [row.number for row in table.rows] == [6, 7]
        assert table.problems == []
    assert open_source(path, header_rows={"another.csv": 5}).tables[0].header_row != 5
    book = workbook(tmp_path, [["x", "y"], ["a", "b"], [1, 2]])
    assert open_source(book, header_rows={"Sheet1": 2}).tables[0].header_row == 2


@pytest.mark.parametrize("row", [4, 7, 99])
def test_a_row_that_cannot_be_the_header_is_said_and_another_is_found(tmp_path: Path, row: int) -> None:
    table = open_source(csv(tmp_path, PADDED), header_rows={"file.csv": row}).tables[0]
    assert [(p.row, p.code) for p in table.problems] == [(row, "header_row_blank")]
    assert table.columns


def test_long_lines_are_shortened_to_choose_from(tmp_path: Path) -> None:
    table = read(csv(tmp_path, "id,name\n" + "x" * 300 + ",b\n" * 100)).tables[0]
    assert len(table.lines) == 60
    assert len(table.lines[1][1]) == 90
    assert table.lines[1][1].endswith("…")
