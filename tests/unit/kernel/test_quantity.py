"""Units convert exactly or not at all; numbers read as a person writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.kernel.quantity import UNITS, convert, find_unit, format_number, format_quantity, from_milli, to_milli


@given(st.integers(-(10**15), 10**15))
def test_thousandths_survive_the_round_trip(milli: int) -> None:
    assert to_milli(from_milli(milli)) == milli


@pytest.mark.parametrize(
    ("value", "milli"), [("0.0005", 0), ("0.0015", 2), (2.675, 2675), (0.1, 100), (1e-7, 0), (12, 12000), ("-1.2345", -1234)]
)
def test_thousandths_round_half_even(value: float | str, milli: int) -> None:
    assert to_milli(value) == milli


@pytest.mark.parametrize("value", ["", "many", "nan", float("inf")])
def test_what_is_no_number_is_refused(value: float | str) -> None:
    with pytest.raises(DomainError) as refused:
        to_milli(value)
    assert refused.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("value", "given_unit", "wanted", "result"),
    [
        ("2.5", "万元", "元", "25000"),
        ("30", "ft", "m", "9.144"),
        ("1.2", "t", "公斤", "1200"),
        ("800", "W", "kW", "0.8"),
        ("2", "h", "分钟", "120"),
        ("3", "㎡", "m²", "3"),
        ("1", "亿元", "万元", "10000"),
    ],
)
def test_units_of_one_sort_convert_exactly(value: str, given_unit: str, wanted: str, result: str) -> None:
    assert convert(value, given_unit, wanted) == Decimal(result)


@pytest.mark.parametrize(("left", "right"), [("kVA", "kW"), ("m", "m²"), ("core", "pair"), ("kg", "kW"), ("元", "kg")])
def test_units_of_different_sorts_do_not(left: str, right: str) -> None:
    with pytest.raises(DomainError) as refused:
        convert(1, left, right)
    assert refused.value.code == "unit_mismatch"


def test_case_separates_milliwatt_typos_from_megawatt() -> None:
    assert find_unit("MW").symbol == "MW"
    with pytest.raises(DomainError):
        find_unit("mw")


def test_every_stored_unit_is_in_the_table_with_factor_one() -> None:
    for unit in UNITS.values():
        assert UNITS[unit.stored].factor == 1


def test_every_unit_of_the_declared_kinds_is_known() -> None:
    used = {f.unit for k in KINDS.all() for f in (*k.attributes, *k.requirements)} | {
        d.unit for k in KINDS.all() for d in k.dimensions
    }
    assert {u for u in used if u} <= set(UNITS)


@pytest.mark.parametrize(
    ("value", "unit", "en", "zh"),
    [
        (3.4, "m", "3.4 m", "3.4 m"),
        (1200, "kg", "1,200 kg", "1,200 kg"),
        (1, "position", "1 position", "1 个"),
        (2, "position", "2 positions", "2 个"),
        (0, "pair", "0 pairs", "0 对"),
        (12_345.6, "m", "12.3 km", "12.3 km"),
        (2999.6, "m", "3,000 m", "3,000 m"),
        (0.22, "dB/km", "0.22 dB/km", "0.22 dB/km"),
        (72, "%", "72%", "72%"),
        (90, "min", "90 min", "90 分钟"),
        (1, "d", "1 day", "1 天"),
        (30, "d", "30 days", "30 天"),
        (42, None, "42", "42"),
        (0.004, "m", "0.004 m", "0.004 m"),
        (-3.4, "m", "-3.4 m", "-3.4 m"),
        (10, "U", "10 U", "10 U"),
        (100, "m", "100 m", "100 m"),
    ],
)
def test_a_quantity_reads_well_in_both_languages(value: float, unit: str | None, en: str, zh: str) -> None:
    assert format_quantity(value, unit, "en") == en
    assert format_quantity(value, unit, "zh_CN") == zh


@given(st.decimals(-(10**9), 10**9, places=3))
def test_a_written_number_stays_close_and_never_uses_exponents(value: Decimal) -> None:
    shown = format_number(value)
    assert ("E" not in shown and not shown.startswith("-0")) or "." in shown
    assert abs(Decimal(shown.replace(",", "")) - value) <= max(abs(value) * Decimal("0.05"), Decimal("0.0005"))
