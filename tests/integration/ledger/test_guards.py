"""The database refuses what oversells, whoever writes it; and each guard is the only one that catches its case.

Many writers at once: `make prove-capacity`, whose short form is test_proof.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db.session import Database
from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.ledger import guards
from app.ledger.models import Capacity, Claim
from tests.support import places
from tests.support.now import NOW

JAN, FEB, MAR, APR = (date(2027, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture
def asset_id(bus: Bus, database: Database) -> int:
    """A tower with 10 kg of load and 2 positions."""
    with database.write() as session:
        tower = places.asset(session, places.organisation(session, "Grid", "power"))
        session.add_all(
            [
                Capacity(asset_id=tower.id, dimension="load_kg", sort="quantity", total_milli=10_000),
                Capacity(asset_id=tower.id, dimension="platform", sort="slots", total_milli=2_000),
            ]
        )
        return tower.id


def claim(
    asset_id: int, amount: int | None = None, slot: int | None = None, starts: date = JAN, ends: date = FEB, **more: object
) -> Claim:
    values: dict[str, object] = {
        "dimension": "platform" if slot else "load_kg",
        "kind": "committed",
        "holder_type": "test",
        "holder_ref": "x",
        "created_at": NOW,
        "amount_milli": 1000 if amount is None else amount,
    }
    return Claim(asset_id=asset_id, slot=slot, starts=starts, ends=ends, **(values | more))


def put(database: Database, *rows: Claim) -> None:
    with database.write() as session:
        for row in rows:
            session.add(row)
            session.flush()


def over_total(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, 6_000), claim(asset_id, 5_000, starts=date(2027, 1, 31), ends=MAR))


def same_slot(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, slot=1, ends=MAR), claim(asset_id, slot=1, starts=FEB, ends=APR))


def lowered(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, 6_000))
    with database.write() as session:
        session.execute(
            text("UPDATE capacity SET total_milli = 5999 WHERE asset_id = :a AND dimension = 'load_kg'"), {"a": asset_id}
        )


def deleted(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, 6_000))
    with database.write() as session:
        session.execute(text("DELETE FROM asset WHERE id = :a"), {"a": asset_id})


def reopened(database: Database, asset_id: int) -> None:
    """A released claim comes back over the one that took its place."""
    old, new = claim(asset_id, 6_000, state="released"), claim(asset_id, 6_000)
    put(database, old, new)
    with database.write() as session:
        session.execute(text("UPDATE claim SET state = 'active' WHERE id = :id"), {"id": old.id})


def expired_early(database: Database, asset_id: int) -> None:
    """A server whose clock is a year ahead ends what somebody still holds."""
    held = claim(asset_id, 6_000, kind="held", expires_at=NOW + timedelta(days=14))
    put(database, held)
    with database.write() as session:
        session.execute(text("UPDATE claim SET state = 'expired' WHERE id = :id"), {"id": held.id})


CASES: dict[str, Callable[[Database, int], None]] = {
    "claim_fits": over_total,
    "slot_once": same_slot,
    "total_covers": lowered,
    "capacity_kept": deleted,
    "claim_stands": reopened,
    "hold_clock": expired_early,
}


def test_every_guard_has_its_case() -> None:
    assert set(CASES) == set(guards.GUARDS)


@pytest.mark.parametrize("guard", CASES)
def test_refused(database: Database, asset_id: int, guard: str) -> None:
    with pytest.raises(IntegrityError):
        CASES[guard](database, asset_id)


@pytest.mark.parametrize("guard", CASES)
def test_without_its_guard_the_case_goes_through(database: Database, asset_id: int, guard: str) -> None:
    with without(database, guard):
        CASES[guard](database, asset_id)


@contextmanager
def without(database: Database, guard: str) -> Iterator[None]:
    """Take one guard away for a while; its case must leave no row that its return would refuse."""
    dialect = database.engine.dialect.name
    with database.write() as session:
        for statement in guards.drop_statements(dialect, guard):
            session.execute(text(statement))
    try:
        yield
    finally:
        with database.write() as session:
            session.execute(text("DELETE FROM claim"))
            for statement in guards.statements(dialect, guard):
                session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"slot": 3}, "the tower has two positions"),
        ({"amount": 1000, "dimension": "platform"}, "a slots dimension takes slots only"),
        ({"slot": 1, "dimension": "load_kg"}, "a quantity takes no slot"),
        ({"amount": 10_001}, "one claim above the total"),
        ({"amount": 1, "dimension": "wind_area_m2"}, "no such capacity on this tower"),
    ],
)
def test_malformed_claims_are_refused(database: Database, asset_id: int, row: dict[str, object], why: str) -> None:
    with pytest.raises(DBAPIError):
        put(database, claim(asset_id, **row))  # type: ignore[arg-type]


def test_what_touches_but_does_not_overlap_is_accepted(database: Database, asset_id: int) -> None:
    put(
        database,
        claim(asset_id, 10_000, ends=FEB),
        claim(asset_id, 10_000, starts=FEB, ends=MAR),
        claim(asset_id, slot=1, ends=FEB),
        claim(asset_id, slot=1, starts=FEB, ends=MAR),
        claim(asset_id, slot=2, ends=MAR),
        claim(asset_id, 10_000, state="released"),
        claim(asset_id, slot=1, state="expired", kind="held", expires_at=NOW),
    )


@pytest.mark.parametrize(
    "change",
    ["amount_milli = 9000", "starts = '2027-01-02'", "kind = 'committed', expires_at = NULL", "holder_ref = 'y'", "note = 'n'"],
)
def test_a_claim_stands_as_it_was_made(database: Database, asset_id: int, change: str) -> None:
    put(database, claim(asset_id, 6_000, kind="held", expires_at=NOW + timedelta(days=14)))
    with pytest.raises(IntegrityError, match="stands as it was made"), database.write() as session:
        session.execute(text(f"UPDATE claim SET {change}"))


def test_a_claim_ends_once(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, 6_000))
    with database.write() as session:
        session.execute(text("UPDATE claim SET state = 'released'"))
    with pytest.raises(IntegrityError, match="ends once"), database.write() as session:
        session.execute(text("UPDATE claim SET state = 'ended'"))


@pytest.mark.parametrize(
    ("step", "minutes", "refused"),
    [("expired", -1, "not over yet"), ("expired", 0, None), ("converted", -1, None), ("converted", 0, "hold is over")],
)
def test_a_hold_lasts_by_the_clock_of_the_database(
    bus: Bus, asset_id: int, clock: FixedClock, step: str, minutes: int, refused: str | None
) -> None:
    put(bus.database, claim(asset_id, 6_000, kind="held", expires_at=NOW + timedelta(days=14)))
    clock.instant = NOW + timedelta(days=14, minutes=minutes)

    def end() -> None:
        with bus.database.write() as session:
            session.execute(text(f"UPDATE claim SET state = '{step}'"))

    if refused is None:
        end()
        return
    with pytest.raises(IntegrityError, match=refused):
        end()


def test_a_hold_that_is_over_cannot_begin(database: Database, asset_id: int) -> None:
    with pytest.raises(IntegrityError, match="before it begins"):
        put(database, claim(asset_id, 6_000, kind="held", expires_at=NOW))


@pytest.mark.parametrize(
    "facts",
    [{"state": "expired"}, {"kind": "reserve", "state": "converted"}, {"equipment": "3 antennas"}, {"kind": "held"}],
)
def test_facts_that_contradict_each_other_are_refused(database: Database, asset_id: int, facts: dict[str, object]) -> None:
    with pytest.raises(IntegrityError):
        put(database, claim(asset_id, 1_000, **facts))


def test_every_claim_raises_the_version_of_its_capacity(database: Database, asset_id: int) -> None:
    put(database, claim(asset_id, 1_000), claim(asset_id, 1_000))
    with database.read() as session:
        assert session.get_one(Capacity, (asset_id, "load_kg")).version == 2
        assert session.get_one(Capacity, (asset_id, "platform")).version == 0
