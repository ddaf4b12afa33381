"""The whole from × action table of an agreement, its lines, and the hash of its content."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agreements.content import canonical, content_hash, differences
from app.agreements.rules import AGREEMENT, Line, check_lines
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window

LEGAL = {
    ("drafted", "edit"): "drafted",
    ("drafted", "sign"): "drafted",
    ("drafted", "complete"): "signed",
    ("drafted", "withdraw"): "withdrawn",
    ("signed", "edit"): "drafted",
    ("signed", "submit"): "submitted",
    ("signed", "withdraw"): "withdrawn",
    ("submitted", "return"): "returned",
    ("submitted", "refuse"): "refused",
    ("submitted", "enter_force"): "in_force",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "edit"): "drafted",
    ("returned", "withdraw"): "withdrawn",
    ("in_force", "start_make_ready"): "make_ready",
    ("in_force", "install"): "installed",
    ("make_ready", "install"): "installed",
    ("installed", "correct"): "in_force",
    ("installed", "accept_as_built"): "accepted",
    ("in_force", "carry_over"): "accepted",
    ("ended", "remove"): "removed",
    **{(state, "supersede"): "amended" for state in ("in_force", "make_ready", "installed", "accepted")},
    **{(state, "end"): "ended" for state in ("in_force", "make_ready", "installed", "accepted")},
}


def test_the_whole_table() -> None:
    assert {(state, action): target for state, action, target in AGREEMENT.matrix() if target is not None} == LEGAL


def line(number: int = 1, **more: Any) -> Line:
    values: dict[str, Any] = {
        "asset_ref": "a",
        "supplier_id": 1,
        "beneficiary_id": 2,
        "right": "lease",
        "amounts": {"platform": 1000},
        "window": Window(date(2027, 1, 1), date(2028, 1, 1)),
        "price_minor": 100,
    } | more
    return Line(number, **values)


BACK = {"supplier_id": 2, "beneficiary_id": 1, "price_minor": None}


@pytest.mark.parametrize(
    "lines",
    [
        [line()],
        [line(), line(2, supplier_id=2, beneficiary_id=1)],
        [line(price_minor=None, against_line=2), line(2, against_line=1, **BACK)],
    ],
)
def test_sound_lines(lines: list[Line]) -> None:
    check_lines(lines, frozenset({1, 2}))


@pytest.mark.parametrize(
    ("lines", "pointer"),
    [
        ([], "/lines"),
        ([line(supplier_id=3)], "/lines/0/supplier"),
        ([line(beneficiary_id=1)], "/lines/0/supplier"),
        ([line(right="gift")], "/lines/0/right"),
        ([line(amounts={})], "/lines/0/amounts"),
        ([line(price_minor=None)], "/lines/0/price_minor"),
        ([line(against_line=1)], "/lines/0/price_minor"),
        ([line(price_minor=-1)], "/lines/0/price_minor"),
        ([line(price_minor=None, against_line=9)], "/lines/0/against_line"),
        ([line(price_minor=None, against_line=2), line(2)], "/lines/0/against_line"),
    ],
)
def test_unsound_lines_say_where(lines: list[Line], pointer: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_lines(lines, frozenset({1, 2}))
    assert caught.value.code == "lines_unsound"
    assert [problem.pointer for problem in caught.value.problems] == [pointer]


leaves = st.integers() | st.text(max_size=5) | st.none() | st.booleans()
contents = st.dictionaries(
    st.text(max_size=4),
    st.recursive(leaves, lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8),
    max_size=5,
)


@given(contents)
def test_the_hash_does_not_depend_on_the_order_of_keys(content: dict[str, Any]) -> None:
    turned = dict(reversed(list(content.items())))
    assert canonical(content) == canonical(turned)
    assert content_hash(content) == content_hash(turned)


def test_any_changed_value_changes_the_hash_and_is_listed() -> None:
    before = {"terms": "a", "lines": [{"amounts": {"platform": 1000}, "slots": {"platform": [1, 2]}}]}
    after = {"terms": "a", "lines": [{"amounts": {"platform": 2000}, "slots": {"platform": [1, 3]}}, {"amounts": {}}], "new": 1}
    assert content_hash(before) != content_hash(after)
    assert [(c.path, c.before, c.after) for c in differences(before, after)] == [
        ("lines.1.amounts.platform", 1000, 2000),
        ("lines.1.slots.platform", [1, 2], [1, 3]),
        ("new", None, 1),
    ]


def test_numbers_that_have_no_json_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": float("nan")})
