"""Random scripts against a small model: free + all claims = total on every day and in every dimension, and both say yes to
the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window
from app.ledger import Holder, bulk_totals, convert, free, hold, profile, release, set_reserve, set_totals
from tests.support import places

ORIGIN, DAYS, HOLDERS = date(2027, 1, 1), 12, 5
windows = st.tuples(st.integers(0, DAYS - 2), st.integers(1, 6)).map(
    lambda pair: Window(ORIGIN + timedelta(days=pair[0]), ORIGIN + timedelta(days=min(pair[0] + pair[1], DAYS)))
)
steps = st.one_of(
    st.tuples(st.just("hold"), st.integers(0, HOLDERS - 1), st.integers(0, 3), st.integers(0, 6), windows),
    st.tuples(st.just("convert"), st.integers(0, HOLDERS - 1), st.sampled_from(["pending", "committed"])),
    st.tuples(st.just("release"), st.integers(0, HOLDERS - 1)),
    st.tuples(st.just("reserve"), st.integers(0, 3), windows),
    st.tuples(st.just("total"), st.integers(0, 8)),
)


class Model:
    """What is taken on each day: slots by holder, kilograms by holder. No database, no cleverness."""

    def __init__(self) -> None:
        self.slots, self.total_kg = 3, 6
        self.taken: list[tuple[str, int | None, int, Window]] = []  # holder, slot, amount, window

    def kg(self, day: date) -> int:
        return sum(amount for _, slot, amount, window in self.taken if slot is None and day in window)

    def fits_kg(self, amount: int, window: Window) -> bool:
        return all(self.kg(day) + amount <= self.total_kg for day in _days(window))

    def free_slots(self, window: Window) -> list[int]:
        busy = {slot for _, slot, _, other in self.taken if slot is not None and other.overlaps(window)}
        return [slot for slot in range(1, self.slots + 1) if slot not in busy]

    def take(self, holder: str, slots: int, kg: int, window: Window, *, highest: bool = False) -> bool:
        free_slots = self.free_slots(window)
        if slots + kg == 0 or len(free_slots) < slots or not self.fits_kg(kg, window):
            return False
        chosen = sorted(free_slots, reverse=highest)[:slots]
        self.taken += [(holder, slot, 1, window) for slot in chosen]
        self.taken += [(holder, None, kg, window)] if kg else []
        return True

    def drop(self, holder: str) -> bool:
        before = len(self.taken)
        self.taken = [claim for claim in self.taken if claim[0] != holder]
        return len(self.taken) < before


def _days(window: Window) -> list[date]:
    return [window.start + timedelta(days=n) for n in range(window.length_days)]


def apply(model: Model, step: tuple[Any, ...]) -> bool:
    """The step on the model: whether it is accepted."""
    kind, *given_ = step
    if kind == "hold":
        return model.take(f"h{given_[0]}", given_[1], given_[2], given_[3])
    if kind == "convert":
        return any(claim[0] == f"h{given_[0]}" for claim in model.taken)
    if kind == "release":
        model.drop(f"h{given_[0]}")
        return True
    if kind == "reserve":
        kept = list(model.taken)
        model.taken = [claim for claim in model.taken if not (claim[0] == "owner" and claim[1] is not None)]
        if given_[0] and not model.take("owner", given_[0], 0, given_[1], highest=True):
            model.taken = kept
            return False
        return True
    accepted = all(model.kg(ORIGIN + timedelta(days=n)) <= given_[0] for n in range(DAYS))
    model.total_kg = given_[0] if accepted else model.total_kg
    return accepted


def run(bus: Bus, asset_id: int, step: tuple[Any, ...]) -> bool:
    """The same step on the ledger."""
    kind, *given_ = step

    def use_case(work: Any, _: None) -> None:
        if kind == "hold":
            amounts = {"platform": given_[1] * 1000, "load_kg": given_[2] * 1000}
            hold(
                work,
                asset_id,
                "tower",
                amounts,
                given_[3],
                Holder("test", f"{asset_id}h{given_[0]}"),
                work.now + timedelta(days=9),
            )
        elif kind == "convert":
            convert(work, Holder("test", f"{asset_id}h{given_[0]}"), given_[1])
        elif kind == "release":
            release(work, Holder("test", f"{asset_id}h{given_[0]}"))
        elif kind == "reserve":
            set_reserve(work, asset_id, {"platform": given_[0] * 1000}, given_[1])
        else:
            set_totals(work, asset_id, {"load_kg": given_[0]})

    try:
        bus.execute(use_case, SYSTEM, None)
    except DomainError:
        return False
    return True


@given(script=st.lists(steps, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_ledger_agrees_with_the_model(bus: Bus, script: list[tuple[Any, ...]]) -> None:
    with bus.database.write() as session:
        asset_id = places.asset(session, places.organisation(session, "Grid", "power")).id
        bulk_totals(session, [(asset_id, "tower", {"platform": 3, "load_kg": 6})])
    model = Model()
    for step in script:
        assert run(bus, asset_id, step) == apply(model, step), step
        check(bus, asset_id, model)


def check(bus: Bus, asset_id: int, model: Model) -> None:
    whole = Window(ORIGIN, ORIGIN + timedelta(days=DAYS))
    with bus.database.read() as session:
        by_name = {p.dimension: p for p in profile(session, asset_id, whole)}
        free_slots = free(session, asset_id, whole)["platform"].free_slots
    assert list(free_slots) == model.free_slots(whole)
    for found in by_name.values():
        for step in found.steps:
            assert step.free_milli + sum(step.taken.values()) == found.total_milli
            assert step.free_milli >= 0
            if found.dimension == "load_kg":
                assert sum(step.taken.values()) == 1000 * model.kg(step.start)
