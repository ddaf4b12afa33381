"""A clock's count, as stored and as told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.profiles import all_profiles, get_profile
from app.deadlines.rules import NEGOTIATED, PROVISIONAL, as_json, count, end_of, explain, from_json, local_day, pauses_of, summary
from app.kernel.text import Text

ANSWER = get_profile("cn-default").clock("request_answer")
assert ANSWER is not None


def test_a_day_ends_at_midnight_where_the_clock_runs() -> None:
    assert end_of(date(2026, 3, 24), "Asia/Shanghai") == datetime(2026, 3, 24, 16, tzinfo=UTC)
    assert end_of(date(2026, 3, 8), "America/New_York") == datetime(2026, 3, 9, 4, tzinfo=UTC)  # summer time began that morning
    assert local_day(datetime(2026, 3, 1, 17, tzinfo=UTC), "Asia/Shanghai") == date(2026, 3, 2)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Brussels"]),
)
def test_an_instant_lies_before_the_end_of_its_own_day(instant: datetime, zone: str) -> None:
    ends = end_of(local_day(instant, zone), zone)
    assert instant < ends <= instant + timedelta(hours=25)


def test_the_count_reads_in_both_languages() -> None:
    derivation = count(ANSWER, date(2026, 2, 12), 1)
    assert derivation is not None
    assert derivation.due == date(2026, 3, 11)
    lines = explain(ANSWER, derivation)
    assert lines[0] == Text(
        "12 Feb 2026: the request was complete; the day itself is not counted", "2026年2月12日：申请完整，当日不计"
    )
    assert lines[-1] == Text("11 Mar 2026: the time ends with this day", "2026年3月11日：期限于当日届满")
    lines = lines[1:-1]
    assert lines[0] == Text("13 Feb 2026: counted, day 1 (working day)", "2026年2月13日：计入，第 1 天（工作日）")
    assert lines[6].en == "24 Feb 2026 – 27 Feb 2026: counted, days 3–6 (working day)"
    assert lines[1].zh == "2026年2月14日：计入，第 2 天（调休上班（春节））"
    assert lines[2].en == "15 Feb 2026 – 19 Feb 2026: not counted (public holiday: Spring Festival)"
    assert summary(ANSWER, derivation).en == "15 working days from the day after 12 Feb 2026"
    assert summary(ANSWER, derivation).zh == "自2026年2月12日次日起 15 个工作日"


def test_a_provisional_count_says_so() -> None:
    derivation = count(ANSWER, date(2096, 9, 20), 1)
    assert derivation is not None
    assert explain(ANSWER, derivation)[-1] == PROVISIONAL


def test_a_pause_counts_as_stored() -> None:
    pauses = pauses_of(
        ANSWER,
        [
            {"from": "2026-03-03", "to": "2026-03-05", "reason": "joint_survey"},
            {"from": "2026-03-09", "to": "2026-03-09", "reason": "joint_survey"},
        ],
    )
    assert len(pauses) == 1
    derivation = count(ANSWER, date(2026, 3, 2), 1, pauses)
    assert derivation is not None
    assert derivation.due == date(2026, 3, 25)
    assert explain(ANSWER, derivation)[1].zh == "2026年3月3日至2026年3月4日：不计（现场联合勘察）"


@pytest.mark.parametrize("code", ["cn-default", "eu-gia", "us-fcc"])
@given(started=st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_every_clock_of_every_profile_survives_storage(code: str, started: date) -> None:
    for clock in get_profile(code).clocks:
        if not clock.length:  # its length is the case's
            continue
        derivation = count(clock, started, 1)
        assert derivation is not None
        assert from_json(as_json(derivation)) == derivation
        assert derivation.due is not None
        assert derivation.due > started


def test_an_order_without_a_set_time_is_negotiated() -> None:
    survey = get_profile("us-fcc").clock("request_answer")
    assert survey is not None
    assert count(survey, date(2026, 1, 1), 6001) is None
    assert summary(survey, None) == NEGOTIATED


def test_the_profiles_are_those_that_ship() -> None:
    assert {"cn-default", "eu-gia", "us-fcc"} <= {profile.code for profile in all_profiles()}
