"""A profile's fairness: read from its file, refused where it contradicts itself, and what it gives a need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.profile_file import ProfileError, read_profile
from app.catalogue.profiles import FOLDER, all_profiles, get_profile
from app.matching.fairness import Standing, bonus_milli, granted, times

OPENS, CLOSES = date(2026, 6, 1), date(2026, 12, 1)
CN = get_profile("cn-default")


def need(purpose: str = "general", submitted: date | None = CLOSES) -> Standing:
    return Standing(purpose, submitted, OPENS, CLOSES)


def test_every_shipped_term_names_its_source() -> None:
    for profile in all_profiles():
        assert [t.term for t in profile.fairness] == ["universal_service", "emergency", "earlier_first"]
        assert {t.label for t in profile.fairness} <= {words for words, _ in profile.sources}
        assert all(t.source.citation and t.label.zh for t in profile.fairness)


def test_a_purpose_earns_its_own_term_alone() -> None:
    for purpose, points, count in (("general", 0, 1), ("universal_service", 10, 2), ("emergency", 20, 4)):
        assert bonus_milli(CN, need(purpose)) == points * 1000
        assert times(CN, purpose) == count
        assert [g.term.term for g in granted(CN, need(purpose)) if g.milli] == ([purpose] if points else [])


@given(st.integers(-400, 400), st.integers(-400, 400))
def test_the_earlier_request_never_earns_less(a: int, b: int) -> None:
    early, late = sorted((OPENS + timedelta(days=a), OPENS + timedelta(days=b)))
    assert 5000 >= bonus_milli(CN, need(submitted=early)) >= bonus_milli(CN, need(submitted=late)) >= 0


def test_the_first_day_earns_all_and_the_last_nothing() -> None:
    days = (OPENS - timedelta(days=300), OPENS, date(2026, 8, 31), CLOSES, None)
    assert [bonus_milli(CN, need(submitted=day)) for day in days] == [5000, 5000, 2513, 0, 0]


def test_a_profile_without_fairness_gives_nothing() -> None:
    plain = replace(CN, fairness=())
    assert bonus_milli(plain, need("emergency", OPENS)) == 0
    assert times(plain, "emergency") == 1


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('term = "emergency"', 'term = "friends"'),
        ('term = "emergency"', 'term = "universal_service"'),
        ("points = 20", "points = -1"),
        ("points = 20", "points = 96"),
        ("times = 4", "times = 0"),
        ("times = 4", "times = 101"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, was: str, now: str) -> None:
    words = (FOLDER / "cn-default.toml").read_text(encoding="utf-8")
    assert was in words
    (tmp_path / "cn-wrong.toml").write_text(words.replace(was, now), encoding="utf-8")
    with pytest.raises(ProfileError, match="fairness"):
        read_profile(tmp_path / "cn-wrong.toml")
