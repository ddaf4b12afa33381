"""When two entries look like one, and the life of a merge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.needs.keeping.rules import LEAST_POINTS, MERGE, Entry, likeness

ONE = Entry("a", "tower", "Mast", 300.0, date(2027, 1, 1), date(2030, 1, 1), 2)


def test_the_same_entry_twice_is_as_alike_as_can_be() -> None:
    found = likeness(ONE, replace(ONE, ref="b"), 0.0)
    assert found is not None
    assert found.points == 100


@pytest.mark.parametrize(
    ("other", "distance_m"),
    [
        (replace(ONE, kind="room"), 0.0),
        (ONE, 501.0),
        (replace(ONE, starts=date(2030, 1, 1), ends=date(2033, 1, 1)), 0.0),
        (replace(ONE, starts=date(2029, 1, 1), ends=date(2032, 1, 1)), 0.0),
        (replace(ONE, title="Roof", quantity=200), 490.0),
    ],
    ids=["another kind", "too far", "afterwards", "little in common", "far, and of another size"],
)
def test_what_is_no_duplicate(other: Entry, distance_m: float) -> None:
    assert likeness(ONE, other, distance_m) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
@given(st.floats(0, 600), st.integers(1, 50), st.integers(1, 50), st.booleans())
def test_likeness_is_mutual_and_falls_with_distance(distance_m: float, a: int, b: int, same: bool) -> None:
    first, second = replace(ONE, quantity=a), replace(ONE, quantity=b, title="Mast" if same else "Roof")
    found = likeness(first, second, distance_m)
    assert found == likeness(second, first, distance_m)
    nearer = likeness(first, second, distance_m / 2)
    if found is not None:
        assert nearer is not None
        assert LEAST_POINTS <= found.points <= nearer.points <= 100


def test_every_move_of_a_merge() -> None:
    allowed = {(state, action): target for state, action, target in MERGE.matrix() if target is not None}
    assert allowed == {
        ("proposed", "consent"): "merged",
        ("proposed", "decline"): "declined",
        ("proposed", "withdraw"): "withdrawn",
        ("merged", "undo"): "undone",
    }
