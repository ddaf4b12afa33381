"""The algebra of windows against sets of days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.timewindow import FAR, Window, day_after

ORIGIN = date(2026, 1, 1)
windows = st.builds(
    lambda start, days: Window.of_days(ORIGIN + timedelta(days=start), days),
    st.integers(0, 40),
    st.integers(1, 30),
)


def days(window: Window) -> set[date]:
    return {window.start + timedelta(days=n) for n in range(window.length_days)}


@given(windows, windows)
def test_window_operations_are_those_of_sets_of_days(a: Window, b: Window) -> None:
    common = a.intersection(b)
    rest = a.subtract(b)
    assert a.overlaps(b) == bool(days(a) & days(b))
    assert a.contains(b) == (days(b) <= days(a))
    assert (days(common) if common else set()) == days(a) & days(b)
    assert set().union(*map(days, rest)) == days(a) - days(b)
    assert list(rest) == sorted(rest)


@given(windows, st.integers(-5, 80))
def test_a_day_is_in_a_window_from_its_start_up_to_its_end(window: Window, offset: int) -> None:
    day = ORIGIN + timedelta(days=offset)
    assert (day in window) == (day in days(window))


@pytest.mark.parametrize("end", [ORIGIN, ORIGIN - timedelta(days=1)])
def test_a_window_is_never_empty(end: date) -> None:
    with pytest.raises(ValueError, match="end after"):
        Window(ORIGIN, end)


def test_a_window_without_an_end_is_open() -> None:
    assert Window(ORIGIN).end == FAR
    assert Window(ORIGIN).is_open
    assert Window(ORIGIN).contains(Window.of_days(ORIGIN, 36_500))
    assert Window(ORIGIN).subtract(Window.of_days(ORIGIN, 1)) == (Window(ORIGIN + timedelta(days=1)),)


@given(windows)
def test_the_last_day_is_the_last_one_in_it_and_gives_the_end_back(window: Window) -> None:
    assert window.last == max(days(window))
    assert day_after(window.last) == window.end


def test_a_window_without_end_keeps_none_when_it_is_written_with_its_last_day() -> None:
    assert day_after(Window(ORIGIN).last) == FAR
    assert day_after(FAR) == FAR
