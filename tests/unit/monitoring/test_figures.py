"""Months, middles, verdicts and files of the boards: pure."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import DomainError
from app.kernel.text import Text
from app.monitoring.asked import timely
from app.monitoring.charts import Board, Chart, Series
from app.monitoring.export import board_csv, chart_csv
from app.monitoring.periods import LENGTHS, by_month, middles, period
from app.monitoring.requester_board import standing
from app.monitoring.sharing import two_way

CHINA = timezone(timedelta(hours=8))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(LENGTHS), st.integers(-1200, 40))
def test_every_day_of_the_period_falls_into_the_month_that_it_is_in(today: date, months: int, back: int) -> None:
    span, day = period(today, months, UTC), today + timedelta(days=back)
    place = span.place(day)
    if span.start <= day <= today:
        assert place is not None
        assert (span.months[place].year, span.months[place].month) == (day.year, day.month)
        assert day in span.windows[place]
    else:
        assert place is None
    assert len(span.months) == months
    assert span.windows[-1].last == today


def test_midnight_is_where_the_marketplace_is() -> None:
    span = period(date(2026, 3, 8), 6, CHINA)
    assert span.place(datetime(2026, 2, 28, 16, tzinfo=UTC)) == 5  # 1 March in China
    assert span.place(datetime(2026, 2, 28, 15, 59, tzinfo=UTC)) == 4


@pytest.mark.parametrize("months", [0, 1, 5, 37])
def test_a_period_that_no_board_shows_is_refused(months: int) -> None:
    with pytest.raises(DomainError):
        period(date(2026, 3, 8), months, UTC)


def test_counts_and_middles_by_month() -> None:
    span = period(date(2026, 3, 8), 6, UTC)
    counts = by_month(span, [("a", date(2026, 3, 1)), ("a", date(2026, 1, 31)), ("a", None), ("x", date(2026, 3, 1))], ("a", "b"))
    assert counts == {"a": (0, 0, 0, 1, 0, 1), "b": (0,) * 6}
    days, ended = middles(span, [(date(2026, 3, 1), 3), (date(2026, 3, 2), 9), (date(2026, 3, 3), 4.26), (None, 99)])
    assert days == (None, None, None, None, None, 4.3)
    assert ended == (0, 0, 0, 0, 0, 3)


def test_an_answer_at_the_due_instant_is_late_and_open_ones_are_judged_by_now() -> None:
    due = datetime(2026, 3, 8, tzinfo=UTC)
    before = due - timedelta(seconds=1)
    assert timely(due, before, due) == "in_time"
    assert timely(due, due, due) == "late"
    assert timely(due, None, before) is None
    assert timely(due, None, due) == "overdue"


def test_a_pair_is_two_way_when_each_supplies_the_other() -> None:
    assert two_way({}) is None
    assert two_way({("power", "power"): 4}) is None
    assert two_way({("power", "telecom"): 1}) == 0
    assert two_way({("power", "telecom"): 1, ("telecom", "power"): 2, ("transport", "telecom"): 1}) == 50


@pytest.mark.parametrize(
    ("status", "outcome", "outstanding", "expected"),
    [
        ("published", None, 2, "open"),
        ("matched", None, 1, "partly"),
        ("left", "served", 0, "served"),
        ("left", "partly_served", 1, "partly"),
        ("left", "withdrawn", 2, "other"),
        ("left", "merged", 1, "other"),
    ],
)
def test_how_a_need_stands(status: str, outcome: str | None, outstanding: int, expected: str) -> None:
    assert standing(status, outcome, outstanding, 2) == expected


def chart(row: str) -> Chart:
    words = Text("What, exactly", "口径")
    series = (Series(Text("Rent", "租费"), (-1250, None), "money", "CNY"), Series(Text("Days", "天数"), (2.5, 0), "days"))
    return Chart(
        "c", Text("Chart", "图"), words, words, "columns", Text("Row", "项目"), (Text(row, row), Text("b", "b")), series, words
    )


@pytest.mark.parametrize(
    "content", [chart_csv(chart("=1+1"), "en"), board_csv(Board("owner", Text("", ""), (), (chart("=1+1"),)), "en")]
)
def test_a_file_opens_in_a_spreadsheet_and_no_cell_is_a_formula(content: bytes) -> None:
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert "-12.50" in cells  # a negative number stays one
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
