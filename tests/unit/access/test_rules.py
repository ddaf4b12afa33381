"""The whole from × action table of a request, and what a refusal needs."""

from __future__ import annotations

from datetime import date

import pytest

from app.access.rules import OPEN, REQUEST, check_refusal, check_window, window_of
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window

ANSWERABLE = ("submitted", "complete")
LEGAL = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "name_missing"): "incomplete",
    ("incomplete", "supply"): "submitted",
    ("submitted", "find_complete"): "complete",
    ("submitted", "deem_complete"): "complete",
    **{(state, "accept"): "accepted" for state in ANSWERABLE},
    **{(state, "counter"): "countered" for state in (*ANSWERABLE, "countered")},
    **{(state, "refuse"): "refused" for state in ANSWERABLE},
    **{(state, "dispute"): "disputed" for state in ("complete", "refused", "countered")},
    ("disputed", "uphold"): "refused",
    ("disputed", "uphold_offer"): "countered",
    ("disputed", "order"): "accepted",
    ("disputed", "lapse"): "expired",
    **{(state, "withdraw"): "withdrawn" for state in OPEN},
    ("accepted", "expire"): "expired",
    ("accepted", "agree"): "agreed",
    ("countered", "expire"): "expired",
    ("countered", "agree"): "agreed",
}


def test_the_whole_table() -> None:
    assert {(state, action): target for state, action, target in REQUEST.matrix() if target is not None} == LEGAL


@pytest.mark.parametrize(("state", "action"), [(s, a) for s, a, target in REQUEST.matrix() if target is None])
def test_every_illegal_move_says_so(state: str, action: str) -> None:
    with pytest.raises(DomainError) as caught:
        REQUEST.move(state, action)
    assert caught.value.code == "illegal_transition"


def test_open_states_are_those_that_can_still_end() -> None:
    assert {"draft", "submitted", "incomplete", "complete", "accepted", "countered", "disputed"} == OPEN


@pytest.mark.parametrize(
    ("ground", "reason", "evidence", "code"),
    [
        ("ugly", "x", {}, "unknown_refusal_ground"),
        ("no_space", "x", {"capacity_record": "a"}, "refusal_evidence_missing"),
        ("no_space", "x", {"capacity_record": "a", "future_need": ""}, "refusal_evidence_missing"),
        ("no_space", "  ", {"capacity_record": "a", "future_need": "b"}, "reason_missing"),
    ],
)
def test_a_refusal_bounces(ground: str, reason: str, evidence: dict[str, str], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_refusal("cn-default", ground, reason, evidence)
    assert caught.value.code == code


def test_a_refusal_with_all_its_evidence_holds() -> None:
    assert check_refusal("cn-default", "no_space", "Full.", {"capacity_record": "a", "future_need": "b"}).code == "no_space"


def test_a_window_lies_inside_the_listings() -> None:
    listing = Window(date(2027, 1, 1), date(2028, 1, 1))
    assert check_window(listing, listing) == listing
    for outside in (Window(date(2026, 12, 31), date(2027, 2, 1)), Window(date(2027, 2, 1), date(2028, 1, 2))):
        with pytest.raises(DomainError):
            check_window(outside, listing)
    with pytest.raises(DomainError):
        window_of(date(2027, 1, 1), date(2027, 1, 1))
