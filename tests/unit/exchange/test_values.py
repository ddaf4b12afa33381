"""Cells as people write them."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.declaration import Choice, Field
from app.exchange.money import money_parser
from app.exchange.values import Bad, parser_for, read_angle, read_date, read_text
from app.kernel.money import Money
from app.kernel.text import Text

LABEL = Text("Height", "高度")
HEIGHT = Field("height_m", LABEL, unit="m", minimum=0, maximum=1000)
COUNT = Field("count", LABEL, "integer", minimum=1)
COLOUR = Field(
    "colour",
    LABEL,
    "choice",
    choices=(Choice("dc48", Text("−48 V DC", "直流"), ("-48v",)), Choice("none", Text("None", "无"), ("无",))),
)


def code(call: object, *args: object) -> str:
    with pytest.raises(Bad) as bad:
        call(*args)  # type: ignore[operator]
    return bad.value.code


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (30, 30.0),
        ("30", 30.0),
        ("３０", 30.0),
        (" 30 米", 30.0),
        ("30m", 30.0),
        ("100 ft", 30.48),
        ("0.9 km", 900.0),
        ("1,000", 1000.0),
        ("1e2", 100.0),
        ("", None),
        (None, None),
        ("—", None),
        ("/", None),
        ("n/a", None),
        ("暂无", None),
    ],
)
def test_numbers(cell: str, value: float | None) -> None:
    assert parser_for(HEIGHT)(cell) == value


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("两个", "not_number"),
        ("30 kg", "wrong_unit"),
        ("12,5", "comma_decimal"),
        ("1,23,456", "not_number"),
        ("nan", "not_finite"),
        ("inf", "not_finite"),
        (math.nan, "not_finite"),
        (True, "not_number"),
        (date(2026, 1, 1), "not_number"),
        ("-1", "too_low"),
        ("1001", "too_high"),
        ("#REF!", "cell_error"),
        ("30 40", "not_number"),
        ("≥30", "not_number"),
        ("=1+1", "not_number"),
        ("1e400", "not_finite"),
        ("3O", "not_number"),
    ],
)
def test_what_is_no_number(cell: object, wrong: str) -> None:
    assert code(parser_for(HEIGHT), cell) == wrong


def test_a_unit_in_the_header_converts_and_one_in_the_cell_overrules_it() -> None:
    parse = parser_for(HEIGHT, "ft")
    assert parse(100) == 30.48
    assert parse("30 m") == 30.0
    assert code(parser_for, HEIGHT, "kg") == "wrong_unit"


def test_whole_numbers() -> None:
    assert parser_for(COUNT)(3.0) == 3
    assert isinstance(parser_for(COUNT)("3"), int)
    assert code(parser_for(COUNT), 3.5) == "not_whole"
    assert code(parser_for(COUNT), 0) == "too_low"


@given(st.floats(0, 1000, allow_nan=False).map(lambda v: round(v, 6)))
def test_a_number_survives_every_way_of_writing_it(number: float) -> None:
    parse = parser_for(HEIGHT)
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    assert parse(repr(number)) == parse(f"{number!r} m") == parse(number) == number
    assert parse(f"{number:,.6f}") == pytest.approx(number, abs=1e-9)
    assert parse(f"{number:.6f}".translate(wide)) == pytest.approx(number, abs=1e-9)


def test_choices_by_value_label_and_alias() -> None:
    parse = parser_for(COLOUR)
    assert [parse(cell) for cell in ("dc48", "DC 48", "直流", "-48V", "−48 V DC", "无", "None", "")] == ["dc48"] * 5 + [
        "none",
        "none",
        None,
    ]
    assert code(parse, "red") == "not_choice"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("是", True), ("否", False), ("Yes", True), (0, False), (True, True), (1.0, True), ("×", False), ("", None), ("-", None)],
)
def test_booleans(cell: object, value: bool | None) -> None:
    assert parser_for(Field("b", LABEL, "boolean"))(cell) is value  # type: ignore[arg-type]


DAY = date(2027, 1, 2)


@pytest.mark.parametrize(
    "cell",
    [
        "2027-01-02",
        "2027/1/2",
        "2027.1.2",
        "2027年1月2日",
        "２０２７年１月２日",
        "20270102",
        20270102,
        46389,
        "46389",
        datetime(2027, 1, 2, 8),
        DAY,
        "2027-01-02T00:00:00",
        "2027-01-02 00:00",
    ],
)
def test_dates(cell: object) -> None:
    assert read_date(cell, LABEL) == DAY  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("2027-02-30", "no_such_day"),
        ("2027年13月1日", "no_such_day"),
        ("01/02/2027", "ambiguous_date"),
        ("长期", "not_date"),
        (12.5, "not_date"),
        (True, "not_date"),
        ("tomorrow", "not_date"),
        ("#VALUE!", "not_date"),
    ],
)
def test_what_is_no_date(cell: object, wrong: str) -> None:
    assert code(read_date, cell, LABEL) == wrong


def test_a_month_alone_is_its_first_or_its_last_day() -> None:
    assert read_date("2028年2月", LABEL) == date(2028, 2, 1)
    assert read_date("2028年2月", LABEL, last_of_month=True) == date(2028, 2, 29)
    assert read_date("9999-12", LABEL, last_of_month=True) == date(9999, 12, 31)
    assert read_date("13/02/2027", LABEL) == read_date("02/13/2027", LABEL) == date(2027, 2, 13)


@given(st.dates(date(1955, 1, 1), date(2190, 1, 1)))
def test_a_day_survives_every_way_of_writing_it(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    written = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        serial,
        float(serial),
    ]
    assert {read_date(cell, LABEL) for cell in written} == {day}  # type: ignore[arg-type]
    assert date(1899, 12, 30) + timedelta(days=serial) == day


@given(st.floats(-180, 180, allow_nan=False))
def test_an_angle_survives_degrees_minutes_and_seconds(angle: float) -> None:
    size = abs(angle)
    degrees, minutes = int(size), int(size * 60 % 60)
    seconds = (size - degrees - minutes / 60) * 3600
    if not 0 <= seconds < 59.999999:
        return
    mark = "W" if angle < 0 else "E"
    for written in (
        f"{degrees}°{minutes}′{seconds:.9f}″{mark}",
        f"{mark}{degrees}°{minutes}'{seconds:.9f}\"",
        f"{degrees}度{minutes}分{seconds:.9f}秒{mark}",
    ):
        assert read_angle(written, LABEL) == pytest.approx(angle, abs=1e-9)


@pytest.mark.parametrize(
    ("cell", "angle"),
    [
        ("１１４．０３", 114.03),
        ("114°05′24″", 114.09),
        ("东经114度5分24秒", 114.09),
        ("S41.5", -41.5),
        ("41.5 S", -41.5),
        ("-41.5", -41.5),
        (5297204.88, 5297204.88),
    ],
)
def test_angles(cell: object, angle: float) -> None:
    assert read_angle(cell, LABEL) == pytest.approx(angle)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["114°65′", "E114°W", "abc", "12,5", "114.1 kg"])
def test_what_is_no_angle(cell: str) -> None:
    assert code(read_angle, cell, LABEL) == "not_angle"


@pytest.mark.parametrize(
    ("unit", "cell", "money"),
    [
        ("万元/年", 5.22, Money(5_220_000, "CNY")),
        (None, "¥ 3,000", Money(300_000, "CNY")),
        ("元/月", 100, Money(120_000, "CNY")),
        (None, "3万元/年", Money(3_000_000, "CNY")),
        ("NZD/year", "1,200.50", Money(120_050, "NZD")),
        (None, "1200 USD", Money(120_000, "USD")),
        (None, "NZD 12,000/year", Money(1_200_000, "NZD")),
        ("JPY", 5000, Money(5000, "JPY")),
        (None, "", None),
    ],
)
def test_money(unit: str | None, cell: object, money: Money | None) -> None:
    assert money_parser(LABEL, unit, "CNY")(cell) == money  # type: ignore[arg-type]


def test_what_is_no_money() -> None:
    assert code(money_parser(LABEL, None, "CNY"), "-3") == "too_low"
    assert code(money_parser(LABEL, None, "CNY"), "3 kg") == "not_number"
    assert code(money_parser, LABEL, "m", "CNY") == "wrong_unit"


def test_text_is_kept_but_not_what_cannot_be_printed() -> None:
    assert read_text(" =HYPERLINK(1) ", LABEL) == "=HYPERLINK(1)"
    assert read_text(137.0, LABEL) == "137"
    assert code(read_text, "a\x00b", LABEL) == "text_control"
    assert code(read_text, "x" * 201, LABEL, 200) == "text_long"
