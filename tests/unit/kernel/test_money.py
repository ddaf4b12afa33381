"""Money is exact, rounds once, half-even, and never mixes currencies."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import DomainError
from app.kernel.money import CURRENCIES, Money, exponent, format_money

amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.sampled_from(sorted(CURRENCIES)))
def test_minor_units_survive_the_round_trip(minor: int, currency: str) -> None:
    assert Money.of(Money(minor, currency).amount, currency).minor == minor


@given(amounts, st.integers(0, 400), st.integers(1, 400))
def test_a_share_is_the_nearest_minor_unit_and_ties_go_to_even(minor: int, part: int, whole: int) -> None:
    assert Money(minor, "CNY").prorated(part, whole).minor == round(Fraction(minor * part, whole))


@given(amounts, amounts)
def test_sums_are_exact(a: int, b: int) -> None:
    assert Money(a, "NZD") + Money(b, "NZD") - Money(b, "NZD") == Money(a, "NZD")


@pytest.mark.parametrize(("amount", "minor"), [("0.125", 12), ("0.135", 14), ("-0.125", -12), ("2.345", 234), (1.1, 110)])
def test_rounding_is_half_even(amount: str | float, minor: int) -> None:
    assert Money.of(amount, "CNY").minor == minor


def test_a_discount_rounds_once() -> None:
    assert Money.of(12_345, "CNY").times(Decimal("0.7")).amount == Decimal("8641.50")


@pytest.mark.parametrize(("currency", "places"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("UYW", 4)])
def test_currencies_have_their_own_minor_unit(currency: str, places: int) -> None:
    assert exponent(currency) == places


def test_two_currencies_do_not_meet() -> None:
    for meet in (lambda a, b: a + b, lambda a, b: a < b, lambda a, b: a - b):
        with pytest.raises(DomainError) as refused:
            meet(Money(1, "CNY"), Money(1, "USD"))
        assert refused.value.code == "currency_mismatch"


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(DomainError):
        Money(1, "ABC")


@pytest.mark.parametrize(
    ("minor", "currency", "en", "zh"),
    [
        (2_600_000, "CNY", "¥ 26,000", "¥ 26,000"),
        (2_600_050, "CNY", "¥ 26,000.50", "¥ 26,000.50"),
        (-1250, "USD", "−$ 12.50", "−$ 12.50"),
        (130_000, "ZAR", "ZAR 1,300", "1,300 ZAR"),
        (5000, "JPY", "JP¥ 5,000", "JP¥ 5,000"),
        (0, "EUR", "€ 0", "€ 0"),
    ],
)
def test_money_reads_well(minor: int, currency: str, en: str, zh: str) -> None:
    assert format_money(minor, currency, "en") == en
    assert format_money(minor, currency, "zh_CN") == zh
