"""The lives of a needs list and of its entries, every action from every state; and who sees an entry, every case."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from app.kernel.errors import DomainError
from app.kernel.statemachine import Machine
from app.needs.rules import (
    BY_ADMINISTRATION,
    ENTRY,
    NEED_REASON,
    OUTCOMES,
    ROUND,
    Facts,
    check_collecting,
    check_outcome,
    visible_tier,
)

LIVES = {
    "need": {
        "draft": {"edit": "draft", "submit": "submitted", "withdraw": "left"},
        "submitted": {"publish": "published", "withdraw": "left", "leave": "left"},
        "published": {"match": "matched", "withdraw": "left", "leave": "left"},
        "matched": {"unmatch": "published", "withdraw": "left", "leave": "left"},
        "left": {"restore": "submitted", "republish": "published"},
    },
    "needs_list": {"open": {"edit": "open", "publish": "published"}, "published": {"close": "closed"}, "closed": {}},
}


@pytest.mark.parametrize("machine", [ENTRY, ROUND], ids=lambda machine: machine.name)
def test_every_action_from_every_state(machine: Machine) -> None:
    expected = LIVES[machine.name]
    assert set(expected) == set(machine.states)
    for state, action in product(machine.states, machine.transitions):
        target = expected[state].get(action)
        if target is not None:
            assert machine.move(state, action) == target
            continue
        with pytest.raises(DomainError) as error:
            machine.move(state, action)
        assert error.value.code == "illegal_transition"


def facts(status: str, tier: str, who: str) -> Facts:
    return Facts(
        status=status,
        outcome="served" if status == "left" else None,
        tier=tier,
        same_tree=who == "own",
        same_sector=who == "rival",
        is_administration=who == "administration",
        is_regulator=who in ("administration", "regulator"),
        is_evaluator=who == "evaluator",
    )


# who: (a draft, a submitted entry, a published one); the last by the tier T0, T1, T2
SEEN = {
    "own": ("T3", "T3", ("T3", "T3", "T3")),
    "administration": (None, "T3", ("T3", "T3", "T3")),
    "regulator": (None, None, ("T3", "T3", "T3")),
    "evaluator": (None, None, ("T3", "T3", "T3")),
    "rival": (None, None, (None, None, None)),
    "stranger": (None, None, (None, "T1", "T2")),
}


@pytest.mark.parametrize("who", SEEN)
@pytest.mark.parametrize("status", list(ENTRY.states))
def test_who_sees_an_entry_how_precisely(who: str, status: str) -> None:
    draft, submitted, published = SEEN[who]
    for place, tier in enumerate(("T0", "T1", "T2")):
        expected = {"draft": draft, "submitted": submitted}.get(status, published[place])
        assert visible_tier(facts(status, tier, who)) == expected


def test_a_rival_that_is_of_the_own_tree_is_no_rival() -> None:
    assert (
        visible_tier(
            Facts(
                "draft",
                None,
                "T0",
                same_tree=True,
                same_sector=True,
                is_administration=False,
                is_regulator=False,
                is_evaluator=False,
            )
        )
        == "T3"
    )


@pytest.mark.parametrize(
    ("status", "today", "collects"),
    [
        ("open", date(2026, 6, 1), True),
        ("open", date(2026, 6, 30), True),
        ("open", date(2026, 7, 1), False),
        ("open", date(2026, 5, 31), False),
        ("published", date(2026, 6, 1), False),
        ("closed", date(2026, 6, 1), False),
    ],
)
def test_a_list_collects_from_its_first_day_until_before_its_last(status: str, today: date, collects: bool) -> None:
    if collects:
        check_collecting(status, date(2026, 6, 1), date(2026, 7, 1), today)
        return
    with pytest.raises(DomainError) as error:
        check_collecting(status, date(2026, 6, 1), date(2026, 7, 1), today)
    assert error.value.code == "round_not_collecting"


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
@pytest.mark.parametrize("reason", [None, "", "  ", "No site within 5 km."])
def test_own_build_and_return_need_a_reason(outcome: str, reason: str | None) -> None:
    if outcome in ("own_build", "returned") and not (reason or "").strip():
        with pytest.raises(DomainError):
            check_outcome(outcome, reason)
    else:
        check_outcome(outcome, reason)


def test_the_administration_gives_only_outcomes_that_need_nothing_else() -> None:
    assert BY_ADMINISTRATION | {"merged", "carried_over", "withdrawn"} == set(OUTCOMES)
    assert NEED_REASON <= BY_ADMINISTRATION
