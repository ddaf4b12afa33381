"""Counts of days against the published arrangements of the State Council and other calendars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import DomainError
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.kernel.workcalendar import CALENDARS, Pause, add_working_days, derive, is_working_day

SURVEY = Text("waiting for the survey", "等待勘察")


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        # 2025: off 28 January to 4 February; work on Sunday 26 January and Saturday 8 February
        (date(2025, 1, 24), 1, date(2025, 1, 26)),
        (date(2025, 1, 24), 2, date(2025, 1, 27)),
        (date(2025, 1, 24), 3, date(2025, 2, 5)),
        (date(2025, 2, 6), 2, date(2025, 2, 8)),
        (date(2025, 2, 6), 3, date(2025, 2, 10)),
        # 2026: off 15 to 23 February; work on Saturdays 14 and 28 February
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2026, 2, 13), 7, date(2026, 3, 2)),
    ],
)
def test_spring_festival_with_make_up_workdays(start: date, n: int, due: date) -> None:
    derivation = add_working_days(start, n, "working_days:CN")
    assert derivation.due == due
    assert not derivation.provisional


def test_each_day_says_why_in_both_languages() -> None:
    steps = {step.day: step for step in add_working_days(date(2026, 2, 13), 2, "working_days:CN").steps}
    assert steps[date(2026, 2, 14)].why == Text("make-up workday (Spring Festival)", "调休上班（春节）")
    assert steps[date(2026, 2, 14)].number == 1
    assert steps[date(2026, 2, 17)].why == Text("public holiday: Spring Festival", "节假日：春节")
    assert steps[date(2026, 2, 20)].why == Text("day off moved from a weekend (Spring Festival)", "调休放假（春节）")
    assert steps[date(2026, 2, 17)].number is None
    assert len(steps) == 11


def test_past_the_published_years_a_date_is_provisional() -> None:
    derivation = add_working_days(date(2096, 9, 28), 3, "working_days:CN")
    assert derivation.provisional
    assert derivation.due is not None
    assert derivation.due > date(2096, 10, 3)
    assert any(step.why.zh.startswith("节假日：国庆") for step in derivation.steps)


@pytest.mark.parametrize(
    ("calendar", "start", "n", "due"),
    [
        ("working_days:US", date(2026, 7, 1), 2, date(2026, 7, 6)),  # 4 July falls on a Saturday, observed on Friday the 3rd
        ("working_days:NZ", date(2026, 2, 5), 1, date(2026, 2, 9)),  # Waitangi Day, then a weekend
        ("working_days:EU", date(2026, 4, 30), 1, date(2026, 5, 1)),
        ("calendar_days", date(2026, 2, 13), 7, date(2026, 2, 20)),
    ],
)
def test_other_calendars(calendar: str, start: date, n: int, due: date) -> None:
    assert add_working_days(start, n, calendar).due == due


def test_the_names_of_foreign_holidays_are_said_in_chinese() -> None:
    steps = add_working_days(date(2026, 12, 24), 1, "working_days:NZ").steps
    assert [step.why.zh for step in steps] == ["节假日：圣诞节", "节假日：节礼日", "周末", "节假日：节礼日（补假）", "工作日"]


def test_days_of_a_pause_are_passed_over_with_their_reason() -> None:
    pause = Pause(Window(date(2026, 3, 3), date(2026, 3, 6)), SURVEY)
    derivation = add_working_days(date(2026, 3, 2), 2, "working_days:CN", [pause])
    assert derivation.due == date(2026, 3, 9)
    assert [step.why for step in derivation.steps[:3]] == [SURVEY] * 3


def test_an_open_pause_leaves_no_due_date() -> None:
    derivation = add_working_days(date(2026, 3, 2), 5, "working_days:CN", [Pause(Window(date(2026, 3, 4)), SURVEY)])
    assert derivation.due is None
    assert [step.number for step in derivation.steps] == [1, None]


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 15), 3, date(2027, 2, 15)),
        (date(2026, 6, 30), 1, date(2026, 7, 30)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start: date, n: int, due: date) -> None:
    assert derive(start, n, "months", "calendar_days").due == due


def test_a_period_that_ends_on_a_free_day_ends_on_the_next_working_day() -> None:
    rolled = derive(date(2026, 1, 31), 1, "months", "working_days:EU")  # 28 February 2026 is a Saturday
    assert rolled.due == date(2026, 3, 2)
    assert derive(date(2026, 2, 10), 10, "calendar_days", "working_days:CN").due == date(2026, 2, 24)
    assert derive(date(2026, 2, 4), 10, "calendar_days", "working_days:CN").due == date(2026, 2, 14)


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
    st.sampled_from(sorted(CALENDARS)),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=3),
)
def test_the_due_day_is_the_nth_day_that_counts(start: date, n: int, calendar: str, spans: list[tuple[int, int]]) -> None:
    pauses = [Pause(Window.of_days(start + timedelta(days=offset), days), SURVEY) for offset, days in spans]
    derivation = add_working_days(start, n, calendar, pauses)
    assert derivation.due is not None
    walked = [start + timedelta(days=k) for k in range(1, (derivation.due - start).days + 1)]
    counted = [day for day in walked if is_working_day(day, calendar) and not any(day in pause.window for pause in pauses)]
    assert [step.day for step in derivation.steps] == walked
    assert [step.day for step in derivation.steps if step.number] == counted
    assert len(counted) == n
    assert counted[-1] == derivation.due


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        add_working_days(date(2026, 1, 1), 0, "working_days:CN")
    with pytest.raises(DomainError) as refused:
        add_working_days(date(2026, 1, 1), 1, "working_days:XX")
    assert refused.value.code == "unknown_calendar"
