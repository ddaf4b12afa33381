"""Who pays what: Shapley's value by its definition, proportion, the core."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.cobuild import airport_shapley, by_proportion, core_of, core_of_towers, exact_shapley, sampled_shapley

amounts = st.lists(st.integers(0, 10_000), min_size=1, max_size=6)


def tower_cost(needed, own):  # type: ignore[no-untyped-def]
    return lambda members: max((needed[k] for k in members), default=0) + sum(own[k] for k in members)


def by_orders(cost, n):  # type: ignore[no-untyped-def]
    """The definition: the mean over all orders of what each adds."""
    share = [0.0] * n
    orders = list(permutations(range(n)))
    for order in orders:
        for place, k in enumerate(order):
            share[k] += (cost(frozenset(order[: place + 1])) - cost(frozenset(order[:place]))) / len(orders)
    return share


@settings(max_examples=60, deadline=None)
@given(amounts, st.data())
def test_the_airport_form_is_shapleys_value_and_in_the_core(needed, data) -> None:  # type: ignore[no-untyped-def]
    own = data.draw(st.lists(st.integers(0, 500), min_size=len(needed), max_size=len(needed)))
    cost, n = tower_cost(needed, own), len(needed)
    closed, full = airport_shapley(needed, own), exact_shapley(cost, n)
    assert sum(closed.share) == sum(full.share) == cost(frozenset(range(n)))
    for a, b, c in zip(closed.share, full.share, by_orders(cost, n), strict=True):
        assert abs(a - c) < 1.001
        assert abs(b - c) < 1.001
    assert core_of(closed.share, cost).excess <= n  # whole units: a rounding each


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 6), st.data())
def test_the_core_of_towers_is_that_of_all_coalitions(n, data) -> None:  # type: ignore[no-untyped-def]
    def drawn(most):  # type: ignore[no-untyped-def]
        return data.draw(st.lists(st.integers(0, most), min_size=n, max_size=n))

    needed, own, share, alone = drawn(1000), drawn(50), drawn(600), drawn(900)
    cost = tower_cost(needed, own)
    coalitions = [c for size in range(2, n + 1) for c in combinations(range(n), size)]
    worst = max(sum(share[k] for k in c) - cost(frozenset(c)) for c in coalitions)
    worst = max(worst, max(paid - a for paid, a in zip(share, alone, strict=True)))
    found = core_of_towers(share, needed, own, alone)
    assert found.excess == worst
    paid = sum(share[k] for k in found.coalition)
    assert worst in (paid - cost(frozenset(found.coalition)), paid - sum(alone[k] for k in found.coalition))


def test_proportion_sums_and_leaves_nobody_worse_off() -> None:
    split = by_proportion(100, [30, 60, 60])
    assert split.share == (20, 40, 40)
    assert by_proportion(10, [0, 0, 0]).share == (4, 3, 3)


def test_samples_are_near_the_value_by_their_own_error_and_the_same_each_time() -> None:
    needed, own = [100 * k for k in range(1, 13)], [7] * 12
    cost = tower_cost(needed, own)
    sampled, closed = sampled_shapley(cost, 12, 600, seed=4), airport_shapley(needed, own)
    assert sum(sampled.share) == sum(closed.share)
    assert sampled.error > 0
    assert all(abs(a - b) <= 2 * sampled.error for a, b in zip(sampled.share, closed.share, strict=True))
    assert sampled == sampled_shapley(cost, 12, 600, seed=4)
    assert sampled != sampled_shapley(cost, 12, 600, seed=5)


def test_too_many_members_for_the_exact_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="12"):
        exact_shapley(len, 13)
    with pytest.raises(ValueError, match="12"):
        core_of([0] * 13, len)
