"""Positions as people type them: every common notation to the same place, what can be read in two ways refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.coordinates import Unreadable, converter, crs_code, is_in_degrees, out_of_range, read_angle, read_pairs


@pytest.mark.parametrize(
    ("words", "angle"),
    [
        ("114.5", (114.5, None)),
        ("-3.25", (-3.25, None)),
        ("114°30′0″E", (114.5, "lon")),
        ("114°30'E", (114.5, "lon")),
        ("E114°30'00\"", (114.5, "lon")),
        ("东经114度30分0秒", (114.5, "lon")),
        ("１１４°３０′", (114.5, None)),
        ("36 51 0 S", (-36.85, "lat")),
        ("北纬22.5°", (22.5, "lat")),
        ("W 3.5", (-3.5, "lon")),
        ("114°60'", None),
        ("-114°W", None),
        ("E114W", None),
        ("here", None),
        ("", None),
    ],
)
def test_an_angle_in_every_notation(words: str, angle: tuple[float, str | None] | None) -> None:
    found = read_angle(words)
    assert found == angle or (
        found is not None and angle is not None and found[1] == angle[1] and abs(found[0] - angle[0]) < 1e-9
    )


@pytest.mark.parametrize(
    "words",
    [
        "114.5, 22.5",
        "114.5 22.5",
        "114.5，22.5",
        "22°30′N 114°30′E",
        "E114°30′，N22°30′",
        "114°30'00\" 22°30'00\"",
        "北纬22度30分0秒，东经114度30分0秒",
    ],
)
def test_a_position_in_every_notation(words: str) -> None:
    assert read_pairs(words) == [(pytest.approx(114.5), pytest.approx(22.5))]


def test_a_line_that_is_no_position_is_named() -> None:
    with pytest.raises(Unreadable) as error:
        read_pairs("114.5 22.5\n114.6\n114.7 22.7")
    assert error.value.text.en.startswith("Position 2: ")
    assert error.value.text.zh.startswith("第 2 个点：")
    with pytest.raises(Unreadable):
        read_pairs("22°N 23°N")


def test_a_swapped_pair_is_said_to_be_swapped_and_never_turned() -> None:
    said = out_of_range((22.5, 114.5), 3)
    assert said is not None
    assert said.en == "Position 3: 114.5 is no latitude: longitude comes first, then latitude."
    assert out_of_range((114.5, 22.5)) is None
    assert out_of_range((float("nan"), 0.0)) is not None
    assert out_of_range((181.0, 0.0)) is not None


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_what_is_written_is_read_again(lon: float, lat: float) -> None:
    assert read_pairs(f"{lon:.6f} {lat:.6f}") == [(pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("4547", "EPSG:4547"),
        ("epsg 4547", "EPSG:4547"),
        ("EPSG:4547", "EPSG:4547"),
        ("gcj02", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("WGS84", "EPSG:4326"),
    ],
)
def test_a_system_in_every_spelling(words: str, code: str) -> None:
    assert crs_code(words) == code


def test_systems_turn_positions_into_wgs84() -> None:
    convert = converter("EPSG:4547")
    assert convert is not None
    lon, lat = convert(505_000.0, 2_494_000.0)
    assert 114.0 < lon < 114.1 and 22.5 < lat < 22.6  # noqa: PT018
    assert converter("EPSG:1") is None
    assert (is_in_degrees("EPSG:4547"), is_in_degrees("GCJ-02"), is_in_degrees("EPSG:4258")) == (False, True, True)
