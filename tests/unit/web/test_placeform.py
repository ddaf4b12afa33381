"""The place of a form: what people type, and what is wrong with it, by field."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.web.placeform import parse_place, place_values, typed_number


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("114.0579", 114.0579),
        (" 1,200 ", 1200),
        ("１１４．０５", 114.05),
        ("−3", -3),
        ("-3.5", -3.5),
        ("1 000", 1000),
        ("1，000", 1000),
        ("1e3", 1000),
        ("", None),
        ("abc", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("1.2.3", None),
    ],
)
def test_numbers_as_people_type_them(raw: str, value: float | None) -> None:
    assert typed_number(raw) == value


def pointers(form: dict[str, str]) -> list[str | None]:
    place, problems = parse_place(form)
    assert (place is None) == bool(problems)
    return [problem.pointer for problem in problems]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"shape": "circle", "lon": "114", "lat": "22", "radius_m": "300"}, []),
        ({"shape": "circle", "lon": "181", "lat": "22"}, ["/lon"]),
        ({"shape": "circle", "lon": "x", "lat": "-91", "radius_m": "-1"}, ["/radius_m", "/lon", "/lat"]),
        ({"shape": "circle", "lon": "114", "lat": "22", "radius_m": "many"}, ["/radius_m"]),
        ({"shape": "line", "wkt": "LINESTRING (114.02 22.65, 114.03 22.66)"}, []),
        ({"shape": "line", "wkt": "POINT (1 2)"}, ["/wkt"]),
        ({"shape": "line", "wkt": ""}, ["/wkt"]),
        ({"shape": "line", "wkt": "LINESTRING (22.65 114.02, 22.66 114.03)"}, ["/wkt"]),
        ({"shape": "area", "wkt": "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))"}, []),
        ({"shape": "area", "wkt": "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"}, ["/wkt"]),
        ({"shape": "area", "wkt": "POLYGON EMPTY"}, ["/wkt"]),
        ({"shape": "area", "wkt": "not a polygon"}, ["/wkt"]),
    ],
)
def test_what_is_wrong_stands_at_its_field(form: dict[str, str], wrong: list[str]) -> None:
    assert pointers(form) == wrong


def test_heights_are_left_out() -> None:
    place, _ = parse_place({"shape": "line", "wkt": "LINESTRING Z (1 2 3, 4 5 6)"})
    assert place is not None
    assert not place.geometry.has_z


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 1e6))
def test_a_stored_point_comes_back_from_its_form(lon: float, lat: float, radius_m: float) -> None:
    form = {name: str(value) for name, value in place_values("circle", shapely.Point(lon, lat), radius_m).items()}
    place, problems = parse_place(form)
    assert not problems
    assert place is not None
    assert (place.shape, place.radius_m) == ("circle", radius_m)
    assert place.geometry.distance(shapely.Point(lon, lat)) <= 1e-7


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=2, max_size=6, unique=True))
def test_a_stored_line_comes_back_from_its_form(points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(points)
    place, problems = parse_place({name: str(value) for name, value in place_values("line", line, 500).items()})
    assert place is not None or problems  # points closer than a centimetre fall together
    if place is not None:
        assert shapely.equals_exact(place.geometry, line, 1e-7)
