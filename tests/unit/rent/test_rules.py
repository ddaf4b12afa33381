"""Rent: the ladder by hand, and a day-by-day oracle for everything."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.profiles import get_profile
from app.catalogue.rent_terms import RentTerms, rent_terms, terms_of
from app.kernel.timewindow import FAR, Window
from app.rent.rules import Tenancy, anchor_of, anniversary, index_factor, presence, segments, unbilled

RENT = get_profile("cn-default").rent
TERMS = RentTerms(
    3_000_000, 600_000, 400_000, Decimal(0), RENT.discounts, RENT.anchor_extra, RENT.source.citation, date(2026, 1, 1)
)
YEAR = Window(date(2027, 1, 1), date(2028, 1, 1))


def on(tenant: str, start: date, end: date = FAR) -> Tenancy:
    return Tenancy(tenant, Window(start, end))


def test_alone_the_whole_price_is_owed() -> None:
    (one,) = segments(TERMS, YEAR.start, YEAR, "me", [on("me", YEAR.start)])
    assert (one.tenants, one.anchor, one.amount_minor) == (1, False, 4_000_000)


def test_with_two_the_base_falls_by_thirty_and_the_anchor_has_five_more() -> None:
    both = [on("anchor", date(2020, 1, 1)), on("me", YEAR.start)]
    (mine,) = segments(TERMS, YEAR.start, YEAR, "me", both)
    assert mine.amount_minor == 3_000_000 * 70 // 100 + 1_000_000 * 60 // 100
    (first,) = segments(TERMS, YEAR.start, YEAR, "anchor", both)
    assert first.anchor
    assert first.amount_minor == 3_000_000 * 65 // 100 + 1_000_000 * 60 // 100


def test_third_tenant_joins_and_everyone_moves_down_the_ladder_from_that_day() -> None:
    join = date(2027, 7, 1)
    there = [on("anchor", date(2020, 1, 1)), on("me", date(2026, 1, 1)), on("third", join)]
    for who, before, after in (("anchor", "0.65", "0.55"), ("me", "0.70", "0.60")):
        first, second = segments(TERMS, date(2026, 1, 1), YEAR, who, there)
        assert (first.window.end, second.window.start, first.tenants, second.tenants) == (join, join, 2, 3)
        assert first.annual == 3_000_000 * Fraction(before) + 1_000_000 * Fraction("0.60")
        assert second.annual == 3_000_000 * Fraction(after) + 1_000_000 * Fraction("0.50")
        assert first.amount_minor + second.amount_minor == round(first.annual * 181 / 365) + round(second.annual * 184 / 365)


def test_after_the_anchor_leaves_the_next_longest_is_the_anchor() -> None:
    there = [on("first", date(2020, 1, 1), date(2027, 3, 1)), on("second", date(2021, 1, 1)), on("third", date(2022, 1, 1))]
    assert anchor_of(there, date(2027, 2, 28)) == "first"
    assert anchor_of(there, date(2027, 3, 1)) == "second"


def test_an_amended_agreement_keeps_its_place_and_a_gap_loses_it() -> None:
    change = date(2026, 6, 1)
    other = on("other", date(2024, 1, 1))
    assert anchor_of([on("me", date(2020, 1, 1), change), on("me", change), other], date(2027, 1, 1)) == "me"
    assert anchor_of([on("me", date(2020, 1, 1), change), on("me", change + timedelta(1)), other], date(2027, 1, 1)) == "other"


def test_the_index_rises_on_anniversaries() -> None:
    leap = date(2024, 2, 29)
    assert anniversary(leap, 2025) == date(2025, 3, 1)
    assert index_factor(Decimal(3), leap, date(2025, 2, 28)) == 1
    assert index_factor(Decimal(3), leap, date(2025, 3, 1)) == Fraction(103, 100)
    assert index_factor(Decimal(3), leap, date(2028, 2, 29)) == Fraction(103, 100) ** 4


def test_a_half_goes_to_the_even_unit() -> None:
    terms = RentTerms(365)
    one = segments(RentTerms(73), YEAR.start, Window(date(2027, 1, 1), date(2027, 1, 1) + timedelta(5)), "me", [])
    assert one[0].amount_minor == 1  # 73 × 5 / 365
    halves = [segments(RentTerms(n * 73), YEAR.start, Window.of_days(YEAR.start, 5), "me", [])[0] for n in (1, 2, 3)]
    assert [h.amount_minor for h in halves] == [1, 2, 3]
    half = segments(RentTerms(73), YEAR.start, Window.of_days(YEAR.start, 10), "me", [])[0]
    assert half.amount_minor == 2
    assert segments(terms, YEAR.start, Window.of_days(YEAR.start, 1), "me", [])[0].amount_minor == 1
    even = RentTerms(1, index_percent=Decimal(0))
    assert segments(even, YEAR.start, Window(date(2027, 1, 1), date(2027, 1, 1) + timedelta(182)), "me", [])[0].amount_minor == 0
    assert round(Fraction(1, 2)) == 0
    assert round(Fraction(3, 2)) == 2


def test_terms_go_to_json_and_back() -> None:
    assert rent_terms(TERMS.as_json(), TERMS.total_minor) == TERMS
    assert rent_terms(None, 5) == RentTerms(5)
    assert terms_of(100, 0, 0, Decimal(0), False, RENT, YEAR.start) is None
    assert terms_of(None, 0, 0, Decimal(0), True, RENT, YEAR.start) is None
    made = terms_of(100, 20, 10, Decimal(2), True, RENT, YEAR.start)
    assert made is not None
    assert (made.base_minor, made.total_minor, made.ladder) == (70, 100, RENT.discounts)


def test_presence_and_what_is_left_to_bill() -> None:
    line = Window(date(2027, 1, 1), date(2030, 1, 1))
    assert presence(None, None, line) is None
    assert presence(date(2026, 5, 1), None, line) == line
    assert presence(date(2027, 5, 1), date(2028, 1, 1), line) == Window(date(2027, 5, 1), date(2028, 1, 1))
    assert presence(date(2031, 1, 1), None, line) is None
    assert unbilled(line, None, date(2027, 2, 1)) == Window(date(2027, 1, 1), date(2027, 2, 1))
    assert unbilled(line, date(2027, 2, 1), date(2027, 2, 1)) is None


DAYS = st.dates(date(2026, 1, 1), date(2029, 1, 1))
SPANS = st.tuples(DAYS, st.integers(1, 900)).map(lambda pair: Window.of_days(*pair))
TENANCIES = st.lists(st.builds(Tenancy, st.sampled_from(["a", "b", "c", "me"]), SPANS), max_size=7)


def longest(there: list[Tenancy], day: date) -> str:
    """Who has been there longest, walked back day by day."""

    def since(tenant: str) -> date:
        first = day
        while any(one.tenant == tenant and first - timedelta(1) in one.window for one in there):
            first -= timedelta(1)
        return first

    return min({one.tenant for one in there if day in one.window}, key=lambda tenant: (since(tenant), tenant))


@settings(max_examples=60, deadline=None)
@given(TENANCIES, SPANS, st.integers(0, 10**7), st.integers(0, 10**6), st.sampled_from([Decimal(0), Decimal("2.5")]), DAYS)
def test_every_day_costs_what_it_costs_alone(
    there: list[Tenancy], window: Window, base: int, site: int, index: Decimal, index_from: date
) -> None:
    there = [*there, Tenancy("me", window)]
    terms = RentTerms(base, site, 0, index, RENT.discounts, RENT.anchor_extra)
    found = segments(terms, index_from, window, "me", there)
    assert [one.window.start for one in found] == [window.start, *(one.window.end for one in found[:-1])]
    assert found[-1].window.end == window.end
    for one in found:
        for day in {one.window.start, one.window.last, one.window.start + timedelta(one.days // 2)}:
            tenants = {t.tenant for t in there if day in t.window}
            d1, d2 = terms.discount_for(len(tenants), longest(there, day) == "me")
            years = sum(1 for year in range(index_from.year + 1, day.year + 1) if anniversary(index_from, year) <= day)
            exact = (base * (1 - Fraction(d1)) + site * (1 - Fraction(d2))) * (1 + Fraction(index) / 100) ** years
            assert one.annual == exact
            assert one.tenants == len(tenants)
        assert abs(one.amount_minor - one.annual * one.days / one.year_days) <= Fraction(1, 2)
