"""Geodesic lengths against dense sampling and known answers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.errors import DomainError
from app.kernel.geometry import (
    GEOD,
    LonLat,
    check_lon_lat,
    destination,
    distance_m,
    length_m,
    midpoint,
    nearest_on_line,
    normalise_lon,
    point_to_line_m,
)

points = st.tuples(st.floats(-179, 179), st.floats(-80, 80))
azimuths = st.floats(0, 359.99)


def oracle(point: LonLat, a: LonLat, b: LonLat) -> float:
    """Sample the segment, then sample again around the nearest sample, until the spacing is below a millimetre."""
    azimuth, _, length = GEOD.inv(*a, *b)
    low, high = 0.0, length
    while high - low > 1e-3:
        steps = [low + (high - low) * k / 64 for k in range(65)]
        gaps = [distance_m(point, destination(a, azimuth, s)) for s in steps]
        k = gaps.index(min(gaps))
        low, high = steps[max(k - 1, 0)], steps[min(k + 1, 64)]
    return min(gaps)


@settings(max_examples=60, deadline=None)
@given(points, azimuths, st.floats(1, 300_000), azimuths, st.floats(0, 100_000), st.floats(-0.2, 1.2))
def test_distance_to_a_segment_is_good_to_a_centimetre(
    a: LonLat, course: float, length: float, side: float, off: float, share: float
) -> None:
    b = destination(a, course, length)
    point = destination(destination(a, course, length * share), side, off)
    assert point_to_line_m(point, [a, b]) == pytest.approx(oracle(point, a, b), abs=0.01)


@settings(max_examples=50, deadline=None)
@given(points, azimuths, st.floats(1, 1_000_000))
def test_destination_and_distance_are_inverse(a: LonLat, course: float, length: float) -> None:
    assert distance_m(a, destination(a, course, length)) == pytest.approx(length, abs=1e-3)


@given(points, points)
def test_the_midpoint_is_as_far_from_both_ends(a: LonLat, b: LonLat) -> None:
    middle = midpoint(a, b)
    assert distance_m(a, middle) == pytest.approx(distance_m(b, middle), abs=1e-3)


def test_a_line_across_the_date_line_is_short() -> None:
    assert length_m([(179.9, -17.0), (-179.9, -17.0)]) == pytest.approx(21_300, abs=100)
    assert point_to_line_m((180.0, -17.0), [(179.9, -17.0), (-179.9, -17.0)]) < 5


def test_known_distance_flinders_peak_to_buninyong() -> None:
    """Geocentric Datum of Australia technical manual: 54,972.271 m (GRS80, within a micrometre of WGS-84 at this length)."""
    flinders = (144 + 25 / 60 + 29.52440 / 3600, -(37 + 57 / 60 + 3.72030 / 3600))
    buninyong = (143 + 55 / 60 + 35.38390 / 3600, -(37 + 39 / 60 + 10.15610 / 3600))
    assert distance_m(flinders, buninyong) == pytest.approx(54_972.271, abs=0.001)


def test_nearest_point_of_a_bent_line_is_at_its_bend() -> None:
    gap, foot = nearest_on_line((1.0, 1.0), [(0.0, 0.0), (0.5, 0.5), (1.0, 0.0)])
    assert foot == pytest.approx((0.5, 0.5), abs=0.02)
    assert gap == pytest.approx(distance_m((1.0, 1.0), foot))


def test_a_line_of_one_point_is_that_point() -> None:
    assert point_to_line_m((0, 0), [(0, 1)]) == distance_m((0, 0), (0, 1))
    assert length_m([(0, 1)]) == 0


@given(st.floats(-1080, 1080))
def test_longitudes_are_normalised_to_the_same_meridian(lon: float) -> None:
    result = normalise_lon(lon)
    assert -180 <= result < 180
    assert math.cos(math.radians(result - lon)) == pytest.approx(1)


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (-180.1, 0), (0, 90.1), (0, -91), (math.nan, 0), (0, math.inf)])
def test_what_is_no_place_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(DomainError) as refused:
        check_lon_lat(lon, lat)
    assert refused.value.code == "coordinate_out_of_range"


def test_the_edges_of_the_world_are_places() -> None:
    assert check_lon_lat(180, -90) == (180, -90)
