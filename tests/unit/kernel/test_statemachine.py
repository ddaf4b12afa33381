"""A machine moves as declared, refuses in words, and refuses a declaration that contradicts itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.kernel.errors import DomainError
from app.kernel.statemachine import Machine
from app.kernel.text import Text

DOOR = Machine(
    name="door",
    subject=Text("The door", "门"),
    states={"open": Text("open", "开着"), "shut": Text("shut", "关着"), "gone": Text("gone", "已拆除")},
    transitions={
        "shut": (frozenset({"open"}), "shut"),
        "open": (frozenset({"shut"}), "open"),
        "remove": (frozenset({"open", "shut"}), "gone"),
    },
    labels={"shut": Text("Shut", "关门"), "open": Text("Open", "开门"), "remove": Text("Remove", "拆除")},
    initial="open",
    final=frozenset({"gone"}),
)


def test_the_matrix_is_whole_and_agrees_with_move() -> None:
    cells = list(DOOR.matrix())
    assert len(cells) == 9
    assert {(s, a): t for s, a, t in cells if t} == {
        ("open", "shut"): "shut",
        ("shut", "open"): "open",
        ("open", "remove"): "gone",
        ("shut", "remove"): "gone",
    }
    for state, action, target in cells:
        if target is None:
            with pytest.raises(DomainError):
                DOOR.move(state, action)
        else:
            assert DOOR.move(state, action) == target


def test_a_refusal_reads_in_both_languages() -> None:
    with pytest.raises(DomainError) as refused:
        DOOR.move("gone", "open")
    assert refused.value.code == "illegal_transition"
    assert refused.value.text.en == "The door is gone: it cannot be changed by “Open” now."
    assert refused.value.text.zh == "门当前状态为“已拆除”，不能执行“开门”。"


def test_actions_come_in_declared_order() -> None:
    assert DOOR.actions("open") == ("shut", "remove")
    assert DOOR.actions("gone") == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"initial": "ajar"}, "undeclared states"),
        ({"labels": {}}, "labels differ"),
        ({"final": frozenset({"gone", "shut"})}, "can be left"),
        ({"states": {**DOOR.states, "lost": Text("lost", "丢失")}}, "cannot be reached"),
        ({"final": frozenset()}, "not final"),
    ],
)
def test_a_contradictory_declaration_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(DOOR, **change)  # type: ignore[arg-type]
