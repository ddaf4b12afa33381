"""A region by the name that a person types, in either language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.regions import region_choices, region_code, region_name, region_tree


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("440300", "440300"),
        ("深圳", "440300"),
        ("广东省深圳市", "440300"),
        ("shenzhen", "440300"),
        ("Shenzhen, Guangdong", "440300"),
        ("guangdong", "440000"),
        ("广东省深圳市南山区", "440305"),
        ("", ""),
        ("no such place", "no such place"),
    ],
)
def test_words_stand_for_a_region(words: str, code: str) -> None:
    assert region_code(words) == code


@given(st.sampled_from(sorted(code for code, region in region_tree("cn").regions.items() if region.parent)), st.booleans())
def test_the_name_that_is_offered_leads_back(code: str, in_chinese: bool) -> None:
    name = region_name(code)
    found = region_code(name.zh if in_chinese else name.en)
    assert region_name(found) == name, "names that are written the same are the same place to who reads them"


def test_a_region_named_in_full_is_followed_by_what_is_in_it() -> None:
    first, *rest = region_choices("广东省深圳市")
    assert (first.code, first.level) == ("440300", "prefecture")
    assert {choice.code[:4] for choice in rest} == {"4403"}
    assert {choice.level for choice in rest} == {"district"}


def test_wide_regions_come_before_narrow_ones() -> None:
    levels = [choice.level for choice in region_choices("江")]
    assert levels[0] == "province"
    assert levels == sorted(levels, key=["province", "prefecture", "district"].index)


def test_nothing_is_offered_for_what_names_nothing() -> None:
    assert region_choices("no such place") == ()
