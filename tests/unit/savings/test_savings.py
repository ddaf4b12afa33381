"""What is saved: rents by the days of the term that was asked for, the part of a need that is served, each part told of once."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.savings.rules import DEFINITIONS, Price, paid, part_of, served_part

TERM = date(2031, 1, 1)


def test_rent_is_paid_by_days_until_the_end_of_the_term_and_no_longer() -> None:
    assert paid([Price(36_500, date(2030, 12, 22), TERM)], TERM) == 1_000
    assert paid([Price(36_500, date(2030, 12, 22), date(9999, 1, 1))], TERM) == 1_000
    assert paid([Price(36_500, date(2032, 1, 1), date(2033, 1, 1))], TERM) == 0
    assert paid([Price(36_500, date(2030, 12, 22), TERM), Price(-7_300, date(2030, 12, 22), TERM)], TERM) == 800


@given(st.integers(1, 50), st.lists(st.integers(0, 20), max_size=6), st.integers(0, 10**11))
def test_what_is_served_bit_by_bit_is_told_of_once(quantity: int, steps: list[int], cost: int) -> None:
    told = alone = 0
    outstanding = quantity
    for step in steps:
        outstanding = max(0, outstanding - step)
        part = served_part(quantity, outstanding, told)
        told, alone = told + part, alone + part_of(cost, part, quantity)
    assert told == quantity - outstanding
    assert abs(alone * quantity - cost * told) <= quantity * len(steps)


def test_an_amendment_that_takes_back_tells_of_nothing() -> None:
    assert served_part(5, 4, 3) == 0


def test_every_way_of_reckoning_says_what_it_is_in_both_languages() -> None:
    assert all(text.en and text.zh and text.en != text.zh for text in DEFINITIONS.values())
