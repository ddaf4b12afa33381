"""Holds and what becomes of them, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.db.jobs import Worker
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.event import Event
from app.kernel.text import written_day
from app.kernel.timewindow import Window
from app.ledger import (
    Holder,
    add_baseline,
    bulk_totals,
    claims_for,
    convert,
    end_claim,
    expire_overdue,
    free,
    held_by,
    hold,
    mark_unavailable,
    profile,
    release,
    set_reserve,
    set_totals,
    totals_for,
)
from app.ledger.jobs import handlers
from tests.support import places

YEAR = Window(date(2027, 1, 1), date(2028, 1, 1))
ASK = Holder("access_request", "r1")


@pytest.fixture
def asset_id(bus: Bus) -> int:
    with bus.database.write() as session:
        asset_id = places.asset(session, places.organisation(session, "Grid", "power")).id
        bulk_totals(session, [(asset_id, "tower", {"load_kg": 500, "platform": 4, "wind_area_m2": None})])
    return asset_id


def do(bus: Bus, action: Callable[[UnitOfWork], Any]) -> Any:
    return bus.execute(lambda work, _: action(work), SYSTEM, None)


def take(
    bus: Bus, asset_id: int, amounts: dict[str, int], holder: Holder = ASK, window: Window = YEAR, days: int = 30, **more: Any
) -> Any:
    return do(bus, lambda work: hold(work, asset_id, "tower", amounts, window, holder, work.now + timedelta(days=days), **more))


def left(bus: Bus, asset_id: int, window: Window = YEAR) -> dict[str, int]:
    with bus.database.read() as session:
        return {name: state.free_milli for name, state in free(session, asset_id, window).items()}


def test_a_hold_takes_the_lowest_slots_and_the_amount(bus: Bus, asset_id: int) -> None:
    do(bus, lambda work: add_baseline(work, asset_id, {"platform": 1000}, YEAR, "China Tower"))
    assert take(bus, asset_id, {"platform": 2000, "load_kg": 100_000}) == {"platform": [2, 3]}
    assert left(bus, asset_id) == {"platform": 1000, "load_kg": 400_000}


def test_more_than_is_free_is_refused_with_the_numbers_and_nothing_stays(bus: Bus, asset_id: int) -> None:
    with pytest.raises(DomainError) as caught:
        take(bus, asset_id, {"platform": 1000, "load_kg": 500_001})
    assert caught.value.code == "no_capacity"
    assert (caught.value.values["free_milli"], caught.value.values["asked_milli"]) == (500_000, 500_001)
    assert caught.value.text.en.startswith("Load: 500 kg asked, only 500 kg free")
    assert left(bus, asset_id) == {"platform": 4000, "load_kg": 500_000}


def test_a_listing_opens_no_more_than_it_says(bus: Bus, asset_id: int) -> None:
    mine = Holder("access_request", "r1", listing_id=7)
    take(bus, asset_id, {"platform": 1000}, mine, limits={"platform": 2000})
    with pytest.raises(DomainError, match="2 positions asked, only 1 position free"):
        take(bus, asset_id, {"platform": 2000}, Holder("access_request", "r2", listing_id=7), limits={"platform": 2000})
    take(bus, asset_id, {"platform": 2000}, Holder("access_request", "r3", listing_id=8), limits={"platform": 2000})


@pytest.mark.parametrize("amounts", [{}, {"load_kg": 0}])
def test_nothing_asked_is_refused(bus: Bus, asset_id: int, amounts: dict[str, int]) -> None:
    with pytest.raises(DomainError, match="how much"):
        take(bus, asset_id, amounts)


def test_half_a_position_is_refused(bus: Bus, asset_id: int) -> None:
    with pytest.raises(DomainError, match="whole number"):
        take(bus, asset_id, {"platform": 1500})


def test_the_claims_change_kind_and_holder_at_once_and_keep_their_slots(bus: Bus, asset_id: int) -> None:
    take(bus, asset_id, {"platform": 2000, "load_kg": 100_000})
    agreement = Holder("agreement", "a1")
    do(bus, lambda work: convert(work, ASK, "held", agreement, work.now + timedelta(days=5)))
    do(bus, lambda work: convert(work, agreement, "pending"))
    claims = do(bus, lambda work: convert(work, agreement, "committed"))
    assert [(c.dimension, c.slot, c.kind, c.expires_at) for c in claims] == [
        ("load_kg", None, "committed", None),
        ("platform", 1, "committed", None),
        ("platform", 2, "committed", None),
    ]
    assert left(bus, asset_id) == {"platform": 2000, "load_kg": 400_000}
    with pytest.raises(DomainError, match="no longer held"):
        do(bus, lambda work: convert(work, ASK, "pending"))


def test_released_capacity_is_free_again(bus: Bus, asset_id: int) -> None:
    take(bus, asset_id, {"platform": 4000})
    assert len(do(bus, lambda work: release(work, ASK))) == 4
    assert do(bus, lambda work: release(work, ASK)) == []
    assert left(bus, asset_id)["platform"] == 4000


def test_an_overdue_hold_gives_way_to_the_next_and_says_so(
    bus: Bus, asset_id: int, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[Event, bool]] = []
    monkeypatch.setattr(bus, "subscribers", [lambda work, event: heard.append((event, work.actor.is_system))])
    take(bus, asset_id, {"platform": 4000}, days=3)
    clock.advance(timedelta(days=2))
    with pytest.raises(DomainError):
        take(bus, asset_id, {"platform": 1000}, Holder("access_request", "r2"))
    clock.advance(timedelta(days=1))
    assert take(bus, asset_id, {"platform": 1000}, Holder("access_request", "r2")) == {"platform": [1]}
    assert [(e.action, e.subject_type, e.subject_ref, system) for e, system in heard] == [
        ("capacity.hold_expired", "access_request", "r1", True)
    ]


def test_the_sweep_ends_overdue_holds_by_itself(bus: Bus, asset_id: int, clock: FixedClock) -> None:
    take(bus, asset_id, {"platform": 4000}, days=3)
    worker = Worker(bus.database, clock, handlers(bus))
    assert not worker.run_one()
    clock.advance(timedelta(days=3))
    assert worker.run_one()
    assert left(bus, asset_id)["platform"] == 4000
    assert do(bus, expire_overdue) == 0


def test_a_total_below_what_is_claimed_is_refused_naming_the_holders(bus: Bus, asset_id: int) -> None:
    take(bus, asset_id, {"platform": 2000, "load_kg": 300_000})
    for totals in ({"platform": 1}, {"load_kg": 299.999}):
        with pytest.raises(DomainError) as caught:
            do(bus, lambda work, wanted=totals: set_totals(work, asset_id, wanted))
        assert caught.value.code == "capacity_in_use"
        assert "access request r1" in caught.value.text.en
        assert caught.value.problems
    with pytest.raises(DomainError) as caught:
        do(bus, lambda work: set_totals(work, asset_id, {"platform": 0}))
    assert [problem.detail.en.partition(", ")[0] for problem in caught.value.problems] == [
        "access request r1: 2 positions (no. 1–2)"
    ], "what one holder has over the same days is said once"
    assert written_day(YEAR.last).en in caught.value.problems[0].detail.en, "with its last day, as pages write it"
    do(bus, lambda work: set_totals(work, asset_id, {"platform": 2, "load_kg": 300, "power_kw": 5}))
    assert left(bus, asset_id) == {"platform": 0, "load_kg": 0, "power_kw": 5000}


def test_a_reserve_is_a_claim_that_replaces_itself(bus: Bus, asset_id: int) -> None:
    for amount in (1000, 2000):
        do(bus, lambda work, n=amount: set_reserve(work, asset_id, {"platform": n}, YEAR))
    assert left(bus, asset_id)["platform"] == 2000
    take(bus, asset_id, {"platform": 2000})
    with pytest.raises(DomainError, match=r"3 positions is not possible.*access request r1") as caught:
        do(bus, lambda work: set_reserve(work, asset_id, {"platform": 3000}, YEAR))
    assert caught.value.code == "capacity_in_use"
    assert [problem.detail.en.partition(", ")[0] for problem in caught.value.problems] == [
        "access request r1: 2 positions (no. 1–2)"
    ]
    assert left(bus, asset_id)["platform"] == 0
    do(bus, lambda work: set_reserve(work, asset_id, {"platform": 0}, YEAR))
    assert left(bus, asset_id)["platform"] == 2000


def test_an_outage_cannot_take_what_is_committed_and_can_be_ended(bus: Bus, asset_id: int) -> None:
    take(bus, asset_id, {"platform": 3000})
    with pytest.raises(DomainError, match=r"2 positions is not possible.*access request r1"):
        do(bus, lambda work: mark_unavailable(work, asset_id, {"platform": 2000}, YEAR, "repainting"))
    do(bus, lambda work: mark_unavailable(work, asset_id, {"platform": 1000}, YEAR, "repainting"))
    with bus.database.read() as session:
        outage = held_by(session, "outage", "owner")
        held = held_by(session, "access_request", "r1")
    do(bus, lambda work: end_claim(work, asset_id, outage[0].ref))
    with pytest.raises(DomainError):
        do(bus, lambda work: end_claim(work, asset_id, held[0].ref))
    assert left(bus, asset_id)["platform"] == 1000


def test_the_profile_and_the_columns_say_the_same(bus: Bus, asset_id: int) -> None:
    take(bus, asset_id, {"platform": 1000, "load_kg": 200_000})
    do(bus, lambda work: add_baseline(work, asset_id, {"load_kg": 50_000}, Window(date(2027, 6, 1)), "China Tower"))
    with bus.database.read() as session:
        load = next(p for p in profile(session, asset_id, YEAR) if p.dimension == "load_kg")
        columns, totals = claims_for(session, [asset_id]), totals_for(session)
    assert [(s.start, s.taken, s.free_milli) for s in load.steps] == [
        (date(2027, 1, 1), {"held": 200_000}, 300_000),
        (date(2027, 6, 1), {"held": 200_000, "baseline": 50_000}, 250_000),
    ]
    assert sorted(zip(columns.dimension, columns.slot, columns.amount_milli, strict=True), key=str) == [
        ("load_kg", None, 200_000),
        ("load_kg", None, 50_000),
        ("platform", 1, 1000),
    ]
    assert dict(zip(totals.dimension, totals.total_milli, strict=True)) == {"load_kg": 500_000, "platform": 4000}


@pytest.mark.parametrize("wrong", [timedelta(days=-366), timedelta(days=366)], ids=["a year behind", "a year ahead"])
def test_a_server_whose_clock_is_wrong_ends_no_hold_early_and_keeps_none_too_long(
    bus: Bus, asset_id: int, clock: FixedClock, wrong: timedelta
) -> None:
    server = Bus(bus.database, FixedClock(clock.now() + wrong))
    worker = Worker(server.database, server.clock, handlers(server))

    def take_for_three_days(work: UnitOfWork) -> None:
        hold(work, asset_id, "tower", {"platform": 4000}, YEAR, ASK, work.database_now + timedelta(days=3))

    do(server, take_for_three_days)
    clock.advance(timedelta(days=2))
    assert do(server, expire_overdue) == 0
    assert not worker.run_one()
    do(server, lambda work: convert(work, ASK, "held", ASK, work.database_now + timedelta(days=3)))
    clock.advance(timedelta(days=3))
    assert left(bus, asset_id)["platform"] == 0
    with pytest.raises(DomainError, match="no longer held"):
        do(server, lambda work: convert(work, ASK, "pending"))
    assert worker.run_one()
    assert worker.run_one()
    assert left(bus, asset_id)["platform"] == 4000


def test_a_hold_that_is_over_takes_nothing_else_of_its_holder_along(bus: Bus, asset_id: int, clock: FixedClock) -> None:
    take(bus, asset_id, {"platform": 1000}, days=3)
    do(bus, lambda work: convert(work, ASK, "pending"))
    take(bus, asset_id, {"platform": 2000}, days=3)
    clock.advance(timedelta(days=3))
    do(bus, expire_overdue)
    with bus.database.read() as session:
        assert [(c.kind, c.slot) for c in held_by(session, ASK.type, ASK.ref)] == [("pending", 1)]


def test_only_those_who_are_there_on_the_crowded_days_are_in_the_way(bus: Bus, asset_id: int) -> None:
    spring, autumn = Window(date(2027, 1, 1), date(2027, 4, 1)), Window(date(2027, 9, 1), date(2027, 12, 1))
    take(bus, asset_id, {"load_kg": 300_000}, Holder("agreement", "spring"), spring)
    take(bus, asset_id, {"load_kg": 100_000}, Holder("agreement", "autumn"), autumn)
    do(bus, lambda work: add_baseline(work, asset_id, {"load_kg": 50_000}, YEAR, "City Radio", equipment="2 yagis"))
    for change in (
        lambda work: set_totals(work, asset_id, {"load_kg": 349}),
        lambda work: set_reserve(work, asset_id, {"load_kg": 151_000}, YEAR),
        lambda work: mark_unavailable(work, asset_id, {"load_kg": 151_000}, YEAR),
    ):
        with pytest.raises(DomainError) as caught:
            do(bus, change)
        said = "; ".join(problem.detail.en for problem in caught.value.problems)
        assert "agreement spring: 300 kg" in said
        assert "tenant City Radio: 50 kg" in said
        assert "autumn" not in said
    do(bus, lambda work: set_totals(work, asset_id, {"load_kg": 350}))
    assert left(bus, asset_id, spring)["load_kg"] == 0


@pytest.mark.parametrize("total", [201, 10**9])
def test_a_total_of_slots_above_what_its_kind_has_is_refused(bus: Bus, asset_id: int, total: int) -> None:
    for write in (set_one, bulk_one):
        with pytest.raises(DomainError) as refused:
            write(bus, asset_id, total)
        assert refused.value.code == "total_too_high"
        assert "200" in refused.value.text.zh
    set_one(bus, asset_id, 200)
    with bus.database.read() as session:
        found = free(session, asset_id, YEAR)["platform"]
    assert found.free_slots == tuple(range(1, 201))


def set_one(bus: Bus, asset_id: int, total: int) -> None:
    bus.execute(lambda work, _: set_totals(work, asset_id, {"platform": total}), SYSTEM, None)


def bulk_one(bus: Bus, asset_id: int, total: int) -> None:
    bus.execute(lambda work, _: bulk_totals(work.session, [(asset_id, "tower", {"platform": total})]), SYSTEM, None)
