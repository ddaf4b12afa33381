"""Who pays for make-ready, and what an item must say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fulfilment.rules import CAUSES, MakeReady, check_as_built, check_items, shares_of
from app.kernel.errors import DomainError

OWNER, REQUESTER = 1, 2


def item(cause: str, amount: int = 1000, **more: object) -> MakeReady:
    return MakeReady("Stronger bracket", cause, amount, **({"weights": {}} | more))  # type: ignore[arg-type]


def test_the_newcomer_never_pays_for_an_earlier_violation() -> None:
    (share,) = shares_of(item("existing_violation", violator="Old Tenant"), OWNER, REQUESTER)
    assert (share.payer, share.name, share.minor) == (None, "Old Tenant", 1000)
    with pytest.raises(DomainError) as caught:
        check_items([item("existing_violation")], OWNER, REQUESTER)
    assert [problem.pointer for problem in caught.value.problems] == ["/items/0/violator"]


def test_one_side_benefits_one_side_pays() -> None:
    assert [(s.payer, s.minor) for s in shares_of(item("new_attachment"), OWNER, REQUESTER)] == [(REQUESTER, 1000)]
    assert [(s.payer, s.minor) for s in shares_of(item("owner_upgrade"), OWNER, REQUESTER)] == [(OWNER, 1000)]


@given(st.integers(0, 10**12), st.integers(0, 100), st.integers(0, 100))
def test_shares_add_up_to_the_minor_unit(amount: int, first: int, second: int) -> None:
    if not first + second:
        return
    shares = shares_of(item("shared_benefit", amount, weights={OWNER: first, REQUESTER: second}), OWNER, REQUESTER)
    assert sum(share.minor for share in shares) == amount
    for share, weight in zip(shares, (first, second), strict=True):
        assert abs(share.minor * (first + second) - amount * weight) < first + second


def test_every_fault_is_named_at_once() -> None:
    wrong = [
        MakeReady("", "nonsense", -1, {}),
        item("shared_benefit"),
        item("shared_benefit", weights={3: 1}),
        item("shared_benefit", weights={OWNER: 0}),
    ]
    with pytest.raises(DomainError) as caught:
        check_items(wrong, OWNER, REQUESTER)
    assert [problem.pointer for problem in caught.value.problems] == [
        "/items/0/title",
        "/items/0/cause",
        "/items/0/amount_minor",
        "/items/1/weights",
        "/items/2/weights",
        "/items/3/weights",
    ]


def test_every_cause_says_who_pays() -> None:
    for cause in CAUSES:
        assert shares_of(item(cause, weights={OWNER: 1}, violator="X"), OWNER, REQUESTER)


def test_more_than_agreed_is_refused_at_its_box() -> None:
    check_as_built({1: {"platform": 1000}}, {1: {"platform": 1000}})
    with pytest.raises(DomainError) as caught:
        check_as_built({1: {"platform": 2000, "load_kg": 1}, 2: {"power_kw": 1}}, {1: {"platform": 1000}})
    assert [p.pointer for p in caught.value.problems] == ["/built/1/platform", "/built/1/load_kg", "/built/2/power_kw"]
