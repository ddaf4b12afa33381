"""The dry run: every problem by sheet, row and column; sound rows ready to be saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import shapely

from app.catalogue.declaration import AssetKind, Dimension, Field, Geometry, Sort
from app.catalogue.kinds import KINDS
from app.exchange.columns import column_set
from app.exchange.drafts import RowDraft
from app.exchange.mapping import Mapping, match_columns
from app.exchange.plan import Plan, dry_run
from app.exchange.targets import Subject
from app.kernel.datum import Datum, from_wgs84
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from tests.unit.exchange.making import TODAY, csv, places, plan, read, run, workbook

TOWERS = "name,lon,lat,structure type,height (ft),platforms\n"
DEMANDS = "单位名称,需求类型,经度,纬度,终点经度,终点纬度,半径,数量,单位,开始,结束,预算(万元/年)\n"


def test_a_listing_row(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, TOWERS + "Mast 1,174.7,-41.3,guyed mast,100,3\n"), kind="tower", crs="EPSG:4326", organisation="Grid"
    )
    assert places(draft) == []
    row = draft.rows[0]
    assert row.geometry.equals(shapely.Point(174.7, -41.3))
    values = row.values
    assert (values["name"], values["organisation"], values["status"], values["declared_crs"]) == (
        "Mast 1",
        "Grid",
        "operational",
        "EPSG:4326",
    )
    assert values["attributes"] == {
        "structure": "guyed",
        "structure_height_m": 30.48,
        "power_type": "none",
        "wind_area_basis": "projected",
        "access_rule": "notice",
    }
    assert values["offered"] == values["totals"] == {"platform": 3}
    assert (values["window_start"], values["window_end"]) == (TODAY, FAR)
    assert row.assumed == ["access_rule", "end", "power_type", "start", "status", "wind_area_basis"]
    assert RowDraft.from_json(json.loads(json.dumps(row.to_json()))) == row


def test_a_stated_default_is_marked_and_a_given_value_is_not(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, TOWERS + "a,1,2,guyed,,\nb,1,2,guyed,50,4\n"),
        kind="tower",
        crs="EPSG:4326",
        organisation="G",
        defaults={"structure_height_m": "25 m", "platform": "2", "status": "inactive"},
    )
    first, second = draft.rows
    assert (first.values["attributes"]["structure_height_m"], first.values["offered"], first.values["status"]) == (
        25.0,
        {"platform": 2},
        "inactive",
    )
    assert {"structure_height_m", "platform", "status"} <= set(first.assumed)
    assert second.values["offered"] == {"platform": 4}
    assert not {"structure_height_m", "platform"} & set(second.assumed)


def test_all_problems_at_once_by_row_and_column(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, TOWERS + "a,1,91,guyed,1,1\nb,,2,guyed,x,1\nc,1,2,wood,-1,1.5\nd,1,2,guyed,10,\ne,1,2,guyed,10,1\n"),
        kind="tower",
        crs="EPSG:4326",
        organisation="G",
    )
    assert places(draft) == [
        (2, "B", "coordinates_swapped"),
        (3, "B", "missing"),
        (3, "E", "not_number"),
        (4, "D", "not_choice"),
        (4, "E", "too_low"),
        (4, "F", "not_whole"),
        (5, "F", "no_capacity"),
    ]
    assert [row.row for row in draft.rows] == [6]
    assert draft.read == 5
    assert all(p.sheet == "file.csv" and p.detail.en != p.detail.zh for p in draft.problems)


def test_a_need_row_with_its_window_budget_and_title(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, DEMANDS + "甲公司,铁塔,114.05,22.54,,,300,2,个,2027年1月1日,2031-12-31,5.5\n"),
        Subject.NEEDS,
        crs="EPSG:4490",
        defaults={"height_m": "20"},
    )
    assert places(draft) == []
    values = draft.rows[0].values
    assert (values["shape"], values["radius_m"], values["quantity"], values["requirements"]) == (
        "circle",
        300.0,
        2,
        {"mounts": 2, "height_m": 20.0},
    )
    assert (values["window_start"], values["window_end"]) == (date(2027, 1, 1), date(2032, 1, 1))
    assert (values["budget_minor"], values["currency"], values["title"]) == (5_500_000, "CNY", "塔桅 2")
    assert draft.rows[0].assumed == ["height_m"]


def test_needs_of_mixed_kinds_read_each_column_by_their_kind(tmp_path: Path) -> None:
    rows = (
        "光缆,114.05,22.54,114.06,22.55,50,8,芯",
        "光缆,114.05,22.54,114.06,22.55,50,3,芯",
        "光缆,114.05,22.54,114.06,22.55,50,3,kg",
        "机房,114.05,22.54,,,50,20,机架U",
        "管道,114.05,22.54,,,50,1,孔",
    )
    text = DEMANDS + "".join(f"甲,{row},2027-01-01,2027-12-31,\n" for row in rows)
    draft = run(csv(tmp_path, text), Subject.NEEDS, crs="EPSG:4490")
    assert [(r.kind, r.values["quantity"], r.values["shape"]) for r in draft.rows] == [
        ("cable", 4, "route"),
        ("room", 20, "circle"),
    ]
    assert places(draft) == [(3, "H", "not_whole"), (4, "I", "wrong_unit"), (6, "E", "route_without_end")]


def test_a_period_of_one_day_is_one_and_a_reversed_one_is_refused(tmp_path: Path) -> None:
    periods = ("2027-05-01,2027-05-01", "2027-05-02,2027-05-01", "2027-02-30,2027-05-01")
    rows = "".join(f"甲,铁塔,114.05,22.54,,,300,1,,{period},\n" for period in periods)
    draft = run(csv(tmp_path, DEMANDS + rows), Subject.NEEDS, crs="EPSG:4490")
    assert draft.rows[0].values["window_end"] == date(2027, 5, 2)
    assert places(draft) == [(3, "J", "window_reversed"), (4, "J", "no_such_day")]


def test_words_whose_meaning_the_file_states(tmp_path: Path) -> None:
    rows = [
        [*DEMANDS.strip().split(",")],
        ["甲", "铁塔", 114.05, 22.54, None, None, 300, 1, None, "2027-01-01", "长期", None],
        ["填表说明：使用期限填“长期”按20年计。"],
    ]
    draft = run(workbook(tmp_path, rows), Subject.NEEDS, crs="EPSG:4490")
    assert draft.rows[0].values["window_end"] == date(2047, 1, 1)
    assert any("20 年" in note.text.zh for note in draft.warnings)
    rows[1][9] = "9990-01-01"
    assert run(workbook(tmp_path, rows), Subject.NEEDS, crs="EPSG:4490").rows[0].values["window_end"] == date(9999, 12, 31)
    unexplained = run(workbook(tmp_path, rows[:2]), Subject.NEEDS, crs="EPSG:4490")
    assert places(unexplained) == [(2, "K", "not_date")]


def test_a_person_may_state_the_meaning_of_a_word(tmp_path: Path) -> None:
    text = TOWERS + "a,1,2,Single Circuit Pole,10,1\n"
    settled = Mapping(values={"structure": {"Single Circuit Pole": "power_line"}})
    assert (
        run(csv(tmp_path, text), kind="tower", crs="EPSG:4326", organisation="G", mapping=settled)
        .rows[0]
        .values["attributes"]["structure"]
        == "power_line"
    )
    assert places(run(csv(tmp_path, text), kind="tower", crs="EPSG:4326", organisation="G")) == [(2, "D", "not_choice")]


def test_without_a_coordinate_system_nothing_is_placed(tmp_path: Path) -> None:
    path = csv(tmp_path, TOWERS + "a,174.7,-41.3,guyed,10,1\n")
    draft = run(path, kind="tower", organisation="G")
    assert places(draft) == [(1, None, "no_crs")]
    assert "EPSG:4490" in draft.problems[0].detail.zh
    assert not draft.rows
    assert places(run(path, kind="tower", organisation="G", crs="EPSG:1")) == [(None, None, "unknown_crs")]


def test_a_title_row_states_the_system_and_a_declaration_overrules_it(tmp_path: Path) -> None:
    rows = [
        ["铁塔清单 坐标系：GCJ-02"],
        ["名称", "经度", "纬度", "塔高(m)", "平台数"],
        ["甲", *from_wgs84(Datum.GCJ02, 114.05, 22.54), 30, 2],
    ]
    draft = run(workbook(tmp_path, rows), kind="tower", organisation="G")
    assert draft.crs == {"Sheet1": "GCJ-02"}
    assert (draft.rows[0].geometry.x, draft.rows[0].geometry.y) == pytest.approx((114.05, 22.54), abs=1e-8)
    overruled = run(workbook(tmp_path, rows), kind="tower", organisation="G", crs="EPSG:4490")
    assert overruled.crs == {"Sheet1": "EPSG:4490"}
    assert any("GCJ-02" in note.text.zh for note in overruled.warnings)


def test_axis_order_of_the_authority_changes_nothing(tmp_path: Path) -> None:
    path = csv(tmp_path, TOWERS + "a,114.05,22.54,guyed,10,1\n")
    for crs in ("EPSG:4490", "EPSG:4326", "CGCS2000", "OGC:CRS84"):
        point = run(path, kind="tower", organisation="G", crs=crs).rows[0].geometry
        assert (point.x, point.y) == pytest.approx((114.05, 22.54), abs=1e-7)


def test_swapped_pairs_are_refused_even_when_both_are_valid(tmp_path: Path) -> None:
    good = "".join(f"t{n},{4.8 + n / 100},{52.1 + n / 100},guyed,10,1\n" for n in range(20))
    draft = run(csv(tmp_path, TOWERS + good + "x,52.2,4.9,guyed,10,1\n"), kind="tower", organisation="G", crs="EPSG:4326")
    assert places(draft) == [(22, "B", "coordinates_swapped")]
    assert len(draft.rows) == 20


def test_outside_the_area_of_a_projected_system(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, TOWERS + "a,1748735,5427916,guyed,10,1\nb,5427916,1748735,guyed,10,1\nc,1,1,guyed,10,1\n"),
        kind="tower",
        organisation="G",
        crs="EPSG:2193",
    )
    assert places(draft) == [(3, "B", "coordinates_swapped"), (4, "B", "outside_crs")]
    assert draft.rows[0].geometry.x == pytest.approx(174.77, abs=0.01)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "geometry_invalid"),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "geometry_kind"),
        ({"type": "LineString", "coordinates": [[1, 1], [1, 1]]}, "line_short"),
        ({"type": "Point", "coordinates": []}, "geometry_missing"),
        ({"type": "Point", "coordinates": [10, 120]}, "geometry_range"),
        ({"type": "Point", "coordinates": [200, 10]}, "geometry_range"),
        ({"type": "Polygon", "coordinates": [[[-170, 0], [170, 0], [170, 1], [-170, 1], [-170, 0]]]}, "antimeridian"),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}, "geometry_kind"),
        (None, "geometry_missing"),
    ],
)
def test_geometry_faults_name_the_feature(tmp_path: Path, geometry: object, code: str) -> None:
    path = tmp_path / "f.geojson"
    good = {
        "type": "Feature",
        "properties": {"name": "g", "rack units": 2},
        "geometry": {"type": "MultiPoint", "coordinates": [[5, 6]]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [good, {**good, "geometry": geometry}]}))
    draft = run(path, kind="room", organisation="G")
    expected = "coordinates_swapped" if geometry and geometry.get("coordinates") == [10, 120] else code  # type: ignore[attr-defined]
    assert places(draft) == [(2, "geometry", expected)]
    assert draft.rows[0].geometry.wkt == "POINT (5 6)"


def test_geometry_in_a_cell(tmp_path: Path) -> None:
    cells = ('"LINESTRING Z (1 2 3, 2 3 4)"', "LINESTRING (1 2)", "nonsense", '"{""type"":""Point"",""coordinates"":[1,2]}"', "")
    text = "name,wkt,fibre count\n" + "".join(f"{name},{cell},4\n" for name, cell in zip("abcde", cells, strict=True))
    draft = run(csv(tmp_path, text), kind="cable", crs="EPSG:4326", organisation="G")
    assert draft.rows[0].geometry.wkt == "LINESTRING (1 2, 2 3)"
    assert places(draft) == [
        (3, "B", "not_geometry_text"),
        (4, "B", "not_geometry_text"),
        (5, "B", "geometry_kind"),
        (6, "B", "no_place"),
    ]


def test_columns_that_are_missing_are_one_problem_each(tmp_path: Path) -> None:
    draft = run(csv(tmp_path, "name,height\n" + "a,1\n" * 50), kind="tower", crs="EPSG:4326")
    assert [(row, code) for row, _, code in places(draft)] == [(1, "column_missing")] * 3 + [(1, "no_capacity")]
    assert draft.rows == []


def test_what_a_person_maps_stands_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    path = csv(tmp_path, "a,b,c,d,platforms\nx,1,2,9,3\n")
    settled = Mapping()
    for header, target in (("a", "title"), ("B", "lon"), ("c", "lat"), ("d", "structure_height_m")):
        settled.set(header, target)
    again = Mapping.from_json(json.loads(json.dumps(settled.to_json())))
    draft = run(path, kind="tower", crs="EPSG:4326", organisation="G", mapping=again)
    assert draft.rows[0].values["attributes"]["structure_height_m"] == 9.0
    settled.set("d", "lon")
    settled.set("platforms", "no_such")
    wrong = run(path, kind="tower", crs="EPSG:4326", organisation="G", mapping=settled, mapped=("zzz",))
    assert {code for _, _, code in places(wrong)} >= {"mapped_twice", "unknown_target", "unknown_header"}


def test_the_surest_column_wins_and_the_other_stays_visible(tmp_path: Path) -> None:
    table = read(csv(tmp_path, "tower name,name,lon,lat,zzz\na,b,1,2,3\n")).tables[0]
    matches = match_columns(table, column_set(Subject.LISTINGS, KINDS.all()), Mapping(), "tower")
    assert [m.target for m in matches] == [None, "title", "lon", "lat", None]
    assert matches[0].suggestion == "title"


def test_an_owners_number_stands_once(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, "id,lon,lat,platforms\n7,1,2,1\n8,1,2,1\n7,1,2,1\n"), kind="tower", crs="EPSG:4326", organisation="G"
    )
    assert places(draft) == [(4, "A", "duplicate_reference")]


def test_a_default_that_cannot_be_used_is_said_once(tmp_path: Path) -> None:
    draft = run(
        csv(tmp_path, "name,lon,lat\n" + "a,1,2\n" * 9),
        kind="tower",
        crs="EPSG:4326",
        organisation="G",
        defaults={"platform": "many", "nonsense": "1"},
    )
    assert sorted(code for _, _, code in places(draft))[:2] == ["bad_default", "unknown_target"]


@pytest.fixture
def toy() -> Iterator[AssetKind]:
    """A kind that no file of ours has heard of."""
    label = Text("Roadside cabinet", "路边柜")
    kind = AssetKind(
        "toy_cabinet",
        label,
        label,
        label,
        (Geometry.POINT,),
        ("circle",),
        attributes=(Field("shade", Text("Shade", "遮阳"), "boolean", required=True),),
        dimensions=(Dimension("shelf", Text("Shelves", "层板"), Sort.SLOTS, "position", aliases=("层板数",)),),
        requirements=(Field("shelves", Text("Shelves", "层板"), "integer", minimum=1, required=True),),
        criteria=(),
        quantity="shelves",
        aliases=("路边柜",),
    )
    KINDS.kinds[kind.name] = kind
    yield kind
    KINDS.remove(kind.name)


def test_a_new_kind_brings_its_own_columns(tmp_path: Path, toy: AssetKind) -> None:
    draft = run(
        csv(tmp_path, "名称,设施类型,经度,纬度,遮阳,空闲层板,层板总数\n甲,路边柜,114,22,是,3,5\n乙,铁塔,114,22,,,\n"),
        crs="EPSG:4490",
        organisation="G",
    )
    values = draft.rows[0].values
    assert (values["attributes"], values["offered"], values["totals"]) == ({"shade": True}, {"shelf": 3}, {"shelf": 5})
    needs = run(
        csv(tmp_path, "单位名称,需求类型,经度,纬度,半径,层板,开始,结束\n甲,路边柜,114,22,100,2,2027-01-01,2027-12-31\n"),
        Subject.NEEDS,
        crs="EPSG:4490",
    )
    assert (needs.rows[0].kind, needs.rows[0].values["quantity"]) == ("toy_cabinet", 2)


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    source = read(csv(tmp_path, TOWERS + "a,1,2,guyed,10,1\n" * 5000))
    seen: list[tuple[int, int]] = []
    dry_run(source, plan(kind="tower", crs="EPSG:4326", organisation="G"), lambda done, total: seen.append((done, total)))
    assert seen[-1] == (5000, 5000)
    assert len(seen) >= 3
    assert isinstance(plan(), Plan)


def test_what_no_column_gives_keeps_every_row_out(tmp_path: Path) -> None:
    one_kind = run(csv(tmp_path, "name,lon,lat\na,1,2\nb,1,2\n"), kind="tower", crs="EPSG:4326", organisation="G")
    assert (places(one_kind), one_kind.rows) == ([(1, None, "no_capacity")], [])
    several = run(
        csv(tmp_path, "name,asset kind,lon,lat,platforms\na,tower,1,2,1\nb,room,1,2,\n"), crs="EPSG:4326", organisation="G"
    )
    assert places(several) == [(3, None, "no_capacity")]
    assert [row.row for row in several.rows] == [2]


def test_a_row_with_a_formula_that_has_no_value_is_not_sound(tmp_path: Path) -> None:
    """Even where nothing requires the cell: what it would have said is not known. It is counted, and named, once."""
    header = ["name", "lon", "lat", "structure type", "height (ft)", "platforms"]
    rows = [
        ["a", 174.7, -41.3, "lattice", "=90+9", 2],
        ["b", 174.7, -41.4, "lattice", 99, "=1+1"],
        ["c", 174.7, -41.5, "lattice", 99, 2],
    ]
    draft = run(workbook(tmp_path, [header, *rows]), kind="tower", crs="EPSG:4326", organisation="Grid")
    assert (draft.read, [row.row for row in draft.rows]) == (3, [4])
    assert places(draft) == [(2, "E", "formula_without_value"), (3, "F", "formula_without_value")]
