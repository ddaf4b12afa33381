"""GCJ-02 and BD-09: the inverse is exact, and the world outside China is refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from app.kernel.datum import Datum, from_wgs84, in_china, to_wgs84
from app.kernel.errors import DomainError

GEOD = Geod(ellps="WGS84")


@given(st.sampled_from(Datum), st.floats(73.5, 135.0), st.floats(4.0, 53.5))
def test_the_inverse_returns_within_a_centimetre(datum: Datum, lon: float, lat: float) -> None:
    assume(in_china(lon, lat))
    there = from_wgs84(datum, lon, lat)
    assume(in_china(*there))
    _, _, metres = GEOD.inv(lon, lat, *to_wgs84(datum, *there))
    assert metres < 0.01


@given(st.sampled_from(Datum), st.floats(75.0, 130.0), st.floats(19.0, 53.0))
def test_the_offset_is_a_few_hundred_metres(datum: Datum, lon: float, lat: float) -> None:
    assume(in_china(lon, lat))
    _, _, metres = GEOD.inv(lon, lat, *from_wgs84(datum, lon, lat))
    assert 20 < metres < 2500


def test_known_points() -> None:
    """The worked example that the open converters print: one pair of numbers read as each datum."""
    assert from_wgs84(Datum.GCJ02, 116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    wgs84 = to_wgs84(Datum.GCJ02, 116.404, 39.915)
    assert from_wgs84(Datum.BD09, *wgs84) == pytest.approx((116.41036949371029, 39.92133699351022), abs=3e-9)


@pytest.mark.parametrize(
    "place", [(174.78, -41.29), (126.97, 37.56), (77.2, 28.6), (105.85, 21.03), (139.7, 35.7), (22.5, 114.0)]
)
@pytest.mark.parametrize("datum", Datum)
def test_outside_china_is_refused(datum: Datum, place: tuple[float, float]) -> None:
    for turn in (to_wgs84, from_wgs84):
        with pytest.raises(DomainError) as refusal:
            turn(datum, *place)
        assert refusal.value.code == "datum_outside_china"
        assert datum.value in refusal.value.text.zh


@pytest.mark.parametrize(
    "city", [(114.06, 22.54), (121.5, 25.04), (91.11, 29.65), (75.99, 39.47), (112.34, 16.83), (127.5, 50.2), (113.55, 22.19)]
)
def test_inside_china_is_known(city: tuple[float, float]) -> None:
    assert in_china(*city)
