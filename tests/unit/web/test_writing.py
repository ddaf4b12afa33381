"""What a page writes: windows as first and last day, numbers that keep their unit, both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.declaration import Choice, Field
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.web import writing

NBSP = writing.NBSP


@pytest.mark.parametrize(
    ("value", "unit", "locale", "digits", "expected"),
    [
        (3.44, "m", "en", None, f"3.44{NBSP}m"),
        (2, "position", "en", None, f"2{NBSP}positions"),
        (1, "position", "en", None, f"1{NBSP}position"),
        (2, "position", "zh_CN", None, f"2{NBSP}个"),
        (33.4, "m", "en", 1, f"33.4{NBSP}m"),
        (30, "m", "en", 1, f"30.0{NBSP}m"),
        (71, "%", "zh_CN", 0, "71%"),
        (None, "m", "en", None, "–"),
        (-3, "m", "en", None, f"−3{NBSP}m"),
    ],
)
def test_a_quantity_keeps_its_unit(value: float | None, unit: str, locale: str, digits: int | None, expected: str) -> None:
    assert writing.quantity(value, unit, locale, digits) == expected


@pytest.mark.parametrize(
    ("start", "end", "locale", "expected"),
    [
        (date(2027, 1, 1), date(2032, 1, 1), "en", "1 Jan 2027 – 31 Dec 2031"),
        (date(2027, 1, 1), date(2032, 1, 1), "zh_CN", "2027年1月1日至2031年12月31日"),
        (date(2027, 1, 1), FAR, "en", "from 1 Jan 2027"),
        (None, date(2032, 1, 1), "zh_CN", "至2031年12月31日"),
        (None, None, "en", "any time"),
    ],
)
def test_a_half_open_window_reads_as_first_to_last_day(start: date | None, end: date | None, locale: str, expected: str) -> None:
    assert writing.period(start, end, locale) == expected


def test_a_moment_stands_on_the_wall_clock_of_the_place() -> None:
    at = datetime(2026, 8, 5, 16, 30, tzinfo=UTC)
    assert writing.moment(at, "en", "Asia/Shanghai") == "6 Aug 2026, 00:30"
    assert writing.moment(at, "zh_CN", "Asia/Shanghai") == "2026年8月6日 00:30"


def test_ago_says_which_way() -> None:
    now = datetime(2026, 8, 5, tzinfo=UTC)
    assert writing.ago(now - timedelta(minutes=2), now, "en") == "2 minutes ago"
    assert writing.ago(now + timedelta(days=3), now, "zh_CN") == "3天后"


@pytest.mark.parametrize(("metres", "expected"), [(312.4, "312 m"), (999.4, "999 m"), (1240, "1.24 km"), (0, "0 m")])
def test_distances_change_unit_at_a_kilometre(metres: float, expected: str) -> None:
    assert writing.distance(metres, "en") == expected.replace(" ", NBSP)


@given(st.floats(-720, 720, allow_nan=False))
def test_a_bearing_is_the_nearest_of_eight(degrees: float) -> None:
    place = [word.en for word in writing.COMPASS].index(writing.bearing(degrees, "en"))
    assert abs((degrees - 45 * place + 180) % 360 - 180) <= 22.5 + 1e-9


def test_values_of_declared_fields_read_in_words() -> None:
    power = Field("power", Text("Power", "供电"), "choice", choices=(Choice("ac", Text("AC", "交流")),))
    height = Field("height_m", Text("Height", "高度"), unit="m", minimum=0, maximum=500, help=Text("Above ground.", "离地。"))
    assert writing.field_value("ac", power, "zh_CN") == "交流"
    assert writing.field_value(30, height, "en") == f"30{NBSP}m"
    assert writing.field_hint(height, "en") == "Above ground. From 0 to 500."
    assert writing.field_hint(height, "zh_CN") == "离地。取值 0 至 500。"
    assert [writing.value_of(value, None, "zh_CN") for value in (True, False, None, "")] == ["是", "否", "–", "–"]


@pytest.mark.parametrize(("octets", "expected"), [(999, "999 B"), (123_456, "123 kB"), (20_500_000, "20.5 MB")])
def test_file_sizes(octets: int, expected: str) -> None:
    assert writing.file_size(octets, "en") == expected.replace(" ", NBSP)


def test_the_language_tag_is_a_browser_s() -> None:
    assert [writing.language_tag(locale) for locale in ("en", "zh_CN")] == ["en", "zh-CN"]


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        (Text("¥ 37,800 a year; 3 pairs of 4.", ""), "¥~37,800 a year; 3~pairs of 4."),
        (Text("−NZ$ 12.50, KES 5 of 12 Monday", ""), "−NZ$~12.50, KES~5 of 12 Monday"),
        (
            Text("24 m only: 14 m short, 90 kg (9 %) of 250 kN/m² in 3 months", ""),
            "24~m only: 14~m short, 90~kg (9~%) of 250~kN/m² in 3~months",
        ),
        (Text("余 4 个空位，每年 ¥ 26,000", ""), "余 4~个空位，每年 ¥~26,000"),
        ("a title, 3 m", "a title, 3 m"),
    ],
)
def test_a_sentence_keeps_each_number_with_its_unit(sentence: Text | str, kept: str) -> None:
    assert writing.text(sentence, "en") == kept.replace("~", writing.NBSP)
