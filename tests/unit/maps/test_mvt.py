"""Tiles that we write are read back by a reader of the specification, and by GDAL."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.maps.mvt import EXTENT, Feature, Property, Tile, layer, project, varint
from tests.unit.maps.decoding import read_tile
from tests.unit.maps.decoding import varint as read_varint

HERE = Tile(12, 3344, 1785)  # Shenzhen


def holding(lon: float, lat: float, z: int) -> Tile:
    n = 2**z
    y = (1 - math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi) / 2 * n
    return Tile(z, int((lon + 180) / 360 * n), int(y))


@given(st.integers(0, 2**63 - 1))
def test_numbers_of_any_length(number: int) -> None:
    assert read_varint(varint(number), 0) == (number, len(varint(number)))


@given(st.floats(-179.9, 179.9), st.floats(-84, 84), st.integers(0, 22))
def test_a_point_stands_where_it_is(lon: float, lat: float, z: int) -> None:
    tile = holding(lon, lat, z)
    [feature] = read_tile(layer("l", [Feature(shapely.Point(lon, lat), {"ref": "a"}, 7)], tile))["l"]
    [[(x, y)]] = feature.parts
    assert (feature.id, feature.type, feature.properties) == (7, 1, {"ref": "a"})
    assert 0 <= x <= EXTENT
    assert 0 <= y <= EXTENT
    n = 2**z
    back_lon = (tile.x + x / EXTENT) / n * 360 - 180
    back_lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (tile.y + y / EXTENT) / n))))
    assert abs(back_lon - lon) <= 360 / n / EXTENT
    assert abs(back_lat - lat) <= 360 / n / EXTENT


def test_properties_of_every_type() -> None:
    given_: dict[str, Property] = {"text": "塔", "yes": True, "no": False, "whole": 12, "below": -12, "part": 0.5, "one": 1}
    [feature] = read_tile(layer("l", [Feature(shapely.Point(114, 22.5), given_)], holding(114, 22.5, 10)))["l"]
    assert feature.properties == given_
    assert [type(v) for v in feature.properties.values()] == [str, bool, bool, int, int, float, int]


def test_lines_are_cut_at_the_edge_and_what_falls_together_is_left_out() -> None:
    west, south, east, north = HERE.bounds()
    middle = (south + north) / 2
    crossing = shapely.LineString([(west - 1, middle), (east + 1, middle)])
    speck = shapely.LineString([(west + 0.01, middle), (west + 0.01 + 1e-9, middle)])
    outside = shapely.LineString([(east + 1, middle), (east + 2, middle)])
    [feature] = read_tile(layer("l", [Feature(g, {}) for g in (crossing, speck, outside)], HERE))["l"]
    [line] = feature.parts
    assert feature.type == 2
    assert (line[0][0], line[-1][0]) == (-64, EXTENT + 64)


def area(ring: list[tuple[int, int]]) -> float:
    """The surveyor's formula: positive for an exterior ring by the specification (y grows downwards)."""
    xs, ys = np.array(ring).T
    return float(np.sum(xs[:-1] * ys[1:] - xs[1:] * ys[:-1]) / 2)


@pytest.mark.parametrize("turned", [False, True])
def test_rings_wind_as_the_specification_says(turned: bool) -> None:
    west, south, east, north = HERE.bounds(0)
    dx, dy = (east - west) / 4, (north - south) / 4
    outer = shapely.box(west + dx, south + dy, east - dx, north - dy)
    holed = outer.difference(shapely.box(west + 1.5 * dx, south + 1.5 * dy, west + 2 * dx, south + 2 * dy))
    [feature] = read_tile(layer("l", [Feature(shapely.reverse(holed) if turned else holed, {})], HERE))["l"]
    exterior, hole = feature.parts
    assert feature.type == 3
    assert exterior[0] == exterior[-1]
    assert area(exterior) > 0 > area(hole)


def test_several_parts_keep_one_cursor() -> None:
    west, south, east, north = HERE.bounds(0)
    lines = shapely.MultiLineString([[(west, south), (east, north)], [(west, north), (east, south)]])
    [feature] = read_tile(layer("l", [Feature(lines, {})], HERE))["l"]
    assert feature.parts == [[(0, EXTENT), (EXTENT, 0)], [(0, 0), (EXTENT, EXTENT)]]


@pytest.mark.parametrize("wrong", [(0, 1, 0), (3, 8, 0), (3, 0, -1), (23, 0, 0), (-1, 0, 0)])
def test_there_is_no_such_tile(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no such tile"):
        Tile(*wrong)


def test_poles_do_not_overflow() -> None:
    assert project(np.array([[0.0, 90.0], [0.0, -90.0]]), Tile(0, 0, 0)).tolist() == [[2048, 0], [2048, 4096]]


def test_gdal_reads_the_same(tmp_path: Path) -> None:
    point, line = shapely.Point(114.0579, 22.5431), shapely.LineString([(114.03, 22.53), (114.08, 22.56)])
    square = shapely.box(114.04, 22.53, 114.06, 22.55)
    tile = holding(114.0579, 22.5431, 11)
    folder = tmp_path / str(tile.z) / str(tile.x)
    folder.mkdir(parents=True)
    path = folder / f"{tile.y}.mvt"
    path.write_bytes(layer("listings", [Feature(g, {"n": i, "name": "塔"}) for i, g in enumerate((point, line, square))], tile))
    _meta, _index, geometries, (numbers, names) = pyogrio.raw.read(str(path), columns=["n", "name"])
    found = dict(zip(numbers.tolist(), shapely.from_wkb(geometries), strict=True))
    assert set(names) == {"塔"}
    side = 2 * math.pi * 6378137 / 2**tile.z / EXTENT
    assert abs(shapely.get_coordinates(found[0])[0, 0] - math.radians(114.0579) * 6378137) < side
    assert found[1].geom_type.endswith("LineString")
    assert found[2].geom_type.endswith("Polygon")
    assert found[2].area == pytest.approx(
        shapely.transform(
            square,
            lambda c: np.column_stack(
                [np.radians(c[:, 0]) * 6378137, np.log(np.tan(np.radians(c[:, 1]) / 2 + np.pi / 4)) * 6378137]
            ),
        ).area,
        rel=0.01,
    )
