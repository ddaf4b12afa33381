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
        ("1e308", None),
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


POINT = {"shape": "circle", "radius_m": "300"}


@pytest.mark.parametrize(
    "form",
    [
        {"lon": "114°03′28.4″E", "lat": "22°32′35.2″N"},
        {"paste": "22°32′35.2″N 114°03′28.4″E"},
        {"paste": "POINT (114.0578889 22.5431111)"},
        {"paste": '{"type": "Point", "coordinates": [114.0578889, 22.5431111]}'},
        {
            "paste": '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [114.0578889, 22.5431111, 8]}}'
        },
        {"paste": "114.0578889, 22.5431111", "lon": "1", "lat": "1"},
    ],
)
def test_a_point_in_every_notation_is_the_same_place(form: dict[str, str]) -> None:
    place, problems = parse_place({**POINT, **form})
    assert problems == []
    assert place is not None
    assert (place.geometry.x, place.geometry.y) == (pytest.approx(114.0578889, abs=1e-6), pytest.approx(22.5431111, abs=1e-6))


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"paste": "LINESTRING (114 22, 115 23)"}, "paste", "Here stands a point, not a line."),
        ({"paste": "114 22\n115 23"}, "paste", "Here stands a point, not several points."),
        ({"paste": "22.54 114.05"}, "paste", "114.05 is no latitude: longitude comes first"),
        ({"paste": '{"type": "Point"'}, "paste", "Not valid JSON at line 1"),
        ({"lon": "22°N", "lat": "114°E"}, "lon", "the other one"),
        ({"lon": "2", "lat": "48", "crs": "GCJ-02"}, "lon", "China"),
        ({"lon": "1", "lat": "1", "crs": "other", "crs_other": "EPSG:1"}, "crs_other", "EPSG:1"),
    ],
)
def test_what_is_wrong_is_said_of_its_place(form: dict[str, str], field: str, words: str) -> None:
    place, problems = parse_place({**POINT, **form})
    assert place is None
    assert problems[0].pointer == f"/{field}"
    assert words in problems[0].detail.en


def test_lines_and_areas_by_positions_and_their_faults_by_number() -> None:
    line = "114.02 22.65\n114°03′E 22°39′N"
    place, _ = parse_place({"shape": "line", "wkt": line})
    assert place is not None
    assert shapely.get_coordinates(place.geometry)[1].tolist() == pytest.approx([114.05, 22.65])
    _, problems = parse_place({"shape": "line", "wkt": line + "\n22.7 114.1"})
    assert problems[0].detail.en.startswith("Position 3: 114.1 is no latitude")
    area, _ = parse_place({"shape": "area", "wkt": "114 22; 115 22; 115 23"})
    assert area is not None
    assert area.geometry.is_valid


def test_a_declared_datum_is_turned_or_kept() -> None:
    """About half a kilometre lies between GCJ-02 and WGS-84 in Shenzhen."""
    form = {**POINT, "lon": "114.0629", "lat": "22.5403", "crs": "GCJ-02"}
    turned, _ = parse_place(form)
    kept, _ = parse_place(form, converts=False)
    assert turned is not None
    assert kept is not None
    assert (turned.crs, kept.crs) == ("GCJ-02", "GCJ-02")
    assert kept.geometry == shapely.Point(114.0629, 22.5403)
    assert 0.003 < kept.geometry.distance(turned.geometry) < 0.01
    metres, _ = parse_place({**POINT, "lon": "505000", "lat": "2494000", "crs": "other", "crs_other": "4547"})
    assert metres is not None
    assert 114 < metres.geometry.x < 114.1
