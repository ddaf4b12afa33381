"""What a structural report takes beyond the tenants it names, against counting day by day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.timewindow import Window
from app.ledger.rules import Taken
from app.ledger.structure import unnamed, used_milli

ORIGIN, DAYS, TOTAL = date(2027, 1, 1), 10, 20
windows = st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)).map(
    lambda pair: Window(ORIGIN + timedelta(days=pair[0]), ORIGIN + timedelta(days=min(pair[0] + pair[1], DAYS)))
)
claims = st.lists(st.builds(Taken, windows, st.integers(1, 5)), max_size=4)


@given(used=st.integers(0, TOTAL), named=claims, others=claims)
def test_the_report_counts_once_and_never_more_than_there_is(used: int, named: list[Taken], others: list[Taken]) -> None:
    pieces = list(unnamed(TOTAL, used, named, others))
    for offset in range(-1, DAYS + 1):
        day = ORIGIN + timedelta(days=offset)
        standing, beside = (sum(one.amount_milli for one in group if day in one.window) for group in (named, others))
        found = sum(milli for window, milli in pieces if day in window)
        assert found == max(0, min(used - standing, TOTAL - standing - beside))
        if standing + beside <= TOTAL:
            assert found + standing + beside <= TOTAL
            assert found + standing >= min(used, TOTAL - beside)


@given(total=st.integers(0, 10**9), pct=st.decimals(0, 150, places=2))
def test_a_share_is_rounded_up_and_stops_at_all(total: int, pct: object) -> None:
    used = used_milli(total, pct)
    assert used == min(total, -(-total * int(pct * 100) // 10_000))  # type: ignore[operator]
