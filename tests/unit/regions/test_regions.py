"""Trees and containment: real places, brute force, trees that a test or a file brings."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from app.catalogue.regions import Region, RegionTree
from app.kernel.errors import DomainError
from app.kernel.geometry import destination
from app.kernel.text import Text
from app.regions import (
    boundaries,
    get_atlas,
    keep_tree,
    known_trees,
    locate,
    locate_one,
    region_below,
    region_name,
    region_tree,
    register_tree,
    unregister_tree,
)
from app.regions.boundary_file import BoundaryFileError, read_boundary_file
from app.regions.lists import EUROPEAN_UNION, UNITED_STATES

NOWHERE = Text("made by the test", "测试数据")


@pytest.mark.parametrize(
    ("lon", "lat", "code", "en", "zh"),
    [
        (113.9304, 22.5333, "440305", "Nanshan District, Shenzhen, Guangdong", "广东省深圳市南山区"),
        (116.4074, 39.9042, "110101", "Dongcheng District, Beijing", "北京市东城区"),
        (121.4737, 31.2304, "310101", "Huangpu District, Shanghai", "上海市黄浦区"),
        (113.7518, 23.0207, "441900", "Dongguan, Guangdong", "广东省东莞市"),
        (112.6020, 35.0670, "419001", "Jiyuan, Henan", "河南省济源市"),
        (114.1588, 22.2819, "810101", "Central and Western District, Hong Kong", "香港特别行政区中西区"),
        (87.6278, 43.7928, "650102", "Tianshan District, Urumqi, Xinjiang", "新疆维吾尔自治区乌鲁木齐市天山区"),
    ],
)
def test_real_places_of_china(lon: float, lat: float, code: str, en: str, zh: str) -> None:
    assert locate_one(lon, lat, "cn") == code
    assert region_tree("cn").full_name(code) == Text(en, zh)
    assert region_name(code) == Text(en, zh)


def test_places_outside_the_tree_have_no_region() -> None:
    assert locate_one(139.69, 35.69, "cn") is None
    assert list(locate([139.69, 113.9304], [35.69, 22.5333], "cn")) == ["", "440305"]
    assert list(locate([], [], "cn")) == []


def test_parents_are_the_nearest_region_above_that_exists() -> None:
    tree = region_tree("cn")
    assert [r.code for r in tree.path("440305")] == ["000000", "440000", "440300", "440305"]
    assert [r.code for r in tree.path("110105")] == ["000000", "110000", "110105"]
    assert [r.code for r in tree.path("469023")] == ["000000", "460000", "469023"]
    assert len(tree.at_level("province")) == 34
    assert "440305" in {r.code for r in tree.children("440300")}
    assert [r.code for r in tree.find("广东省深圳市龙华区")] == ["440309"]
    assert {r.code for r in tree.find("龙华区")} == {"440309", "460106"}
    with pytest.raises(DomainError) as unknown:
        tree["999999"]
    assert unknown.value.code == "unknown_region"


def test_containment_agrees_with_each_province_polygon() -> None:
    """The oracle tests each point against the province layer, which is drawn apart from the districts."""
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(100, 122, 400), rng.uniform(22, 42, 400)
    found = locate(lon, lat, "cn")
    codes, polygons = get_atlas("cn").layer("province", 0.0)
    for x, y, code in zip(lon, lat, found, strict=True):
        hits = [str(c) for c, polygon in zip(codes, polygons, strict=True) if shapely.intersects_xy(polygon, x, y)]
        assert (code[:2] + "0000" in hits) if code else not hits


def test_a_hundred_thousand_points_take_no_more_than_a_second_or_two() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(75, 135, 100_000), rng.uniform(20, 50, 100_000)
    locate(lon[:1], lat[:1], "cn")
    began = time.perf_counter()
    found = locate(lon, lat, "cn")
    assert time.perf_counter() - began < 3
    assert 40_000 < np.count_nonzero(found) < 60_000


def test_boundaries_simplify_clip_and_keep_the_national_lines() -> None:
    fine, coarse = boundaries("cn", "province", tolerance=0.01), boundaries("cn", "province", tolerance=0.2)
    assert len(json.dumps(coarse)) < len(json.dumps(fine)) / 3
    levels = [feature["properties"]["level"] for feature in coarse["features"]]
    assert levels.count("province") == 34
    assert levels.count("boundary_line") == 8
    delta = boundaries("cn", "prefecture", (113.0, 22.3, 114.5, 23.2), 0.01)
    names = {feature["properties"]["name_en"] for feature in delta["features"]}
    assert {"Shenzhen", "Dongguan", "Guangzhou"} <= names
    assert "Beijing" not in names


def test_counties_directly_under_a_province_fill_the_prefecture_layer() -> None:
    codes = set(get_atlas("cn").layer("prefecture", 0.05)[0])
    assert {"440300", "469023", "429006"} <= codes
    assert "440305" not in codes


@pytest.mark.parametrize("level", ["prefecture", "district"])
def test_each_layer_covers_the_tree_once(level: str) -> None:
    atlas = get_atlas("cn")
    _, whole = atlas.layer("province", 0.0)
    codes, polygons = atlas.layer(level, 0.0)
    assert shapely.area(polygons).sum() == pytest.approx(shapely.area(whole).sum(), rel=1e-6)
    assert {"820000", "441900"} <= set(codes)


def test_a_tree_that_is_coarser_than_the_layer_is_drawn_as_it_is() -> None:
    register_tree(RegionTree.of("test-flat", [Region("ZZ", Text("Z", "Z"), "national", None)], NOWHERE), {"ZZ": square(0, 0)})
    try:
        assert [found["id"] for found in boundaries("test-flat", "district")["features"]] == ["ZZ"]
    finally:
        unregister_tree("test-flat")


@pytest.mark.parametrize(
    ("listed", "lon", "lat", "code"),
    [
        (UNITED_STATES, -122.42, 37.77, "US-CA"),
        (UNITED_STATES, -149.9, 61.2, "US-AK"),
        (EUROPEAN_UNION, 2.35, 48.85, "FR"),
        (EUROPEAN_UNION, 24.9, 60.25, "FI"),
    ],
)
def test_states_and_members_have_packaged_boundaries(listed: object, lon: float, lat: float, code: str) -> None:
    assert isinstance(listed, type(UNITED_STATES))
    if not listed.file.exists():
        pytest.skip(f"{listed.file.parent.name} is not installed: the front-end packages bring it")
    assert locate_one(lon, lat, listed.tree.code) == code


def test_listed_trees_are_whole_and_no_number_is_given_twice() -> None:
    assert len(UNITED_STATES.numbers) == 56
    assert len(EUROPEAN_UNION.numbers) == 27
    assert set(UNITED_STATES.numbers.values()) | {"US"} == set(UNITED_STATES.tree.regions)
    assert region_tree("us").full_name("US-NY") == Text("New York", "纽约州")
    assert region_tree("us").full_name("US") == Text("United States", "美国")


def square(west: float, south: float, side: float = 1.0) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


def test_a_test_brings_its_own_tree() -> None:
    regions = [
        Region("XX", Text("Testland", "测试国"), "national", None),
        Region("XX-A", Text("A", "甲"), "province", "XX"),
        Region("XX-B", Text("B", "乙"), "province", "XX"),
    ]
    register_tree(RegionTree.of("test-land", regions, NOWHERE), {"XX-A": square(10, 10), "XX-B": square(11, 10)})
    try:
        assert list(locate([10.5, 11.5, 13], [10.5, 10.5, 10.5], "test-land")) == ["XX-A", "XX-B", ""]
        assert locate_one(11.0, 10.5, "test-land") == "XX-A"  # a shared border: the smaller code
        assert region_name("XX-B").zh == "乙"
        off = destination((12.0, 10.5), 90, 900)
        assert locate_one(*off, "test-land") is None
        assert locate_one(*off, "test-land", near_m=1000) == "XX-B"
        assert locate_one(*off, "test-land", near_m=800) is None
    finally:
        unregister_tree("test-land")
    with pytest.raises(DomainError) as unknown:
        region_tree("test-land")
    assert unknown.value.code == "unknown_region_tree"


def test_a_tree_without_polygons_locates_nothing() -> None:
    register_tree(RegionTree.of("test-bare", [Region("YY", Text("Y", "Y"), "national", None)], NOWHERE))
    try:
        assert locate_one(0, 0, "test-bare", near_m=1e6) is None
        assert boundaries("test-bare", "national")["features"] == []
    finally:
        unregister_tree("test-bare")


def feature(shape: shapely.Geometry, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}


def write(path: Path, *features: dict[str, object]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def test_a_loaded_file_serves_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFRASHARE_VAR", str(tmp_path))
    path = write(
        tmp_path / "kenya.geojson",
        feature(square(34, -2, 6), code="KE", name="Kenya", name_zh="肯尼亚"),
        feature(square(36, -2), code="KE-30", name="Nairobi", name_zh="内罗毕"),
        feature(square(37, -2), code="KE-22", name="Machakos"),
    )
    regions, polygons = read_boundary_file(path)
    keep_tree("test-ke", regions, polygons, Text("a file", "文件"))
    assert locate_one(36.5, -1.5, "test-ke") == "KE-30"
    assert region_tree("test-ke")["KE-30"] == Region("KE-30", Text("Nairobi", "内罗毕"), "province", "KE")
    assert "test-ke" in known_trees()
    keep_tree("test-ke", regions[:1], {"KE": polygons["KE"]}, Text("a file", "文件"))
    assert locate_one(36.5, -1.5, "test-ke") == "KE"


@pytest.mark.parametrize(
    ("features", "complaint"),
    [
        ([feature(square(0, 0), code="A", name="a"), feature(square(1, 0), code="A", name="b")], "code A is there twice"),
        ([feature(shapely.Point(0, 0), code="A", name="a")], "feature 1 is not a polygon"),
        ([feature(square(0, 0), code="A", name="a", level="parish")], "level parish"),
        ([feature(square(0, 0), name="a")], "no property code"),
        ([feature(square(0, 0), code="A", name="")], "no code or no name"),
    ],
)
def test_a_wrong_file_is_refused_by_the_feature(tmp_path: Path, features: list[dict[str, object]], complaint: str) -> None:
    with pytest.raises(BoundaryFileError, match=complaint):
        read_boundary_file(write(tmp_path / "wrong.geojson", *features))


def test_an_orphan_is_refused() -> None:
    with pytest.raises(ValueError, match="no parent for Z-1"):
        RegionTree.of("test", [Region("Z-1", Text("z", "z"), "province", "Z")], NOWHERE)


def test_a_name_is_short_below_the_region_that_is_said_already() -> None:
    below = [region_below(code, "440300") for code in ("440303", "440300", "450000")]
    assert [(name.en, name.zh) for name in below] == [
        ("Luohu District", "\u7f57\u6e56\u533a"),
        ("Shenzhen, Guangdong", "\u5e7f\u4e1c\u7701\u6df1\u5733\u5e02"),
        (region_name("450000").en, region_name("450000").zh),
    ]
