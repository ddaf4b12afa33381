"""The whole from × action table of a task, who may do what in which mode, and when all have approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.approvals.decisions import (
    APPROVAL,
    CONDITION,
    DECISIONS,
    ConditionAsked,
    all_approved,
    check_case,
    check_mode,
    check_second,
    check_words,
)
from app.kernel.errors import DomainError

LEGAL = {
    ("waiting", "approve"): "approved",
    ("waiting", "approve_with_conditions"): "approved_with_conditions",
    ("waiting", "return"): "returned",
    ("waiting", "refuse"): "refused",
    ("waiting", "note"): "noted",
    ("waiting", "void"): "void",
    ("waiting", "propose"): "proposed",
    ("proposed", "send_back"): "waiting",
    ("proposed", "approve"): "approved",
    ("proposed", "approve_with_conditions"): "approved_with_conditions",
    ("proposed", "return"): "returned",
    ("proposed", "refuse"): "refused",
    ("proposed", "reopen"): "waiting",
    ("proposed", "void"): "void",
    ("approved", "reopen"): "waiting",
    ("approved", "void"): "void",
    ("approved_with_conditions", "reopen"): "waiting",
    ("approved_with_conditions", "void"): "void",
}
TODAY = date(2026, 7, 8)
SOUND = ConditionAsked("Keep the road open.", "owner", date(2026, 8, 1))
CONDITION_LEGAL = {
    ("open", "report"): "reported",
    ("open", "accept"): "fulfilled",
    ("open", "void"): "void",
    ("reported", "reject"): "open",
    ("reported", "accept"): "fulfilled",
    ("reported", "void"): "void",
    ("fulfilled", "void"): "void",
}


def test_the_whole_table() -> None:
    assert {(state, action): target for state, action, target in APPROVAL.matrix() if target is not None} == LEGAL


def test_the_whole_table_of_conditions() -> None:
    assert {(state, action): target for state, action, target in CONDITION.matrix() if target is not None} == CONDITION_LEGAL


@pytest.mark.parametrize(
    ("four_eyes", "proposed_by", "confirming", "ok"),
    [(True, 1, 2, True), (True, 1, 1, False), (True, 1, None, False), (False, 1, 1, True)],
)
def test_nobody_confirms_what_they_proposed(four_eyes: bool, proposed_by: int, confirming: int | None, ok: bool) -> None:
    if ok:
        check_second(four_eyes, proposed_by, confirming)
    else:
        with pytest.raises(DomainError) as caught:
            check_second(four_eyes, proposed_by, confirming)
        assert caught.value.code == "four_eyes"


@pytest.mark.parametrize(
    ("officer", "acting", "stands_in", "ok"),
    [(None, 1, (), True), (1, 1, (), True), (2, 1, (), False), (2, 1, (2,), True), (2, 1, (3,), False)],
)
def test_whose_case_it_is(officer: int | None, acting: int, stands_in: tuple[int, ...], ok: bool) -> None:
    if ok:
        check_case(officer, "Zhou", acting, frozenset(stands_in))
    else:
        with pytest.raises(DomainError):
            check_case(officer, "Zhou", acting, frozenset(stands_in))


@pytest.mark.parametrize("mode", ["decide", "consult", "file"])
@pytest.mark.parametrize("action", [*DECISIONS, "note"])
def test_modes(mode: str, action: str) -> None:
    if (mode == "decide") == (action != "note"):
        check_mode(mode, action)
    else:
        with pytest.raises(DomainError):
            check_mode(mode, action)


@pytest.mark.parametrize(
    ("action", "reasons", "conditions", "wrong"),
    [
        ("approve", None, [], []),
        ("note", None, [], []),
        ("return", " ", [], ["/reasons"]),
        ("return", "why", [], []),
        ("refuse", None, [SOUND], ["/reasons"]),
        ("refuse", "why", [], []),
        ("approve_with_conditions", "x", [], ["/conditions"]),
        ("approve_with_conditions", None, [SOUND], []),
        ("approve_with_conditions", None, [SOUND, replace(SOUND, text=" ")], ["/conditions/1/text"]),
        ("approve_with_conditions", None, [replace(SOUND, by="rival")], ["/conditions/0/by"]),
        ("approve_with_conditions", None, [replace(SOUND, due_on=TODAY)], []),
        ("approve_with_conditions", None, [replace(SOUND, due_on=date(2026, 7, 7))], ["/conditions/0/due_on"]),
        ("approve_with_conditions", None, [replace(SOUND, due_on=None)], ["/conditions/0/due_on"]),
    ],
)
def test_words(action: str, reasons: str | None, conditions: list[ConditionAsked], wrong: list[str]) -> None:
    found: list[str | None] = []
    try:
        check_words(action, reasons, conditions, ("owner", "requester"), TODAY)
    except DomainError as error:
        found = [problem.pointer for problem in error.problems]
    assert found == wrong


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([("decide", "approved"), ("decide", "approved_with_conditions")], True),
        ([("decide", "approved"), ("decide", "waiting")], False),
        ([("decide", "approved"), ("file", "waiting"), ("consult", "waiting")], True),
        ([("file", "waiting")], True),
        ([("decide", "void")], False),
    ],
)
def test_all_approved(tasks: list[tuple[str, str]], expected: bool) -> None:
    assert all_approved(tasks) is expected
