"""The arithmetic of rent: pure and exact until the one rounding of each line, half-even at the currency's minor unit.

A year's rent of a line = base × (1 − d1) + (site + power intake) × (1 − d2), times the index; a day's is that over the days of
its calendar year. The discounts follow the number of tenants on the asset that day, so a stretch of days on which nothing
changes is one line of a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from http import HTTPStatus
from itertools import pairwise

from app.catalogue.rent_terms import RentTerms
from app.kernel.errors import declare
from app.kernel.timewindow import FAR, Window

declare(
    "nothing_to_bill",
    HTTPStatus.CONFLICT,
    "There is nothing to bill up to {until}.",
    "截至 {until} 没有应计租金。",
)
declare(
    "not_yet_over", HTTPStatus.UNPROCESSABLE_ENTITY, "Bill days that are over: up to {until}.", "只能结算已过日期：截至 {until}。"
)


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Somebody is on the asset for a while. `tenant`: one key per organisation, whatever the number of its agreements."""

    tenant: str
    window: Window


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of days on which nothing that matters changes. `base_minor`, `shared_minor` (site and power intake) a year,
    before discounts and index; `annual`: after them, exact; `amount_minor`: for its days, rounded."""

    window: Window
    tenants: int
    anchor: bool
    base_discount: Decimal
    shared_discount: Decimal
    index: Fraction
    base_minor: int
    shared_minor: int
    year_days: int
    annual: Fraction
    amount_minor: int

    @property
    def days(self) -> int:
        return self.window.length_days


def segments(terms: RentTerms, index_from: date, window: Window, me: str, tenancies: Sequence[Tenancy]) -> list[Segment]:
    """The window cut where a year begins, a tenant comes or goes, or the index rises. O(days changed · tenancies).

    `index_from`: the day from whose anniversaries on the index rises. `me` counts as a tenant throughout."""
    return [
        _segment(terms, index_from, Window(start, end), me, tenancies)
        for start, end in pairwise(_edges(terms, index_from, window, tenancies))
    ]


def _edges(terms: RentTerms, index_from: date, window: Window, tenancies: Iterable[Tenancy]) -> list[date]:
    edges = {window.start, window.end}
    edges |= {date(year, 1, 1) for year in range(window.start.year + 1, window.end.year + 1)}
    if terms.index_percent:
        edges |= set(_anniversaries(index_from, window))
    if terms.ladder:
        edges |= {day for one in tenancies for day in (one.window.start, one.window.end)}
    return sorted(day for day in edges if window.start <= day <= window.end)


def _anniversaries(first: date, window: Window) -> Iterator[date]:
    for year in range(window.start.year, window.end.year + 1):
        yield anniversary(first, year)


def anniversary(first: date, year: int) -> date:
    """The same day of another year; of 29 February, 1 March where there is none."""
    try:
        return first.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def _segment(terms: RentTerms, index_from: date, window: Window, me: str, tenancies: Sequence[Tenancy]) -> Segment:
    day = window.start
    there = {one.tenant for one in tenancies if day in one.window} | {me}
    anchor = anchor_of(tenancies, day) in (me, None)
    d1, d2 = terms.discount_for(len(there), anchor)
    factor = index_factor(terms.index_percent, index_from, day)
    shared = terms.site_minor + terms.power_minor
    annual = (terms.base_minor * (1 - Fraction(d1)) + shared * (1 - Fraction(d2))) * factor
    year_days = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    amount = round(annual * window.length_days / year_days)  # of a Fraction: half to even
    return Segment(
        window, len(there), anchor and len(there) > 1, d1, d2, factor, terms.base_minor, shared, year_days, annual, amount
    )


def anchor_of(tenancies: Iterable[Tenancy], day: date) -> str | None:
    """Who is there longest without a break on that day; after it has left, the next. Two from one day: the lower key."""
    since = {
        one.tenant: since_when(tenancies_of, day)
        for one in tenancies
        if day in one.window
        for tenancies_of in [_of(tenancies, one.tenant)]
    }
    return min(since, key=lambda tenant: (since[tenant], tenant)) if since else None


def _of(tenancies: Iterable[Tenancy], tenant: str) -> list[Window]:
    return [one.window for one in tenancies if one.tenant == tenant]


def since_when(windows: Sequence[Window], day: date) -> date:
    """The first day of the unbroken presence that includes `day`."""
    first = day
    while True:
        earlier = min((w.start for w in windows if w.start < first <= w.end), default=None)
        if earlier is None:
            return first
        first = earlier


def index_factor(percent: Decimal, index_from: date, day: date) -> Fraction:
    """(1 + index) to the number of anniversaries that have come."""
    years = day.year - index_from.year - (day < anniversary(index_from, day.year))
    return (1 + Fraction(percent) / 100) ** max(0, years)


def unbilled(owed: Window | None, billed_until: date | None, until: date) -> Window | None:
    """The days up to `until` that no statement has yet, of those on which rent is owed."""
    if owed is None:
        return None
    start = max(owed.start, billed_until or owed.start)
    end = min(owed.end, until)
    return Window(start, end) if start < end else None


def presence(billing_from: date | None, ended_on: date | None, line: Window) -> Window | None:
    """When a line's beneficiary is on the asset and owes its rent; None before the acceptance."""
    if billing_from is None:
        return None
    start, end = max(billing_from, line.start), min(line.end, ended_on or FAR)
    return Window(start, end) if start < end else None


def last_month_end(today: date) -> date:
    """The first day of this month: up to it everything is over."""
    return today.replace(day=1)


def day_before(day: date) -> date:
    return day - timedelta(days=1)
