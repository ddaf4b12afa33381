"""Values against their declaration: what is taken, what is refused and where, nothing assumed unsaid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.declaration import MOST_SLOTS, Choice, Dimension, Field, Sort, check
from app.catalogue.derive import derived_names, effective_attributes
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.validation import Refused, assume_defaults, parse_value, validate_amounts, validate_values
from app.kernel.text import Text

LABEL = Text("Thing", "事物")
NUMBER = Field("n", LABEL, unit="m", minimum=0, maximum=100)
WHOLE = Field("i", LABEL, "integer", minimum=-5, maximum=5)
COLOUR = Field("c", LABEL, "choice", choices=(Choice("red", Text("Red", "红"), ("rouge",)), Choice("blue", Text("Blue", "蓝"))))
YES = Field("b", LABEL, "boolean")
DAY = Field("d", LABEL, "date")
WORDS = Field("t", LABEL, "text", required=True)


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        (NUMBER, "12.50", 12.5),
        (NUMBER, "１２", 12.0),
        (NUMBER, 3, 3.0),
        (NUMBER, Decimal("0.1"), 0.1),
        (NUMBER, " 7 ", 7.0),
        (Field("n", LABEL), "1,200.5", 1200.5),
        (Field("n", LABEL), "−3", -3.0),
        (WHOLE, "5", 5),
        (WHOLE, 5.0, 5),
        (COLOUR, "RED", "red"),
        (COLOUR, "红", "red"),
        (COLOUR, "Rouge", "red"),
        (YES, "是", True),
        (YES, "no", False),
        (YES, False, False),
        (DAY, "2026-02-28", "2026-02-28"),
        (WORDS, "  two words ", "two words"),
    ],
)
def test_what_people_write_is_understood(field: Field, given: Any, value: Any) -> None:
    found = parse_value(field, given)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("field", "given", "code"),
    [
        (NUMBER, "1,5", "not_number"),
        (NUMBER, "12 m", "not_number"),
        (NUMBER, "nan", "not_number"),
        (NUMBER, float("inf"), "not_number"),
        (NUMBER, True, "not_number"),
        (NUMBER, [1], "not_number"),
        (NUMBER, 100.001, "too_high"),
        (NUMBER, -0.1, "too_low"),
        (WHOLE, 2.5, "not_whole"),
        (COLOUR, "green", "not_choice"),
        (YES, "perhaps", "not_boolean"),
        (DAY, "2026-02-30", "not_date"),
        (DAY, 20260101.5, "not_date"),
        (WORDS, 5, "not_text"),
        (WORDS, "a\x00b", "text_control"),
        (WORDS, "x" * 501, "text_long"),
    ],
)
def test_what_cannot_be_taken_says_why_in_both_languages(field: Field, given: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_value(field, given)
    assert refused.value.code == code
    assert refused.value.detail.en
    assert any("一" <= character <= "鿿" for character in refused.value.detail.zh)


def test_every_problem_is_found_in_one_pass_with_its_place() -> None:
    values, problems = validate_values((NUMBER, WHOLE, COLOUR, WORDS), {"n": "x", "i": 9, "c": "", "zz": 1}, "/attributes")
    assert values == {}
    assert {(p.pointer, p.code) for p in problems} == {
        ("/attributes/n", "not_number"),
        ("/attributes/i", "too_high"),
        ("/attributes/zz", "unknown_field"),
        ("/attributes/t", "required"),
    }
    assert validate_values((WORDS,), {}, need_all=False) == ({}, ())


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=100))
def test_a_stored_number_is_taken_again_unchanged(number: float) -> None:
    assert parse_value(NUMBER, parse_value(NUMBER, number)) == number


def test_amounts_are_whole_for_slots_and_fine_to_thousandths() -> None:
    dimensions = (Dimension("slot", LABEL, Sort.SLOTS, "hole"), Dimension("load", LABEL, Sort.QUANTITY, "kg"))
    assert validate_amounts(dimensions, {"slot": "3", "load": 1.125}) == ({"slot": 3.0, "load": 1.125}, ())
    _values, problems = validate_amounts(dimensions, {"slot": 2.5, "load": "0.0001"}, "/capacity")
    assert {(p.pointer, p.code) for p in problems} == {("/capacity/slot", "not_whole"), ("/capacity/load", "too_fine")}
    assert [p.code for p in validate_amounts(dimensions, {"load": -1})[1]] == ["too_low"]


def test_a_default_is_only_assumed_where_it_is_asked_for_and_then_said() -> None:
    fields = (Field("a", LABEL, default=5), Field("b", LABEL), Field("c", LABEL, default=1))
    assert assume_defaults(fields, {"c": 2}) == ({"c": 2, "a": 5}, ("a",))


@pytest.mark.parametrize(
    ("attributes", "limit"),
    [
        ({"structure": "monopole", "structure_height_m": 35}, 35.0),
        ({"structure": "monopole", "structure_height_m": 35, "antenna_top_limit_m": 20}, 20),
        ({"structure": "power_line", "structure_height_m": 48, "voltage_kv": 220, "lowest_conductor_m": 31.5}, 28.5),
        ({"structure": "power_line", "structure_height_m": 48, "voltage_kv": 10, "lowest_conductor_m": 0.2}, 0.0),
        ({"structure": "power_line", "structure_height_m": 48, "voltage_kv": 220}, None),
        ({"structure": "power_line", "structure_height_m": 48, "lowest_conductor_m": 31.5}, None),
        ({"structure": "power_line", "structure_height_m": 48, "voltage_kv": 1200, "lowest_conductor_m": 60}, None),
    ],
)
def test_a_high_voltage_tower_promises_no_more_than_its_conductors_leave(attributes: dict[str, Any], limit: float | None) -> None:
    found = effective_attributes(KINDS["tower"], attributes, get_profile("cn-default"))
    assert found.get("antenna_top_limit_m") == limit
    assert ("antenna_top_limit_m" in derived_names(KINDS["tower"], attributes)) is ("antenna_top_limit_m" not in attributes)


def test_without_a_profile_no_clearance_is_known() -> None:
    stated = {"structure": "power_line", "voltage_kv": 220, "lowest_conductor_m": 31.5}
    assert "antenna_top_limit_m" not in effective_attributes(KINDS["tower"], stated, None)


def test_slots_are_bounded_by_their_declaration() -> None:
    """Every numbered dimension of every kind: its most is taken, one more is not; a declaration cannot lift the bound of all."""
    numbered = [(kind, d) for kind in KINDS.all() for d in kind.dimensions if d.sort is Sort.SLOTS]
    assert len(numbered) >= 5
    for _, dimension in numbered:
        assert dimension.limit <= MOST_SLOTS
        assert validate_amounts((dimension,), {dimension.name: dimension.limit})[1] == ()
        assert [p.code for p in validate_amounts((dimension,), {dimension.name: dimension.limit + 1})[1]] == ["too_high"]
    kind, dimension = numbered[0]
    endless = replace(dimension, most=MOST_SLOTS + 1)
    with pytest.raises(ValueError, match="can be numbered"):
        check(replace(kind, dimensions=tuple(endless if d is dimension else d for d in kind.dimensions)))
