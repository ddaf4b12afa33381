"""When an alert is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.searches.links import ref_of, unsubscribe_token
from app.searches.rules import is_due, problems_of, seconds_to_next_look

HERE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("alert", "checked", "now", "due"),
    [
        ("daily", "2026-07-01T08:00:01", "2026-07-02T07:59:59", False),
        ("daily", "2026-07-01T08:00:01", "2026-07-02T08:00:00", True),
        ("daily", "2026-07-01T07:00:00", "2026-07-01T23:00:00", True),
        ("daily", "2026-07-02T08:00:00", "2026-07-02T23:00:00", False),
        ("weekly", "2026-07-01T09:00:00", "2026-07-05T23:00:00", False),  # a Sunday
        ("weekly", "2026-07-01T09:00:00", "2026-07-06T08:00:00", True),  # a Monday
        ("weekly", "2026-07-01T09:00:00", "2026-07-09T12:00:00", True),  # the Monday was missed
        ("weekly", "2026-07-06T08:00:00", "2026-07-12T23:00:00", False),
        ("instant", "2026-07-01T09:00:00", "2026-07-12T23:00:00", False),
        ("off", "2026-07-01T09:00:00", "2026-07-12T23:00:00", False),
    ],
)
def test_alerts_are_due_at_eight(alert: str, checked: str, now: str, due: bool) -> None:
    assert is_due(alert, at(checked), at(now)) is due


@pytest.mark.parametrize(("now", "hours"), [("2026-07-01T07:00:00", 1), ("2026-07-01T08:00:00", 24), ("2026-07-01T20:00:00", 12)])
def test_the_next_look_is_at_eight(now: str, hours: int) -> None:
    assert seconds_to_next_look(at(now)) == timedelta(hours=hours).total_seconds()


def test_every_problem_is_named_at_once() -> None:
    found = problems_of("", "x" * 5000, "hourly", taken=True)
    assert [problem.pointer for problem in found] == ["/name", "/name", "/query", "/alert"]
    assert problems_of("Towers", "kind=tower", "daily", taken=False) == []


def test_a_link_that_we_did_not_sign_ends_nothing() -> None:
    token = unsubscribe_token("secret", "abc")
    assert ref_of("secret", token) == "abc"
    assert ref_of("other", token) is None
    assert ref_of("secret", "abc") is None
