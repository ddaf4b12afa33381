"""The arithmetic of capacity against brute force, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.declaration import MOST_SLOTS
from app.kernel.timewindow import Window
from app.ledger.rules import Taken, free_of, longest_run, peak_milli, pick_slots, slots_free, steps_of

ORIGIN = date(2027, 1, 1)


def day(number: int) -> date:
    return ORIGIN + timedelta(days=number)


windows = st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda pair: Window(day(pair[0]), day(pair[0] + pair[1])))
amounts = st.builds(Taken, windows, st.integers(1, 5000), st.none(), st.sampled_from(["baseline", "held", "committed"]))
slots = st.builds(Taken, windows, st.just(1000), st.integers(1, 6))


@given(st.lists(amounts, max_size=12), windows)
def test_the_peak_is_the_fullest_day(claims: list[Taken], window: Window) -> None:
    days = [window.start + timedelta(days=n) for n in range(window.length_days)]
    assert peak_milli(claims, window) == max(sum(c.amount_milli for c in claims if d in c.window) for d in days)


@given(st.lists(slots, max_size=12), windows)
def test_a_slot_is_free_only_when_free_every_day(claims: list[Taken], window: Window) -> None:
    days = [window.start + timedelta(days=n) for n in range(window.length_days)]
    expected = tuple(s for s in range(1, 7) if not any(d in c.window and c.slot == s for c in claims for d in days))
    assert slots_free(6000, claims, window) == expected
    assert free_of("slots", 6000, claims, window).free_milli == 1000 * len(expected)


@given(st.lists(amounts, max_size=12), windows, st.integers(0, 100_000))
def test_free_and_all_claims_are_the_total_on_every_day(claims: list[Taken], window: Window, total: int) -> None:
    steps = steps_of(total, claims, window)
    assert steps[0].start == window.start
    assert steps[-1].end == window.end
    for step, following in pairwise(steps):
        assert step.end == following.start
    for step in steps:
        inside = step.start
        while inside < step.end:
            by_kind: dict[str, int] = {}
            for claim in claims:
                if inside in claim.window:
                    by_kind[claim.kind] = by_kind.get(claim.kind, 0) + claim.amount_milli
            assert step.taken == by_kind
            assert step.free_milli + sum(by_kind.values()) == total
            inside += timedelta(days=1)


def test_three_holes_free_one_after_another_are_not_one_hole() -> None:
    claims = [Taken(Window(day(5 * s), day(5 * s + 5)), 1000, s + 1) for s in range(3)]
    assert slots_free(3000, claims, Window(day(0), day(15))) == ()


@pytest.mark.parametrize(
    ("free", "count", "contiguous", "highest", "expected"),
    [
        ((1, 3, 4), 2, False, False, (1, 3)),
        ((1, 3, 4), 2, True, False, (3, 4)),
        ((1, 2, 3, 5, 6), 2, True, True, (5, 6)),
        ((1, 3, 5), 2, True, False, None),
        ((1, 3), 3, False, False, None),
        ((2, 4, 6), 2, False, True, (4, 6)),
        ((7,), 1, True, False, (7,)),
    ],
)
def test_which_slots_are_taken(
    free: tuple[int, ...],
    count: int,
    contiguous: bool,
    highest: bool,
    expected: tuple[int, ...] | None,
) -> None:
    assert pick_slots(free, count, contiguous=contiguous, highest=highest) == expected


@given(st.sets(st.integers(1, 15)), st.integers(1, 6))
def test_a_run_is_found_when_there_is_one(free: set[int], count: int) -> None:
    runs = [tuple(range(s, s + count)) for s in range(1, 16) if all(n in free for n in range(s, s + count))]
    assert pick_slots(sorted(free), count, contiguous=True) == (runs[0] if runs else None)
    assert (longest_run(free) >= count) == bool(runs)


def test_no_total_makes_a_list_of_slots_that_fills_memory() -> None:
    window = Window(day(0), day(1))
    free = free_of("slots", 10**12, [Taken(window, 1000, 2)], window)
    assert (free.free_slots[:2], len(free.free_slots)) == ((1, 3), MOST_SLOTS - 1)
