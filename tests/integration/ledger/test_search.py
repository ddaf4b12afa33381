"""Search by free capacity, beside what the ledger says of each asset on its own."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from app.assets import Asset
from app.db.session import Database
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.timewindow import FAR, Window
from app.ledger import add_baseline, bulk_totals, free, has_free
from tests.support import places

FIRST = date(2027, 1, 1)
WINDOWS = (
    Window(FIRST, FIRST + timedelta(days=90)),
    Window(FIRST + timedelta(days=40), FAR),
    Window.of_days(FIRST + timedelta(days=55), 1),
)


@pytest.fixture
def assets(bus: Bus) -> list[int]:
    """Forty towers, each with up to four tenants that overlap, follow one another or leave."""
    dice = random.Random(7)

    def make(work: UnitOfWork, _: None) -> list[int]:
        owner = places.organisation(work.session, "Grid", "power")
        made = [places.asset(work.session, owner).id for _ in range(40)]
        bulk_totals(work.session, [(number, "tower", {"load_kg": 400, "platform": 3}) for number in made])
        for number in made:
            for tenant in range(dice.randrange(5)):
                start = FIRST + timedelta(days=dice.randrange(0, 80))
                window = Window(start, start + timedelta(days=dice.randrange(5, 60)))
                dimension, most = dice.choice((("load_kg", 100_000), ("platform", 1_000)))
                if free(work.session, number, window)[dimension].free_milli >= most:
                    add_baseline(work, number, {dimension: most}, window, f"tenant {tenant}")
        return made

    return bus.execute(make, SYSTEM, None)


@pytest.mark.parametrize("window", WINDOWS, ids=["quarter", "open end", "one day"])
@pytest.mark.parametrize(
    ("dimension", "amount"),
    [("load_kg", 200_000), ("load_kg", 300_000), ("load_kg", 400_000), ("platform", 2_000), ("platform", 3_000)],
)
def test_finds_what_the_ledger_says_of_each(bus: Bus, assets: list[int], dimension: str, amount: int, window: Window) -> None:
    with bus.database.read() as session:
        found = set(session.scalars(select(Asset.id).where(has_free(Asset.id, dimension, amount, window))))
        assert found == {number for number in assets if free(session, number, window)[dimension].free_milli >= amount}
        assert dimension == "platform" or amount > 300_000 or 0 < len(found) <= len(assets)


def test_asks_as_often_for_many_crowded_assets_as_for_few(bus: Bus, assets: list[int]) -> None:
    asked: list[str] = []
    database: Database = bus.database
    event.listen(database.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    with database.read() as session:
        session.scalars(select(Asset.id).where(has_free(Asset.id, "load_kg", 400_000, WINDOWS[0]))).all()
    assert sum(statement.startswith("SELECT") for statement in asked) == 1, asked
