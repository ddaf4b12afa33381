"""The whole from × action table of a task, who may do what in which mode, and when all have approved."""

from __future__ import annotations

import pytest

from app.approvals.decisions import APPROVAL, DECISIONS, all_approved, check_mode, check_words
from app.kernel.errors import DomainError

LEGAL = {
    ("waiting", "approve"): "approved",
    ("waiting", "approve_with_conditions"): "approved_with_conditions",
    ("waiting", "return"): "returned",
    ("waiting", "refuse"): "refused",
    ("waiting", "note"): "noted",
    ("waiting", "void"): "void",
}


def test_the_whole_table() -> None:
    assert {(state, action): target for state, action, target in APPROVAL.matrix() if target is not None} == LEGAL


@pytest.mark.parametrize("mode", ["decide", "consult", "file"])
@pytest.mark.parametrize("action", [*DECISIONS, "note"])
def test_modes(mode: str, action: str) -> None:
    if (mode == "decide") == (action != "note"):
        check_mode(mode, action)
    else:
        with pytest.raises(DomainError):
            check_mode(mode, action)


@pytest.mark.parametrize(
    ("action", "reasons", "conditions", "ok"),
    [
        ("approve", None, None, True),
        ("note", None, None, True),
        ("return", " ", None, False),
        ("return", "why", None, True),
        ("refuse", None, "x", False),
        ("refuse", "why", None, True),
        ("approve_with_conditions", "x", None, False),
        ("approve_with_conditions", None, "so", True),
    ],
)
def test_words(action: str, reasons: str | None, conditions: str | None, ok: bool) -> None:
    if ok:
        check_words(action, reasons, conditions)
    else:
        with pytest.raises(DomainError):
            check_words(action, reasons, conditions)


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
