"""What an amendment holds beyond what its agreement has, against counting day by day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.timewindow import Window
from app.ledger.queries import ClaimView
from app.ledger.replacing import Wanted, _beyond
from app.ledger.rules import Taken

ORIGIN, DAYS = date(2027, 1, 1), 10
windows = st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)).map(
    lambda pair: Window(ORIGIN + timedelta(days=pair[0]), ORIGIN + timedelta(days=min(pair[0] + pair[1], DAYS)))
)
parts = st.lists(st.tuples(windows, st.integers(1, 5), st.sampled_from([None, 1, 2])), max_size=5)


def claim(window: Window, milli: int, slot: int | None) -> ClaimView:
    return ClaimView("r", 1, "d", "committed", "active", slot, milli, window, "agreement", "a", None, None, None, None)


@given(wanted=parts, had=parts)
def test_it_is_what_is_wanted_less_what_is_had_on_every_day_of_every_slot(
    wanted: list[tuple[Window, int, int | None]], had: list[tuple[Window, int, int | None]]
) -> None:
    lines = [(Wanted(1, "tower", {"d": milli}, window), Taken(window, milli, slot)) for window, milli, slot in wanted]
    pieces = list(_beyond(lines, [claim(*one) for one in had]))
    for offset in range(DAYS):
        day = ORIGIN + timedelta(days=offset)
        for slot in (None, 1, 2):
            asked, standing = (sum(m for window, m, s in group if s == slot and day in window) for group in (wanted, had))
            assert sum(m for s, window, m, _ in pieces if s == slot and day in window) == max(0, asked - standing)
    assert all(any(part.window.overlaps(window) for one, part in lines if one is line) for _, window, _, line in pieces)
