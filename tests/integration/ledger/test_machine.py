"""The same random scripts on a model of fifty lines and on both databases: all three say yes to the same, and on every day free
and all claims are the total."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.bootstrap import make_bus
from app.config import Settings
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window
from app.ledger import (
    Holder,
    add_baseline,
    bulk_totals,
    convert,
    expire_overdue,
    free,
    hold,
    mark_unavailable,
    profile,
    release,
    set_reserve,
    set_totals,
)
from tests.support import databases, missing, places, postgres, timing
from tests.support.ledger_model import Model
from tests.support.now import NOW

ORIGIN, DAYS = date(2027, 1, 1), 12
windows = st.tuples(st.integers(0, DAYS - 2), st.integers(1, 6)).map(
    lambda pair: Window(ORIGIN + timedelta(days=pair[0]), ORIGIN + timedelta(days=min(pair[0] + pair[1], DAYS)))
)
names = st.sampled_from(["a", "b", "c"])
slots, kilograms = st.integers(0, 3), st.integers(0, 6)


@dataclass
class Side:
    """One database in the race, and its asset of this script."""

    bus: Bus
    asset_id: int = 0


class Ledger(RuleBasedStateMachine):
    """Every step runs on the model and on each side, and must be answered alike."""

    sides: ClassVar[list[Side]] = []

    def __init__(self) -> None:
        super().__init__()
        self.model, self.clock = Model(), FixedClock(NOW)

    @initialize()
    def furnish(self) -> None:
        for side in self.sides:
            side.bus.clock = self.clock
            with side.bus.database.write() as session:
                side.asset_id = places.asset(session, places.organisation(session, "Grid", "power")).id
                bulk_totals(session, [(side.asset_id, "tower", {"platform": 3, "load_kg": 6})])

    def step(self, on_model: Callable[[Model], bool], on_side: Callable[[UnitOfWork, int, Callable[[str], Holder]], Any]) -> None:
        before = deepcopy(self.model)
        accepted = on_model(self.model)
        if not accepted:
            self.model = before
        for side in self.sides:
            said = True

            def use_case(work: UnitOfWork, asset_id: int) -> None:
                on_side(work, asset_id, lambda name: Holder("test", f"{asset_id}{name}"))

            try:
                side.bus.execute(use_case, SYSTEM, side.asset_id)
            except DomainError:
                said = False
            assert said == accepted, f"{side.bus.database.engine.dialect.name} says {said}, the model {accepted}"

    @rule(name=names, count=slots, kg=kilograms, window=windows, lasts=st.integers(1, 3))
    def hold(self, name: str, count: int, kg: int, window: Window, lasts: int) -> None:
        now, until = self.clock.now(), self.clock.now() + timedelta(days=lasts)

        def on_model(model: Model) -> bool:
            model.expire(now)
            return model.take(name, "held", count, kg, window, until)

        amounts = {"platform": count * 1000, "load_kg": kg * 1000}
        self.step(on_model, lambda work, asset, of: hold(work, asset, "tower", amounts, window, of(name), until))

    @rule(name=names, kind=st.sampled_from(["held", "pending", "committed"]))
    def convert(self, name: str, kind: str) -> None:
        now = self.clock.now()
        until = now + timedelta(days=3) if kind == "held" else None
        self.step(
            lambda model: model.convert(name, kind, now, until),
            lambda work, asset, of: convert(work, of(name), kind, None, until),
        )

    @rule(name=names)
    def release(self, name: str) -> None:
        self.step(lambda model: model.drop(name) is None, lambda work, asset, of: release(work, of(name)))

    @rule(days=st.integers(1, 3))
    def expire(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        now = self.clock.now()
        self.step(lambda model: model.expire(now) is None, lambda work, asset, of: expire_overdue(work, asset))

    @rule(count=st.integers(1, 3), window=windows)
    def reserve(self, count: int, window: Window) -> None:
        def on_model(model: Model) -> bool:
            model.drop("reserve")
            return model.take("reserve", "reserve", count, 0, window, high=True)

        self.step(on_model, lambda work, asset, of: set_reserve(work, asset, {"platform": count * 1000}, window))

    @rule(kg=st.integers(1, 4), window=windows)
    def tenant_from_before(self, kg: int, window: Window) -> None:
        amounts = {"load_kg": kg * 1000}
        self.step(
            lambda model: model.take("tenant", "baseline", 0, kg, window),
            lambda work, asset, of: add_baseline(work, asset, amounts, window, "tenant"),
        )

    @rule(window=windows)
    def outage(self, window: Window) -> None:
        self.step(
            lambda model: model.take("outage", "unavailable", 1, 0, window, high=True),
            lambda work, asset, of: mark_unavailable(work, asset, {"platform": 1000}, window),
        )

    @rule(count=slots, kg=st.integers(0, 8))
    def totals(self, count: int, kg: int) -> None:
        self.step(
            lambda model: model.lower(count, kg),
            lambda work, asset, of: set_totals(work, asset, {"platform": count, "load_kg": kg}),
        )

    @invariant()
    def free_and_all_claims_are_the_total(self) -> None:
        whole = Window(ORIGIN, ORIGIN + timedelta(days=DAYS))
        for side in self.sides:
            if not side.asset_id:
                continue
            with side.bus.database.read() as session:
                steps = {p.dimension: p for p in profile(session, side.asset_id, whole)}
                assert list(free(session, side.asset_id, whole)["platform"].free_slots) == self.model.free_slots(whole)
            for found in steps.values():
                for one in found.steps:
                    assert one.free_milli >= 0
                    assert one.free_milli + sum(one.taken.values()) == found.total_milli
                    if found.dimension == "load_kg":
                        assert one.free_milli == 1000 * (self.model.kg - self.model.taken(one.start))


@pytest.fixture
def both(session_folder: Path, tmp_path: Path) -> Iterator[list[Side]]:
    """One bus on each engine, on databases of their own."""
    copies: list[databases.FreshDatabase] = []
    if databases.SQLITE in databases.kinds():
        copies.append(databases.sqlite_copy(session_folder, tmp_path))
    if databases.POSTGRESQL in databases.kinds():
        cluster = postgres.shared_cluster(session_folder)
        if cluster is None:
            missing.lacking("PostgreSQL with PostGIS", postgres.INSTALL)
        assert cluster is not None
        copies.append(databases.postgresql_copy(cluster, session_folder, f"machine_{tmp_path.name}"))
    sides = []
    for copy in copies:
        copy.reset()
        bus = make_bus(Settings(database_url=copy.url, secret_key="test" * 8, var=tmp_path, testing=True), FixedClock(NOW))
        bus.subscribers.clear()
        timing.follow(bus)
        sides.append(Side(bus))
    yield sides
    for side in sides:
        side.bus.database.dispose()


def test_the_model_and_both_databases_answer_alike(both: list[Side]) -> None:
    Ledger.sides = both
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ledger, settings=settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=slow)
    )
